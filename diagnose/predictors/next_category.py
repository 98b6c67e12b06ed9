"""Nested mixtures of the next category: order-blind, with recency, with recency and direction.

Users are split into folds by a hash: the statistics of categories come from one part, the weights and the
half-life from another, and the loss is judged on a third; the parts rotate, so that every user is judged
once. A past in another order is judged by `ordered_losses` with all order parameters (half-life, weights,
transition matrix) learnt anew on it, while the order-blind part is the same by construction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import Histories
from diagnose.predictors.bags import Bags, bag_features, compare
from diagnose.predictors.categories import (
    Knowledge,
    Moments,
    Order,
    Transitions,
    decay,
    learn_together,
    learn_transitions,
    transition_feature,
)
from diagnose.predictors.mixture import fit_mixture, losses
from diagnose.predictors.popularity import learn_popularity, learn_trend, trailing_features
from diagnose.predictors.shuffles import mix
from diagnose.settings import OrderSettings

_FOLD_SALT = np.uint64(0x9E3779B97F4A7C15)  # so that folds do not follow the hash that drew the sample
_NEWCOMERS = 0.25  # start weight of the features that a larger model adds


@dataclass(frozen=True, eq=False)
class Part:
    """Moments of a fold that weigh or are judged.

    `row` (n,) says which of all moments they are, `place` (n,) which of the bags; `truth` (n,) their
    categories, `blind` (b, n) their order-blind features.
    """

    bags: Bags
    row: NDArray[np.int64]
    place: NDArray[np.int64]
    truth: NDArray[np.int32]
    blind: NDArray[np.float32]

    def take(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> Part:
        """Some of the moments."""
        return Part(
            self.bags, self.row[chosen], self.place[chosen], self.truth[chosen], self.blind[:, chosen]
        )

    def recent(self, order: Order, weights: NDArray[np.float32]) -> NDArray[np.float32]:
        """The bag terms under weights (H, m) by age, and whether the last category comes again: (r, m, n)."""
        columns = None if order.columns is None else order.columns[self.row]
        bag = bag_features(self.bags, weights, rows=self.place, columns=columns)
        again = np.broadcast_to(order.last[self.row] == self.truth, (1, *bag.shape[1:]))
        return np.concatenate([bag, again.astype(np.float32)])

    def after_last(self, order: Order, knowledge: Knowledge, transitions: Transitions) -> NDArray[np.float32]:
        """What the last category says of the next one, (1, n)."""
        return transition_feature(self.truth, order.last[self.row], knowledge, transitions)[None]


@dataclass(frozen=True, eq=False)
class Fold:
    """One rotation. Rows of the moments that teach, those that weigh and judge.

    `weights` (b,) is the mixture of their order-blind features.
    """

    knowledge: Knowledge
    teach: NDArray[np.int64]
    weigh: Part
    judge: Part
    weights: NDArray[np.float64]

    def among(self, rows: NDArray[np.bool_]) -> Fold:
        """The same fold on some of the moments, given as a mask over all of them."""
        return Fold(
            self.knowledge,
            self.teach[rows[self.teach]],
            self.weigh.take(rows[self.weigh.row]),
            self.judge.take(rows[self.judge.row]),
            self.weights,
        )


@dataclass(frozen=True, eq=False)
class OrderedLosses:
    """Bits of each judged moment, NaN where none judged it: shape (n,). `half_lives`: one a fold, events."""

    recency: NDArray[np.float64]
    full: NDArray[np.float64]
    half_lives: tuple[float, ...]


def fold_of_user(histories: Histories, folds: int) -> NDArray[np.int64]:
    """The fold of each user, shape (U,), by a hash: the same whatever other users are in the log."""
    return (mix(histories.user ^ _FOLD_SALT) % np.uint64(folds)).astype(np.int64)


def rotate(
    histories: Histories,
    moments: Moments,
    *,
    category: NDArray[np.int32],
    settings: OrderSettings,
) -> list[Fold]:
    """The folds. `category` (E,) are the codes of the moments for all events of the histories."""
    of_user = fold_of_user(histories, settings.folds)
    of_event, of_moment = of_user[histories.user_of_event], of_user[moments.user]
    folds = []
    for judged in range(settings.folds):
        weighed = (judged + 1) % settings.folds
        teaching = np.flatnonzero((of_event != judged) & (of_event != weighed))
        teach = np.flatnonzero((of_moment != judged) & (of_moment != weighed))
        events = (category[teaching], histories.time[teaching])
        knowledge = _learn(events, moments.take(teach), clock=histories.clock, settings=settings)
        weigh, judge = (
            _part(moments, np.flatnonzero(of_moment == which), knowledge, settings=settings)
            for which in (weighed, judged)
        )
        folds.append(Fold(knowledge, teach, weigh, judge, fit_mixture(weigh.blind)))
    return folds


def _learn(
    events: tuple[NDArray[np.int32], NDArray[np.int64]],
    moments: Moments,
    *,
    clock: bool,
    settings: OrderSettings,
) -> Knowledge:
    """What the teaching users' events (category, time) and moments say, whatever the order of a past."""
    category, time = events
    popularity = learn_popularity(
        category, time, n_categories=moments.n_categories, smoothing=settings.smoothing
    )
    trends = tuple(
        learn_trend(category, time, popularity, bins=settings.trend_bins, days=days)
        for days in settings.trend_days
        if clock
    )
    return Knowledge(popularity, trends, learn_together(moments, popularity))


def _part(moments: Moments, row: NDArray[np.int64], knowledge: Knowledge, *, settings: OrderSettings) -> Part:
    """Some of the moments compared with their past. Order-blind are popularity and bags of equal weights."""
    some = moments.take(row)
    bags = compare(some, knowledge)
    windows = settings.windows_days if knowledge.trends else ()
    popular = trailing_features(knowledge.popularity, some.truth, some.time, windows=windows)
    flat = np.ones((some.past.shape[1], 1), dtype=np.float32)
    blind = np.concatenate([popular, bag_features(bags, flat)[:, 0]])
    return Part(bags, row, np.arange(len(row)), some.truth, blind)


def blind_losses(moments: Moments, folds: Sequence[Fold]) -> NDArray[np.float64]:
    """Bits of each moment under the order-blind mixture, shape (n,)."""
    bits = np.full(len(moments), np.nan)
    for fold in folds:
        bits[fold.judge.row] = losses(fold.judge.blind, fold.weights)
    return bits


def ordered_losses(
    moments: Moments, order: Order, folds: Sequence[Fold], *, settings: OrderSettings
) -> OrderedLosses:
    """Bits of each moment with recency, and with recency and direction, for a past in this order."""
    recency, full = np.full(len(moments), np.nan), np.full(len(moments), np.nan)
    chosen = []
    for fold in folds:
        taught = moments.truth[fold.teach], order.last[fold.teach]
        transitions = learn_transitions(*taught, n_categories=moments.n_categories)
        half_life, start = _choose_half_life(fold, order, settings)
        chosen.append(half_life)
        weights = decay(settings.history, half_life)[:, None]
        known = np.concatenate([fold.weigh.blind, fold.weigh.recent(order, weights)[:, 0]])
        light = fit_mixture(known, start=start)
        known = np.concatenate([known, fold.weigh.after_last(order, fold.knowledge, transitions)])
        heavy = fit_mixture(known, start=_with_newcomers(light, 1))
        known = np.concatenate([fold.judge.blind, fold.judge.recent(order, weights)[:, 0]])
        recency[fold.judge.row] = losses(known, light)
        known = np.concatenate([known, fold.judge.after_last(order, fold.knowledge, transitions)])
        full[fold.judge.row] = losses(known, heavy)
    return OrderedLosses(recency, full, tuple(chosen))


def _choose_half_life(fold: Fold, order: Order, settings: OrderSettings) -> tuple[float, NDArray[np.float64]]:
    """The half-life under which the recency model makes the weighing users most probable, and its weights."""
    all_rows = len(fold.weigh.row)
    some = fold.weigh.take(np.arange(0, all_rows, max(1, -(-all_rows // settings.choosing_targets))))
    decays = np.stack([decay(settings.history, half_life) for half_life in settings.half_lives], axis=1)
    recent = some.recent(order, decays)
    weights = _with_newcomers(fold.weights, len(recent))
    best: tuple[float, float, NDArray[np.float64]] | None = None
    for column, half_life in enumerate(settings.half_lives):
        features = np.concatenate([some.blind, recent[:, column]])
        weights = fit_mixture(features, start=weights)
        loss = float(losses(features, weights).mean())
        if best is None or loss < best[0]:
            best = loss, half_life, weights
    assert best is not None
    return best[1], best[2]


def _with_newcomers(weights: NDArray[np.float64], newcomers: int) -> NDArray[np.float64]:
    """Start weights for a model with so many features more."""
    return np.concatenate([(1 - _NEWCOMERS) * weights, np.full(newcomers, _NEWCOMERS / newcomers)])
