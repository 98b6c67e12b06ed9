"""compare(): two results side by side, number by number, and what may explain a difference."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from diagnose.comparison import quantities
from diagnose.comparison.changes import changes
from diagnose.comparison.comparable import objections
from diagnose.comparison.difference import adjusted, bounds_apart, difference
from diagnose.comparison.findings import Compared, Comparison, Side
from diagnose.comparison.quantities import Found
from diagnose.comparison.words import headline, notes
from diagnose.results import Estimate, Result, Statement


def compare(a: Result, b: Result) -> Comparison:
    """What changed from A to B, and whether it is more than noise; both sides are taken as independent."""
    numbers = _weighed([*_probes(a, b), *_trials(a, b), *_captures(a, b)])
    changed = changes(a, b)
    return Comparison(
        a=_side(a),
        b=_side(b),
        headline=headline(a, b, numbers),
        outcome_changed=a.verdict.outcome != b.verdict.outcome,
        same_events=a.log.fingerprint == b.log.fingerprint,
        numbers=numbers,
        changed=changed,
        notes=tuple(notes(a, b, numbers, changed)),
    )


def _side(result: Result) -> Side:
    sources = result.log.sources
    last = sources[0].replace("\\", "/").rstrip("/").rsplit("/", 1)[-1] if sources else "the log"
    return Side(
        log=last if len(sources) < 2 else f"{last} and {len(sources) - 1:,} more",
        fingerprint=result.log.fingerprint,
        outcome=result.verdict.outcome,
        headline=result.verdict.headline,
        tool=result.tool,
    )


def _probes(a: Result, b: Result) -> Iterator[Compared]:
    one, other, said = quantities.of_probes(a), quantities.of_probes(b), objections(a, b)
    days, events = quantities.HALF_LIVES
    both = isinstance(one[days], Estimate) and isinstance(other[days], Estimate)
    for name in quantities.OF_PROBES:
        if name == (events if both else days):
            continue
        yield from _held(name, (one[name], other[name]), said.get(name.partition(".")[0], ""))


def _trials(a: Result, b: Result) -> Iterator[Compared]:
    one, other, said = quantities.of_trial(a), quantities.of_trial(b), objections(a, b).get("trial", "")
    for name in dict.fromkeys((*one, *other)):
        sides = one.get(name, quantities.without_trial(a)), other.get(name, quantities.without_trial(b))
        yield from _held(name, sides, said)


def _held(name: str, sides: tuple[Found, Found], objection: str) -> Iterator[Compared]:
    """The number on both sides; nothing where neither has it."""
    a, b = (side if isinstance(side, Estimate) else None for side in sides)
    missing = [f"not in {side}: {why}" for side, why in zip("AB", sides, strict=True) if isinstance(why, str)]
    if a is None or b is None:
        if a is not b:
            yield Compared(name=name, a=a, b=b, difference=None, reason="; ".join(missing))
        return
    reason = objection or _unlike(a, b)
    yield Compared(name=name, a=a, b=b, difference=None if reason else difference(a, b), reason=reason)


def _unlike(a: Estimate, b: Estimate) -> str:
    """Why two estimates of one name cannot be subtracted."""
    if a.unit != b.unit:
        return f"the units differ: {a.unit} and {b.unit}"
    if a.level != b.level or not 0 < a.level < 1:
        return f"the intervals are of levels {a.level:g} and {b.level:g}"
    return ""


def _captures(a: Result, b: Result) -> Iterator[Compared]:
    one, other = quantities.of_capture(a), quantities.of_capture(b)
    for key in dict.fromkeys((*one, *other)):
        yield _capture(key, one.get(key), other.get(key))


def _capture(key: quantities.Said, a: Statement | None, b: Statement | None) -> Compared:
    """Two statements of one thing, held against each other end by end."""
    one, other = (None if side is None else quantities.interval(side) for side in (a, b))
    reason, held = _unsaid(a, b), None
    if one is not None and other is not None:
        reason = reason or _unlike(one, other)
        held = None if reason else bounds_apart(one, other)
    probe, unit, scope = key
    return Compared(
        name=f"capture.{probe}", a=one, b=other, difference=held, reason=reason, scope=f"of {unit}, {scope}"
    )


def _unsaid(a: Statement | None, b: Statement | None) -> str:
    """Why two statements are not weighed: one is missing, or was taken at its word."""
    if a is None or b is None:
        return f"not in {'A' if a is None else 'B'}: nothing was said of it there"
    return "declared, not measured" if "declared" in (a.grade, b.grade) else ""


def _weighed(numbers: Sequence[Compared]) -> tuple[Compared, ...]:
    """The same with p values adjusted over all of them."""
    found = iter(adjusted([number.difference for number in numbers if number.difference is not None]))
    return tuple(
        number if number.difference is None else dataclasses.replace(number, difference=next(found))
        for number in numbers
    )
