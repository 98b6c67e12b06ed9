"""Catalogue trend: how fast does the platform's own mix of categories move?

Statistic  Jensen-Shannon divergence (bits) of the category mixes of two weeks, one after the other, less what
           sampling alone makes of it. Users are split in halves: divergence of one half's week from the other
           half's next week, less that of the two halves from each other in the same week, both ways.
Null       A mix that stands still. The noise of either half in either week enters both sides alike and
           cancels, the clustering of events in users included: 0 is expected, and less than 0 may be found.
Users      `per_week` is of all users: newcomers with other tastes move it, too. `per_week_lasting_users` is
           of those seen in the first and in the last quarter of the log: not who is there moves, but what.
Interval   Percentile bootstrap over users. Where nothing moves it is too wide, not too narrow.
Reference  Lin (1991), "Divergence measures based on the Shannon entropy".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnose.drift.category_steps import WEEK, CategorySteps, category_steps, whole_days
from diagnose.histories import MICROSECONDS_PER_DAY, NO_CATEGORY, Histories
from diagnose.results import Estimate, Measured, Probed, Series, Skipped
from diagnose.settings import Settings
from diagnose.stats.bootstrap import quantile_interval
from diagnose.stats.divergence import jensen_shannon

NAME = "catalogue_trend"
QUESTION = "How fast does the platform's own mix of categories move?"

FEWEST_DAYS = WEEK + 1  # two days that lie a week apart
PARTS = 4  # of the log, the first and the last of which are compared
CHUNK_CELLS = 2_000_000  # of the mixes of some resamples at once: bounds memory

Numbers = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Pairs:
    """Windows to compare two by two, as steps: from `first` and from `second` (P,), `width` steps each."""

    first: Integers
    second: Integers
    width: int

    def thick(self, steps: CategorySteps, half: NDArray[np.bool_], fewest: int) -> tuple[Pairs, Numbers]:
        """The pairs with at least so many users in either window, as many in one half of the users as in the
        other; and twice the users of the scarcest half.
        """
        active = [steps.active[half == side] for side in (False, True)]
        found = [self._users(side, start) for side in active for start in (self.first, self.second)]
        users = 2 * np.min(found, axis=0)
        kept = users >= fewest
        return Pairs(self.first[kept], self.second[kept], self.width), users[kept]

    def _users(self, active: NDArray[np.bool_], start: Integers) -> Numbers:
        there = [active[:, s : s + self.width].any(axis=1).sum() for s in start.tolist()]
        return np.array(there, dtype=np.float64)


def measure(histories: Histories, *, settings: Settings, rng: np.random.Generator) -> Probed:
    """Movement a week, of all users and of those that last, and from the first quarter to the last."""
    named = _without_strays(histories.keep_events(histories.category != NO_CATEGORY), settings=settings)
    reason = _why_not(histories, named, settings=settings)
    if reason:
        return _skipped(reason)
    limits = settings.catalogue_trend
    days = whole_days(named)
    steps = category_steps(named, days=WEEK if days >= limits.weekly_days else 1, limits=limits)
    half = _halves(named.user)
    pairs, users = _weeks_apart(steps).thick(steps, half, limits.step_users)
    if not len(users):
        return _skipped(f"no two weeks one after the other have {limits.step_users:,} users each")
    moved, spread = _moved(steps, half, pairs, draws=limits.draws, rng=rng)
    estimates = {"per_week": _weekly(moved, spread, users)}
    covered = steps.between(int(pairs.first[0]), int(pairs.second[-1]) + pairs.width)
    estimates |= _lasting(covered, half, settings=settings, rng=rng)
    estimates |= _first_to_last(covered, half, settings=settings, rng=rng)
    length = float(pairs.width * steps.days)
    estimates["step"] = Estimate(value=length, low=length, high=length, unit="days")
    begin = (whole_days(named) // steps.days - steps.steps) * steps.days
    middle = begin + (pairs.first + pairs.second + pairs.width) / 2 * steps.days
    series = (_curve(middle, moved, spread),)
    return Measured(name=NAME, condition="drift", users=len(named), estimates=estimates, series=series)


def _without_strays(named: Histories, *, settings: Settings) -> Histories:
    """The events without the few earliest and latest: a wrong clock, one user who stays on, are no span."""
    if not named.n_events:
        return named.with_history(1)
    stray = settings.catalogue_trend.stray_share / 2
    low, high = np.quantile(named.time, [stray, 1 - stray], method="inverted_cdf")
    return named.keep_events((named.time >= low) & (named.time <= high)).with_history(1)


def _why_not(histories: Histories, named: Histories, *, settings: Settings) -> str | None:
    """Why nothing can be measured, or None."""
    if not histories.clock:
        return "the log has an order but no clock: which events are of one week is not known"
    if not len(named):
        return "no event has a category"
    if len(named) < settings.hygiene.minimum_users:
        return f"{len(named):,} users; the probe needs {settings.hygiene.minimum_users:,}"
    if whole_days(named) < FEWEST_DAYS:
        span = float(np.ptp(named.time)) / MICROSECONDS_PER_DAY
        return f"the log spans {span:.1f} days; two days a week apart need {FEWEST_DAYS} whole days"
    return None


def _weeks_apart(steps: CategorySteps) -> Pairs:
    """Windows a week apart: whole weeks one after the other, of a short log as much of them as it has."""
    lag = WEEK // steps.days
    width = max(1, min(lag, (steps.steps - lag + 1) // 2))
    first = np.arange(steps.steps - lag - width + 1)
    return Pairs(first, first + lag, width)


def _halves(user: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Every other user in the order of their hashes, (U,)."""
    half = np.zeros(len(user), dtype=bool)
    half[np.argsort(user, kind="stable")[::2]] = True
    return half


def _moved(
    steps: CategorySteps, half: NDArray[np.bool_], pairs: Pairs, *, draws: int, rng: np.random.Generator
) -> tuple[Numbers, Numbers]:
    """Bits that the mix moved from window to window, (P,), and the same over resampled users, (draws, P)."""
    sides = [(steps.of(half == side), half == side) for side in (False, True)]
    found, cells = [], max(len(half), steps.steps * steps.categories)
    for times in _resamples(len(half), draws, chunk=CHUNK_CELLS // cells + 1, rng=rng):
        one, two = (_windows(side.mixes(times[users]), pairs) for side, users in sides)
        across = jensen_shannon(one[0], two[1]) + jensen_shannon(two[0], one[1])
        noise = jensen_shannon(one[0], two[0]) + jensen_shannon(one[1], two[1])
        found.append((across - noise) / 2)
    everything = np.concatenate(found)
    return everything[0], everything[1:]


def _resamples(users: int, draws: int, *, chunk: int, rng: np.random.Generator) -> Iterator[Numbers]:
    """How often each user is taken, (U, some): once each, then in `draws` resamples."""
    yield np.ones((users, 1))
    for start in range(0, draws, chunk):
        some = range(min(chunk, draws - start))
        yield np.stack(
            [np.bincount(rng.integers(0, users, users), minlength=users) for _ in some], axis=1
        ).astype(np.float64)


def _windows(mixes: Numbers, pairs: Pairs) -> tuple[Numbers, Numbers]:
    """The mixes of both windows of each pair, (D, P, K)."""
    running = np.cumsum(np.pad(mixes, ((0, 0), (1, 0), (0, 0))), axis=1)
    first, second = (
        np.maximum(running[:, start + pairs.width] - running[:, start], 0.0)  # rounding alone is below 0
        for start in (pairs.first, pairs.second)
    )
    return first, second


def _weekly(moved: Numbers, spread: Numbers, users: Numbers) -> Estimate:
    """The mean over pairs of windows, each weighed with its users."""
    low, high = quantile_interval(_mean(spread, users))
    return Estimate(value=float(_mean(moved[None], users)[0]), low=low, high=high, unit="bits/week")


def _mean(moved: Numbers, users: Numbers) -> Numbers:
    """Mean over the pairs (D, P) -> (D,); a window that a resample left empty does not count."""
    weight = np.where(np.isfinite(moved), users, 0.0)
    return np.asarray((np.nan_to_num(moved) * weight).sum(axis=1) / weight.sum(axis=1))


def _lasting(
    steps: CategorySteps, half: NDArray[np.bool_], *, settings: Settings, rng: np.random.Generator
) -> dict[str, Estimate]:
    """The same for users seen in the first and in the last quarter of the log, where there are enough."""
    quarter, limits = _quarter(steps), settings.catalogue_trend
    ends = np.stack([steps.active[:, :quarter], steps.active[:, -quarter:]])
    lasting = np.asarray(ends.any(axis=2).all(axis=0))
    if lasting.sum() < settings.hygiene.minimum_users:
        return {}
    fewer = steps.of(lasting)
    pairs, users = _weeks_apart(fewer).thick(fewer, half[lasting], limits.step_users)
    if not len(users):
        return {}
    moved, spread = _moved(fewer, half[lasting], pairs, draws=limits.draws, rng=rng)
    return {"per_week_lasting_users": _weekly(moved, spread, users)}


def _first_to_last(
    steps: CategorySteps, half: NDArray[np.bool_], *, settings: Settings, rng: np.random.Generator
) -> dict[str, Estimate]:
    """From the first quarter of the log to the last, where both have enough users."""
    quarter, limits = _quarter(steps), settings.catalogue_trend
    ends = Pairs(np.array([0]), np.array([steps.steps - quarter]), quarter)
    pairs, users = ends.thick(steps, half, limits.step_users)
    if not len(users):
        return {}
    moved, spread = _moved(steps, half, pairs, draws=limits.draws, rng=rng)
    low, high = quantile_interval(spread[:, 0])
    return {"first_to_last": Estimate(value=float(moved[0]), low=low, high=high, unit="bits")}


def _quarter(steps: CategorySteps) -> int:
    """Steps in a quarter of the log, one at least."""
    return max(1, steps.steps // PARTS)


def _curve(middle: Numbers, moved: Numbers, spread: Numbers) -> Series:
    """Bits moved over the log, one point a pair of windows."""
    low, high = zip(*(quantile_interval(draws) for draws in spread.T), strict=True)
    return Series(
        name="mix_moved",
        x=tuple(middle.tolist()),
        y=tuple(moved.tolist()),
        unit_x="days since the log began",
        unit_y="bits",
        low=low,
        high=high,
    )


def _skipped(reason: str) -> Skipped:
    return Skipped(name=NAME, condition="drift", reason=reason)
