from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from diagnose.settings import TrialSettings
from diagnose.trial.windows import (
    MINUTE,
    SCORER,
    STATISTICS,
    TEST,
    TRAINING,
    VALIDATION,
    Cuts,
    few_of_each,
    spread_out,
    tie_groups,
    time_quantum,
)  # fmt: skip
from tests.trial.planted import log

PARTS = (STATISTICS, SCORER, TRAINING, VALIDATION, TEST)


def targets_of(histories, part):
    cuts = Cuts.of(histories, TrialSettings(), rng=np.random.default_rng(0))
    return cuts.targets(histories, part, minimum_history=4, event_codes=None)


def test_windows_follow_each_other_on_one_clock():
    """No target of a part is earlier than any of the part before; shares are those of the events."""
    histories = log(0)
    times = [histories.time[targets_of(histories, part).event] for part in PARTS]
    for before, after in pairwise(times):
        assert before.max() < after.min()
    bounds = Cuts.of(histories, TrialSettings(), rng=np.random.default_rng(0)).bounds
    shares = [(histories.time < bound).mean() for bound in bounds[1:5]]
    assert shares == pytest.approx([0.4, 0.5, 0.8, 0.9], abs=0.001)


def test_every_target_has_four_strictly_earlier_events():
    """Also where whole days share one time."""
    histories = log(1, tied=True)
    found = targets_of(histories, TEST)
    assert len(found)
    for user, event in zip(found.user, found.event, strict=True):
        own = histories.time[histories.offsets[user] : histories.offsets[user + 1]]
        assert (own < histories.time[event]).sum() >= 4


def test_a_log_of_positions_is_split_by_users():
    """No user has targets in two parts, and all users have theirs in one."""
    histories = log(2, clock=False)
    users = [set(targets_of(histories, part).user) for part in PARTS]
    assert sum(map(len, users)) == len(set().union(*users)) == len(histories)
    assert [len(part) for part in users] == [120, 30, 90, 30, 30]


def test_few_of_many_users_rather_than_many_of_few():
    """Ten targets of four users: at most three each, though one user has a hundred."""
    user = np.repeat([5, 6, 7, 8], [100, 3, 3, 3])
    rows = spread_out(user, maximum=10, per_user=50, rng=np.random.default_rng(0))
    assert len(rows) == 10
    assert np.bincount(user[rows])[5:].max() <= 3


def test_caps_hold_and_weights_are_felt():
    """At most two targets of each of ten users; weight 9 is drawn nine times as often as 1."""
    user = np.repeat(np.arange(40), 5)
    rows = few_of_each(user, per_user=2, users=10, rng=np.random.default_rng(1))
    assert (np.unique(user[rows], return_counts=True)[1] == 2).all()
    assert len(rows) == 20
    pairs = np.repeat(np.arange(2000), 2)
    chosen = few_of_each(pairs, per_user=1, rng=np.random.default_rng(2), weight=np.tile([9.0, 1.0], 2000))
    assert (chosen % 2 == 0).mean() == pytest.approx(0.9, abs=0.03)


def test_ties_are_minutes_days_or_sittings():
    """The larger of the log's quantum and a minute; a whole sitting where ratings are entered."""
    assert time_quantum(np.array([0, 5, 7]) * 60 * MINUTE) == 60 * MINUTE
    assert time_quantum(np.arange(100) * 1_000_000) == 1_000_000
    seconds, days = log(3), log(3, tied=True)
    np.testing.assert_array_equal(tie_groups(seconds), seconds.time // MINUTE)
    np.testing.assert_array_equal(tie_groups(days), days.time // (1440 * MINUTE))
    rated = log(3, roles=frozenset({"rating"}))
    np.testing.assert_array_equal(tie_groups(rated), rated.session)
