"""Outages: are there hours in which the log holds far fewer events than such hours hold?

Statistic  Events of every stretch of hours against what a robust seasonal fit expects (expected_hours.py).
           Scan: of all stretches of up to a week the least improbable way to fall so short (deficits.py).
Null       Stretches of one length spread as the lower half of them does, by chance (sessions included) and by
           the platform's swings; Student's t with as many degrees as such stretches fit into the log, shared
           out over all stretches and lengths (Bonferroni). No outage unless half is missing,
           also of what the hours before and after hold: clocks that change move a day by an hour.
Interval   None for hours: they are flagged or not, a clean log at most once in 1 / level times.
Reference  Cleveland et al. (1990), STL; Kulldorff (1997), A spatial scan statistic.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnose.capture.deficits import FEWEST_EVENTS, FEWEST_STRETCHES, Spread, chance, dispersion
from diagnose.capture.expected_hours import HOURS_PER_DAY, HOURS_PER_WEEK, Expected, expected_hours
from diagnose.capture.shares import exact
from diagnose.histories import MICROSECONDS_PER_SECOND
from diagnose.results import Measured, Probed, Series, Skipped
from diagnose.settings import Settings
from diagnose.stats.counts import Counts

NAME = "outages"
QUESTION = "Are there hours whose events are missing?"

HOUR = 3_600 * MICROSECONDS_PER_SECOND
LENGTHS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 72, 96, 120, 168)  # bins
MOST_POINTS = 540  # of the drawn curve
DRAWN_HOURS = 4  # a point, at least
MOST_TOLD = 50  # outages, the longest

Numbers = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Outages:
    """Hours since 1970 [start, stop) of each outage found, what it held of its events, and what was read."""

    start: Integers
    stop: Integers
    level: Numbers  # events over expected events
    expected: Expected

    @property
    def hours(self) -> int:
        """Hours in outages."""
        return int((self.stop - self.start).sum())

    @property
    def share(self) -> float:
        """Of the log's hours."""
        return self.hours / self.expected.hours


def search(hours: Counts, *, quantum_us: int | None, settings: Settings) -> Outages | str:
    """The outages of hourly counts; or why they cannot be looked for. `quantum_us`: None without a clock."""
    if quantum_us is None:
        return "the log has positions, no clock: no hour can be seen to be missing"
    expected = expected_hours(hours, quantum_us=quantum_us, settings=settings.outages)
    if isinstance(expected, str):
        return expected
    flagged = _flagged(expected, settings=settings)
    edge = np.flatnonzero(np.diff(flagged.astype(np.int8), prepend=0, append=0))
    first, last = edge[::2], edge[1::2]
    observed, fitted = _running(expected.observed), _running(expected.fitted)
    return Outages(
        start=expected.start + first * expected.step,
        stop=expected.start + last * expected.step,
        level=(observed[last] - observed[first]) / (fitted[last] - fitted[first]),
        expected=expected,
    )


def measure(found: Outages | str) -> Probed:
    """Share of the log's hours in outages, the events by hour, and the outages themselves."""
    if isinstance(found, str):
        return Skipped(name=NAME, condition="capture", reason=found)
    return Measured(
        name=NAME,
        condition="capture",
        users=0,
        estimates={
            "outage_share": exact(found.share, unit="share of hours"),
            "outages": exact(float(len(found.start)), unit="outages"),
        },
        series=(*_curves(found.expected), *_told(found)),
    )


def _flagged(expected: Expected, *, settings: Settings) -> NDArray[np.bool_]:
    """Which bins lie in an outage: the strongest deficits first, then those that do not touch them."""
    limits, bins = settings.outages, len(expected.observed)
    flagged = np.zeros(bins, dtype=bool)
    found = _deficits(expected, settings=settings)
    thin = expected.observed < limits.depth * expected.fitted
    for start, stop in found:
        if flagged[start:stop].any():
            continue
        while start < stop and not thin[start]:  # an hour at the edge that is whole is not in it
            start += 1
        while stop > start and not thin[stop - 1]:
            stop -= 1
        while start > 0 and thin[start - 1]:
            start -= 1
        while stop < bins and thin[stop]:
            stop += 1
        if start < stop and _recovers(expected, start, stop, depth=limits.depth):
            flagged[start:stop] = True
    return flagged


def _recovers(expected: Expected, start: int, stop: int, *, depth: float) -> bool:
    """Whether the log fills again after a stretch: what never comes back is another level, no outage.

    The weeks before and after are alike, or both stand far above the stretch. At the very end of a log, where
    it only stops, there is no after.
    """
    week = HOURS_PER_WEEK // expected.step
    before, after = expected.observed[max(0, start - week) : start], expected.observed[stop : stop + week]
    if not len(before) or not len(after):
        return False
    low, high = sorted((float(before.mean()), float(after.mean())))
    inside = float(expected.observed[start:stop].mean())
    return low >= depth * high or low * depth**2 >= inside


def _deficits(expected: Expected, *, settings: Settings) -> list[tuple[int, int]]:
    """Stretches of bins [start, stop) with too few events to be chance or swings, the least likely first."""
    from scipy.stats import t as student

    limits, bins = settings.outages, len(expected.observed)
    longest = min(limits.longest_hours // expected.step, bins // FEWEST_STRETCHES)
    lengths = [length for length in LENGTHS if length <= longest]
    sums = [_running(one) for one in (expected.observed, expected.fitted, expected.cautious, expected.least)]
    stretches = {length: [one[length:] - one[:-length] for one in sums] for length in lengths}
    spreads, together = _spreads(stretches, halves=expected.halves, step=expected.step)
    found = []
    for length, (observed, _, cautious, least) in stretches.items():
        strength = spreads[length].strength(observed, cautious) / _optimism(expected.cycles)
        improbable = limits.level / (len(lengths) * len(observed))
        independent = bins / max(length, together)
        enough = float(student.isf(improbable, max(independent - 1, 1)))
        starts = np.flatnonzero((observed < limits.depth * least) & (strength > enough))
        found += [(strength[start] / enough, int(start), int(start) + length) for start in starts]
    return [(start, stop) for _, start, stop in sorted(found, reverse=True)]


def _spreads(
    stretches: Mapping[int, Sequence[Numbers]], *, halves: Numbers, step: int
) -> tuple[dict[int, Spread], float]:
    """How stretches of each length spread, longer ones no less; and how many bins swing as one, by a day."""
    running = np.concatenate([np.zeros((1, halves.shape[1])), np.cumsum(halves, axis=0)])
    widest, by_chance, spreads, within_a_day = 1.0, 1.0, {}, []
    for length, (observed, fitted, *_) in stretches.items():
        telling = fitted >= min(FEWEST_EVENTS, float(np.median(fitted)))
        own = dispersion(observed[telling], fitted[telling])
        widest = max(widest, own)
        by_chance = max(by_chance, chance(running[length:] - running[:-length], fallback=widest))
        level = float(np.median(fitted[telling]))
        spreads[length] = Spread.of(dispersion=widest, chance=by_chance, level=level)
        if length == 1 or length * step <= HOURS_PER_DAY:
            within_a_day.append(own)
    return spreads, max(within_a_day[-1] / within_a_day[0], 1.0)


def _optimism(cycles: float) -> float:
    """By how much a stretch that the fit did not see lies further from it than those it was fitted to.

    A line over the values of as many days or weeks has two parameters.
    """
    return float(np.sqrt((cycles + 2) / (cycles - 2)))


def _running(counts: Numbers) -> Numbers:
    return np.concatenate([[0.0], np.cumsum(counts)])


def _curves(expected: Expected) -> tuple[Series, ...]:
    """Events an hour and what is expected, as means over some hours."""
    step = max(-(-DRAWN_HOURS // expected.step), -(-len(expected.observed) // MOST_POINTS))
    edges = np.arange(0, len(expected.observed), step)
    width = np.diff(np.append(edges, len(expected.observed))) * expected.step
    x = tuple(_iso(expected.start + int(edge) * expected.step) for edge in edges)
    return tuple(
        Series(
            name=name,
            x=x,
            y=tuple((np.add.reduceat(counts, edges) / width).tolist()),
            unit_x="hour (UTC)",
            unit_y="events an hour",
        )
        for name, counts in (("hourly_events", expected.observed), ("hourly_expected", expected.fitted))
    )


def _told(found: Outages) -> tuple[Series, ...]:
    """Each outage by its first and last moment, and what was left of its events."""
    if not len(found.start):
        return ()
    longest = np.sort(np.argsort(found.start - found.stop, kind="stable")[:MOST_TOLD])
    return (
        Series(
            name="outages",
            x=tuple(f"{_iso(found.start[one])} to {_iso(found.stop[one])}" for one in longest),
            y=tuple(found.level[longest].tolist()),
            unit_x="outage (UTC)",
            unit_y="share of the events expected",
        ),
    )


def _iso(hour: int) -> str:
    return str(np.datetime64(int(hour), "h"))
