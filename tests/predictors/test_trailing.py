import numpy as np
import pytest

from diagnose.predictors.eligibility import item_categories
from diagnose.predictors.timeline import Timeline, encode_pair, find_sorted
from diagnose.predictors.trailing import Trailing

HOUR = 3_600_000_000


def looking_back(log, user, item, hour):
    trailing = Trailing.of(log, item_category=item_categories(log))
    return trailing, np.array([[user]]), np.array([[item]]), np.array([[hour * HOUR]])


def test_a_count_is_of_events_before_the_stop_and_from_the_start_on():
    """Half-open in rank, apart by key; negative keys and unknown keys count nothing."""
    timeline = Timeline.of(np.array([1, 0, 1, 1, -1]), np.array([0, 1, 1, 3, 2]), ranks=5)
    key, start, stop = np.array([1, 1, 0, 2, -1]), np.zeros(5, dtype=np.int64), np.array([3, 4, 1, 4, 4])
    assert timeline.count(key, start, stop).tolist() == [2, 3, 0, 0, 0]
    assert timeline.order.tolist() == [1, 0, 2, 3]


def test_pairs_with_a_missing_half_have_no_code():
    """Codes of pairs are unique; a negative part makes a negative code, which is found nowhere."""
    code = encode_pair(np.array([2, -1, 3]), np.array([1, 1, -1]), size=10)
    assert code.tolist() == [21, -1, -1]
    assert find_sorted(np.array([3, 21]), code)[1].tolist() == [True, False, False]
    assert find_sorted(np.array([], dtype=np.int64), code)[1].tolist() == [False] * 3


def test_popularity_is_that_among_others(log_of):
    """The user's own events are in no window, or the order of the history would hide in popularity."""
    log = log_of([[(1, 99), (1, 99), (2, 100)], [(1, 20), (1, 90)], [(1, 99), (1, 100)], [(3, 0)]])
    trailing, user, item, time = looking_back(log, 0, 1, 100)
    assert [count.item() for count in trailing.by_others(user, item, time)] == [1, 2, 3, 3]
    trailing, user, item, time = looking_back(log, 3, 1, 100)
    assert [count.item() for count in trailing.by_others(user, item, time)] == [3, 4, 5, 5]


@pytest.mark.parametrize(
    ("user", "hour", "first", "last"), [(0, 50, 40, 10), (1, 50, 50, 5), (2, 50, 50, 5), (2, 0, None, None)]
)
def test_age_and_staleness_are_counted_from_others(log_of, user, hour, first, last):
    """Hours since the first and the last event of the item by another user; what ties does not count."""
    log = log_of([[(1, 0), (1, 45), (2, 50)], [(1, 10), (1, 30), (1, 40), (2, 50)], [(2, 1), (1, 50)]])
    trailing, who, item, time = looking_back(log, user, 1, hour)
    since = trailing.first_and_last(who, item, time)
    expected = [-1 if hours is None else hours * HOUR for hours in (first, last)]
    assert [int(each.item()) for each in since] == expected


def test_own_counts_stop_before_the_moment(log_of):
    """How often the user had the item, strictly earlier; other users' events are not the user's."""
    log = log_of([[(1, 0), (1, 2), (1, 5)], [(1, 1)]])
    trailing, user, item, time = looking_back(log, 0, 1, 5)
    stop = trailing.rank_of(time)
    assert trailing.own_items.counts(user, item, [np.zeros_like(stop)], stop)[0].item() == 2
