"""Identity: do ids stay with people long enough for a history to form?

Statistic  Share of ids seen once and with enough history; life-times (last event minus first); births
           (an id's first day) against deaths (its last day) per id that is active on the day.
Null       None: counts. Ids that are born as fast as they die through the middle of the log look like
           cookies being renewed, but honest newcomers and leavers look the same: the log cannot tell.
Interval   Wilson for shares of ids; order statistics for the median; Poisson for rates.
Reference  Lin and Misra (2022) on identity fragmentation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from diagnose.capture.shares import Z, exact, proportion
from diagnose.histories import MICROSECONDS_PER_DAY, MICROSECONDS_PER_SECOND, Histories
from diagnose.results import Estimate, Measured, Probed, Series, Skipped
from diagnose.settings import Settings
from diagnose.stats.counts import Counts, counted

NAME = "identity"
QUESTION = "Do user ids last long enough to carry a history?"

# Life-times from a second to thirty years, 24 classes a decade: a class is 10 % wide.
EDGES_SECONDS = np.concatenate([[0.0], np.geomspace(1.0, 1e9, 9 * 24 + 1)])
DRAWN_DAYS = (1 / 1440, 1 / 24, 1.0, 3.0, 7.0, 14.0, 30.0, 60.0, 120.0, 365.0)
_DRAWN_LABELS = (
    "under a minute",
    "a minute to an hour",
    "an hour to a day",
    "1 to 3 days",
    "3 to 7 days",
    "7 to 14 days",
    "14 to 30 days",
    "30 to 60 days",
    "60 to 120 days",
    "120 to 365 days",
    "over a year",
)
MINIMUM_DAYS = 8  # calendar days: the middle half is then at least four
MOST_POINTS = 120  # of the calendar series; longer logs are drawn in steps of several days


@dataclass(frozen=True, eq=False)
class IdentityTally:
    """Counts over whole users. `days` counts births, deaths and active ids by day (UTC, since 1970)."""

    users: int = 0
    seen_once: int = 0
    with_history: int = 0
    clock: bool = True
    lifetimes: NDArray[np.int64] = field(
        default_factory=lambda: np.zeros(len(EDGES_SECONDS), dtype=np.int64)
    )  # ids with at least two events, by life-time class
    days: Counts = field(default_factory=Counts)

    def __add__(self, other: IdentityTally) -> IdentityTally:
        return IdentityTally(
            users=self.users + other.users,
            seen_once=self.seen_once + other.seen_once,
            with_history=self.with_history + other.with_history,
            clock=self.clock and other.clock,
            lifetimes=self.lifetimes + other.lifetimes,
            days=self.days + other.days,
        )


def tally(histories: Histories, *, settings: Settings | None = None) -> IdentityTally:
    """Ids, their life-times, their first and last days; add to merge batches."""
    settings = settings or Settings()
    lengths = histories.lengths
    alive = lengths > 0
    counts = IdentityTally(
        users=int(alive.sum()),
        seen_once=int((lengths == 1).sum()),
        with_history=int((lengths >= settings.sample.minimum_history).sum()),
        clock=histories.clock,
    )
    if not histories.clock or not alive.any():
        return counts
    first = histories.time[histories.offsets[:-1][alive]]
    last = histories.time[histories.offsets[1:][alive] - 1]
    seconds = (last - first)[lengths[alive] > 1] / MICROSECONDS_PER_SECOND
    classes = np.searchsorted(EDGES_SECONDS, seconds, side="right") - 1
    lifetimes = np.bincount(classes, minlength=len(EDGES_SECONDS))
    return IdentityTally(
        counts.users, counts.seen_once, counts.with_history, True, lifetimes, _days(histories, first, last)
    )


def measure(tally: IdentityTally) -> Probed:
    """Shares of ids, median life-time, and births against deaths in the middle half of the log."""
    if not tally.users:
        return Skipped(name=NAME, condition="capture", reason="the log holds no user with a valid event")
    estimates = {
        "single_visit_share": proportion(tally.seen_once, tally.users, unit="share of ids"),
        "users_with_history_share": proportion(tally.with_history, tally.users, unit="share of ids"),
    }
    series: tuple[Series, ...] = ()
    if tally.clock and tally.lifetimes.sum():
        estimates["lifetime_median_days"] = _median_days(tally.lifetimes)
        series = (_lifetime_series(tally.lifetimes),)
    if tally.clock and len(tally.days.table) >= MINIMUM_DAYS:
        estimates |= _renewal(tally.days.table)
        series += _calendar_series(tally.days.table, start=tally.days.start)
    return Measured(name=NAME, condition="capture", users=tally.users, estimates=estimates, series=series)


def _days(histories: Histories, first: NDArray[np.int64], last: NDArray[np.int64]) -> Counts:
    """Births, deaths and active ids of each calendar day."""
    day = histories.time // MICROSECONDS_PER_DAY
    fresh = np.empty(len(day), dtype=bool)  # the first event of an id on a day: its events are in time order
    fresh[:1] = True
    np.not_equal(day[1:], day[:-1], out=fresh[1:])
    fresh[histories.offsets[:-1][histories.lengths > 0]] = True
    return counted(first // MICROSECONDS_PER_DAY, last // MICROSECONDS_PER_DAY, day[fresh])


def _median_days(lifetimes: NDArray[np.int64]) -> Estimate:
    """Median life-time of ids with at least two events; the interval takes the ranks n/2 -+ z sqrt(n)/2."""
    total = int(lifetimes.sum())
    cumulative = np.cumsum(lifetimes)
    reach = Z * math.sqrt(total) / 2
    middle = np.sqrt(EDGES_SECONDS * np.append(EDGES_SECONDS[1:], EDGES_SECONDS[-1])) / 86_400
    ranks = np.clip([total / 2, total / 2 - reach, total / 2 + reach], 0.5, total)
    value, low, high = (float(middle[np.searchsorted(cumulative, rank)]) for rank in ranks)
    return Estimate(value=value, low=low, high=high, unit="days")


def _renewal(calendar: NDArray[np.int64]) -> dict[str, Estimate]:
    """Births and deaths per active id and day, and births per death, in the middle half of the days.

    The outer quarters are left out: there every id seems to be born or to die (truncation).
    """
    quarter = len(calendar) // 4
    births, deaths, active = (int(total) for total in calendar[quarter : len(calendar) - quarter].sum(axis=0))
    if not active:
        return {}
    found = {"birth_rate": _rate(births, active), "death_rate": _rate(deaths, active)}
    if births and deaths:
        ratio, spread = births / deaths, math.exp(Z * math.sqrt(1 / births + 1 / deaths))
        found["births_per_death"] = Estimate(
            value=ratio, low=ratio / spread, high=ratio * spread, unit="births per death"
        )
    return found


def _rate(count: int, active: int) -> Estimate:
    return proportion(count, active, unit="per active id and day") if active else exact(0.0)


def _lifetime_series(lifetimes: NDArray[np.int64]) -> Series:
    """Share of ids (of at least two events) by life-time, in classes that people use."""
    classes = np.searchsorted(np.array(DRAWN_DAYS) * 86_400, EDGES_SECONDS * (1 + 1e-9), side="right")
    counts = np.bincount(classes, lifetimes, minlength=len(DRAWN_DAYS) + 1)
    return Series(
        name="lifetimes",
        x=_DRAWN_LABELS,
        y=tuple(float(share) for share in counts / counts.sum()),
        unit_x="from an id's first event to its last",
        unit_y="share of ids seen twice or more",
    )


def _calendar_series(calendar: NDArray[np.int64], *, start: int) -> tuple[Series, ...]:
    """Births and deaths by day, in steps of several days where the log is long."""
    step = -(-len(calendar) // MOST_POINTS)
    edges = np.arange(0, len(calendar), step)
    table = np.add.reduceat(calendar, edges, axis=0)
    dates = tuple(str(np.datetime64(int(start + edge), "D")) for edge in edges)
    unit = "a day" if step == 1 else f"in {step} days"
    return tuple(
        Series(name=name, x=dates, y=tuple(map(float, table[:, column])), unit_x="day", unit_y=f"ids {unit}")
        for column, name in enumerate(("births", "deaths"))
    )
