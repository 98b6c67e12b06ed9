"""The difference of two numbers that were measured apart, from their intervals alone.

Interval   MOVER, the method of variance estimates recovery: each limit of B - A is built from the sides of
           the two intervals that face it, so that an asymmetric interval lends the side that matters.
p value    the level at which that interval would just reach zero, both half-widths growing as the normal's.
Assumption the two estimates err independently. Where both are of the same users their errors go the same
           way as a rule, and the interval is wider than need be.
Bounds     intervals without a middle (capture statements) are held against each other end by end; that
           holds whatever the dependence, and is wider.
Reference  Newcombe (1998), Statistics in Medicine 17, 873-890; Zou and Donner (2008), Statistics in Medicine
           27, 1693-1702; Holm (1979).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from statistics import NormalDist

from diagnose.comparison.findings import Difference
from diagnose.results import Estimate
from diagnose.stats.multiplicity import holm


def difference(a: Estimate, b: Estimate) -> Difference:
    """B minus A of two estimates of one level, taken as independent; p is not adjusted yet.

    >>> a = Estimate(value=1.0, low=0.7, high=1.3, unit="days")
    >>> b = Estimate(value=2.0, low=1.6, high=2.9, unit="days")
    >>> round(difference(a, b).low, 2), round(difference(a, b).high, 2)  # 1 - (.4, .3), 1 + (.9, .3)
    (0.5, 1.95)
    """
    value = b.value - a.value
    below = math.hypot(_width(b.low, b.value), _width(a.value, a.high))
    above = math.hypot(_width(b.value, b.high), _width(a.low, a.value))
    return Difference(
        value=value,
        low=value - below,
        high=value + above,
        level=a.level,
        p=_p_value(value, below if value > 0 else above, level=a.level),
    )


def _width(low: float, high: float) -> float:
    """One side of an interval; none where its value lies beyond it, as that of resampled draws may."""
    return high - low if math.isnan(high - low) else max(0.0, high - low)


def bounds_apart(a: Estimate, b: Estimate) -> Difference:
    """B minus A of two intervals that have no middle: p falls below 1 - level where they do not meet."""
    low, high = b.low - a.high, b.high - a.low
    return Difference(
        value=math.nan,
        low=low,
        high=high,
        level=a.level,
        p=_p_value((low + high) / 2, (high - low) / 2, level=a.level),
    )


def adjusted(found: Sequence[Difference]) -> list[Difference]:
    """The same differences with their p values adjusted for how many they are, and what is above noise."""
    p_values = holm([one.p for one in found])
    return [
        dataclasses.replace(one, p_adjusted=p, above_noise=p < 1 - one.level)
        for one, p in zip(found, p_values, strict=True)
    ]


def _p_value(value: float, half_width: float, *, level: float) -> float:
    """Two-sided, of a difference whose interval of `level` reaches `half_width` towards zero."""
    if value == 0 or not math.isfinite(half_width):
        return 1.0
    if half_width <= 0:
        return 0.0
    error = half_width / NormalDist().inv_cdf((1 + level) / 2)
    return math.erfc(abs(value) / error / math.sqrt(2))
