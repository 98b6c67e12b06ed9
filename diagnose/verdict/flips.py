"""What would change the verdict: for each number, the value at which the rules would say something else.

Found by asking the rules again with that number moved and every other one as it is; an interval keeps its
width. So a flip can never disagree with the rules. Capture has an interval only: what moves is its upper end.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from diagnose.results import Estimate, Flip, Outcome, Side, Statement
from diagnose.verdict.evidence import CONTRASTS, GAUC, Evidence
from diagnose.verdict.rules import judge

QUANTITIES = {  # stable identifier -> field of the evidence
    "order_information.share": "order",
    "item_order_information.gain": "item_order",
    "interest_persistence.drift_share": "drift",
    **{name: name for name in CONTRASTS},
}
WHOLES = frozenset({"order_information.share", "interest_persistence.drift_share", "capture"})  # shares of 1
_HALVINGS = 60  # down to the resolution of a double
_DIGITS = 10  # of a threshold: far below anything shown, above the resolution


@dataclass(frozen=True)
class Lever:
    """One number that can be moved: where it is, how far, and the evidence with it elsewhere."""

    quantity: str
    now: float | None
    low: float
    high: float
    unit: str
    start: float  # what is moved, today
    stops: tuple[float, ...]  # values between which the rules see no difference, ascending
    move: Callable[[float], Evidence]
    most: float = math.inf  # what the number cannot exceed


def find_flips(evidence: Evidence, *, most: int) -> tuple[Flip, ...]:
    """The nearest change of outcome on either side of each number, nearest first, at most so many."""
    present = judge(evidence).outcome
    pairs = [pair for lever in _levers(evidence) for pair in _flips_of(lever, present)]
    found = [flip for _, flip in sorted(pairs, key=lambda pair: pair[0])]
    capture = [
        flip for flip in found if flip.quantity == "capture"
    ]  # always told: often it is not known at all
    nearest = [flip for flip in found if flip not in capture][: max(0, most - len(capture))]
    return tuple(flip for flip in found if flip in (*nearest, *capture))


def _flips_of(lever: Lever, present: Outcome) -> Iterator[tuple[float, Flip]]:
    """The flips of one number, each with its distance in half-widths of the interval."""
    downwards = [stop for stop in reversed(lever.stops) if stop < lever.start]
    upwards = [min(stop, lever.most) for stop in lever.stops if stop > lever.start]
    sides: tuple[tuple[Side, list[float]], ...] = (("below", downwards), ("above", upwards))
    changes = [
        (side, change)
        for side, stops in sides
        if (change := _first_change(lever, stops, present)) is not None
    ]
    ends = (lever.low, lever.high, 0.0, *(threshold for _, (threshold, _) in changes))
    axis_low, axis_high = (0.0, 1.0) if lever.quantity == "capture" else _axis(ends)
    for side, (threshold, outcome) in changes:
        half_width = (lever.high - lever.low) / 2 or abs(lever.start) or 1.0
        yield (
            abs(threshold - lever.start) / half_width,
            Flip(
                quantity=lever.quantity,
                now=lever.now,
                low=lever.low,
                high=lever.high,
                threshold=threshold,
                side=side,
                outcome=outcome,
                axis_low=axis_low,
                axis_high=axis_high,
                unit=lever.unit,
            ),
        )


def _first_change(lever: Lever, stops: Sequence[float], present: Outcome) -> tuple[float, Outcome] | None:
    """The threshold nearest to now, and the outcome just beyond it; None where all stops agree."""
    same = lever.start
    for stop in stops:
        outcome = judge(lever.move(stop)).outcome
        if outcome != present:
            return _between(lever, same, stop, present)
        same = stop
    return None


def _between(lever: Lever, same: float, other: float, present: Outcome) -> tuple[float, Outcome]:
    for _ in range(_HALVINGS):
        middle = (same + other) / 2
        if judge(lever.move(middle)).outcome == present:
            same = middle
        else:
            other = middle
    return round(other, _DIGITS) + 0.0, judge(lever.move(other)).outcome  # + 0.0: no negative zero


def _axis(ends: Sequence[float]) -> tuple[float, float]:
    """An axis with all of these on it, and a tenth to spare."""
    low, high = min(ends), max(ends)
    spare = (high - low) / 10
    return (low - spare if low < 0 else low), high + spare


def _levers(evidence: Evidence) -> Iterator[Lever]:
    for quantity, field in QUANTITIES.items():
        estimate = getattr(evidence, field)
        if estimate is not None:
            yield _estimate_lever(evidence, quantity, field, estimate)
    yield _delta_lever(evidence)
    yield _capture_lever(evidence)
    if evidence.users is not None and evidence.users < evidence.limits.minimum_users:
        yield _users_lever(evidence, evidence.users)


def _estimate_lever(evidence: Evidence, quantity: str, field: str, estimate: Estimate) -> Lever:
    def move(value: float) -> Evidence:
        shift = value - estimate.value
        moved = dataclasses.replace(
            estimate, value=value, low=estimate.low + shift, high=estimate.high + shift
        )
        return dataclasses.replace(evidence, **{field: moved})  # type: ignore[arg-type]

    limits = evidence.limits
    levels = {0.0, limits.delta, limits.order_floor, limits.item_floor, limits.drift_floor}
    breaks = [level + estimate.value - end for level in levels for end in (estimate.low, estimate.high)]
    return Lever(
        quantity,
        now=estimate.value,
        low=estimate.low,
        high=estimate.high,
        unit=estimate.unit,
        start=estimate.value,
        stops=_stops(breaks),
        move=move,
        most=1.0 if quantity in WHOLES else math.inf,
    )


def _delta_lever(evidence: Evidence) -> Lever:
    """The least lift worth having is the user's choice: how much of the verdict is it?"""
    delta = evidence.limits.delta
    contrasts = [made for name in CONTRASTS if (made := getattr(evidence, name)) is not None]
    breaks = [end for made in contrasts for end in (made.low, made.high)]
    if evidence.minimal_detectable is not None:
        breaks.append(evidence.minimal_detectable / evidence.limits.too_small)

    def move(value: float) -> Evidence:
        return dataclasses.replace(evidence, limits=dataclasses.replace(evidence.limits, delta=value))

    stops = tuple(stop for stop in _stops([0.0, *breaks]) if stop > 0)
    return Lever("minimum_lift", delta, delta, delta, GAUC, start=delta, stops=stops, move=move)


def _capture_lever(evidence: Evidence) -> Lever:
    """The upper end of what is known, or of what might be declared where nothing is."""
    known = evidence.capture or Statement(
        probe="anchors",
        unit="events",
        scope="",
        low=0.0,
        high=1.0,
        level=1.0,
        grade="declared",
        assumption="",
    )

    def move(value: float) -> Evidence:
        moved = dataclasses.replace(known, low=min(known.low, value), high=value)
        return dataclasses.replace(evidence, capture=moved)

    half = evidence.limits.low_capture
    stops = (half / 2, (1 + half) / 2)
    return Lever(
        "capture", None, known.low, known.high, "share", start=known.high, stops=stops, move=move, most=1.0
    )


def _users_lever(evidence: Evidence, users: int) -> Lever:
    def move(value: float) -> Evidence:
        return dataclasses.replace(evidence, users=math.floor(value))

    needed = evidence.limits.minimum_users
    return Lever(
        "users_with_history",
        now=float(users),
        low=float(users),
        high=float(users),
        unit="users",
        start=float(users),
        stops=(float(needed),),
        move=move,
    )


def _stops(breaks: Sequence[float]) -> tuple[float, ...]:
    """A point between each two neighbouring breaks, and one beyond either end."""
    ordered = sorted(set(breaks))
    middles = [(one + following) / 2 for one, following in pairwise(ordered)]
    reach = max(ordered[-1] - ordered[0], abs(ordered[-1]), 1e-6)
    return (ordered[0] - reach, *middles, ordered[-1] + reach)
