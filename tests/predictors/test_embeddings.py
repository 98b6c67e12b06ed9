from dataclasses import replace

import numpy as np
import pytest

from diagnose.predictors.embeddings import category_embeddings, item_embeddings

HOUR = 3_600_000_000


@pytest.fixture
def log(random_log):
    return random_log(users=80, items=40)


def test_rows_have_length_one_and_unseen_items_are_zero(log):
    """An item first seen at `until` or later has the zero vector, all others a unit vector."""
    until = int(np.median(log.time))
    vectors = item_embeddings(log, until=until, dimensions=8, seed=0, users=np.arange(len(log)) < 4)
    seen = np.zeros(log.n_items, dtype=bool)
    seen[log.item[(log.time < until) & (log.user_of_event < 4)]] = True
    assert 0 < seen.sum() < log.n_items
    np.testing.assert_allclose(np.linalg.norm(vectors[seen], axis=1), 1, rtol=1e-5)
    assert not vectors[~seen].any()


def test_the_future_does_not_enter(log):
    """What happens from `until` on changes no embedding."""
    until = int(np.median(log.time))
    other = replace(log, item=np.where(log.time >= until, 39 - log.item, log.item))
    both = [item_embeddings(each, until=until, dimensions=8, seed=0) for each in (log, other)]
    np.testing.assert_array_equal(*both)


def test_order_does_not_enter(log, rng):
    """Any order of each user's events gives the same embeddings."""
    shuffled = np.lexsort((rng.random(log.n_events), log.user_of_event))
    other = replace(log, item=log.item[shuffled], category=log.category[shuffled])
    both = [item_embeddings(each, until=None, dimensions=8, seed=0) for each in (log, other)]
    np.testing.assert_allclose(*both, atol=1e-5)


def test_items_of_the_same_users_lie_together(log_of):
    """Two camps of users with items of their own: an item is nearer to its camp than to the other."""
    rng = np.random.default_rng(0)
    users = [
        [(int(item) + 10 * (k % 2), hour) for hour, item in enumerate(rng.integers(0, 10, 8))]
        for k in range(60)
    ]
    vectors = item_embeddings(log_of(users), until=None, dimensions=4, seed=0)
    near = vectors @ vectors.T
    assert near[:10, :10].mean() > near[:10, 10:].mean() + 0.5


def test_more_dimensions_than_a_small_log_has_are_zero(log_of):
    """Two users cannot carry eight dimensions; the shape is kept."""
    vectors = item_embeddings(log_of([[(0, 0), (1, 1)], [(1, 0), (2, 1)]]), until=None, dimensions=8, seed=0)
    assert vectors.shape == (3, 8)
    assert not vectors[:, 1:].any()
    assert not item_embeddings(log_of([[(0, 5)]]), until=0, dimensions=8, seed=0).any()


def test_categories_have_embeddings_too(log):
    """One row a category; events without one are left out."""
    some = replace(log, category=np.where(log.category == 2, -1, log.category).astype(np.int32))
    vectors = category_embeddings(some, until=None, dimensions=3, seed=0)
    assert vectors.shape == (log.n_categories, 3)
    assert not vectors[2].any()
    assert vectors[[0, 1, 3]].any(axis=1).all()
