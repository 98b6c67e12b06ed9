from dataclasses import replace

import numpy as np
import pytest

from diagnose.predictors.candidates import Candidates, draw
from diagnose.predictors.eligibility import Stock
from diagnose.predictors.items import (
    BLIND_FEATURES,
    BLIND_FEATURES_WITHOUT_CLOCK,
    ORDER_FEATURES,
    blind_features,
    learn_statistics,
    order_features,
)
from diagnose.predictors.shuffles import shuffle_events
from diagnose.predictors.targets import find_targets


@pytest.fixture
def task(random_log, rng):
    """A random log, its targets with their candidates, and statistics of half of the users."""
    log = random_log()
    targets = find_targets(log, history=10, minimum_history=4)
    targets, candidates = draw(log, targets, stock=Stock.of(log, eligible_days=7), negatives=4, rng=rng)
    return log, targets, candidates, learn_statistics(log, until=None, users=np.arange(len(log)) < 100)


def test_order_blind_features_are_the_same_to_the_last_bit_on_shuffled_histories(task, rng):
    """Whatever the order of the past, the baseline sees the same numbers."""
    log, targets, candidates, statistics = task
    shuffled = replace(targets, past=shuffle_events(targets.past, rng=rng))
    assert (shuffled.past != targets.past).any()
    np.testing.assert_array_equal(
        blind_features(log, targets, candidates, statistics),
        blind_features(log, shuffled, candidates, statistics),
    )


def test_order_aware_features_feel_a_shuffle(task, rng):
    """Every one of them changes somewhere."""
    log, targets, candidates, statistics = task
    features = [
        order_features(log, targets, candidates, statistics, past=past, half_life=2.0)
        for past in (targets.past, shuffle_events(targets.past, rng=rng))
    ]
    changed = (features[0] != features[1]).any(axis=(0, 1))
    assert changed.tolist() == [True] * len(ORDER_FEATURES)


def test_an_endless_half_life_is_the_bag(task):
    """With all ages of equal weight the recent shares are those of the bag."""
    log, targets, candidates, statistics = task
    blind = blind_features(log, targets, candidates, statistics)
    order = order_features(log, targets, candidates, statistics, past=targets.past, half_life=1e9)
    for recent, bag in (
        ("recent share of the item", "share of the item"),
        ("recent share of the category", "share of the category"),
        ("recent affinity", "affinity"),
    ):
        np.testing.assert_allclose(
            order[..., ORDER_FEATURES.index(recent)], blind[..., BLIND_FEATURES.index(bag)], atol=1e-5
        )


def test_recency_by_hand(log_of):
    """Half-life one event: the last of three events weighs 4, the one before 2, the first 1, of 7."""
    log = log_of([[(1, 0), (12, 1), (2, 2), (1, 3)], [(1, 0), (12, 1)]])
    targets = find_targets(log, history=5, minimum_history=3)
    candidates = Candidates(np.array([[1, 12]]), np.array([True]), np.zeros((1, 2), dtype=bool), {})
    known = learn_statistics(log, until=None, users=np.array([False, True]))
    features = order_features(log, targets, candidates, known, past=targets.past, half_life=1.0)[0]
    named = dict(zip(ORDER_FEATURES, features.T.tolist(), strict=True))
    assert named["recent share of the item"] == pytest.approx([1 / 7, 2 / 7])
    assert named["recent share of the category"] == pytest.approx([5 / 7, 2 / 7])
    assert named["same item as last"] == [0, 0]
    assert named["same category as last"] == [1, 0]


def test_nothing_at_or_after_the_target_enters_its_features(task):
    """Replacing every item from one target's time on leaves its order-blind features alone."""
    log, targets, candidates, statistics = task
    row = np.array([len(targets) // 2])
    later = log.time >= log.time[targets.event[row[0]]]
    other = replace(log, item=np.where(later, (log.item * 7 + 3) % 60, log.item))
    before, after = (
        blind_features(each, targets.take(row), candidates.take(row), statistics) for each in (log, other)
    )
    np.testing.assert_array_equal(before, after)


def test_masked_candidates_are_zero_and_longer_padding_changes_nothing(task):
    """Features of a row do not depend on how much padding its history or its candidates carry."""
    log, targets, candidates, statistics = task
    wide = replace(targets, past=np.pad(targets.past, ((0, 0), (0, 5)), constant_values=-1))
    more = replace(candidates, item=np.pad(candidates.item, ((0, 0), (0, 2)), constant_values=-1))
    plain = blind_features(log, targets, candidates, statistics)
    padded = blind_features(log, wide, more, statistics)
    np.testing.assert_array_equal(padded[:, :5], plain)
    assert not padded[:, 5:].any()
    ordered, longer = (
        order_features(log, targets, candidates, statistics, past=each.past, half_life=3.0)
        for each in (targets, wide)
    )
    np.testing.assert_allclose(ordered, longer, rtol=1e-5, atol=1e-6)


def test_a_row_is_the_same_alone_and_among_others(task):
    """No feature depends on which other targets are asked."""
    log, targets, candidates, statistics = task
    one = np.array([17])
    together = blind_features(log, targets, candidates, statistics)[one]
    alone = blind_features(log, targets.take(one), candidates.take(one), statistics)
    np.testing.assert_array_equal(together, alone)


def test_without_a_clock_popularity_is_that_of_the_statistics(task, rng):
    """A log of positions has no trailing windows, hence fewer features."""
    log, *_ = task
    log = replace(log, clock=False)
    known = learn_statistics(log, until=None, users=np.arange(len(log)) < 100)
    targets = find_targets(log, history=10, minimum_history=4)
    targets, candidates = draw(log, targets, stock=Stock.of(log, eligible_days=7), negatives=4, rng=rng)
    features = blind_features(log, targets, candidates, known)
    assert features.shape[2] == len(BLIND_FEATURES_WITHOUT_CLOCK)
    popularity = features[..., BLIND_FEATURES_WITHOUT_CLOCK.index("popularity of the item")]
    expected = np.where(candidates.mask, np.log1p(known.item_count[candidates.item]), 0)
    np.testing.assert_allclose(popularity, expected, rtol=1e-6)
