"""The few numbers that carry a verdict, as rows for a terminal."""

from __future__ import annotations

from diagnose.report.contract import parse_json, render_json
from diagnose.report.sections.first import First, first
from diagnose.report.sections.numbers import Number
from diagnose.report.strings import cleaned
from diagnose.results import Result


def summary_rows(result: Result) -> list[tuple[str, str]]:
    """(label, value) of the four carrying numbers, the flips and the next steps; safe to print anywhere."""
    screen: First = first(cleaned(parse_json(render_json(result))))
    numbers = [(number.name, _line(number)) for number in screen.numbers]
    flips = [
        (f"Flips: {row.name}", f"{row.value}: {row.below} (now {row.note})")
        for row in (*screen.flips, *screen.more_flips)
    ]
    steps = [("Next" if not place else "", " ".join(step).strip()) for place, step in enumerate(screen.steps)]
    return [*numbers, *flips, *steps]


def _line(number: Number) -> str:
    if not number.measured:
        return f"{number.value}: {number.gloss}"
    return f"{number.value} {number.unit} ({number.below}) {number.glyph} {number.stance}"
