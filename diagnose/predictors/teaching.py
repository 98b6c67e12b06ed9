"""How far each user, as a teacher, moves the losses of the others: the part of an interval that is learning.

An interval that resamples the judged users alone takes what was learnt for granted. But the counts behind
co-occurrence and transitions come from users too, and a user who follows paths both gains by order and
teaches it: 90 % intervals without this held the truth 70 to 85 % of the time. The counts enter the losses
smoothly, so their first derivative is all that is needed: no model is fitted again (the infinitesimal
jackknife).
Weights and half-lives are left out: they stand at an optimum, where the first derivative is 0.

With R[b, a] = (S[b, a] + s p[b]) / (S[a] + s), one count more in S[b, a] moves the summed loss L by
(dL/dR[b, a] - sum over b' of dL/dR[b', a] R[b', a]) / (S[a] + s); transitions likewise.

Reference  Jaeckel (1972) and Efron (1982) on the infinitesimal jackknife.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from diagnose.predictors.categories import Moments, Order, decay
from diagnose.predictors.folds import Fold, Part
from diagnose.predictors.next_category import Learnt, OrderedLosses

_ROWS = 4_096  # moments a step: their cells stay in the processor's cache
_LN2 = float(np.log(2))

Bits = NDArray[np.float64]


def taught(moments: Moments, order: Order, folds: Sequence[Fold], losses: OrderedLosses) -> Bits:
    """Bits by which each moment, by teaching, moves the summed losses: recency and full, shape (n, 2).

    `losses` are those of this order. Moments that teach nobody have 0.
    """
    moved = np.zeros((len(moments), 2))
    for fold, learnt in zip(folds, losses.learnt, strict=True):
        moved[fold.teach] += _by_fold(moments, order, fold, learnt)
    return moved


def _by_fold(moments: Moments, order: Order, fold: Fold, learnt: Learnt) -> Bits:
    """The same for the teachers of one rotation, (teach, 2)."""
    known = learnt.recency(fold.judge, order)
    every = learnt.with_direction(known, fold.judge, order, fold)
    light, heavy = (
        1 / ((weights @ features) * _LN2)
        for weights, features in ((learnt.light, known), (learnt.heavy, every))
    )
    after_last = learnt.heavy[-1] * heavy  # minus the slope of each loss in P(next | last)
    slopes = np.stack(
        [_in_related(moments, order, fold, each) for each in ((learnt, light, 0), (learnt, heavy, 1))]
    )
    truth, last = fold.judge.truth, order.last[fold.judge.row]
    smoothing = fold.knowledge.popularity.smoothing
    pull = after_last * smoothing / (learnt.transitions.totals[last] + smoothing)
    np.subtract.at(slopes[1], (truth, last), pull)
    moved = _through_related(moments, fold, slopes)
    moved[:, 1] += _through_transitions(moments, order, fold, (learnt, after_last, every[-1]))
    return moved


def _in_related(moments: Moments, order: Order, fold: Fold, model: tuple[Learnt, Bits, int]) -> Bits:
    """Slope of the judged losses in each cell of co-occurrence, (K, K + 1): through the bag and recency."""
    learnt, inverse, heavy = model
    weights = learnt.heavy if heavy else learnt.light
    part, n = fold.judge, moments.n_categories
    at_blind = len(part.blind) - len(part.bags.trended) - 1
    at_recent = len(part.blind) + 1
    ages = decay(moments.past.shape[1], learnt.half_life).astype(np.float64)
    totals = np.concatenate([[1.0], np.cumsum(ages)])
    slope = np.zeros(n * (n + 1))
    for rows, past in _by_age(moments, order, part):
        length = np.maximum(np.count_nonzero(past < n, axis=1), 1)
        width = past.shape[1]
        share = weights[at_blind] / length[:, None] + weights[at_recent] * ages[:width] / totals[length, None]
        cell = part.truth[rows].astype(np.int64)[:, None] * (n + 1) + past
        slope -= np.bincount(cell.ravel(), (share * inverse[rows, None]).ravel(), len(slope))
    return slope.reshape(n, n + 1)


def _by_age(moments: Moments, order: Order, part: Part) -> Iterator[tuple[slice, NDArray[np.int32]]]:
    """Some judged rows at a time, and their past in the order of its age."""
    for start in range(0, len(part.row), _ROWS):
        rows = slice(start, start + _ROWS)
        past = moments.past[part.row[rows]]
        width = max(1, int(np.count_nonzero(past < moments.n_categories, axis=1).max()))
        if order.columns is not None:
            past = np.take_along_axis(past, order.columns[part.row[rows], :width].astype(np.intp), axis=1)
        yield rows, past[:, :width]


def _through_related(moments: Moments, fold: Fold, slopes: Bits) -> Bits:
    """What each teacher's pairs of (past, next) do, slopes (2, K, K + 1) -> (teach, 2)."""
    some, n = moments.take(fold.teach), moments.n_categories
    share = 1.0 / np.maximum(np.count_nonzero(some.past < n, axis=1), 1)
    totals = np.zeros(n + 1)
    for rows in _steps(len(some)):
        spread = np.repeat(share[rows], some.past.shape[1])
        totals += np.bincount(some.past[rows].ravel(), spread, n + 1)
    related = fold.knowledge.together.astype(np.float64)
    carried = slopes - np.einsum("mba,ba->ma", slopes, related)[:, None, :]
    carried /= totals + fold.knowledge.popularity.smoothing
    carried[:, :, n] = 0.0
    moved = np.empty((len(some), 2))
    for rows in _steps(len(some)):
        cell = some.truth[rows].astype(np.int64)[:, None] * (n + 1) + some.past[rows]
        for model in (0, 1):
            moved[rows, model] = carried[model].ravel().take(cell).sum(axis=1) * share[rows]
    return moved


def _through_transitions(
    moments: Moments, order: Order, fold: Fold, seen: tuple[Learnt, Bits, NDArray[np.float32]]
) -> Bits:
    """What each teacher's last step does, (teach,): `seen` is the model, minus its slope, and the feature."""
    learnt, slope, feature = seen
    n, row = moments.n_categories, fold.judge.row
    cell = moments.truth[row].astype(np.int64) * (n + 1) + order.last[row]
    hit = np.bincount(cell, slope, n * (n + 1))
    spent = np.bincount(order.last[row], slope * feature, n + 1)
    truth, last = moments.truth[fold.teach].astype(np.int64), order.last[fold.teach]
    total = learnt.transitions.totals[last] + fold.knowledge.popularity.smoothing
    moved: Bits = -(hit[truth * (n + 1) + last] - spent[last]) / total
    return moved


def _steps(rows: int) -> Iterator[slice]:
    return (slice(start, start + _ROWS) for start in range(0, rows, _ROWS))
