"""Truncation: how many histories does the log cut off at its beginning and at its end?

Statistic  Ids whose first event falls in the first stretch of the log, beyond what a stretch of the middle
           half has: they were users before the log began. The same of last events in the last stretch.
Null       A platform whose ids come and go evenly in the middle half. Growth makes the beginning look cut
           less than it is and the end more.
Interval   Counts of ids in a stretch as Poisson.
Reference  Klein and Moeschberger (2003), Survival Analysis, ch. 3 (left truncation, right censoring).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from diagnose.capture.expected_hours import busy
from diagnose.capture.identity import MINIMUM_DAYS
from diagnose.capture.shares import Z
from diagnose.results import Estimate
from diagnose.settings import Settings
from diagnose.stats.counts import Counts

BIRTHS, DEATHS, ACTIVE = 0, 1, 2  # columns of the calendar


@dataclass(frozen=True)
class Truncation:
    """Shares of ids that were there before the log began, and that go on after it ends; and the stretch."""

    left: Estimate
    right: Estimate
    users: int
    days: int  # of a stretch

    @property
    def share(self) -> float:
        """Of ids, the larger of both ends."""
        return max(self.left.value, self.right.value)


def truncation(calendar: Counts, *, settings: Settings) -> Truncation | None:
    """Both ends of the births, deaths and active ids by day; None where there are too few days."""
    table = calendar.table
    if table.shape[1] <= ACTIVE:
        return None
    first, stop = busy(table[:, ACTIVE].astype(np.float64), stray=settings.outages.edge_share)
    days, users = stop - first, int(table[:, BIRTHS].sum())
    if days < MINIMUM_DAYS:
        return None
    stretch = max(1, round(settings.hygiene.truncation_stretch * days))
    quarter = days // 4
    middle = table[first + quarter : stop - quarter]
    born, died = (int(middle[:, kind].sum()) for kind in (BIRTHS, DEATHS))
    early = int(table[: first + stretch, BIRTHS].sum())
    late = int(table[stop - stretch :, DEATHS].sum())
    part = stretch / len(middle)
    return Truncation(_beyond(early, born, part, users), _beyond(late, died, part, users), users, stretch)


def _beyond(seen: int, middle: int, part: float, users: int) -> Estimate:
    """Ids of a stretch beyond its `part` of the middle half, as a share of all ids."""
    excess, half = seen - part * middle, Z * math.sqrt(seen + part**2 * middle)
    value, low, high = (min(1.0, max(0.0, ids / users)) for ids in (excess, excess - half, excess + half))
    return Estimate(value=value, low=low, high=high, unit="share of ids")
