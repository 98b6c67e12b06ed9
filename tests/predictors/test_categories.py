import numpy as np
import pytest

from diagnose.histories import MICROSECONDS_PER_DAY as DAY
from diagnose.predictors.categories import (
    Knowledge,
    Moments,
    bag_features,
    decay,
    fold_rare,
    learn_together,
    learn_transitions,
    same_as_last,
    transition_feature,
)
from diagnose.predictors.popularity import learn_popularity, learn_trend
from diagnose.predictors.shuffles import shuffle_events

K = 3


def moments_of(truth, past, n_categories=K):
    """Targets of these categories; padding in `past` is the code n_categories."""
    n = len(truth)
    return Moments(
        truth=np.array(truth, dtype=np.int32),
        past=np.array(past, dtype=np.int32),
        time=np.full(n, 9 * DAY),
        since=np.zeros(n, dtype=np.int64),
        until=np.full(n, 5 * DAY),
        user=np.arange(n),
        n_categories=n_categories,
    )


def knowledge_of(moments, *, smoothing, trends=()):
    popularity = learn_popularity(
        moments.truth, moments.time, n_categories=moments.n_categories, smoothing=smoothing
    )
    return Knowledge(popularity, trends, learn_together(moments, popularity))


def test_bag_is_the_share_of_the_true_category():
    """Two of three past events were of the next category; padding counts for nothing."""
    moments = moments_of([1, 0], [[1, 0, 1, K], [2, K, K, K]])
    bag = bag_features(moments, knowledge_of(moments, smoothing=1.0), np.ones((4, 1), dtype=np.float32))
    assert bag[0, 0] == pytest.approx([2 / 3, 0])


def test_decayed_bag_weighs_the_most_recent_event_most():
    """With a half-life of one event, ages 0, 1, 2 weigh 1, 1/2, 1/4."""
    moments = moments_of([1], [[1, 0, 1, K]])
    weights = decay(4, 1.0)[:, None]
    bag = bag_features(moments, knowledge_of(moments, smoothing=1.0), weights)
    assert bag[0, 0, 0] == pytest.approx((1 + 1 / 4) / (1 + 1 / 2 + 1 / 4))


def test_co_occurrence_spreads_each_target_over_its_past():
    """Category 0 in the past was followed by 1 with weight 1/2 and by 2 with weight 1."""
    moments = moments_of([1, 2], [[0, 1, K], [0, 0, K]])
    together = knowledge_of(moments, smoothing=1e-9).together
    assert together[:, 0] == pytest.approx([0, (1 / 2) / (3 / 2), 1 / (3 / 2)], abs=1e-6)
    assert np.all(together[:, K] == 0)


def test_transitions_follow_the_last_event_only():
    """Without smoothing P(next | last) is the share among targets with that last event."""
    moments = moments_of([1, 1, 2, 0], [[0, 2], [0, 1], [0, 0], [2, 0]])
    knowledge = knowledge_of(moments, smoothing=1e-9)
    found = transition_feature(moments, knowledge, learn_transitions(moments))
    assert found == pytest.approx([2 / 3, 2 / 3, 1 / 3, 1], abs=1e-6)


def test_unseen_transitions_fall_back_and_are_never_impossible():
    """A pair nobody made gets its probability from co-occurrence, and that from popularity."""
    taught = moments_of([1, 1, 0], [[0, K], [0, K], [0, K]])
    knowledge = knowledge_of(taught, smoothing=5.0)
    asked = moments_of([2, 0, 1], [[0, K], [2, K], [2, K]])
    found = transition_feature(asked, knowledge, learn_transitions(taught))
    assert found.min() > 0
    assert found[1:] == pytest.approx(knowledge.popularity.overall[[0, 1]], rel=1e-5)


def test_probabilities_of_all_categories_sum_to_one():
    """Asked for each category in turn, every feature is a distribution over categories."""
    rng = np.random.default_rng(0)
    taught = moments_of(rng.integers(0, K, 50), rng.integers(0, K + 1, (50, 4)).clip(0, K - 1))
    events = rng.integers(0, K, 500), rng.integers(0, 10 * DAY, 500)
    popularity = learn_popularity(*events, n_categories=K, smoothing=5.0)
    trend = learn_trend(*events, popularity, bins=10, days=1.0)
    knowledge = Knowledge(popularity, (trend,), learn_together(taught, popularity))
    asked = moments_of([0, 1, 2], [[2, 0, 0, K]] * K)
    bag = bag_features(asked, knowledge, np.stack([np.ones(4, dtype=np.float32), decay(4, 2.0)], axis=1))
    assert bag.sum(axis=2) == pytest.approx(1.0, abs=1e-5)
    assert transition_feature(asked, knowledge, learn_transitions(taught)).sum() == pytest.approx(1.0)
    assert same_as_last(asked).tolist() == [0, 0, 1]


def test_order_blind_features_do_not_see_a_shuffle():
    """Bag, co-occurrence and trend-adjusted bag are the same for the original and a shuffled past."""
    rng = np.random.default_rng(1)
    past = rng.integers(0, K, (5000, 12)).astype(np.int32)
    past[np.arange(12) >= rng.integers(1, 13, 5000)[:, None]] = -1
    shuffled = shuffle_events(past, rng=rng)
    truth = rng.integers(0, K, 5000)
    events = rng.integers(0, K, 500), rng.integers(0, 10 * DAY, 500)
    popularity = learn_popularity(*events, n_categories=K, smoothing=5.0)
    trends = (learn_trend(*events, popularity, bins=10, days=1.0),)
    features = []
    for each in (past, shuffled):
        moments = moments_of(truth, np.where(each < 0, K, each))
        knowledge = Knowledge(popularity, trends, learn_together(moments, popularity))
        features.append(bag_features(moments, knowledge, np.ones((12, 1), dtype=np.float32)))
    assert not np.array_equal(past, shuffled)
    np.testing.assert_allclose(features[0], features[1], rtol=1e-5)


def test_rare_categories_share_the_last_code():
    """The most frequent come first; all beyond the maximum are one category, "other"."""
    codes, n = fold_rare(np.array([5, 5, 5, 2, 2, 0, 1]), n_categories=7, maximum=2)
    assert codes.tolist() == [0, 0, 0, 1, 1, 2, 2]
    assert n == 3


def test_few_categories_are_only_renumbered():
    """Without too many categories nothing is folded and unused codes are gone."""
    codes, n = fold_rare(np.array([4, 4, 9]), n_categories=12, maximum=2000)
    assert codes.tolist() == [0, 0, 1]
    assert n == 2
