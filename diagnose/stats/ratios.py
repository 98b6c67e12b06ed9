"""A ratio of two sums over a few heavy-tailed users, with an interval that such users do not make too short.

Percentiles of resampled ratios end too low where few users carry the sums, studentised ones begin too high;
each misses mostly on one side, the other side being right. The interval spans both.

Reference  Efron and Tibshirani (1993), ch. 12 and 13; Cochran (1977), ch. 6.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diagnose.results import Estimate
from diagnose.stats.bootstrap import quantile_interval, resample_sums

Numbers = NDArray[np.float64]


def ratio(part: Numbers, whole: Numbers, *, unit: str, rng: np.random.Generator) -> Estimate:
    """The sum of `part` over that of `whole`, both (U,) by user, users resampled.

    >>> ratio(np.array([1.0, 1.0]), np.array([2.0, 2.0]), unit="share", rng=np.random.default_rng(0)).high
    0.5
    """
    sums = np.stack([part, whole, part * part, part * whole, whole * whole], axis=1)
    value, error = (float(one[0]) for one in _ratio(sums.sum(axis=0, keepdims=True)))
    drawn, errors = _ratio(resample_sums(sums, rng=rng))
    low, high = quantile_interval(drawn)
    with np.errstate(divide="ignore", invalid="ignore"):
        student = (drawn - value) / errors
    if error > 0 and np.isfinite(student).any():
        left, right = quantile_interval(student)
        low, high = min(low, value - right * error), max(high, value - left * error)
    return Estimate(value=value, low=low, high=high, unit=unit)


def _ratio(totals: Numbers) -> tuple[Numbers, Numbers]:
    """The ratio of each row of totals, and its linearised standard error."""
    part, whole, squares, products, wholes = totals.T
    value = part / whole
    spread = np.maximum(0.0, squares - 2 * value * products + value**2 * wholes)
    return value, np.sqrt(np.where(spread > 1e-12 * squares, spread, 0.0)) / whole
