import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.histories import MICROSECONDS_PER_DAY as DAY
from diagnose.predictors.popularity import learn_popularity, learn_trend, trailing_features


def popularity_of(category, days, n_categories=3, smoothing=2.0):
    return learn_popularity(
        np.array(category),
        (np.array(days) * DAY).astype(np.int64),
        n_categories=n_categories,
        smoothing=smoothing,
    )


def test_overall_shares_are_positive_and_sum_to_one():
    """A category nobody has seen is rare, not impossible."""
    popularity = popularity_of([0, 0, 1], [1, 2, 3])
    assert popularity.overall.tolist() == pytest.approx([3 / 6, 2 / 6, 1 / 6])


def test_trailing_share_counts_the_window_before_the_moment():
    """At day 3 the last 1.5 days hold the event of day 2, not that of day 3 nor that of day 1."""
    popularity = popularity_of([0, 1, 2], [1, 2, 3])
    share = popularity.trailing(np.arange(3), np.full(3, 3 * DAY), days=1.5)
    prior = popularity.overall
    assert share.tolist() == pytest.approx([2 * prior[0] / 3, (1 + 2 * prior[1]) / 3, 2 * prior[2] / 3])


def test_an_empty_window_falls_back_on_all_time():
    """Before anything has happened, the smoothed share is the overall one."""
    popularity = popularity_of([0, 0, 1], [5, 6, 7])
    share = popularity.trailing(np.arange(3), np.zeros(3, dtype=np.int64), days=1)
    assert share == pytest.approx(popularity.overall, abs=1e-6)


@given(st.integers(0, 2**32 - 1))
def test_trailing_shares_are_the_plain_count(seed):
    """Two binary searches give what a loop over all events gives, ties and all."""
    rng = np.random.default_rng(seed)
    category, days = rng.integers(0, 3, 40), rng.integers(0, 12, 40)
    popularity = popularity_of(category, days)
    asked, moment = rng.integers(0, 3, 9), rng.integers(-2, 15, 9)
    share = popularity.trailing(asked, moment * DAY, days=4)
    for k, t, found in zip(asked, moment, share, strict=True):
        inside = (days >= t - 4) & (days < t)
        expected = (np.sum(inside & (category == k)) + 2 * popularity.overall[k]) / (inside.sum() + 2)
        assert found == pytest.approx(expected, rel=1e-5)


def test_windows_are_rows_after_the_overall_share():
    """The features are all-time popularity, then each window in the order given."""
    popularity = popularity_of([0, 1, 1], [1, 2, 3])
    truth, time = np.array([1, 0]), np.array([3 * DAY, 4 * DAY])
    rows = trailing_features(popularity, truth, time, windows=(1.5, 9.0))
    assert rows[0] == pytest.approx(popularity.overall[truth])
    assert rows[1] == pytest.approx(popularity.trailing(truth, time, days=1.5))
    assert rows[2] == pytest.approx(popularity.trailing(truth, time, days=9.0))


def test_lift_says_what_the_trend_did_since_the_past():
    """A category that came into fashion is lifted, one that went out is lowered, padding is 0."""
    category = np.repeat([0, 1], 1000)
    time = np.concatenate([np.linspace(0, 5, 1000), np.linspace(5, 10, 1000)]) * DAY
    popularity = popularity_of(category, time / DAY, n_categories=2, smoothing=20.0)
    trend = learn_trend(category, time.astype(np.int64), popularity, bins=10, days=1)
    at = {
        name: np.array([round(day * DAY)]) for name, day in {"now": 9.9, "since": 0.1, "until": 4.4}.items()
    }
    lifted = trend.lift(np.array([[0, 1, 2]]), **at)
    assert lifted[0, 0] < 0.2
    assert lifted[0, 1] > 5
    assert lifted[0, 2] == 0


def test_without_a_trend_nothing_is_lifted():
    """In a catalogue that does not move, every lift is near 1."""
    rng = np.random.default_rng(0)
    category, time = rng.integers(0, 3, 60_000), rng.integers(0, 10 * DAY, 60_000)
    popularity = learn_popularity(category, time, n_categories=3, smoothing=20.0)
    trend = learn_trend(category, time, popularity, bins=20, days=1)
    lifted = trend.lift(
        np.tile(np.arange(3), (4, 1)),
        now=np.arange(4) * 3 * DAY,
        since=np.zeros(4, dtype=np.int64),
        until=np.arange(4) * 2 * DAY,
    )
    assert lifted == pytest.approx(1.0, abs=0.1)
