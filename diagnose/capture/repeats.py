"""Near duplicates: the same user, item and event again within a moment, though not at the same time.

A double click, a retry after a timeout, two trackers on one page: one choice, written down twice. The first
stands; only its repeats are told. A person who does choose the same thing again at once does so about as
often in the moment after that: what counts is how many more there are.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import MICROSECONDS_PER_SECOND, Histories
from diagnose.settings import HygieneSettings


def near_duplicates(histories: Histories, *, settings: HygieneSettings) -> NDArray[np.int64]:
    """Indices of the events that repeat the event just before them of their user; none without a clock."""
    again, gap = _repeats(histories, settings)
    return np.asarray(again[gap <= _moment(settings)])


def near_and_next(histories: Histories, *, settings: HygieneSettings) -> tuple[int, int]:
    """How many such events there are, and how many come within the moment after it."""
    _, gap = _repeats(histories, settings)
    near = int(np.count_nonzero(gap <= _moment(settings)))
    return near, len(gap) - near


def _moment(settings: HygieneSettings) -> int:
    return int(settings.near_seconds * MICROSECONDS_PER_SECOND)


def _repeats(histories: Histories, settings: HygieneSettings) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Events that repeat the one just before within twice the moment, and how long after it they come."""
    if not histories.clock or histories.n_events < 2:
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    again = np.flatnonzero(histories.item[1:] == histories.item[:-1]) + 1  # few: the rest looks at these
    again = again[histories.event[again] == histories.event[again - 1]]
    gap = histories.time[again] - histories.time[again - 1]
    soon = (gap > 0) & (gap <= 2 * _moment(settings))
    again, gap = again[soon], gap[soon]
    user = np.searchsorted(histories.offsets, again, side="right")
    same = user == np.searchsorted(histories.offsets, again - 1, side="right")
    return again[same], gap[same]
