from dataclasses import replace

import numpy as np
import pytest

from diagnose.predictors.bags import bag_features, compare
from diagnose.predictors.categories import Knowledge, Order, learn_together, learn_transitions
from diagnose.predictors.folds import rotate
from diagnose.predictors.mixture import losses
from diagnose.predictors.next_category import ordered_losses
from diagnose.predictors.shuffles import event_order
from diagnose.predictors.targets import find_targets
from diagnose.predictors.teaching import taught
from diagnose.settings import OrderSettings
from diagnose.simulate import histories
from tests.predictors.test_next_category import moments_of

SETTINGS = OrderSettings(history=10)
LOG = histories(users=300, events=15, seed=3, half_life_events=4, directed=0.2, categories=6)
MOMENTS = moments_of(LOG)
FOLDS = rotate(LOG, MOMENTS, category=LOG.category, settings=SETTINGS)


def shuffled():
    past = find_targets(LOG, history=10, minimum_history=4).past
    columns = event_order(past, rng=np.random.default_rng(0))
    return Order(columns, MOMENTS.past[np.arange(len(MOMENTS)), columns[:, 0]])


def summed_losses(fold, learnt, order, teach):
    """Both losses of the judged, summed, where these moments teach; all weights as they are."""
    pairs = learn_together(MOMENTS.take(teach), fold.knowledge.popularity)
    knowledge = Knowledge(fold.knowledge.popularity, fold.knowledge.trends, pairs)
    bags = compare(MOMENTS.take(fold.judge.row), knowledge)
    flat = np.ones((MOMENTS.past.shape[1], 1), dtype=np.float32)
    of_bags = bag_features(bags, flat)[:, 0]
    blind = np.concatenate([fold.judge.blind[: -len(of_bags)], of_bags])
    fold = replace(fold, knowledge=knowledge, judge=replace(fold.judge, bags=bags, blind=blind))
    transitions = learn_transitions(
        MOMENTS.truth[teach], order.last[teach], n_categories=MOMENTS.n_categories
    )
    learnt = replace(learnt, transitions=transitions)
    known = learnt.recency(fold.judge, order)
    every = learnt.with_direction(known, fold.judge, order, fold)
    return np.array([losses(known, learnt.light).sum(), losses(every, learnt.heavy).sum()])


@pytest.mark.parametrize("order", [Order(None, MOMENTS.past[:, 0]), shuffled()], ids=["log", "shuffled"])
def test_what_a_moment_teaches_is_the_change_it_makes(order):
    """Its influence is half the difference between teaching twice and not at all, for both models."""
    run = ordered_losses(MOMENTS, order, FOLDS, settings=SETTINGS)
    moved = taught(MOMENTS, order, FOLDS, run)
    fold, learnt = FOLDS[1], run.learnt[1]
    by_hand = []
    chosen = fold.teach[::150]
    for moment in chosen:
        twice = np.append(fold.teach, moment)
        never = fold.teach[fold.teach != moment]
        change = summed_losses(fold, learnt, order, twice) - summed_losses(fold, learnt, order, never)
        by_hand.append(change / 2)
    assert len(chosen) > 5
    assert np.allclose(moved[chosen], by_hand, atol=0.02 * np.abs(by_hand).max())


def test_those_who_do_not_teach_move_nothing():
    """On some of the moments, the others have no influence."""
    rows = MOMENTS.user % 2 == 0
    order = Order(None, MOMENTS.past[:, 0])
    some = [fold.among(rows) for fold in FOLDS]
    run = ordered_losses(MOMENTS, order, some, settings=SETTINGS)
    moved = taught(MOMENTS, order, some, run)
    assert not moved[~rows].any()
    assert moved[rows].any()
