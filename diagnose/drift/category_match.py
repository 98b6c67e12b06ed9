"""Whole-log counts of category match: two events of a user, some way apart, in one category?

Every event is paired with one earlier event of its user: the one at rank r with that 1, 2, 3, 5, 8, 13 or 21
events back, by r modulo 7. So each pair costs a look, nothing is drawn, and every user, file and batch gives
the same pairs. Counts by event lag and by calendar lag, pairs across sessions apart.

These are observed shares, not corrected for chance: interest_persistence corrects, on the sample. On the
whole log they say whether the sample is like the rest.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import MICROSECONDS_PER_SECOND, NO_CATEGORY, Histories
from diagnose.results import Series
from diagnose.settings import Settings

LAGS = np.array([1, 2, 3, 5, 8, 13, 21])
OCTAVES = (
    34  # of a second: 2^33 s are 270 years; octave k holds lags of 2^(k-1) to 2^k seconds, 0 none at all
)
_INSIDE, _ACROSS = 0, 1

Table = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class MatchTally:
    """`by_event[l, a, m]`: pairs at lag LAGS[l], across sessions (a = 1) or inside, matching (m = 1) or not.

    `by_time[o, a, m]`: the same by the octave of their distance in seconds.
    """

    by_event: Table = field(default_factory=lambda: np.zeros((len(LAGS), 2, 2), dtype=np.int64))
    by_time: Table = field(default_factory=lambda: np.zeros((OCTAVES, 2, 2), dtype=np.int64))

    def __add__(self, other: MatchTally) -> MatchTally:
        return MatchTally(self.by_event + other.by_event, self.by_time + other.by_time)


def tally(histories: Histories, *, settings: Settings | None = None) -> MatchTally:
    """One pair for every event that has a partner; pairs without two categories are left out."""
    place = (histories.rank % len(LAGS)).astype(np.intp)
    back = LAGS[place]
    later = np.flatnonzero(histories.rank >= back)
    earlier = later - back[later]
    one, other = histories.category[later], histories.category[earlier]
    kind = (histories.session[later] != histories.session[earlier]).astype(np.int64) * 2
    kind += one == other
    lag = place[later] * 4 + kind
    time = (
        _octave(histories.time[later] - histories.time[earlier]) * 4 + kind if histories.clock else kind[:0]
    )
    if (histories.category == NO_CATEGORY).any():
        known = (one != NO_CATEGORY) & (other != NO_CATEGORY)
        lag, time = lag[known], time[known] if histories.clock else time
    return MatchTally(
        by_event=np.bincount(lag, minlength=4 * len(LAGS)).reshape(-1, 2, 2),
        by_time=np.bincount(time, minlength=4 * OCTAVES).reshape(-1, 2, 2),
    )


def series(tally: MatchTally) -> tuple[Series, ...]:
    """Share of pairs across sessions that match, by event lag and by calendar lag, of the whole log."""
    days = np.array([0.0, *(1.5 * 2.0 ** (octave - 1) / 86_400 for octave in range(1, OCTAVES))])
    found = (
        _shares(tally.by_event, LAGS.astype(np.float64), name="whole_log_match_events", unit="events"),
        _shares(tally.by_time, days, name="whole_log_match_days", unit="days"),
    )
    return tuple(one for one in found if one is not None)


def _octave(microseconds: NDArray[np.int64]) -> NDArray[np.int64]:
    """The bit length of each lag in whole seconds: the exponent of a float64, read off its bits."""
    seconds = (microseconds.view(np.uint64) // np.uint64(MICROSECONDS_PER_SECOND)).astype(np.float64)
    exponent = (seconds.view(np.int64) >> 52) - 1022
    return np.asarray(np.clip(exponent, 0, OCTAVES - 1))


def _shares(
    table: Table, lags: NDArray[np.float64], *, name: str, unit: Literal["events", "days"]
) -> Series | None:
    across = table[:, _ACROSS]
    pairs = across.sum(axis=1)
    there = np.flatnonzero(pairs)
    if not len(there):
        return None
    return Series(
        name=name,
        x=tuple(float(lag) for lag in lags[there]),
        y=tuple(float(share) for share in across[there, 1] / pairs[there]),
        unit_x=unit,
        unit_y="share of pairs in one category",
    )
