"""How a number of each unit is written: decimals, sign, and the word behind it."""

from __future__ import annotations

import math

from diagnose.formatting import MINUS, NO_BREAK, count, fixed, number, signed
from diagnose.results import Estimate

GAIN = "gain"  # a difference of GAUC: always with its sign
_WORDS = {"bits/event": "bits an event", "bits/week": "bits a week", "gain": "GAUC"}
_SCORES = frozenset({"GAUC", "AUC"})
_COUNTED = frozenset({"events", "days", "seconds", "outages", "paths", "pairs", "users"})
NOT_BOUNDED = "no interval"


def word(unit: str) -> str:
    """The word behind the number: '%' for a share, '% of requests' for a share of requests."""
    return f"%{unit.removeprefix('share')}" if is_share(unit) else _WORDS.get(unit, unit)


def is_share(unit: str) -> bool:
    """Whether a number of this unit is written in per cent."""
    return unit == "share" or unit.startswith("share of ")


def amount(value: float, unit: str, *, among: tuple[float, float] = (math.nan, math.nan)) -> str:
    """The bare number. `among`, the interval it belongs to, decides the decimals of a share."""
    if not math.isfinite(value):
        return "unbounded"
    if is_share(unit):
        return _unsigned_zero(fixed(100 * value, _decimals(value, *among)))
    if unit == GAIN:
        return signed(value, 4)
    if unit in _SCORES:
        return fixed(value, 4)
    if unit == "bits/event":
        decimals = 2 if abs(value) >= 1 else 3 if abs(value) >= 0.01 or value == 0 else 4
        return _unsigned_zero(fixed(value, decimals))
    if all(math.isfinite(each) and float(each).is_integer() for each in (value, *among)):
        return count(value)  # a number of events or days
    ends = [abs(end) for end in among if math.isfinite(end)]
    if abs(value) < 1e-9 or (ends and abs(value) < 1e-4 * max(ends)):
        return "0"  # the rounding of a zero, beside its own interval
    return count(value) if abs(value) >= 1000 else number(value, 2)


def _unsigned_zero(text: str) -> str:
    """What rounds to nothing has no sign."""
    return text.removeprefix(MINUS) if not text.strip(f"{MINUS}0.") else text


def _decimals(share: float, low: float, high: float) -> int:
    """Enough to tell the ends of the interval apart, no more, and the same for both ends."""
    if math.isfinite(low + high) and high > low:
        return 2 if high - low < 0.001 else 1 if high - low < 0.02 or max(abs(low), abs(high)) < 0.1 else 0
    tenths = 1000 * share
    return 0 if abs(tenths / 10 - round(tenths / 10)) < 1e-9 else 1 if abs(tenths) >= 1 else 2


def figure(value: float, unit: str, *, among: tuple[float, float] = (math.nan, math.nan)) -> str:
    """The number with its word: '9.1 %', '2.9 days'."""
    shown, named = amount(value, unit, among=among), word(unit)
    named = named.removesuffix("s") if shown == "1" and unit in _COUNTED else named
    return f"{shown}{NO_BREAK}{named}".rstrip(NO_BREAK)


def between(low: float, high: float, unit: str, *, worded: bool = False) -> str:
    """'2.5 to 3.4'; 'at least 2.5' or 'at most 3.4' where one end is not bounded."""
    behind = f"{NO_BREAK}{word(unit)}".rstrip(NO_BREAK) if worded else ""
    if math.isfinite(low) and math.isfinite(high):
        return f"{amount(low, unit, among=(low, high))} to {amount(high, unit, among=(low, high))}{behind}"
    if math.isfinite(low):
        return f"at least {amount(low, unit)}{behind}"
    if math.isfinite(high):
        return f"at most {amount(high, unit)}{behind}"
    return NOT_BOUNDED


def value_of(estimate: Estimate) -> str:
    """An estimate's number with its word, without its interval."""
    if not math.isfinite(estimate.value):
        return between(estimate.low, estimate.high, estimate.unit, worded=True)
    return figure(estimate.value, estimate.unit, among=(estimate.low, estimate.high))


def range_of(estimate: Estimate) -> str:
    """An estimate's interval."""
    return between(estimate.low, estimate.high, estimate.unit)


def whole(estimate: Estimate) -> str:
    """'9.1 % (8.8 to 9.4)'."""
    if not math.isfinite(estimate.value):
        return value_of(estimate)
    return f"{value_of(estimate)} ({range_of(estimate)})"
