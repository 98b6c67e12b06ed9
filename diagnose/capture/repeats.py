"""Near duplicates: the same user, item and event again within a moment, though not at the same time.

A double click, a retry after a timeout, two trackers on one page: one choice, written down twice. A person
who chooses the same thing again does so later. The first of them stands; only its repeats are told.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import MICROSECONDS_PER_SECOND, Histories
from diagnose.settings import HygieneSettings


def near_duplicates(histories: Histories, *, settings: HygieneSettings) -> NDArray[np.int64]:
    """Indices of the events that repeat the event just before them of their user; none without a clock."""
    if not histories.clock or histories.n_events < 2:
        return np.zeros(0, dtype=np.int64)
    again = np.flatnonzero(histories.item[1:] == histories.item[:-1]) + 1  # few: the rest looks at these
    again = again[histories.event[again] == histories.event[again - 1]]
    gap = histories.time[again] - histories.time[again - 1]
    again = again[(gap > 0) & (gap <= int(settings.near_seconds * MICROSECONDS_PER_SECOND))]
    user = np.searchsorted(histories.offsets, again, side="right")
    return np.asarray(again[user == np.searchsorted(histories.offsets, again - 1, side="right")])
