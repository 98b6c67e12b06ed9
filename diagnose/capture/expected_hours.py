"""How many events each hour of a log should hold: a robust seasonal fit of the hourly counts.

STL on the square roots (which steady the spread of counts): a slow level, and a pattern by hour of the week
where four weeks and enough events teach one, by hour of the day elsewhere, that may grow with the level.
Robust weights keep outages and bursts out of both. Where hours hold few events, steps are longer.

Reference  Cleveland, Cleveland, McRae, Terpenning (1990), Journal of Official Statistics 6; Anscombe (1948).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnose.formatting import count
from diagnose.histories import MICROSECONDS_PER_SECOND
from diagnose.settings import OutageSettings
from diagnose.stats.counts import Counts

HOURS_PER_DAY, HOURS_PER_WEEK = 24, 168
STEPS = (1, 2, 3, 4, 6, 8, 12, 24)  # hours: the divisors of a day
STEADY = 3 / 8  # Anscombe's constant
ROBUST_ROUNDS = 10
JUMPS = 10  # loess is evaluated so often in a window and interpolated between: forty times as fast
LEAST = 1e-3  # events expected of an hour that never holds any

Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Expected:
    """Bins of `step` hours from hour `start` (since 1970): events seen, expected, and cautiously expected."""

    start: int
    step: int
    observed: Numbers
    fitted: Numbers

    @property
    def hours(self) -> int:
        """Hours looked at."""
        return self.step * len(self.observed)

    @property
    def least(self) -> Numbers:
        """The least expected of each bin and its neighbours: a clock that changes by an hour is no outage."""
        if self.step == HOURS_PER_DAY:
            return self.fitted
        padded = np.pad(self.fitted, 1, mode="edge")
        return np.minimum(np.minimum(padded[:-2], padded[2:]), self.fitted)


def expected_hours(hours: Counts, *, quantum_us: int, settings: OutageSettings) -> Expected | str:
    """The fit of hourly counts; or why there can be none."""
    counts = hours.table.sum(axis=1).astype(np.float64)
    first, stop = busy(counts, stray=settings.edge_share)
    days = (stop - first) / HOURS_PER_DAY
    if days < settings.minimum_days:
        return (
            f"the log spans {days:.1f} days; {settings.minimum_days} are needed for one hour to stand out "
            "among others like it"
        )
    step = _step(counts[first:stop], quantum_us=quantum_us, settings=settings)
    if step is None:
        return (
            f"{count(counts.sum())} events over {count(days)} days are too few: a day holds less than "
            f"{settings.bin_events:.0f} on average"
        )
    first += -(hours.start + first) % step  # whole steps of the day
    bins = (stop - first) // step
    observed = counts[first : first + bins * step].reshape(bins, step).sum(axis=1)
    fitted = _fit(observed, step=step, settings=settings)
    if isinstance(fitted, str):
        return fitted
    return Expected(start=hours.start + first, step=step, observed=observed, fitted=fitted)


def busy(counts: Numbers, *, stray: float) -> tuple[int, int]:
    """The stretch [first, stop) that holds all but a share `stray` of the events at either end."""
    running = np.cumsum(counts)
    if not len(running) or not running[-1]:
        return 0, 0
    first = int(np.searchsorted(running, stray * running[-1], side="right"))
    last = int(np.searchsorted(running, (1 - stray) * running[-1], side="left"))
    return first, last + 1


def _step(counts: Numbers, *, quantum_us: int, settings: OutageSettings) -> int | None:
    """Hours of a bin: as few as hold enough events, show the clock's own step, and are not too many."""
    quantum = quantum_us / (3_600 * MICROSECONDS_PER_SECOND)
    for step in STEPS:
        bins = len(counts) // step
        if counts.mean() * step >= settings.bin_events and step >= quantum and bins <= settings.most_bins:
            return step
    return None


def _fit(observed: Numbers, *, step: int, settings: OutageSettings) -> Numbers | str:
    """Expected events of each bin."""
    day, week = HOURS_PER_DAY // step, HOURS_PER_WEEK // step
    weeks = len(observed) / week
    weekly = weeks * 7 >= settings.weekly_days and observed.mean() * weeks >= settings.weekly_events
    period = week if weekly else day
    if period < 2:
        return "a day is the smallest step, and the log is too short to tell weekdays apart"
    from statsmodels.tsa.seasonal import STL  # half a second, only where there is something to fit

    seasonal = 2 * (len(observed) // period) + 1  # a straight line over the whole log
    trend = int(1.5 * period / (1 - 1.5 / seasonal)) | 1  # Cleveland's, so that it leaves the season alone
    fit = STL(
        np.sqrt(observed + STEADY),
        period=period,
        seasonal=seasonal,
        trend=trend,
        robust=True,
        seasonal_jump=max(1, seasonal // JUMPS),
        trend_jump=max(1, trend // JUMPS),
        low_pass_jump=max(1, period // JUMPS),
    ).fit(inner_iter=1, outer_iter=ROBUST_ROUNDS)
    root = np.maximum(np.asarray(fit.trend) + _smooth(np.asarray(fit.seasonal)), 0.0)
    return np.maximum(root**2 - STEADY, LEAST)


def _smooth(pattern: Numbers) -> Numbers:
    """Each hour weighed with its neighbours: an hour of the week is learnt from a few weeks only."""
    padded = np.pad(pattern, 1, mode="edge")
    return np.asarray((padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4)
