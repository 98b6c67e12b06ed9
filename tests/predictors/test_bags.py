import numpy as np
import pytest

from diagnose.histories import MICROSECONDS_PER_DAY as DAY
from diagnose.predictors import bags as module
from diagnose.predictors.bags import bag_features, compare
from diagnose.predictors.categories import Knowledge, decay, learn_together
from diagnose.predictors.popularity import learn_popularity, learn_trend
from diagnose.predictors.shuffles import event_order
from tests.predictors.few import K, knowledge_of, moments_of


def flat(width):
    return np.ones((width, 1), dtype=np.float32)


@pytest.fixture
def random_bags():
    """5,000 moments with up to 12 events of past, under a trend; the moments, their past and the bags."""
    rng = np.random.default_rng(1)
    past = rng.integers(0, K, (5000, 12)).astype(np.int32)
    past[np.arange(12) >= rng.integers(1, 13, 5000)[:, None]] = -1
    moments = moments_of(rng.integers(0, K, 5000), np.where(past < 0, K, past))
    events = rng.integers(0, K, 500), rng.integers(0, 10 * DAY, 500)
    popularity = learn_popularity(*events, n_categories=K, smoothing=5.0)
    trends = (learn_trend(*events, popularity, bins=10, days=1.0),)
    knowledge = Knowledge(popularity, trends, learn_together(moments, popularity))
    return moments, past, compare(moments, knowledge)


def test_bag_is_the_share_of_the_true_category():
    """Two of three past events were of the next category; padding counts for nothing."""
    moments = moments_of([1, 0], [[1, 0, 1, K], [2, K, K, K]])
    bag = bag_features(compare(moments, knowledge_of(moments, smoothing=1.0)), flat(4))
    assert bag[0, 0] == pytest.approx([2 / 3, 0])


def test_decayed_bag_weighs_the_most_recent_event_most():
    """With a half-life of one event, ages 0, 1, 2 weigh 1, 1/2, 1/4."""
    moments = moments_of([1], [[1, 0, 1, K]])
    bag = bag_features(compare(moments, knowledge_of(moments, smoothing=1.0)), decay(4, 1.0)[:, None])
    assert bag[0, 0, 0] == pytest.approx((1 + 1 / 4) / (1 + 1 / 2 + 1 / 4))


def test_another_order_gives_its_events_other_ages():
    """Columns 1, 0, 2 in the order of their age: the one match is the oldest but one, then the newest."""
    moments = moments_of([1], [[1, 0, 0, K]])
    bags, weights = compare(moments, knowledge_of(moments, smoothing=1.0)), decay(4, 1.0)[:, None]
    bag = bag_features(bags, weights, columns=np.array([[1, 0, 2, 3]]))
    assert bag[0, 0, 0] == pytest.approx((1 / 2) / (1 + 1 / 2 + 1 / 4))


def test_probabilities_of_all_categories_sum_to_one():
    """Asked for each category in turn, every feature is a distribution over categories."""
    rng = np.random.default_rng(0)
    taught = moments_of(rng.integers(0, K, 50), rng.integers(0, K + 1, (50, 4)).clip(0, K - 1))
    events = rng.integers(0, K, 500), rng.integers(0, 10 * DAY, 500)
    popularity = learn_popularity(*events, n_categories=K, smoothing=5.0)
    trend = learn_trend(*events, popularity, bins=10, days=1.0)
    knowledge = Knowledge(popularity, (trend,), learn_together(taught, popularity))
    asked = compare(moments_of([0, 1, 2], [[2, 0, 0, K]] * K), knowledge)
    bag = bag_features(asked, np.concatenate([flat(4), decay(4, 2.0)[:, None]], axis=1))
    assert bag.sum(axis=2) == pytest.approx(1.0, abs=1e-5)


def test_order_blind_features_do_not_see_a_shuffle(random_bags):
    """Bag, co-occurrence and trend-adjusted bag are the same for the original and a shuffled past."""
    _, past, bags = random_bags
    columns = event_order(past, rng=np.random.default_rng(2))
    assert (columns != np.arange(12)).any()
    features = bag_features(bags, flat(12)), bag_features(bags, flat(12), columns=columns)
    np.testing.assert_allclose(*features, rtol=1e-5)


def test_order_aware_features_feel_a_shuffle(random_bags):
    """Under decaying weights every one of them changes somewhere."""
    _, past, bags = random_bags
    weights, columns = decay(12, 2.0)[:, None], event_order(past, rng=np.random.default_rng(2))
    changed = bag_features(bags, weights) != bag_features(bags, weights, columns=columns)
    assert changed.any(axis=2).all()


def test_some_rows_are_those_of_all(random_bags, monkeypatch):
    """Asked for some moments the answers are theirs, however many are taken at a time."""
    _, past, bags = random_bags
    weights, columns = decay(12, 2.0)[:, None], event_order(past, rng=np.random.default_rng(2))
    whole, rows = bag_features(bags, weights, columns=columns), np.arange(1, 5000, 7)
    monkeypatch.setattr(module, "_ROWS", 100)
    some = bag_features(bags, weights, rows=rows, columns=columns[rows])
    np.testing.assert_allclose(some, whole[:, :, rows], rtol=1e-5)
