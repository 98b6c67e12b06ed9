"""Nothing out of a log runs, nothing is asked of anybody, and the page is whole without scripts."""

from __future__ import annotations

import json

import pytest
from pages import PAGES
from poisoned import ATTACKS

from benchmarks.browsing import opened
from diagnose.report import visible

pytestmark = pytest.mark.browser

UNFOLD = "document.querySelectorAll('details').forEach(fold => { fold.open = true; })"
FOREIGN = """
() => ({
  ran: window.ran === undefined ? null : String(window.ran),
  scripts: document.querySelectorAll('script, iframe, img, object, embed, form, base').length,
  handlers: [...document.querySelectorAll('*')].filter(e => [...e.attributes].some(
    a => a.name.startsWith('on') || a.name === 'style' || /^\\s*javascript:/i.test(a.value))).length,
  leaving: document.querySelectorAll('a[href]:not([href^="#"])').length,
  styles: document.querySelectorAll('style').length,
  loaded: performance.getEntriesByType('resource').map(entry => entry.name),
})
"""
QUIET = {"ran": None, "scripts": 0, "handlers": 0, "leaving": 0, "styles": 1, "loaded": []}


@pytest.mark.parametrize("name", [*PAGES, "poisoned"])
def test_nothing_runs_and_nothing_is_asked(browser, page_of, name, request):
    """Opened, unfolded, hovered, clicked and printed, no page runs, says or asks for anything."""
    path = request.getfixturevalue("poisoned_log").page if name == "poisoned" else page_of(name)
    with opened(browser, path) as watched:
        page = watched.page
        page.evaluate(UNFOLD)
        for place in ("h1", ".rt .n >> nth=0", "figure svg >> nth=0", "footer"):
            page.locator(place).first.hover()
        page.locator("nav a").last.click()
        page.emulate_media(media="print")
        page.wait_for_timeout(100)
        found = page.evaluate(FOREIGN)
    assert (watched.said, watched.asked) == ([], [])
    assert found == QUIET


def test_a_request_and_a_word_would_be_seen(browser, tmp_path):
    """On a page that runs and asks, the same look finds the script, its words and its requests."""
    path = tmp_path / "loud.html"
    path.write_text(
        "<!doctype html><style></style><script>console.log('hello'); window.ran = 1; missing();</script>"
        "<img src='https://example.test/x.png'><a href='https://example.test/' onclick='0'>x</a>",
        encoding="utf-8",
    )
    with opened(browser, path) as watched:
        found = watched.page.evaluate(FOREIGN)
    assert found["ran"] == "1"
    assert found["scripts"] == 2
    assert (found["handlers"], found["leaving"]) == (1, 1)
    assert any("hello" in said for said in watched.said)
    assert any("missing" in said for said in watched.said)
    assert any("example.test" in address for address in watched.asked)


def test_attacks_are_text(browser, poisoned_log):
    """Whatever the file, the columns and the categories are called is on the page, spelt out."""
    document = json.loads(poisoned_log.document.read_text(encoding="utf-8"))
    columns = list(document["mapping"].values())
    categories = {
        str(x)
        for probe in document["probes"]
        for series in probe["series"]
        if series["name"].endswith(("by category", "by_segment")) and probe["condition"] == "drift"
        for x in series["x"]
    }
    attacked = {name for name in categories if any(attack in name for attack in ATTACKS)}
    with opened(browser, poisoned_log.page) as watched:
        watched.page.evaluate(UNFOLD)
        text = " ".join(watched.page.inner_text("body").split())
    assert len({attack for attack in ATTACKS for name in attacked if attack in name}) >= 6
    for name in [*columns, *attacked, document["log"]["sources"][0].rsplit("/", 1)[-1]]:
        assert " ".join(visible(name).split()) in text


@pytest.mark.parametrize("name", ["recency_is_enough", "not_measurable", "hostile"])
def test_without_scripts_it_is_the_same_page(browser, page_of, name):
    """A reader who allows no JavaScript reads the same words."""
    texts = []
    for allowed in (True, False):
        with opened(browser, page_of(name), java_script_enabled=allowed) as watched:
            texts.append(watched.page.inner_text("body"))
    assert len(texts[0]) > 1000
    assert texts[0] == texts[1]
