"""How many events each hour of a log should hold: a robust seasonal fit of the hourly counts.

STL on the square roots (which steady the spread of counts), robust: outages and bursts stay out of it.
Plain fit: a pattern by hour of the day times a level by day that knows weekdays where four weeks teach them.
Full fit, where enough events do: a pattern by hour of the week. A few weeks with bursts can spoil it for an
hour, so an hour has to be low against both. Where hours hold few events, steps are longer.

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

HOURS_PER_DAY, DAYS_PER_WEEK = 24, 7
HOURS_PER_WEEK = HOURS_PER_DAY * DAYS_PER_WEEK
STEPS = (1, 2, 3, 4, 6, 8, 12, 24)  # hours: the divisors of a day
STEADY = 3 / 8  # Anscombe's constant
ROBUST_ROUNDS = 10
JUMPS = 10  # loess is evaluated so often in a window and interpolated between: forty times as fast
LIKE_DAYS = 9  # weeks whose like weekdays tell what is usual: up to four may be missing
LOST = 0.25  # of the events of a usual day: more may be a quiet one of its own
LEAST = 1e-3  # events expected of an hour that never holds any

Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Expected:
    """Bins of `step` hours from hour `start` (since 1970): events seen, expected, and cautiously expected."""

    start: int
    step: int
    observed: Numbers
    fitted: Numbers
    plain: Numbers  # what the plain fit expects
    halves: Numbers  # events seen of two halves of the users, (bins, 2)
    cycles: float  # days or weeks that the pattern of `fitted` was learnt from

    @property
    def hours(self) -> int:
        """Hours looked at."""
        return self.step * len(self.observed)

    @property
    def cautious(self) -> Numbers:
        """The lower of both fits."""
        return np.minimum(self.fitted, self.plain)

    @property
    def least(self) -> Numbers:
        """Its lowest of each bin and its neighbours: clocks that change move a day by an hour."""
        if self.step == HOURS_PER_DAY:
            return self.cautious
        padded = np.pad(self.cautious, 1, mode="edge")
        return np.minimum(np.minimum(padded[:-2], padded[2:]), self.cautious)


def expected_hours(hours: Counts, *, quantum_us: int, settings: OutageSettings) -> Expected | str:
    """The fit of hourly counts of two halves of the users; or why there can be none."""
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
    halves = hours.table[first : first + bins * step].reshape(bins, step, -1).sum(axis=1).astype(np.float64)
    return _expected(halves, start=hours.start + first, step=step, settings=settings)


def _expected(halves: Numbers, *, start: int, step: int, settings: OutageSettings) -> Expected | str:
    """Both fits of the counts of bins."""
    observed = halves.sum(axis=1)
    day, week = HOURS_PER_DAY // step, HOURS_PER_WEEK // step
    weeks = len(observed) / week
    weekdays = weeks * DAYS_PER_WEEK >= settings.weekly_days
    if day == 1 and not weekdays:
        return "times come in days, and the log is too short to tell weekdays apart"
    root = np.sqrt(observed + STEADY)
    root_of_plain = _plain(root, day=day, weekdays=weekdays)
    plain = fitted = _events(root_of_plain)
    cycles = weeks if day == 1 else weeks * DAYS_PER_WEEK
    if day > 1 and weekdays and observed.mean() * weeks >= settings.weekly_events:
        lost = _over_a_day(observed, day) < LOST * _over_a_day(plain, day)
        level, pattern = _stl(np.where(lost, root_of_plain, root), week)
        fitted, cycles = _events(level + _smooth(pattern)), weeks
    return Expected(
        start=start, step=step, observed=observed, fitted=fitted, plain=plain, halves=halves, cycles=cycles
    )


def _plain(root: Numbers, *, day: int, weekdays: bool) -> Numbers:
    """Roots of the events expected by hour of the day and by day."""
    if day == 1:
        return _expected_of_days(root)
    if not weekdays:
        return np.add(*_stl(root, day))
    level, pattern = _stl(root, day, trend=DAYS_PER_WEEK * day)
    shape = np.maximum(1 + pattern / np.maximum(level, STEADY), 0.0)  # closed days are low at all hours
    hours = np.arange(len(root))
    quietest = int(np.argmin(_smooth(np.bincount(hours % day, shape) / np.bincount(hours % day))))
    of_day = (hours + day - quietest) // day  # days begin at the quietest hour, wherever the clock stands
    squares = np.maximum(np.bincount(of_day, shape**2), 1.0)
    levels = _expected_of_days(np.bincount(of_day, root * shape) / squares)
    middles = (np.arange(len(levels)) - 0.5) * day + quietest - 0.5
    # One day's level goes over into the next one's, but never above its own: closed days end at night.
    return shape * np.minimum(np.interp(hours, middles, levels), levels[of_day])


def _expected_of_days(levels: Numbers) -> Numbers:
    """Roots of daily levels by weekday and trend, never above the median of like weekdays around.

    Bursts on two of eight Mondays would else raise them all. Days far below that median are given it before
    the fit: what is missing for a week or more would else be taken for the platform's own level.
    """
    around = LIKE_DAYS // 2 * DAYS_PER_WEEK
    padded = np.pad(levels, around, constant_values=np.nan)
    like = [padded[ahead : ahead + len(levels)] for ahead in range(0, 2 * around + 1, DAYS_PER_WEEK)]
    usual = np.nanmedian(like, axis=0)
    level, pattern = _stl(np.where(levels**2 < LOST * usual**2, usual, levels), DAYS_PER_WEEK)
    return np.minimum(level + pattern, usual)


def _over_a_day(events: Numbers, day: int) -> Numbers:
    """Mean of the bins within half a day of each."""
    from scipy.ndimage import uniform_filter1d

    return np.asarray(uniform_filter1d(events, day, mode="nearest"))


def _stl(root: Numbers, period: int, *, trend: int | None = None) -> tuple[Numbers, Numbers]:
    """Level and pattern, each of the length of `root`."""
    from statsmodels.tsa.seasonal import STL  # half a second, only where there is something to fit

    seasonal = max(7, 2 * (len(root) // period) + 1)  # a straight line over the whole log
    trend = (trend or int(1.5 * period / (1 - 1.5 / seasonal))) | 1  # Cleveland's: it leaves the season alone
    fit = STL(
        root,
        period=period,
        seasonal=seasonal,
        trend=trend,
        robust=True,
        seasonal_jump=max(1, seasonal // JUMPS),
        trend_jump=max(1, trend // JUMPS),
        low_pass_jump=max(1, period // JUMPS),
    ).fit(inner_iter=1, outer_iter=ROBUST_ROUNDS)
    return np.asarray(fit.trend), np.asarray(fit.seasonal)


def _events(root: Numbers) -> Numbers:
    return np.maximum(np.maximum(root, 0.0) ** 2 - STEADY, LEAST)


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


def _smooth(pattern: Numbers) -> Numbers:
    """Each hour weighed with its neighbours: an hour of the week is learnt from a few weeks only."""
    padded = np.pad(pattern, 1, mode="edge")
    return np.asarray((padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4)
