"""Batch imports: many events under one stamp that says when they were written, not when they happened.

Two kinds. One user's whole path under one time: a session that was sent at its end, a history that was
brought along. One stamp under which many users lie: a job that wrote them all.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import MICROSECONDS_PER_SECOND, Histories
from diagnose.settings import HygieneSettings

NEIGHBOURS = 15  # times on either side that say what is usual
STEADY_SHARE = 0.999  # of times that are multiples of a step, as in the engine: few strays do not hide it


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

    Against the median of the times around it, so that dates, which hold many users each, and ever more on a
    platform that grows, are not taken for imports.
    """
    if not sample.clock or not sample.n_events:
        return np.zeros(0, dtype=np.int64)
    first = sample.first_at_its_time  # each user once at a time
    stamp, users = np.unique(sample.time[first], return_counts=True)
    large = np.flatnonzero(users >= settings.import_share * len(sample))
    around = [float(np.median(users[max(0, at - NEIGHBOURS) : at + NEIGHBOURS + 1])) for at in large]
    return stamp[large[users[large] >= settings.import_ratio * np.array(around)]]


def coarse(sample: Histories, *, settings: HygieneSettings) -> bool:
    """Whether times come in steps so long that sharing one says nothing of how an event was written."""
    step = int(settings.coarse_seconds * MICROSECONDS_PER_SECOND)
    return bool(sample.n_events and np.mean(sample.time % step == 0) >= STEADY_SHARE)


def at_stamps(histories: Histories, stamps: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which events carry one of these times (ascending), shape (E,)."""
    if not len(stamps):
        return np.zeros(histories.n_events, dtype=bool)
    place = np.minimum(np.searchsorted(stamps, histories.time), len(stamps) - 1)
    return np.asarray(stamps[place] == histories.time)
