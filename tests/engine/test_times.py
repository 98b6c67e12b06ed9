"""Events by hour, of two halves of the users: however the log is cut into batches."""

from __future__ import annotations

import numpy as np

from diagnose import simulate
from diagnose.engine.times import TimeCounts

HOUR = 3_600_000_000


def test_hours_are_counted_by_halves_of_the_users():
    """Each user's events lie in one column, the one that its hash says."""
    log = simulate.histories(users=300, events=20, seed=0)
    hours = TimeCounts.of(log).hours
    assert hours.table.shape[1] == 2
    odd = (log.user & np.uint64(1)).astype(bool)
    for half, users in enumerate((~odd, odd)):
        some = log.select(np.flatnonzero(users))
        expected = np.bincount(some.time // HOUR - hours.start, minlength=len(hours.table))
        assert hours.table[:, half].tolist() == expected.tolist()
    assert 0.3 < hours.table[:, 0].sum() / hours.table.sum() < 0.7


def test_batches_add_up_wherever_they_begin():
    """User by user as all at once: batches that begin in odd and even hours, with one half only."""
    log = simulate.histories(users=40, events=12, seed=1)
    together = TimeCounts()
    for user in range(len(log)):
        together += TimeCounts.of(log.select(np.array([user])))
    at_once = TimeCounts.of(log)
    assert together.hours == at_once.hours
    assert together.dividing == at_once.dividing
