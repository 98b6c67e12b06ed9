"""Robustness: the smallest share of today's events at which order would still be found, by pattern of loss.

Statistic  Where the lower end of the share first falls to the effect floor, going down from the whole log;
           between two measured rates on a straight line in the rate's logarithm.
Null       None of its own: the share is a difference to shuffled pasts (thinning).
Interval   The same of every resample of users, each with a lower end as far below its share as the log's own:
           where another sample of as many users would lose the finding.
Reference  As thinning.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from diagnose.results import LEVEL, Estimate

Numbers = NDArray[np.float64]

UNIT = "share of the logged events"
PREFIX = "holds_until_"


def holds_until(
    rates: Sequence[float], shares: Numbers, low: Numbers, draws: Numbers, *, floor: float
) -> Estimate:
    """The rate down to which the lower end (R,) stays above the floor, at the rates (R,), 1 first.

    `shares` (R,) and `draws` (B, R) are the curve and its resamples. A finding that survives the smallest
    rate has that rate for its value, which reads "or less", and 0 for its lower end.
    """
    measured = np.asarray(rates)
    value = float(_crossing(measured, low[None, :], floor, beyond=measured[-1])[0])
    shifted = draws - (shares - low)
    upper = float(np.quantile(_crossing(measured, shifted, floor, beyond=measured[-1]), (1 + LEVEL) / 2))
    lower = float(np.quantile(_crossing(measured, shifted, floor, beyond=0.0), (1 - LEVEL) / 2))
    survives = bool((low > floor).all())  # and nothing below the smallest rate was measured
    return Estimate(
        value=value, low=0.0 if survives else min(lower, value), high=max(upper, value), unit=UNIT
    )


def _crossing(rates: Numbers, low: Numbers, floor: float, *, beyond: float) -> Numbers:
    """Where each curve (B, R) first falls to the floor, from the left; `beyond` where none of it does."""
    below = low <= floor
    first = below.argmax(axis=1)
    row, before = np.arange(len(low)), np.maximum(first - 1, 0)
    above, under = low[row, before] - floor, floor - low[row, first]
    fallen = np.where(first > 0, above / np.where(first > 0, above + under, 1.0), 0.0)
    log = np.log(rates)
    crossed = np.exp(log[before] + fallen * (log[first] - log[before]))
    return np.asarray(np.where(below.any(axis=1), crossed, beyond))
