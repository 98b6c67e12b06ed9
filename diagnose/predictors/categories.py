"""Probabilities that simple predictors give to the true next category.

Order-blind: popularity (see popularity.py), the user's bag of past categories, the bag adjusted for the
trend, co-occurrence averaged over the bag (see bags.py). Recency: the same bag terms with weights
2^(-age / h), and "the same as last". Direction: the transition matrix from the last category.

Only the probability of the *true* category is ever computed, so nothing of size targets x categories
exists. Shapes: n targets, H events of history, K categories; the code K stands for padding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnose.predictors.popularity import Popularity, Trend


@dataclass(frozen=True, eq=False)
class Moments:
    """Targets as categories. `truth` (n,) in [0, K), `past` (n, H) in [0, K] with K for padding.

    `time`, `since`, `until` (n,) in microseconds: of the target, and of the oldest and the newest event of
    its past, which stay when the past is shuffled. `user` (n,) is any integer label.
    """

    truth: NDArray[np.int32]
    past: NDArray[np.int32]
    time: NDArray[np.int64]
    since: NDArray[np.int64]
    until: NDArray[np.int64]
    user: NDArray[np.int64]
    n_categories: int

    def __len__(self) -> int:
        return len(self.truth)

    def take(self, rows: NDArray[np.bool_] | NDArray[np.int64] | slice) -> Moments:
        """Some of the moments."""
        return Moments(
            truth=self.truth[rows],
            past=self.past[rows],
            time=self.time[rows],
            since=self.since[rows],
            until=self.until[rows],
            user=self.user[rows],
            n_categories=self.n_categories,
        )


@dataclass(frozen=True, eq=False)
class Knowledge:
    """What other users teach of categories. `together` is (K, K + 1): row the next, column the past one."""

    popularity: Popularity
    trends: tuple[Trend, ...]  # one a window; none where the log has no clock
    together: NDArray[np.float32]

    def relate(self, truth: NDArray[np.integer], past: NDArray[np.integer]) -> NDArray[np.float32]:
        """How often each next category comes with each past one; shapes broadcast."""
        cell = _cell(truth, past, len(self.together))
        related: NDArray[np.float32] = self.together.ravel().take(cell)
        return related


@dataclass(frozen=True, eq=False)
class Order:
    """An order that the past of n moments may have had; nothing else about them changes with it.

    `columns` (n, H) of the past in the order of their age, the most recent first, None where they lie so;
    `last` (n,) is the category of the most recent event.
    """

    columns: NDArray[np.integer] | None
    last: NDArray[np.int32]


def fold_rare(
    category: NDArray[np.integer], *, n_categories: int, maximum: int
) -> tuple[NDArray[np.int32], int]:
    """Categories renumbered, the most frequent first; all beyond `maximum` share the last code, "other"."""
    counts = np.bincount(category, minlength=n_categories)
    rank = np.empty(n_categories, dtype=np.int32)
    rank[np.argsort(-counts, kind="stable")] = np.arange(n_categories, dtype=np.int32)
    present = int(np.count_nonzero(counts))
    codes = np.minimum(rank, maximum)[category]
    return codes.astype(np.int32), min(present, maximum + 1)


def learn_together(moments: Moments, popularity: Popularity) -> NDArray[np.float32]:
    """P(next | one of the past), whatever its age: each target spreads one count over its past.

    The same for every order of the past, so a direction that only says what goes with what is in here.
    Smoothed towards popularity.
    """
    past, shape = moments.past, (moments.n_categories, moments.n_categories + 1)
    share = 1.0 / np.maximum(np.count_nonzero(past < moments.n_categories, axis=1), 1)
    pairs = _cell(moments.truth[:, None], past, moments.n_categories).ravel()
    counts = np.bincount(pairs, np.repeat(share, past.shape[1]), shape[0] * shape[1]).reshape(shape)
    return _smoothed(counts, popularity.overall[:, None], smoothing=popularity.smoothing)


@dataclass(frozen=True, eq=False)
class Transitions:
    """How often each category came next to each last one: counts (K * (K + 1),), row the next one."""

    counts: NDArray[np.int64]
    totals: NDArray[np.int64]  # (K + 1,) of each last one


def learn_transitions(truth: NDArray[np.int32], last: NDArray[np.int32], *, n_categories: int) -> Transitions:
    """Counts of (last, next) over moments, both (n,)."""
    cells = _cell(truth, last, n_categories)
    counts = np.bincount(cells, minlength=n_categories * (n_categories + 1))
    return Transitions(counts, np.bincount(last, minlength=n_categories + 1))


def transition_feature(
    truth: NDArray[np.int32], last: NDArray[np.int32], knowledge: Knowledge, transitions: Transitions
) -> NDArray[np.float32]:
    """P(next | the last), shape (n,), smoothed towards co-occurrence, and through it to popularity."""
    smoothing = knowledge.popularity.smoothing
    seen = transitions.counts[_cell(truth, last, len(knowledge.together))]
    share: NDArray[np.float64] = (seen + smoothing * knowledge.relate(truth, last)) / (
        transitions.totals[last] + smoothing
    )
    return share.astype(np.float32)


def decay(history: int, half_life: float) -> NDArray[np.float32]:
    """Weights 2^(-age / half_life) of H ages in positions, shape (H,)."""
    return (2.0 ** (-np.arange(history) / half_life)).astype(np.float32)


def _cell(row: NDArray[np.integer], column: NDArray[np.integer], n: int) -> NDArray[np.int64]:
    """Flat index into a matrix with n + 1 columns."""
    cell: NDArray[np.int64] = row.astype(np.int64) * (n + 1) + column
    return cell


def _smoothed(counts: NDArray[Any], prior: NDArray[Any], *, smoothing: float) -> NDArray[np.float32]:
    """Columns of counts (K, K + 1) as probabilities, `smoothing` counts drawn from the prior; padding 0."""
    matrix: NDArray[Any] = (counts + smoothing * prior) / (counts.sum(axis=0) + smoothing)
    matrix[:, -1] = 0.0
    return matrix.astype(np.float32)
