import numpy as np

from diagnose.predictors.timeline import Timeline, distinct, find_sorted, place_of


def test_counts_are_those_of_a_loop():
    """Events of a key from start on and before stop, for several starts, whatever the order of asking."""
    rng = np.random.default_rng(0)
    key, rank = rng.integers(-1, 6, 300), rng.integers(0, 40, 300)
    timeline = Timeline.of(key, rank, ranks=41)
    asked, stop = rng.integers(-1, 7, (50, 4)), rng.integers(0, 41, (50, 1))
    starts = [np.maximum(stop - 9, 0), np.zeros_like(stop), stop + 3]
    for start, counted in zip(starts, timeline.counts(asked, starts, stop), strict=True):
        expected = [
            [np.count_nonzero((key == k) & (rank >= a) & (rank < b)) if k >= 0 else 0 for k in row]
            for row, a, b in zip(asked, start[:, 0], stop[:, 0], strict=True)
        ]
        assert counted.tolist() == expected
        assert np.array_equal(counted, timeline.count(asked, start, stop))


def test_places_are_those_of_searchsorted():
    """Asked in another order, the answers stay where they were asked."""
    rng = np.random.default_rng(1)
    keys, wanted = np.sort(rng.integers(0, 50, 30)), rng.integers(-5, 60, (7, 9))
    assert np.array_equal(place_of(keys, wanted), np.searchsorted(keys, wanted))


def test_what_is_not_there_is_not_found():
    """In an empty list nothing is."""
    found = find_sorted(np.array([2, 4]), np.array([4, 5, 1]))
    assert found[1].tolist() == [True, False, False]
    assert not find_sorted(np.empty(0, dtype=np.int64), np.array([0]))[1].any()


def test_distinct_values_ascend():
    """Each once."""
    assert distinct(np.array([3, 1, 3, 2, 1])).tolist() == [1, 2, 3]
    assert distinct(np.empty(0, dtype=np.int64)).tolist() == []
