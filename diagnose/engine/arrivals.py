"""In what order rows arrive: what the order of a file says of it, where there is one."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diagnose.schema import ArrivalCounts

BACKWARDS_SHARE = 0.9  # of steps to another time that go back, for a file to be newest-first [0026]


def arrival_counts(user: NDArray[np.uint64], time: NDArray[np.int64]) -> ArrivalCounts:
    """Rows that come after a later event of the same user (any key); a newest-first file is turned."""
    steps = np.sign(np.diff(time))
    moved = np.count_nonzero(steps)
    newest_first = bool(moved and np.count_nonzero(steps < 0) >= BACKWARDS_SHARE * moved)
    if newest_first:
        user, time = user[::-1], time[::-1]
    order = np.argsort(user, kind="stable")
    _, whose = np.unique(user[order], return_inverse=True)
    _, rank = np.unique(time[order], return_inverse=True)
    place = whose * (len(time) + 1) + rank  # a later user stands above every time of those before
    late = int(np.count_nonzero(place < np.maximum.accumulate(place))) if len(place) else 0
    return ArrivalCounts(rows=len(time), late=late, newest_first=newest_first)
