"""Batch imports: many events under one stamp that says when they were written, not when they happened.

Two kinds. One user's whole path under one time: a session that was sent at its end, a history that was
brought along. One stamp under which many users lie: a job that wrote them all.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import Histories
from diagnose.settings import HygieneSettings


def batches(
    histories: Histories, *, settings: HygieneSettings
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First index and length of every run of at least so many events that share user and time."""
    follows = np.flatnonzero(~histories.first_at_its_time)
    breaks = np.flatnonzero(np.diff(follows) > 1) + 1
    starts = np.concatenate([follows[:1], follows[breaks]]) - 1
    lengths = np.diff(np.concatenate([[0], breaks, [len(follows)]]))[: len(starts)] + 1
    large = lengths >= settings.batch_events
    return starts[large], lengths[large]


def import_stamps(sample: Histories, *, settings: HygieneSettings) -> NDArray[np.int64]:
    """Times shared by implausibly many users: a share of them all, and many times what times hold.

    Against the median time, so that dates, which hold many users each, are not taken for imports.
    """
    if not sample.clock or not sample.n_events:
        return np.zeros(0, dtype=np.int64)
    first = sample.first_at_its_time  # each user once at a time
    stamp, users = np.unique(sample.time[first], return_counts=True)
    fewest = max(settings.import_share * len(sample), settings.import_ratio * float(np.median(users)))
    return stamp[users >= fewest]


def at_stamps(histories: Histories, stamps: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which events carry one of these times (ascending), shape (E,)."""
    if not len(stamps):
        return np.zeros(histories.n_events, dtype=bool)
    place = np.minimum(np.searchsorted(stamps, histories.time), len(stamps) - 1)
    return np.asarray(stamps[place] == histories.time)
