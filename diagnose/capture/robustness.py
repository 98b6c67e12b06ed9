"""Robustness: the smallest share of today's events at which order would still be found, by pattern of loss.

Statistic  Where the lower end of the share crosses the effect floor, going down from the whole log: between two
           measured rates on a straight line in the rate's logarithm.
Interval   The same of every resample of users, each with a lower end as far below its share as the log's own:
           where another sample of as many users would lose the finding.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from diagnose.formatting import percent
from diagnose.results import LEVEL, Estimate, Probed, Skipped

Numbers = NDArray[np.float64]

UNIT = "share of the logged events"
PREFIX = "holds_until_"
_LOST = {"sessions": "whole sessions lost", "events": "single events lost", "categories": "whole categories lost"}


def holds_until(rates: Sequence[float], shares: Numbers, low: Numbers, draws: Numbers, *, floor: float) -> Estimate:
    """The rate down to which the lower end (R,) stays above the floor, at the rates (R,), 1 first.

    `shares` (R,) and `draws` (B, R) are the curve and its resamples. A finding that survives the smallest rate
    has that rate for its value, which reads "or less", and 0 for its lower end.
    """
    measured = np.asarray(rates)
    value = float(_crossing(measured, low[None, :], floor, beyond=measured[-1])[0])
    shifted = draws - (shares - low)
    upper = np.quantile(_crossing(measured, shifted, floor, beyond=measured[-1]), (1 + LEVEL) / 2)
    lower = np.quantile(_crossing(measured, shifted, floor, beyond=0.0), (1 - LEVEL) / 2)
    if low[-1] > floor:
        lower = 0.0  # nothing below the smallest rate was measured
    return Estimate(value=value, low=min(float(lower), value), high=max(float(upper), value), unit=UNIT)


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


def sentence(probed: Probed, *, floor: float) -> str:
    """What the curves say of losing more, in words."""
    if isinstance(probed, Skipped):
        return f"What losing more of the log would do was not measured: {probed.reason}."
    if probed.estimates["share_full"].low <= floor:
        return "Order is not found in the log as it is, so there is no finding that losing more could undo."
    held = {lost: probed.estimates.get(PREFIX + pattern) for pattern, lost in _LOST.items()}
    told = [_told(estimate, lost) for lost, estimate in held.items() if estimate is not None]
    if not told:
        return "Histories are too short to say what losing more of the log would do."
    return (
        f"The finding would still hold if only {', '.join(told)} of these events were logged. "
        "This says nothing of what this log has already lost."
    )


def _told(held: Estimate, lost: str) -> str:
    """'31 % (single events lost)', 'or less' where the smallest measured rate is not enough to lose it."""
    return f"{percent(held.value, 0)}{' or less' if held.low == 0 else ''} ({lost})"
