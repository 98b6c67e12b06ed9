"""Everybody can read the page: axe's rules, the keyboard, names of drawings, other colours, other scripts."""

from __future__ import annotations

from importlib import resources
from itertools import pairwise

import pytest
from pages import PAGES
from strange import ARABIC, CHINESE, HEBREW, JAPANESE, LONG

from benchmarks.browsing import opened

pytestmark = pytest.mark.browser

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
RUN = """
async ([tags, rules]) => {
  const found = await axe.run({runOnly: tags, rules, resultTypes: ['violations']});
  const told = found.violations.map(v => `${v.id}: ${v.nodes.slice(0, 3).map(n => n.html.slice(0, 160))}`);
  return [found.passes.length, told];
}
"""
OPEN = "open => document.querySelectorAll('details').forEach(fold => { fold.open = open; })"
REACHABLE = "[...document.querySelectorAll('a[href], summary, [tabindex=\"0\"]')]"
VISITED = f"""
() => {{
  const at = document.activeElement, style = getComputedStyle(at), box = at.getBoundingClientRect();
  return {{
    place: {REACHABLE}.indexOf(at),
    ringed: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    name: at.outerHTML.slice(0, 80),
  }};
}}
"""


LEVELS = "[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(h => Number(h.tagName[1]))"
UNNAMED = """
[...document.querySelectorAll('svg')].filter(svg => !svg.parentElement.closest('svg'))
  .filter(svg => svg.getAttribute('role') !== 'img' || (svg.getAttribute('aria-label') || '').length < 9)
  .map(svg => svg.outerHTML.slice(0, 120))
"""
UNTITLED = """
[...document.querySelectorAll('table')].filter(table => !table.caption?.textContent.trim()
  || !table.querySelector('thead th[scope=col]') || table.querySelector('tbody tr > td:first-child'))
  .map(table => table.outerHTML.slice(0, 120))
"""
RAGGED = """
[...document.querySelectorAll('[role=table]')].filter(table => new Set(
  [...table.querySelectorAll('[role=row]')].map(row => row.querySelectorAll(
    '[role=cell], [role=rowheader], [role=columnheader]').length)).size > 1)
  .map(table => table.getAttribute('aria-label'))
"""
LOST = """
() => {
  const paper = getComputedStyle(document.body).backgroundColor;
  const marks = [...document.querySelectorAll('.f-log, .f-mark, .f-soft, .f-ags, .f-half, .s-log, .s-ag')];
  const words = [...document.querySelectorAll('p, li, b, span, dt, dd, th, td, summary, h1, h2, h3')];
  return [
    ...marks.filter(mark => !mark.matches('.f-paper')).filter(mark => {
      const style = getComputedStyle(mark);
      return style.fill === paper || (style.fill === 'none' && style.stroke === paper);
    }),
    ...words.filter(word => getComputedStyle(word).color === paper),
  ].map(element => element.outerHTML.slice(0, 120));
}
"""
WHOLLY = "recency_is_enough"
EVERY_WAY = [
    (width, scheme, unfolded, {})
    for width in (1280, 360)
    for scheme in ("light", "dark")
    for unfolded in (False, True)
]
NO_CONTRAST = {"color-contrast": {"enabled": False}}
WAYS = [
    (1280, "light", True, {}),
    (1280, "dark", True, {}),
    (1280, "light", False, NO_CONTRAST),
    (360, "light", True, NO_CONTRAST),
    (360, "dark", False, NO_CONTRAST),
]


@pytest.fixture(scope="session")
def axe() -> str:
    """axe-core's own script, out of a package that bundles it."""
    package = pytest.importorskip("axe_playwright_python", reason="the extra `browser` is not installed")
    return resources.files(package).joinpath("axe.min.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_no_fault(browser, page_of, axe, name):
    """WCAG 2.2 AA and axe's best practice hold at a desk and on a phone, in both schemes, folded and open.

    Contrast, nine tenths of axe's time, hangs on the scheme alone: one page is looked at in every way, of
    the others each way that can differ.
    """
    faults = []
    with opened(browser, page_of(name)) as watched:
        page = watched.page
        page.evaluate(axe)
        for width, scheme, unfolded, rules in WAYS if name != WHOLLY else EVERY_WAY:
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            page.evaluate(OPEN, unfolded)
            passed, told = page.evaluate(RUN, [list(TAGS), rules])
            faults += [f"{width} px, {scheme}, {'open' if unfolded else 'folded'}: {fault}" for fault in told]
            assert passed > 20, "axe looked at next to nothing"
    assert not faults


@pytest.mark.parametrize("unfolded", [False, True])
def test_tab_reaches_everything_in_order(browser, page_of, unfolded):
    """Tab visits every link, fold and scrolling table once, from top to bottom, each ringed and in sight."""
    with opened(browser, page_of("recency_is_enough"), reduced_motion="reduce") as watched:
        page = watched.page
        page.evaluate(OPEN, unfolded)
        visible = f"{REACHABLE}.map((e, i) => [i, e.checkVisibility()]).filter(p => p[1]).map(p => p[0])"
        wanted, places = page.evaluate(visible), []
        for _ in wanted:
            page.keyboard.press("Tab")
            visited = page.evaluate(VISITED)
            assert visited["ringed"], visited
            assert visited["seen"], visited
            places.append(visited["place"])
    assert len(wanted) > 10
    assert places == wanted


def test_the_first_stop_skips_to_the_verdict(browser, page_of):
    """The first Tab shows a link to the verdict, and Enter moves the reader there."""
    with opened(browser, page_of("recency_is_enough"), width=360) as watched:
        page = watched.page
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the verdict"
        page.keyboard.press("Enter")
        assert page.evaluate("location.hash") == "#main"


@pytest.mark.parametrize("name", PAGES)
def test_drawings_and_tables_are_named(browser, page_of, name):
    """Headings descend one by one, images and tables have names, and rows as many cells as their head."""
    with opened(browser, page_of(name)) as watched:
        page = watched.page
        page.evaluate(OPEN, True)
        levels = page.evaluate(LEVELS)
        nameless = [page.evaluate(look) for look in (UNNAMED, UNTITLED, RAGGED)]
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    assert nameless == [[], [], []]


def test_forced_colours_leave_every_mark_visible(browser, page_of):
    """Where the reader's own colours are forced, no word and no mark has the colour of the page."""
    with opened(browser, page_of("use_sequence_model"), forced_colors="active") as watched:
        marks = watched.page.evaluate("document.querySelectorAll('svg .f-log, svg .s-log').length")
        lost = watched.page.evaluate(LOST)
    assert marks > 20
    assert lost == []


def test_nothing_moves_for_those_who_asked_for_rest(browser, page_of):
    """With reduced motion the page neither animates nor scrolls smoothly."""
    with opened(browser, page_of("recency_is_enough"), reduced_motion="reduce") as watched:
        page = watched.page
        assert page.evaluate("document.getAnimations().length") == 0
        assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"


def test_names_of_other_scripts_keep_their_place(browser, page_of):
    """A right-to-left name is a unit of its own: a path's arrow still points from the first to the second."""
    with opened(browser, page_of("strange")) as watched:
        page = watched.page
        page.evaluate(OPEN, True)
        places = [
            [page.locator(f"{home} bdi:text-is('{name}')").first.bounding_box() for name in (HEBREW, ARABIC)]
            for home in ("#interests th", "#interests h3")
        ]
        labels = page.evaluate(
            """[...document.querySelectorAll('svg text.rowlab')].map(t =>
               [...t.querySelectorAll('tspan')].map(s => [s.textContent, s.getBoundingClientRect().left]))"""
        )
    assert all(first["x"] < second["x"] for first, second in places)
    (one, left), (two, right) = labels[0]
    assert (one, two) == (HEBREW, ARABIC)
    assert left < right


def test_names_without_end_are_cut_and_whole_at_hand(browser, page_of):
    """A long name takes a few lines where it stands; the whole of it is in a fold below, or in its title."""
    with opened(browser, page_of("strange"), width=360) as watched:
        page = watched.page
        tall = page.evaluate(
            "Math.max(...[...document.querySelectorAll('.rt .n b, .top .mono')].map(b => b.clientHeight))"
        )
        page.evaluate(OPEN, True)
        text = page.inner_text("body")
        titles = page.evaluate("[...document.querySelectorAll('[title]')].map(e => e.title).join('|')")
    assert tall < 90
    assert all(name in text for name in (CHINESE, JAPANESE, LONG))
    assert LONG in titles
