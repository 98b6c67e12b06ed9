"""What earlier events than the last one say of the next category: transitions by lag, and from pairs.

Reference  Raftery (1985) for mixtures of transitions by lag; Singer et al. (2014) for how many matter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnose.predictors.categories import Moments, Order, Transitions, learn_transitions, transition_feature
from diagnose.predictors.folds import Fold, Part
from diagnose.predictors.mixture import fit_mixture, losses
from diagnose.predictors.next_category import OrderedLosses, with_newcomers
from diagnose.predictors.timeline import find_sorted

Features = NDArray[np.float32]
Losses = NDArray[np.float64]


def back(moments: Moments, order: Order, lag: int) -> NDArray[np.int32]:
    """The category `lag` events back, 1 the last one, K where the past is shorter; (n,)."""
    column = lag - 1 if order.columns is None else order.columns[:, lag - 1].astype(np.intp)
    category: NDArray[np.int32] = moments.past[np.arange(len(moments)), column]
    return category


def lag_losses(
    moments: Moments, order: Order, folds: Sequence[Fold], run: OrderedLosses, *, lag: int
) -> Losses:
    """Bits of each moment with recency and the transitions from the event `lag` back alone, (n,)."""
    bits, category = np.full(len(moments), np.nan), back(moments, order, lag)
    for fold, learnt in zip(folds, run.learnt, strict=True):
        steps = _Steps.learn(moments, fold, category)
        weigh, judge = (
            np.concatenate([learnt.recency(part, order), steps.feature(part)])
            for part in (fold.weigh, fold.judge)
        )
        bits[fold.judge.row] = losses(judge, fit_mixture(weigh, start=with_newcomers(learnt.light, 1)))
    return bits


def deeper_losses(
    moments: Moments, order: Order, folds: Sequence[Fold], run: OrderedLosses, *, lags: Sequence[int]
) -> Losses:
    """Bits of each moment with all of `run`, and transitions from these lags and from the last two, (n,)."""
    bits = np.full(len(moments), np.nan)
    for fold, learnt in zip(folds, run.learnt, strict=True):
        every = [_Steps.learn(moments, fold, back(moments, order, lag)) for lag in lags]
        pairs = _Pairs.learn(moments, order, fold)
        known = []
        for part in (fold.weigh, fold.judge):
            full = learnt.with_direction(learnt.recency(part, order), part, order, fold)
            more = [steps.feature(part) for steps in every]
            known.append(np.concatenate([full, *more, pairs.feature(part, prior=full[-1])]))
        weights = fit_mixture(known[0], start=with_newcomers(learnt.heavy, len(lags) + 1))
        bits[fold.judge.row] = losses(known[1], weights)
    return bits


@dataclass(frozen=True, eq=False)
class _Steps:
    """Transitions from one lag: the category there of all moments, and what the teachers' say."""

    fold: Fold
    category: NDArray[np.int32]
    transitions: Transitions

    @classmethod
    def learn(cls, moments: Moments, fold: Fold, category: NDArray[np.int32]) -> _Steps:
        """From the teachers of a fold."""
        teach = fold.teach
        learnt = learn_transitions(moments.truth[teach], category[teach], n_categories=moments.n_categories)
        return cls(fold, category, learnt)

    def feature(self, part: Part) -> Features:
        """P(next | the category there) of some moments, (1, rows)."""
        there = self.category[part.row]
        return transition_feature(part.truth, there, self.fold.knowledge, self.transitions)[None]


@dataclass(frozen=True, eq=False)
class _Pairs:
    """Transitions from the last two events together: how often each (pair, next) and each pair was taught."""

    pair: NDArray[np.int64]  # of all moments
    n_categories: int
    smoothing: float
    keys: tuple[NDArray[np.int64], NDArray[np.int64]]  # (pair, next) and pairs, ascending
    counts: tuple[NDArray[np.int64], NDArray[np.int64]]

    @classmethod
    def learn(cls, moments: Moments, order: Order, fold: Fold) -> _Pairs:
        """From the teachers of a fold."""
        n = moments.n_categories
        pair = back(moments, order, 2).astype(np.int64) * (n + 1) + order.last
        taught = pair[fold.teach]
        steps, seen = np.unique(taught * n + moments.truth[fold.teach], return_counts=True)
        pairs, times = np.unique(taught, return_counts=True)
        smoothing = fold.knowledge.popularity.smoothing
        return cls(pair, n, smoothing, (steps, pairs), (seen, times))

    def feature(self, part: Part, *, prior: Features) -> Features:
        """P(next | the last two), drawn towards `prior` (rows,), which knows the last alone; (1, rows)."""
        pair = self.pair[part.row]
        seen = self._looked_up(0, pair * self.n_categories + part.truth)
        share = (seen + self.smoothing * prior) / (self._looked_up(1, pair) + self.smoothing)
        feature: Features = share.astype(np.float32)[None]
        return feature

    def _looked_up(self, which: int, wanted: NDArray[np.int64]) -> NDArray[np.int64]:
        place, there = find_sorted(self.keys[which], wanted)
        return np.where(there, self.counts[which][place], 0)
