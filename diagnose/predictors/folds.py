"""Who teaches, who weighs, who is judged: users dealt into folds that change places.

Users are split by a hash: the statistics of categories come from one part, the weights and the half-life from
another, and the loss is judged on a third; the parts rotate, so that every user is judged once.
"""

from __future__ import annotations

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
    learn_together,
    transition_feature,
)
from diagnose.predictors.mixture import fit_mixture
from diagnose.predictors.popularity import learn_popularity, learn_trend, trailing_features
from diagnose.predictors.shuffles import mix
from diagnose.settings import OrderSettings

_FOLD_SALT = np.uint64(0x9E3779B97F4A7C15)  # so that folds do not follow the hash that drew the sample


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
