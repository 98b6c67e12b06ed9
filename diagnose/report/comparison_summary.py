"""A comparison of two results as rows of words: for a terminal, and as Markdown."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator

from diagnose.comparison import Changed, Compared, Comparison, Difference
from diagnose.formatting import MINUS, NO_BREAK
from diagnose.report import units, words
from diagnose.report.github import bullets, plain, table
from diagnose.report.strings import cleaned, visible
from diagnose.results import Estimate

COMPARED_HEAD = ("Number", "A", "B", "B − A", "90 % interval", "")
APART_HEAD = ("Not compared", "A", "B", "why")
CHANGED_HEAD = ("Not the same", "A", "B", "")
SHOWN = 20  # differences of log and settings; the JSON has them all
LONGEST = 60  # characters of a setting
NAMES = {
    "interest_persistence.half_life_days": "Half-life",
    "interest_persistence.half_life_events": "Half-life, in events",
}
POINTS = "points"  # of per cent: what a difference of shares is told in


def compared_rows(comparison: Comparison) -> list[tuple[str, ...]]:
    """One row a number that both sides have, in columns of COMPARED_HEAD."""
    return [
        (_name(number), _side(number.a), _side(number.b), *_difference(number.difference, number.a))
        for number in cleaned(comparison).numbers
        if number.difference is not None
    ]


def apart_rows(comparison: Comparison) -> list[tuple[str, ...]]:
    """One row a number that could not be compared, in columns of APART_HEAD."""
    return [
        (_name(number), _side(number.a), _side(number.b), number.reason)
        for number in cleaned(comparison).numbers
        if number.difference is None
    ]


def changed_rows(comparison: Comparison) -> list[tuple[str, ...]]:
    """One row a difference of log, columns, settings or versions, in columns of CHANGED_HEAD."""
    changed = cleaned(comparison).changed
    rows = [_changed(change) for change in changed[:SHOWN]]
    if len(changed) > SHOWN:
        rows.append((f"and {len(changed) - SHOWN:,} more, in --json", "", "", ""))
    return rows


def side_rows(comparison: Comparison) -> list[tuple[str, str]]:
    """(A or B, log and verdict)."""
    both = cleaned(comparison)
    return [
        (name, f"{side.log}: {side.headline} ({side.outcome})")
        for name, side in (("A", both.a), ("B", both.b))
    ]


def comparison_markdown(comparison: Comparison) -> str:
    """The comparison for a pull request; every word of a log is text there."""
    return "\n\n".join(_blocks(comparison)) + "\n"


def _blocks(comparison: Comparison) -> Iterator[str]:
    yield f"## {plain(comparison.headline)}"
    yield bullets(f"**{name}** {plain(told)}" for name, told in side_rows(comparison))
    for head, rows in (
        (COMPARED_HEAD, compared_rows(comparison)),
        (APART_HEAD, apart_rows(comparison)),
        (CHANGED_HEAD, changed_rows(comparison)),
    ):
        if rows:
            yield table(tuple(map(plain, head)), [tuple(map(plain, row)) for row in rows])
    yield bullets(map(plain, cleaned(comparison).notes))


def _name(number: Compared) -> str:
    room, _, rest = number.name.partition(".")
    if room == "capture":
        said = words.STATEMENTS.get(rest, words.label(rest))
        return f"Capture, {said[:1].lower()}{said[1:]} ({number.scope})"
    known = NAMES.get(number.name) or words.QUANTITIES.get(number.name)
    return known or words.label(rest if room == "trial" else number.name)


def _side(estimate: Estimate | None) -> str:
    return "–" if estimate is None else units.whole(estimate)


def _difference(found: Difference, a: Estimate | None) -> tuple[str, str, str]:
    """Value, interval, and whether it is more than noise."""
    unit = a.unit if a is not None else ""
    ends = (found.low, found.high)
    value = _signed(found.value, unit, ends) if math.isfinite(found.value) else "–"
    told = "more than noise" if found.above_noise else "within noise"
    return f"{value}{NO_BREAK}{_word(unit)}" if value != "–" else value, _between(ends, unit), told


def _word(unit: str) -> str:
    return POINTS if units.is_share(unit) else units.word(unit)


def _between(ends: tuple[float, float], unit: str) -> str:
    low, high = (_signed(end, unit, ends) if math.isfinite(end) else "" for end in ends)
    if low and high:
        return f"{low} to {high}"
    return f"at least {low}" if low else f"at most {high}" if high else units.NOT_BOUNDED


def _signed(value: float, unit: str, among: tuple[float, float]) -> str:
    amount = units.amount(abs(value), unit, among=among).removeprefix("+")
    sign = "" if not amount.strip("0.") else MINUS if value < 0 else "+"
    return f"{sign}{amount}"


def _changed(change: Changed) -> tuple[str, ...]:
    name = change.name.replace("_", " ") if change.part in ("log", "trial") else change.name
    why = "changes the verdict, no number" if change.verdict_only else ""
    return f"{change.part}: {name}", _value(change.a), _value(change.b), why


def _value(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, str):
        return visible(value, longest=LONGEST)
    if isinstance(value, (list, tuple)):
        return visible(", ".join(map(str, value)), longest=LONGEST)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return visible(json.dumps(value, default=str), longest=LONGEST)
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"
