"""Do the ordinals of a series count its episodes? Dates, or 101, 102, 201, leave numbers out that mean none.

Long jumps  If every number is an episode, each longer jump is rarer than each shorter one, for any chance of
            being on record, any mixture of chances, and wherever a follow ends. They are counted by doublings
            of length; a doubling fuller than twice the one before it refutes that. It is told where
            jumps so long carry most of the distance: elsewhere they decide nothing.
Nobody's    Of each jump one number that it passes over, and the one where it lands, are looked up among those
            that anybody has on record (another user, for the landing). Both are then equally often known,
            whatever the series. Fewer of the passed over: the rest are no episodes, or none is offered here.
Streams     Numbers are looked up by hash in tables of fixed size, which add; chance hits are taken off.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from diagnose.formatting import percent
from diagnose.settings import SerialGapSettings

Integers = NDArray[np.int64]

SLOTS = 1 << 16  # of the tables: half a megabyte each
DOUBLINGS = 32  # of the length of a jump
_ERRORS = 3.0  # standard errors: a numbering that counts is refused once in a thousand logs
_ODD, _OTHER = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F)
SUPPLY = "supply an ordinal that counts the episodes of a series: 1, 2, 3 on through all its seasons"


def _none(size: int) -> Integers:
    return np.zeros(size, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Numbering:
    """Sums over jumps. A number that a jump passes over weighs as many as that jump passes over."""

    jumps: Integers = field(default_factory=lambda: _none(DOUBLINGS))  # of 2**k up to 2**(k+1) - 1
    distance: Integers = field(default_factory=lambda: _none(DOUBLINGS))  # that they go
    on_record: Integers = field(default_factory=lambda: _none(SLOTS))  # follows with that number
    passed: Integers = field(default_factory=lambda: _none(SLOTS))  # weight of what was passed over
    landed: Integers = field(default_factory=lambda: _none(SLOTS))  # the same weight, where it landed

    def __add__(self, other: Numbering) -> Numbering:
        return Numbering(
            jumps=self.jumps + other.jumps,
            distance=self.distance + other.distance,
            on_record=self.on_record + other.on_record,
            passed=self.passed + other.passed,
            landed=self.landed + other.landed,
        )


def numbering(series: Integers, ordinal: Integers, rises: NDArray[np.bool_]) -> Numbering:
    """What a batch adds: episodes (n,) follow by follow, and which steps (n - 1,) between them go forward."""
    step = np.diff(ordinal)[rises]
    power = np.log2(step).astype(np.int64)
    met = (np.append(rises, False) | np.append(False, rises))[: len(ordinal)]
    over = step > 1
    title, start, length = series[1:][rises][over], ordinal[:-1][rises][over], step[over]
    drawn = _hashed(_hashed(title, start).view(np.int64), length) >> np.uint64(33)  # the same in any batch
    inside = start + 1 + drawn.astype(np.int64) % np.maximum(1, length - 1)
    return Numbering(
        jumps=np.bincount(power, minlength=DOUBLINGS),
        distance=_added(power, step, DOUBLINGS),
        on_record=np.bincount(_slot(series[met], ordinal[met]), minlength=SLOTS),
        passed=_added(_slot(title, inside), length - 1, SLOTS),
        landed=_added(_slot(title, start + length), length - 1, SLOTS),
    )


def reason(found: Numbering, *, limits: SerialGapSettings) -> str | None:
    """Why the numbers seem to count no episodes; None where they may."""
    length = _refuting_length(found, most=limits.long_distance)
    if length is not None:
        far = percent(_share(found.distance, length), 0)
        return (
            f"jumps of {length:,} numbers or more carry {far} of the distance, and there are more of them "
            "than of shorter ones: the numbers hardly count episodes (dates, or 101, 201 for seasons); "
            f"{SUPPLY}"
        )
    missing = numbers_of_nobody(found)
    if missing is not None and missing > limits.skipped_share:
        return (
            f"at least {percent(missing, 0)} of the numbers that users pass over are on nobody's record, "
            "where the numbers beside them are: the numbering leaves some out (for each season), or "
            f"episodes are not offered here; {SUPPLY}"
        )
    return None


def _refuting_length(found: Numbering, *, most: float) -> int | None:
    """The jumps from which on there are too many, if they carry most of the distance."""
    shorter, longer = found.jumps[:-1], found.jumps[1:]
    beyond = longer - 2 * shorter > _ERRORS * np.sqrt(longer + 4 * shorter) + 1
    for power in (np.flatnonzero(beyond) + 1).tolist():
        if 2**power >= SHORT and _share(found.distance, 2**power) > most:
            return int(2**power)
    return None


SHORT = 32  # stretches seen elsewhere make jumps of a season's length too: no fault of the numbers


def _share(distance: Integers, length: int) -> float:
    """Of the distance, what jumps of at least such a length (a power of two) go."""
    return float(distance[length.bit_length() - 1 :].sum() / distance.sum())


def numbers_of_nobody(found: Numbering) -> float | None:
    """Share of the passed over numbers that are no episodes on record, at least; None: it cannot be told."""
    taken = float(np.mean(found.on_record > 0))
    total = float(found.passed.sum())
    if not total or taken > MOST_TAKEN:
        return None
    known = (float(found.passed[found.on_record > 0].sum()) / total - taken) / (1 - taken)
    usual = (float(found.landed[found.on_record > 1].sum()) / total - taken) / (1 - taken)
    if usual < LEAST_KNOWN:
        return None
    places = total**2 / float((found.passed.astype(np.float64) ** 2).sum())  # that carry the weight
    error = math.sqrt(0.5 / places) / (1 - taken)  # of the difference of two shares, at most
    return 1 - (known + _ERRORS * error) / usual


MOST_TAKEN = 0.8  # of the table: beyond, too little is left once chance is taken off
LEAST_KNOWN = 0.2  # of the numbers landed on, by others: with less, that nobody has one says nothing


def _slot(series: Integers, ordinal: Integers) -> Integers:
    return (_hashed(series, ordinal) >> np.uint64(64 - SLOTS.bit_length() + 1)).astype(np.int64)


def _hashed(one: Integers, other: Integers) -> NDArray[np.uint64]:
    mixed = (one.view(np.uint64) * _ODD) ^ (np.ascontiguousarray(other).view(np.uint64) * _OTHER)
    mixed ^= mixed >> np.uint64(29)
    return np.asarray(mixed * _ODD)


def _added(place: Integers, weight: Integers, size: int) -> Integers:
    return np.bincount(place, weight, size).astype(np.int64)
