"""The Markdown of a result: the first screen in its own words, on a screen, and safe."""

from __future__ import annotations

import dataclasses
import html
import re

import pytest
from example import OUTCOMES, hostile, recency_is_enough
from markdown_it import MarkdownIt

from diagnose.diagnosis import Diagnosis
from diagnose.report import parse_json, render_json, render_markdown
from diagnose.report.github import EMPTY
from diagnose.report.sections.first import first
from diagnose.results import Confidence, Result, Skipped

EVERY = {**OUTCOMES, "hostile": hostile}
GITHUB = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def words(text: str) -> str:
    """What a reader sees: escapes undone, white space as single spaces."""
    undone = html.unescape(re.sub(r"\\([!-/:-@[-`{-~])", r"\1", text)).replace(EMPTY, "")
    return " ".join(undone.split())


@pytest.fixture(params=EVERY)
def result(request) -> Result:
    return EVERY[request.param]()


def test_only_our_own_markup_is_read(result):
    """Headings, paragraphs, lists, one table, bold and code: no HTML, no link, no picture."""
    inside = {
        child.type
        for token in GITHUB.parse(render_markdown(result))
        for child in (token, *(token.children or ()))
    }
    assert not {
        kind for kind in inside if kind.startswith(("html", "link", "image", "fence", "code_block", "hr"))
    }
    assert "s_open" not in inside
    assert "em_open" not in inside


def test_the_verdict_comes_first(result):
    """The heading is the headline; outcome and summary follow it."""
    text = words(render_markdown(result))
    if result.verdict.headline != hostile().verdict.headline:
        assert text.startswith(f"## {result.verdict.headline} `{result.verdict.outcome}`")
        assert " ".join(result.verdict.summary.split()) in text


def test_the_words_are_those_of_the_first_screen():
    """Numbers, flips and steps are spelt as on the page."""
    for make in OUTCOMES.values():
        screen, text = first(parse_json(render_json(make()))), words(render_markdown(make()))
        for number in screen.numbers:
            row = next(line for line in text.split("| ") if line.strip() == number.name)
            assert row
            assert f"**{number.value}** {number.unit}".strip() in text
            assert " ".join((number.below or number.gloss).split()) in text
        for flip in screen.flips:
            assert " ".join(f"{flip.value}: {flip.below} `{flip.code}`".split()) in text
        for head, rest in screen.steps:
            assert f"**{head}** {rest}".strip() in text


def test_the_table_has_four_rows_of_four_cells(result):
    """No bar out of a log adds a cell."""
    kinds = [token.type for token in GITHUB.parse(render_markdown(result))]
    assert kinds.count("table_open") == 1
    assert kinds.count("tr_open") == 5
    assert kinds.count("td_open") == 16


def test_what_was_not_measured_is_told_with_its_reason():
    """Each skipped probe stands with its reason, alike reasons together."""
    alike = tuple(
        Skipped(name=probed.name, condition=probed.condition, reason="order is not in the log")
        for probed in recency_is_enough().probes
    )
    text = render_markdown(dataclasses.replace(recency_is_enough(), probes=alike))
    (line,) = (line for line in text.splitlines() if line.endswith(": order is not in the log"))
    assert all(f"`{probed.name}`" in line for probed in alike)


def test_a_screen_or_so(result):
    """Few lines, and not many characters where names are no attack."""
    text = render_markdown(result)
    assert len(text.splitlines()) <= 60
    assert len(text) < 20_000


def test_confidence_and_leaning_are_said_where_there_are_any():
    """A count of worlds and a leaning have a line of their own."""
    sure = dataclasses.replace(
        recency_is_enough(),
        verdict=dataclasses.replace(
            recency_is_enough().verdict, confidence=Confidence(right=37, of=40), leaning="use_sequence_model"
        ),
    )
    text = render_markdown(sure)
    assert "right in 37" in text
    assert "build the sequence model `use_sequence_model`" in text
    assert "Confidence" not in render_markdown(recency_is_enough())


def test_the_json_gives_the_same_markdown(result):
    """Drawn from the result or from its JSON, the text is the same, and can go to disk as UTF-8."""
    text = render_markdown(result)
    assert render_markdown(parse_json(render_json(result))) == text
    assert Diagnosis(result).to_markdown() == text
    text.encode("utf-8")
