"""Active time: how long users were there, by durations where the log has them, else by gaps in sessions."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import MICROSECONDS_PER_SECOND, Histories


def active_microseconds(histories: Histories) -> NDArray[np.int64]:
    """The time that each event took, (E,): its duration, or the gap to the next event of its session.

    Without durations the last event of a session takes no time: sums over gaps are a lower bound.
    """
    if histories.duration is not None:
        known = np.nan_to_num(histories.duration.astype(np.float64), nan=0.0)
        return np.rint(known * MICROSECONDS_PER_SECOND).astype(np.int64)
    took = np.zeros(histories.n_events, dtype=np.int64)
    if histories.clock and histories.n_events:
        same = ~histories.opens_session[1:]
        took[:-1][same] = np.diff(histories.time)[same]
    return took
