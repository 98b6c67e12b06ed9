"""Robots: what no person does is seen, what busy people do is not."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from diagnose.capture.robots import robots
from diagnose.settings import RobotSettings, Settings

FEW = RobotSettings(per_hour=20, per_day=60, equal_gaps=10)


def odd(histories, settings=FEW):
    """By user, what is odd about them."""
    found = robots(histories, settings=settings)
    return [
        [name for name in ("fast", "sleepless", "regular") if getattr(found, name)[user]]
        for user in range(len(histories))
    ]


def path(times):
    return [(float(t), k % 7, 0) for k, t in enumerate(times)]


def test_each_oddity_is_seen_for_what_it_is(write):
    """Fast within an hour, fast within a day, without rest, and regular, each apart; people between them."""
    rng = np.random.default_rng(0)
    person = np.cumsum(rng.exponential(30_000, 60))
    hour = np.sort(rng.integers(0, 3_500, 60))
    day = np.sort(rng.choice(86_000, 61, replace=False))
    awake = np.cumsum(rng.uniform(1_000, 10_000, 60))
    timer = 100_000 * np.arange(12)
    users = [person, hour, [], day, person, awake, timer + 7, person[:1]]
    assert odd(write([path(user) for user in users])) == [
        [], ["fast"], [], ["fast"], [], ["sleepless"], ["regular"], [],
    ]  # fmt: skip


def test_a_batch_is_no_robot(write):
    """A hundred events under one stamp are one moment, not a hundred in an hour."""
    assert odd(write([[(5.0, k, 0) for k in range(100)]])) == [[]]


def test_a_daily_visit_on_a_log_of_dates_is_no_timer(write):
    """Equal gaps of one step of the clock are what a coarse clock makes of people."""
    days = [(86_400.0 * k, k % 5, 0) for k in range(40)]
    assert odd(write([days])) == [[]]
    assert odd(write([[(86_400.0 * k + 31, k % 5, 0) for k in range(40)]])) == [["regular"]]


def test_a_pause_breaks_a_row_and_a_night(write):
    """Nine equal gaps twice are no row of ten; a rest of three hours a day is a life."""
    gaps = np.array([4_000.0] * 9 + [7_777] + [4_000] * 9)
    assert odd(write([path(13 + np.cumsum(gaps))])) == [[]]
    rng = np.random.default_rng(1)
    waking = np.concatenate([day * 86_400 + np.sort(rng.uniform(0, 70_000, 90)) for day in range(6)])
    assert odd(write([path(waking)]), RobotSettings()) == [[]]


def test_positions_have_no_robots(write):
    """Without a clock nothing is fast."""
    assert odd(write([[(k, k, 0) for k in range(500)]], clock=False)) == [[]]


@given(st.lists(st.lists(st.integers(0, 400_000), max_size=60), max_size=6))
def test_users_are_judged_one_by_one(users):
    """A user is the same robot alone and among others, whatever stands beside it."""
    from diagnose.histories import Histories

    times = [np.sort(np.array(user, dtype=np.int64)) for user in users]
    lengths = [len(user) for user in times]
    rows = np.concatenate([np.zeros(0, dtype=np.int64), *times]) * 1_000_000
    size = len(rows)
    histories = Histories(
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        user=np.arange(len(users), dtype=np.uint64),
        item=np.zeros(size, dtype=np.int64),
        category=np.zeros(size, dtype=np.int32),
        time=rows,
        session=np.zeros(size, dtype=np.int32),
        event=np.zeros(size, dtype=np.int16),
    )
    alone = [odd(histories.select(np.array([user])))[0] for user in range(len(users))]
    assert odd(histories) == alone


def test_a_simulated_crowd_has_none():
    """Two thousand users of a plain world: nobody is a robot."""
    from diagnose import simulate

    crowd = simulate.histories(users=2_000, events=60, seed=1)
    assert not robots(crowd, settings=Settings().robots).any.any()
