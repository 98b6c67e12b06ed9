"""A comparison in rows and as Markdown: every number with its unit, every word safe."""

from __future__ import annotations

import dataclasses

import pytest
from example import OUTCOMES, hostile, recency_is_enough, use_sequence_model
from markdown_it import MarkdownIt

from diagnose.comparison import compare
from diagnose.report import (
    apart_rows,
    changed_rows,
    compared_rows,
    comparison_markdown,
    side_rows,
)

GITHUB = MarkdownIt("commonmark").enable(["table", "strikethrough"])
OURS = {
    "heading",
    "paragraph",
    "bullet_list",
    "list_item",
    "table",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "strong",
}


def found(make=use_sequence_model):
    other = make()
    return compare(
        recency_is_enough(), dataclasses.replace(other, log=dataclasses.replace(other.log, fingerprint="b"))
    )


def test_numbers_stand_side_by_side_with_their_difference():
    """A, B, B - A with its sign and unit, the interval, and whether it is more than noise."""
    rows = {row[0]: row[1:] for row in compared_rows(found())}
    assert rows["Lift"] == (
        "0.0115\u00a0GAUC (0.0105 to 0.0125)",
        "0.0185\u00a0GAUC (0.0175 to 0.0195)",
        "+0.0070\u00a0GAUC",
        "+0.0056 to +0.0084",
        "more than noise",
    )
    assert rows["Half-life"][2:] == ("0\u00a0days", "−0.64 to +0.64", "within noise")
    assert rows["Order information"][2] == "0.0\u00a0points"


def test_what_is_not_compared_is_told_with_both_sides():
    """The row of a number without a difference has its reason."""
    rows = {row[0]: row[1:] for row in apart_rows(found(OUTCOMES["fix_capture_first"]))}
    assert rows["Lift"] == ("0.0115\u00a0GAUC (0.0105 to 0.0125)", "–", "not in B: --no-trial was given")


def test_what_was_not_the_same_is_listed_and_ends():
    """Settings are told by their place; a flood of them is cut."""
    a = recency_is_enough()
    b = dataclasses.replace(
        a, settings={**a.settings, "trial": {"minimum_lift": 0.01}, **{f"s{n}": n for n in range(50)}}
    )
    rows = changed_rows(compare(a, b))
    assert ("settings: trial.minimum_lift", "0.003", "0.01", "changes the verdict, no number") in rows
    assert len(rows) == 21
    assert rows[-1][0] == "and 31 more, in --json"


@pytest.mark.parametrize("make", [*OUTCOMES.values(), hostile], ids=[*OUTCOMES, "hostile"])
def test_the_markdown_is_only_ours(make):
    """Whatever a log is called: no HTML, link, code or picture, and cells stay cells."""
    tokens = GITHUB.parse(comparison_markdown(found(make)))
    kinds = {token.type.removesuffix("_open").removesuffix("_close") for token in tokens} | {
        child.type.removesuffix("_open").removesuffix("_close")
        for token in tokens
        for child in token.children or ()
    }
    assert kinds <= OURS | {"inline", "text", "text_special"}
    rows, cells = [], 0
    for token in tokens:
        cells += token.type in ("td_open", "th_open")
        if token.type == "tr_close":
            rows.append(cells)
            cells = 0
    assert set(rows) <= {4, 6}


def test_both_sides_are_named_with_their_verdict():
    """The log, the headline and the outcome of A and of B."""
    (one, told), (other, also) = side_rows(found())
    assert (one, other) == ("A", "B")
    assert told.startswith("shop_clicks.parquet: Recency is enough")
    assert also.endswith("(use_sequence_model)")
