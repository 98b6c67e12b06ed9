"""Nested mixtures of the next category: order-blind, with recency, with recency and direction.

A past in another order is judged by `ordered_losses` with all order parameters (half-life, weights,
transition matrix) learnt anew on it, while the order-blind part is the same by construction. Who teaches, who
weighs and who is judged: folds.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnose.predictors.categories import Moments, Order, Transitions, decay, learn_transitions
from diagnose.predictors.folds import Fold, Part
from diagnose.predictors.mixture import fit_mixture, losses
from diagnose.settings import OrderSettings

_NEWCOMERS = 0.25  # start weight of the features that a larger model adds


@dataclass(frozen=True, eq=False)
class Learnt:
    """What one rotation learnt of an order: `light` mixes order-blind and recency, `heavy` direction too."""

    half_life: float  # events
    light: NDArray[np.float64]
    heavy: NDArray[np.float64]
    transitions: Transitions

    def recency(self, part: Part, order: Order) -> NDArray[np.float32]:
        """The features that `light` weighs, (m, rows of the part)."""
        weights = decay(part.bags.same.shape[1], self.half_life)[:, None]
        return np.concatenate([part.blind, part.recent(order, weights)[:, 0]])

    def with_direction(
        self, known: NDArray[np.float32], part: Part, order: Order, fold: Fold
    ) -> NDArray[np.float32]:
        """Those features and what the last category says of the next: what `heavy` weighs, (m + 1, rows)."""
        return np.concatenate([known, part.after_last(order, fold.knowledge, self.transitions)])


@dataclass(frozen=True, eq=False)
class OrderedLosses:
    """Bits of each judged moment, NaN where none judged it: shape (n,). `learnt`: one a fold."""

    recency: NDArray[np.float64]
    full: NDArray[np.float64]
    learnt: tuple[Learnt, ...] = ()

    @property
    def half_lives(self) -> tuple[float, ...]:
        """One a fold, events."""
        return tuple(each.half_life for each in self.learnt)


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
    every = []
    for fold in folds:
        learnt = _learn(moments, order, fold, settings)
        known = learnt.recency(fold.judge, order)
        recency[fold.judge.row] = losses(known, learnt.light)
        known = learnt.with_direction(known, fold.judge, order, fold)
        full[fold.judge.row] = losses(known, learnt.heavy)
        every.append(learnt)
    return OrderedLosses(recency, full, tuple(every))


def _learn(moments: Moments, order: Order, fold: Fold, settings: OrderSettings) -> Learnt:
    """Everything about order, from those who teach and those who weigh."""
    taught = moments.truth[fold.teach], order.last[fold.teach]
    transitions = learn_transitions(*taught, n_categories=moments.n_categories)
    half_life, start = _choose_half_life(fold, order, settings)
    bare = Learnt(half_life, start, start, transitions)
    known = bare.recency(fold.weigh, order)
    light = fit_mixture(known, start=start)
    known = bare.with_direction(known, fold.weigh, order, fold)
    return Learnt(half_life, light, fit_mixture(known, start=with_newcomers(light, 1)), transitions)


def _choose_half_life(fold: Fold, order: Order, settings: OrderSettings) -> tuple[float, NDArray[np.float64]]:
    """The half-life under which the recency model makes the weighing users most probable, and its weights."""
    all_rows = len(fold.weigh.row)
    some = fold.weigh.take(np.arange(0, all_rows, max(1, -(-all_rows // settings.choosing_targets))))
    decays = np.stack([decay(settings.history, half_life) for half_life in settings.half_lives], axis=1)
    recent = some.recent(order, decays)
    weights = with_newcomers(fold.weights, len(recent))
    best: tuple[float, float, NDArray[np.float64]] | None = None
    for column, half_life in enumerate(settings.half_lives):
        features = np.concatenate([some.blind, recent[:, column]])
        weights = fit_mixture(features, start=weights)
        loss = float(losses(features, weights).mean())
        if best is None or loss < best[0]:
            best = loss, half_life, weights
    assert best is not None
    return best[1], best[2]


def with_newcomers(weights: NDArray[np.float64], newcomers: int) -> NDArray[np.float64]:
    """Start weights for a model with so many features more."""
    return np.concatenate([(1 - _NEWCOMERS) * weights, np.full(newcomers, _NEWCOMERS / newcomers)])
