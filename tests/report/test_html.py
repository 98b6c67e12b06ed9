"""The page is one safe, whole, readable file."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import itertools
import re
from html.parser import HTMLParser

import jinja2
import pytest
from example import HOSTILE, OUTCOMES, hostile, inconclusive, not_measurable, recency_is_enough

from diagnose.formatting import NO_BREAK
from diagnose.pipeline import told
from diagnose.report import glossary, parse_json, render_html, render_json, render_notebook
from diagnose.report.html import environment, style
from diagnose.results import Confidence, Skipped
from diagnose.settings import PersistenceSettings, Settings

EVERY = {**OUTCOMES, "hostile": hostile}
VOID = {"meta", "link", "br"}


class Page(HTMLParser):
    """What a browser would see: tags with attributes, and text outside the style."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data):
        if "style" not in self.open:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(self.texts).replace(NO_BREAK, " ")


@pytest.fixture(scope="module", params=EVERY)
def page(request) -> Page:
    return Page(render_html(EVERY[request.param]()))


def test_every_tag_is_closed_by_its_own(page):
    """The page is well formed, whatever the log is called."""
    assert page.open == []


def test_nothing_runs_or_loads(page):
    """No script, no handler, no inline style, no frame and no address of the outside."""
    assert not {"script", "img", "iframe", "object", "embed", "base", "form"} & {tag for tag, _ in page.tags}
    for tag, attributes in page.tags:
        assert not any(name.startswith("on") or name == "style" for name in attributes), tag
        for name in ("href", "src", "xlink:href"):
            target = attributes.get(name) or "#"
            assert target.startswith("#") or target == "data:,"


def test_every_drawing_says_its_numbers(page):
    """Each svg that stands on its own has role img and a label with words in it."""
    outer = [attributes for tag, attributes in page.tags if tag == "svg" and "viewbox" not in attributes]
    assert outer
    for attributes in outer:
        assert attributes["role"] == "img"
        assert len(attributes["aria-label"]) > 8


def test_headings_come_in_order(page):
    """One h1, and no level is jumped over."""
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(following - level <= 1 for level, following in itertools.pairwise(levels))


def test_ids_are_unique_and_links_lead_somewhere(page):
    """Every id is there once, and every link and label of the page names one."""
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    wanted = [attributes["href"][1:] for tag, attributes in page.tags if tag == "a"]
    wanted += [
        attributes["aria-labelledby"] for _, attributes in page.tags if "aria-labelledby" in attributes
    ]
    assert set(wanted) <= set(ids)


@pytest.mark.parametrize("make", EVERY.values(), ids=EVERY)
def test_the_policy_names_this_very_style(make):
    """The hash in the content security policy is that of the style element's text."""
    text = render_html(make())
    (inline,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
    (policy,) = re.findall(
        r'http-equiv="Content-Security-Policy" content="([^"]*)"', text.replace("&#39;", "'")
    )
    assert f"style-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy


@pytest.mark.parametrize("make", EVERY.values(), ids=EVERY)
def test_the_page_is_small(make):
    """One page stays under 300 KB, even where names are meant to flood it, and goes to disk as UTF-8."""
    assert len(render_html(make()).encode("utf-8")) < 300_000


def test_hostile_strings_are_shown_and_never_obeyed():
    """Markup out of a log is text on the page; unseen characters are spelt out; endless names end."""
    text = render_html(hostile())
    for attack in ("<script", "<img", "</style></title>", '" onload', "' onload"):
        assert attack not in text.replace("</style>\n</head>", "")
    assert "49" not in re.findall(r"7 \* 7[^<]{0,9}", text)[0]
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text)
    shown = Page(text).text
    for attack in HOSTILE[:3]:
        assert attack in shown
    for spelt in ("nul\\x00bell\\x07escape\\x1b[31m", "\\u202eevil\\u2066", "\\ud800", "100,000 characters"):
        assert spelt in shown
    assert "x" * 1000 not in text


@pytest.mark.parametrize("make", OUTCOMES.values(), ids=OUTCOMES)
def test_every_reason_of_a_skipped_probe_is_shown(make):
    """What could not be measured is named with its reason."""
    result = make()
    shown = Page(render_html(result)).text
    for probed in result.probes:
        assert probed.name in shown
        if isinstance(probed, Skipped):
            assert probed.reason in shown


@pytest.mark.parametrize("make", OUTCOMES.values(), ids=OUTCOMES)
def test_the_verdict_comes_first(make):
    """Headline, summary, outcome, next steps and the three answers are on the page, in that order."""
    verdict = make().verdict
    shown = Page(render_html(make())).text
    places = [shown.index(words) for words in (verdict.outcome, verdict.headline, verdict.summary)]
    assert places == sorted(places)
    assert all(step.split(". ")[0] in shown for step in verdict.next_steps)
    assert shown.index("What to do next") < shown.index("Condition 1") < shown.index("Condition 2")


def test_confidence_is_counted_or_absent():
    """Without a count the page says that there is none; with one it says the count."""
    result = recency_is_enough()
    assert glossary.NO_CONFIDENCE in Page(render_html(result)).text
    sure = dataclasses.replace(
        result, verdict=dataclasses.replace(result.verdict, confidence=Confidence(right=37, of=40))
    )
    shown = Page(render_html(sure)).text
    assert glossary.NO_CONFIDENCE not in shown
    assert re.search(r"on the 40 simulated worlds .* right in 37", shown)


def test_numbers_not_measured_are_said_to_be_so():
    """With every probe skipped no number of any probe appears, only reasons."""
    shown = Page(render_html(not_measurable())).text
    assert shown.count("not measured") >= 3
    assert "half-life, " not in shown
    assert "bits an event" not in shown


def test_a_log_of_positions_has_no_days():
    """Where the log has no clock, half-lives are in events and the page says so."""
    shown = Page(render_html(inconclusive())).text
    assert "Interest half-life in events" in shown
    assert "no clock" in shown
    assert not re.search(r"\d\sdays", shown)


def test_templates_stop_at_an_unknown_name():
    """A name that the view-model does not have is an error, not an empty place; and values are escaped."""
    with pytest.raises(jinja2.UndefinedError):
        environment().from_string("{{ nobody }}").render()
    assert environment().from_string("{{ a }}").render(a="<b>") == "&lt;b&gt;"


def test_the_style_loads_nothing():
    """The one style sheet names no address and closes no element."""
    assert not re.search(r"url\(|@import|expression|</", style())


def test_settings_that_were_changed_are_named_with_their_defaults():
    """A threshold that is not the tool's own is told beside it; where all are, nothing is."""
    usual = parse_json(render_json(dataclasses.replace(recency_is_enough(), settings=told(Settings()))))
    assert "changed from their defaults" not in Page(render_html(usual)).text
    own = Settings(persistence=PersistenceSettings(floor_drift_share=0.03), seed=7)
    changed = Page(render_html(dataclasses.replace(usual, settings=told(own)))).text
    assert "Settings changed from their defaults" in changed
    assert "persistence.floor_drift_share 0.03 (0.05), seed 7 (0)" in changed


def test_a_log_read_by_a_preset_says_so():
    """The report names the preset and repeats its caveats; a log of one's own has neither."""
    result = recency_is_enough()
    assert "Read as" not in Page(render_html(result)).text
    log = dataclasses.replace(result.log, preset="movielens", caveats=("ratings come <b>in sittings</b>",))
    shown = Page(render_html(dataclasses.replace(result, log=log))).text
    assert "movielens: ratings come <b>in sittings</b>" in shown


def test_a_notebook_frame_holds_the_first_screen_alone():
    """The notebook's frame keeps the page as an attribute, escaped, without scripts, and is light."""
    frame = render_notebook(recency_is_enough())
    (tag, attributes), *rest = Page(frame).tags
    assert tag == "iframe"
    assert not rest
    assert attributes["sandbox"] == ""
    shown, whole = attributes["srcdoc"], render_html(recency_is_enough())
    assert recency_is_enough().verdict.headline in Page(shown).text
    assert "What to do next" in Page(shown).text
    assert "Every setting" in Page(whole).text
    assert "Every setting" not in Page(shown).text
    assert len(frame) < len(whole) / 2
    assert not [name for name, _ in Page(shown).tags if name == "script"]
    assert {value for _, one in Page(shown).tags if (value := one.get("href", "#main"))} <= {
        "#main",
        "data:,",
    }
