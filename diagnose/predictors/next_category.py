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
from diagnose.predictors.categories import (
    Knowledge,
    Moments,
    bag_features,
    decay,
    learn_together,
    learn_transitions,
    same_as_last,
    transition_feature,
)
from diagnose.predictors.mixture import fit_mixture, losses
from diagnose.predictors.popularity import learn_popularity, learn_trend, trailing_features
from diagnose.predictors.shuffles import mix
from diagnose.settings import OrderSettings

_FOLD_SALT = np.uint64(0x9E3779B97F4A7C15)  # so that folds do not follow the hash that drew the sample
_NEWCOMERS = 0.25  # start weight of the features that a larger model adds


@dataclass(frozen=True, eq=False)
class Fold:
    """One rotation. Rows of the moments that teach, weigh and judge, and the order-blind part on them.

    `weigh_blind` and `judge_blind` are (b, rows) order-blind features, `weights` (b,) their mixture.
    """

    knowledge: Knowledge
    teach: NDArray[np.int64]
    weigh: NDArray[np.int64]
    judge: NDArray[np.int64]
    weigh_blind: NDArray[np.float32]
    judge_blind: NDArray[np.float32]
    weights: NDArray[np.float64]

    def among(self, rows: NDArray[np.bool_]) -> Fold:
        """The same fold on some of the moments, given as a mask over all of them."""
        weigh, judge = rows[self.weigh], rows[self.judge]
        return Fold(
            self.knowledge,
            self.teach[rows[self.teach]],
            self.weigh[weigh],
            self.judge[judge],
            self.weigh_blind[:, weigh],
            self.judge_blind[:, judge],
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
        weigh, judge = np.flatnonzero(of_moment == weighed), np.flatnonzero(of_moment == judged)
        weigh_blind, judge_blind = (
            blind_features(moments.take(rows), knowledge, windows=settings.windows_days)
            for rows in (weigh, judge)
        )
        folds.append(Fold(knowledge, teach, weigh, judge, weigh_blind, judge_blind, fit_mixture(weigh_blind)))
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


def blind_features(
    moments: Moments, knowledge: Knowledge, *, windows: Sequence[float]
) -> NDArray[np.float32]:
    """Popularity over all time and trailing windows, then the bag terms: (b, n) for any order of the past."""
    used = windows if knowledge.trends else ()
    popular = trailing_features(knowledge.popularity, moments.truth, moments.time, windows=used)
    flat = np.ones((moments.past.shape[1], 1), dtype=np.float32)
    return np.concatenate([popular, bag_features(moments, knowledge, flat)[:, 0]])


def blind_losses(moments: Moments, folds: Sequence[Fold]) -> NDArray[np.float64]:
    """Bits of each moment under the order-blind mixture, shape (n,)."""
    bits = np.full(len(moments), np.nan)
    for fold in folds:
        bits[fold.judge] = losses(fold.judge_blind, fold.weights)
    return bits


def ordered_losses(moments: Moments, folds: Sequence[Fold], *, settings: OrderSettings) -> OrderedLosses:
    """Bits of each moment with recency, and with recency and direction, for the past as ordered here."""
    recency, full = np.full(len(moments), np.nan), np.full(len(moments), np.nan)
    chosen = []
    for fold in folds:
        transitions = learn_transitions(moments.take(fold.teach))
        weigh, judge = moments.take(fold.weigh), moments.take(fold.judge)
        half_life, start = _choose_half_life(weigh, fold, settings)
        chosen.append(half_life)
        added = _recency_features(weigh, fold.knowledge, half_life)
        known = np.concatenate([fold.weigh_blind, added])
        light = fit_mixture(known, start=start)
        whole = np.concatenate([known, transition_feature(weigh, fold.knowledge, transitions)[None]])
        heavy = fit_mixture(whole, start=_with_newcomers(light, 1))
        known = np.concatenate([fold.judge_blind, _recency_features(judge, fold.knowledge, half_life)])
        recency[fold.judge] = losses(known, light)
        whole = np.concatenate([known, transition_feature(judge, fold.knowledge, transitions)[None]])
        full[fold.judge] = losses(whole, heavy)
    return OrderedLosses(recency, full, tuple(chosen))


def _choose_half_life(
    weigh: Moments, fold: Fold, settings: OrderSettings
) -> tuple[float, NDArray[np.float64]]:
    """The half-life under which the recency model makes the weighing users most probable, and its weights."""
    few = np.arange(0, len(weigh), max(1, -(-len(weigh) // settings.choosing_targets)))
    history = weigh.past.shape[1]
    some = weigh.take(few)
    decays = np.stack([decay(history, half_life) for half_life in settings.half_lives], axis=1)
    bags, same = bag_features(some, fold.knowledge, decays), same_as_last(some)[None]
    weights = _with_newcomers(fold.weights, len(bags) + 1)
    best: tuple[float, float, NDArray[np.float64]] | None = None
    for column, half_life in enumerate(settings.half_lives):
        features = np.concatenate([fold.weigh_blind[:, few], bags[:, column], same])
        weights = fit_mixture(features, start=weights)
        loss = float(losses(features, weights).mean())
        if best is None or loss < best[0]:
            best = loss, half_life, weights
    assert best is not None
    return best[1], best[2]


def _recency_features(moments: Moments, knowledge: Knowledge, half_life: float) -> NDArray[np.float32]:
    """The bag terms under decaying weights, and whether the last category comes again."""
    ages = decay(moments.past.shape[1], half_life)[:, None]
    return np.concatenate([bag_features(moments, knowledge, ages)[:, 0], same_as_last(moments)[None]])


def _with_newcomers(weights: NDArray[np.float64], newcomers: int) -> NDArray[np.float64]:
    """Start weights for a model with so many features more."""
    return np.concatenate([(1 - _NEWCOMERS) * weights, np.full(newcomers, _NEWCOMERS / newcomers)])
