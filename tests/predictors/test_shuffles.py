from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.predictors import shuffles
from diagnose.predictors.shuffles import event_order, redraw_ties, session_order, shuffle_events


def shuffle_sessions(past, **where):
    """The past with its earlier sessions permuted, and the rows that have two of them."""
    columns, several = session_order(past, **where)
    return np.take_along_axis(past, columns.astype(np.int64), axis=1), several


def test_event_shuffle_reaches_every_order_equally_often():
    """All 6 orders of three events are equally likely, and padding stays at the far end."""
    past = np.tile(np.array([[7, 5, 3, -1]]), (6000, 1))
    shuffled = shuffle_events(past, rng=np.random.default_rng(0))
    assert np.all(shuffled[:, 3] == -1)
    orders = Counter(map(tuple, shuffled[:, :3].tolist()))
    assert len(orders) == 6
    assert max(abs(count - 1000) for count in orders.values()) < 5 * np.sqrt(6000 * 5 / 36)


@given(st.integers(0, 2**32 - 1), st.integers(0, 12))
def test_event_shuffle_keeps_the_bag_of_every_row(seed, width):
    """Whatever the lengths, a row holds the same entries before and after."""
    rng = np.random.default_rng(seed)
    past = rng.integers(0, 5, size=(9, width))
    past[np.arange(width) >= rng.integers(0, width + 1, 9)[:, None]] = -1
    shuffled = shuffle_events(past, rng=rng)
    assert np.array_equal(np.sort(shuffled), np.sort(past))
    assert np.array_equal(shuffled < 0, past < 0)


def test_event_shuffle_takes_any_width_of_integer():
    """Category codes may be shuffled as small integers, and keep their type."""
    past = np.array([[3, 1, 2, -1]], dtype=np.int16)
    shuffled = shuffle_events(past, rng=np.random.default_rng(0))
    assert shuffled.dtype == np.int16
    assert sorted(shuffled[0].tolist()) == [-1, 1, 2, 3]


def test_session_shuffle_moves_blocks_and_nothing_inside_them():
    """Three earlier sessions appear in all 6 orders; the target's own session and padding stay."""
    session = np.array([0, 0, 1, 2, 2, 2, 3, 3])
    past = np.tile(np.array([[6, 5, 4, 3, 2, 1, 0, -1]]), (6000, 1))
    shuffled, eligible = shuffle_sessions(
        past, session_of_event=session, target_session=np.full(6000, 3), rng=np.random.default_rng(0)
    )
    assert eligible.all()
    assert np.all(shuffled[:, 0] == 6)
    assert np.all(shuffled[:, 7] == -1)
    orders = Counter(map(tuple, shuffled[:, 1:7].tolist()))
    expected = {
        tuple(a + b + c)
        for a, b, c in [
            (x, y, z)
            for x in ([5, 4, 3], [2], [1, 0])
            for y in ([5, 4, 3], [2], [1, 0])
            for z in ([5, 4, 3], [2], [1, 0])
            if x != y and y != z and x != z
        ]
    }
    assert set(orders) == expected
    assert max(abs(count - 1000) for count in orders.values()) < 5 * np.sqrt(6000 * 5 / 36)


@pytest.mark.parametrize(
    ("past", "target_session", "eligible"),
    [
        ([4, 3, 2, 1, 0], 2, True),  # sessions 0 and 1 are earlier
        ([2, 1, 0, -1, -1], 2, True),
        ([2, 1, 0, -1, -1], 1, False),  # only session 0 is earlier
        ([1, 0, -1, -1, -1], 2, False),
        ([-1, -1, -1, -1, -1], 0, False),
    ],
)
def test_two_earlier_sessions_are_needed(past, target_session, eligible):
    """A target with one earlier session, or none, has no order across sessions to lose."""
    shuffled, told = shuffle_sessions(
        np.array([past]),
        session_of_event=np.array([0, 0, 1, 2, 2]),
        target_session=np.array([target_session]),
        rng=np.random.default_rng(0),
    )
    assert told.tolist() == [eligible]
    if not eligible:
        assert shuffled.tolist() == [past]


def test_sessions_of_different_users_are_shuffled_apart():
    """Rows with equal session numbers do not all get the same permutation."""
    past = np.tile(np.arange(5, -1, -1), (50, 1))
    shuffled, _ = shuffle_sessions(
        past, session_of_event=np.arange(6), target_session=np.full(50, 9), rng=np.random.default_rng(0)
    )
    assert len(np.unique(shuffled, axis=0)) > 40


def test_ties_are_redrawn_inside_their_group_only():
    """Entries of one group change places among themselves; single entries and padding stay."""
    group = np.array([0, 1, 1, 1, 2])
    past = np.tile(np.array([[4, 3, 2, 1, 0, -1]]), (6000, 1))
    redrawn = redraw_ties(past, group, rng=np.random.default_rng(0))
    assert np.all(redrawn[:, [0, 4, 5]] == [4, 0, -1])
    orders = Counter(map(tuple, redrawn[:, 1:4].tolist()))
    assert len(orders) == 6
    assert max(abs(count - 1000) for count in orders.values()) < 5 * np.sqrt(6000 * 5 / 36)


def test_without_ties_nothing_is_redrawn():
    """Distinct groups leave every row as it was, whatever their size or sign."""
    past = np.array([[3, 2, 1, 0], [1, 0, -1, -1]])
    assert np.array_equal(redraw_ties(past, np.array([-9, 0, 4, 2**62]), rng=np.random.default_rng(0)), past)


def test_no_rows_are_no_error():
    """An empty set of targets passes through all three shuffles."""
    empty, none = np.empty((0, 4), dtype=np.int64), np.empty(0, dtype=np.int64)
    rng = np.random.default_rng(0)
    assert shuffle_events(empty, rng=rng).shape == (0, 4)
    assert redraw_ties(empty, none, rng=rng).shape == (0, 4)
    shuffled, eligible = shuffle_sessions(empty, session_of_event=none, target_session=none, rng=rng)
    assert shuffled.shape == (0, 4)
    assert eligible.shape == (0,)


def test_the_order_is_that_of_the_shuffle(rng):
    """What is beside the entries goes the same way: columns in this order are the shuffled entries."""
    past = np.array([[3, 2, 1, 0, -1, -1], [9, 8, 7, 6, 5, 4]] * 50)
    columns = event_order(past, rng=np.random.default_rng(5))
    shuffled = shuffle_events(past, rng=np.random.default_rng(5))
    assert np.array_equal(np.take_along_axis(past, columns.astype(np.int64), axis=1), shuffled)
    assert (columns[::2, 4:] == [4, 5]).all()


def test_many_rows_are_shuffled_as_one(monkeypatch, rng):
    """Working on some rows at a time changes nothing: the same seed, the same order."""
    past = np.where(rng.integers(1, 9, (500, 1)) > np.arange(8), np.arange(8), -1)
    session = rng.integers(0, 3, 8)
    orders = []
    for entries in (8, 1 << 20):
        monkeypatch.setattr(shuffles, "_ENTRIES", entries)
        where = {"session_of_event": session, "target_session": np.full(500, 9)}
        orders.append(event_order(past, rng=np.random.default_rng(2)))
        orders.append(session_order(past, **where, rng=np.random.default_rng(3))[0])
    assert np.array_equal(orders[0], orders[2])
    assert np.array_equal(orders[1], orders[3])
