from dataclasses import replace

import numpy as np
import pytest

from diagnose.histories import NO_CATEGORY, Histories
from diagnose.interests import cluster_items, factorise
from diagnose.settings import InterestSettings

CAMPS = 4
SETTINGS = InterestSettings(clusters=CAMPS, dimensions=8)


@pytest.fixture
def log():
    """Four camps of users, 20 items each, one event in twenty astray; the last item is one user's alone."""
    rng = np.random.default_rng(0)
    users, length = 200, 30
    camp = np.repeat(np.arange(users) % CAMPS, length)
    astray = rng.random(len(camp)) < 0.05
    camp = np.where(astray, rng.integers(0, CAMPS, len(camp)), camp)
    item = camp * 20 + rng.integers(0, 20, len(camp))
    item[:2] = CAMPS * 20
    return Histories(
        offsets=np.arange(users + 1, dtype=np.int64) * length,
        user=np.arange(users, dtype=np.uint64),
        item=item,
        category=np.full(len(item), NO_CATEGORY, dtype=np.int32),
        time=np.tile(np.arange(length, dtype=np.int64), users),
        session=np.zeros(len(item), dtype=np.int32),
        event=np.zeros(len(item), dtype=np.int16),
    )


def cluster_of_item(histories):
    clusters = np.full(histories.n_items, -9)
    clusters[histories.item] = histories.category
    return clusters


def test_items_of_one_camp_of_users_form_one_cluster(log):
    """The planted camps come back, each whole and apart from the others."""
    clusters = cluster_of_item(cluster_items(log, settings=SETTINGS, seed=0))[:-1].reshape(CAMPS, 20)
    assert all(len(set(camp)) == 1 for camp in clusters.tolist())
    assert len({camp[0] for camp in clusters.tolist()}) == CAMPS


def test_clusters_are_named_from_the_largest_on(log):
    """'cluster 1' holds the most events; every name has events."""
    clustered = cluster_items(log, settings=SETTINGS, seed=0)
    events = np.bincount(clustered.category[clustered.category >= 0], minlength=CAMPS)
    assert clustered.categories == ("cluster 1", "cluster 2", "cluster 3", "cluster 4")
    assert (np.diff(events) <= 0).all()
    assert events[-1] > 0


def test_order_never_enters(log):
    """Shuffling each user's events changes no cluster, so that clusters can make no drift."""
    shuffled = np.lexsort((np.random.default_rng(1).random(log.n_events), log.user_of_event))
    before, after = (
        cluster_of_item(cluster_items(each, settings=SETTINGS, seed=0))
        for each in (log, replace(log, item=log.item[shuffled]))
    )
    np.testing.assert_array_equal(before, after)


def test_an_item_of_a_few_users_has_no_category(log):
    """It would be described by the very histories that it is to describe."""
    clustered = cluster_items(log, settings=SETTINGS, seed=0)
    assert (clustered.category[log.item == CAMPS * 20] == NO_CATEGORY).all()
    assert (clustered.category[log.item != CAMPS * 20] != NO_CATEGORY).all()


def test_what_the_statistics_may_not_see_makes_no_clusters(log):
    """Items of later times or other users only are left without a category."""
    early = cluster_of_item(cluster_items(log, settings=SETTINGS, seed=0, until=0))
    assert (early == NO_CATEGORY).all()
    camp = np.arange(len(log)) % CAMPS == 0
    own = cluster_of_item(
        cluster_items(log, settings=replace(SETTINGS, minimum_users=10), seed=0, users=camp)
    )
    assert (own[:20] >= 0).all()
    assert (own[20:] == NO_CATEGORY).all()


def test_the_same_seed_gives_the_same_clusters(log):
    """Deterministic to the last item."""
    first, again = (cluster_items(log, settings=SETTINGS, seed=3).category for _ in range(2))
    np.testing.assert_array_equal(first, again)


@pytest.mark.parametrize("users", [0, 1, 2])
def test_tiny_logs_end_without_clusters_or_with_few(log, users):
    """No user, one or two: no error, and nothing is invented."""
    few = cluster_items(log.select(np.arange(users)), settings=SETTINGS, seed=0)
    assert (few.category == NO_CATEGORY).all()
    assert few.categories == ()


def test_a_bestseller_is_not_the_first_dimension_of_everything(log):
    """Adding one item that everybody touches leaves the camps apart."""
    item = log.item.copy()
    item[np.arange(3, log.n_events, 10)] = CAMPS * 20 + 1
    factors = factorise(log.user_of_event, item, size=CAMPS * 20 + 2, dimensions=8, seed=0)
    near = factors @ factors.T
    assert near[:20, :20].mean() > near[:20, 20:80].mean() + 0.5
