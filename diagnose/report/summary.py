"""What ends an analysis on a terminal: the verdict and the few things that carry it, in plain words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from diagnose.report import words
from diagnose.report.contract import parse_json, render_json
from diagnose.report.sections.first import First, first
from diagnose.report.sections.numbers import Number
from diagnose.report.sections.views import Row
from diagnose.report.strings import cleaned
from diagnose.results import Result


@dataclass(frozen=True, kw_only=True)
class Line:
    """One carrying number: how it counts, what it is called, what it is, what stands behind it."""

    stance: str  # "for" | "against" | "open"
    glyph: str
    name: str
    value: str
    behind: str  # its interval, or why it was not measured


@dataclass(frozen=True, kw_only=True)
class Summary:
    """Everything that the end of an analysis says; every string safe to print anywhere."""

    headline: str
    outcome: str
    meaning: str
    leaning: str  # "" where there is none
    numbers: Sequence[Line]
    flips: Sequence[tuple[str, str]]  # what it would have to be; what would follow, and what it is
    steps: Sequence[str]


def summary(result: Result) -> Summary:
    """The end of an analysis, from the first screen of its report."""
    clean: Result = cleaned(parse_json(render_json(result)))
    screen: First = first(clean)
    verdict = clean.verdict
    return Summary(
        headline=verdict.headline,
        outcome=verdict.outcome,
        meaning=words.OUTCOMES[verdict.outcome],
        leaning=screen.leaning,
        numbers=[_line(number) for number in screen.numbers],
        flips=[_flip(row) for row in (*screen.flips, *screen.more_flips)],
        steps=[" ".join(step).strip() for step in screen.steps],
    )


def _line(number: Number) -> Line:
    return Line(
        stance=number.stance,
        glyph=number.glyph,
        name=number.name,
        value=f"{number.value} {number.unit}".strip(),
        behind=number.below if number.measured else number.gloss.rstrip("."),
    )


def _flip(row: Row) -> tuple[str, str]:
    return f"{row.name} {row.value}", f"{row.below}; now {row.note}"
