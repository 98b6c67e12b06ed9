import numpy as np
import pytest

from diagnose.histories import Histories
from diagnose.predictors.targets import PADDING, cap, cap_per_user, find_targets, look_back


def log_of(times, events=None):
    """A log of the users' times, one list a user; items are numbered as they come."""
    flat = np.concatenate([np.asarray(each, dtype=np.int64) for each in times])
    n = len(flat)
    return Histories(
        offsets=np.concatenate([[0], np.cumsum([len(each) for each in times])]).astype(np.int64),
        user=np.arange(len(times), dtype=np.uint64),
        item=np.arange(n, dtype=np.int64),
        category=np.zeros(n, dtype=np.int32),
        time=flat,
        session=np.zeros(n, dtype=np.int32),
        event=np.zeros(n, dtype=np.int16) if events is None else np.asarray(events, dtype=np.int16),
    )


def test_past_holds_the_last_events_most_recent_first():
    """Column 0 is the event just before the target; the far end is padded."""
    targets = find_targets(log_of([[1, 2, 3, 4]]), history=2, minimum_history=1)
    assert targets.event.tolist() == [1, 2, 3]
    assert targets.past.tolist() == [[0, PADDING], [1, 0], [2, 1]]
    assert targets.seen.tolist() == [1, 2, 3]


def test_tied_events_are_in_no_history_of_each_other():
    """Basket mates of the target are left out of its past, and so is the target itself."""
    targets = find_targets(log_of([[1, 5, 5, 5, 9]]), history=3, minimum_history=1)
    assert targets.event.tolist() == [1, 2, 3, 4]
    assert targets.past.tolist() == [[0, -1, -1], [0, -1, -1], [0, -1, -1], [3, 2, 1]]
    assert targets.seen.tolist() == [1, 1, 1, 4]


def test_no_history_reaches_into_another_user():
    """Equal times at the border of two users are not a tie, and the past stops at the user's first event."""
    targets = find_targets(log_of([[1, 7], [], [7, 8]]), history=3, minimum_history=0)
    assert targets.user.tolist() == [0, 0, 2, 2]
    assert targets.past.tolist() == [[-1, -1, -1], [0, -1, -1], [-1, -1, -1], [2, -1, -1]]


def test_minimum_history_counts_strictly_earlier_events():
    """Three events at one time give none of themselves any history."""
    targets = find_targets(log_of([[1, 1, 1, 2]]), history=4, minimum_history=3)
    assert targets.event.tolist() == [3]


def test_targets_can_be_of_one_kind_and_of_one_period():
    """Only chosen events in [t0, t1) are predicted; the others remain history."""
    log = log_of([[1, 2, 3, 4]], events=[0, 1, 1, 1])
    targets = find_targets(
        log, history=3, minimum_history=1, event_codes=np.array([1], dtype=np.int16), between=(2, 4)
    )
    assert targets.event.tolist() == [1, 2]
    assert targets.past.tolist() == [[0, -1, -1], [1, 0, -1]]


def test_a_log_without_events_has_no_targets():
    """An empty log and users without events are no error."""
    assert len(find_targets(log_of([[], []]), history=3, minimum_history=0)) == 0


def test_looking_back_later_gives_the_same_past():
    """Capping first and adding the past afterwards changes no row."""
    rng = np.random.default_rng(0)
    log = log_of([np.sort(rng.integers(0, 30, size)) for size in rng.integers(0, 40, 50)])
    whole = find_targets(log, history=7, minimum_history=2)
    bare = find_targets(log, history=0, minimum_history=2)
    assert bare.past.shape == (len(whole), 0)
    assert np.array_equal(look_back(log, bare, history=7).past, whole.past)


def test_cap_per_user_keeps_a_random_part_of_heavy_users_only():
    """Light users keep everything, heavy users the given number, in log order, differently by seed."""
    targets = find_targets(log_of([range(100), range(3)]), history=1, minimum_history=0)
    capped = cap_per_user(targets, per_user=10, rng=np.random.default_rng(1))
    again = cap_per_user(targets, per_user=10, rng=np.random.default_rng(2))
    assert np.bincount(capped.user).tolist() == [10, 3]
    assert np.all(np.diff(capped.event) > 0)
    assert not np.array_equal(capped.event, again.event)


def test_every_target_of_a_heavy_user_is_equally_likely_to_stay():
    """The cap has no taste for early or late events."""
    targets = find_targets(log_of([range(20)]), history=1, minimum_history=0)
    rng = np.random.default_rng(3)
    kept = np.concatenate([cap_per_user(targets, per_user=5, rng=rng).event for _ in range(2000)])
    counts = np.bincount(kept, minlength=20)
    assert np.abs(counts - 500).max() < 5 * np.sqrt(2000 * 0.25 * 0.75)


@pytest.mark.parametrize("maximum", [0, 5, 29, 100, 1000])
def test_cap_drops_whole_users(maximum):
    """Who stays keeps all targets, and the cap holds."""
    targets = find_targets(log_of([range(10)] * 20), history=1, minimum_history=0)
    capped = cap(targets, maximum=maximum, rng=np.random.default_rng(0))
    assert len(capped) == min(200, maximum // 10 * 10)
    assert set(np.bincount(capped.user).tolist()) <= {0, 10}


def test_cap_drops_users_at_random():
    """The users of the beginning of the log are not the ones that stay."""
    targets = find_targets(log_of([range(2)] * 400), history=1, minimum_history=0)
    users = cap(targets, maximum=400, rng=np.random.default_rng(0)).user
    assert 150 < users.mean() < 250
