from dataclasses import replace

import numpy as np
import pytest

from diagnose.predictors.categories import Moments, Order
from diagnose.predictors.folds import fold_of_user, rotate
from diagnose.predictors.next_category import blind_losses, ordered_losses
from diagnose.predictors.targets import find_targets
from diagnose.settings import OrderSettings
from diagnose.simulate import histories

SETTINGS = OrderSettings(history=10)
LOG = histories(users=300, events=15, seed=1, half_life_events=4, directed=0.2)


def moments_of(log):
    targets = find_targets(log, history=10, minimum_history=4)
    padded = np.append(log.category, np.int32(log.n_categories))
    newest = targets.past[:, 0]
    return Moments(
        truth=log.category[targets.event],
        past=padded[targets.past],
        time=log.time[targets.event],
        since=log.time[newest - np.minimum(targets.seen, 10) + 1],
        until=log.time[newest],
        user=targets.user,
        n_categories=log.n_categories,
    )


MOMENTS = moments_of(LOG)
AS_IT_WAS = Order(None, MOMENTS.past[:, 0])
FOLDS = rotate(LOG, MOMENTS, category=LOG.category, settings=SETTINGS)


def test_every_moment_is_judged_once_by_users_apart():
    """In each rotation teachers, weighers and judges share no user; over all, everyone is judged once."""
    judged = np.concatenate([fold.judge.row for fold in FOLDS])
    assert np.array_equal(np.sort(judged), np.arange(len(MOMENTS)))
    for fold in FOLDS:
        teach, weigh, judge = (
            set(MOMENTS.user[rows].tolist()) for rows in (fold.teach, fold.weigh.row, fold.judge.row)
        )
        assert not teach & weigh
        assert not teach & judge
        assert not weigh & judge


def test_folds_are_of_like_size_and_do_not_depend_on_the_company():
    """A hash of the user decides, so that other users leaving the log moves nobody."""
    folds = fold_of_user(LOG, 3)
    assert np.bincount(folds).min() > 70
    some = np.arange(0, len(LOG), 7)
    assert np.array_equal(fold_of_user(LOG.select(some), 3), folds[some])


def test_what_judged_users_do_teaches_nothing():
    """Changing the judged users' own categories changes no statistic and no weight of their rotation."""
    judged = fold_of_user(LOG, 3)[LOG.user_of_event] == 0
    changed = replace(LOG, category=np.where(judged, 0, LOG.category).astype(np.int32))
    fold = rotate(changed, moments_of(changed), category=changed.category, settings=SETTINGS)[0]
    assert np.array_equal(fold.knowledge.together, FOLDS[0].knowledge.together)
    assert np.array_equal(fold.knowledge.popularity.keys, FOLDS[0].knowledge.popularity.keys)
    assert np.array_equal(fold.weights, FOLDS[0].weights)


def test_more_knowledge_saves_bits_where_it_is_planted():
    """Lasting interests and paths: recency beats order-blind, and direction adds to it."""
    blind = blind_losses(MOMENTS, FOLDS)
    ordered = ordered_losses(MOMENTS, AS_IT_WAS, FOLDS, settings=SETTINGS)
    assert blind.mean() > ordered.recency.mean() + 0.1
    assert ordered.recency.mean() > ordered.full.mean() + 0.02
    assert len(ordered.half_lives) == 3


def test_moments_left_out_are_judged_by_nobody():
    """On some of the moments only those get a loss."""
    rows = MOMENTS.user % 2 == 0
    ordered = ordered_losses(MOMENTS, AS_IT_WAS, [fold.among(rows) for fold in FOLDS], settings=SETTINGS)
    assert np.array_equal(np.isfinite(ordered.full), rows)


def test_a_log_without_a_clock_has_all_time_popularity_only():
    """Without calendar time there are three order-blind features: popularity, bag and co-occurrence."""
    fold = rotate(replace(LOG, clock=False), MOMENTS, category=LOG.category, settings=SETTINGS)[0]
    assert len(fold.weights) == 3
    assert len(FOLDS[0].weights) == 3 + len(SETTINGS.windows_days) + len(SETTINGS.trend_days)
    assert fold.weights.sum() == pytest.approx(1.0)
