"""Probabilities that simple predictors give to the true next category.

Order-blind: popularity (see popularity.py), the user's bag of past categories, the bag adjusted for the
trend, co-occurrence averaged over the bag. Recency: the same bag terms with weights 2^(-age / h), and
"the same as last". Direction: the transition matrix from the last category.

Only the probability of the *true* category is ever computed, so nothing of size targets x categories
exists. Shapes: n targets, H events of history, K categories; the code K stands for padding.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnose.predictors.popularity import Popularity, Trend

_ROWS = 2_048  # targets a step: its arrays of (rows, H) stay in the processor's cache
_TINY = np.float32(1e-30)


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

    def take(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> Moments:
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


def learn_transitions(moments: Moments) -> Transitions:
    """Counts of (last, next) over the moments."""
    last, n = moments.past[:, 0], moments.n_categories
    cells = _cell(moments.truth, last, n)
    return Transitions(np.bincount(cells, minlength=n * (n + 1)), np.bincount(last, minlength=n + 1))


def transition_feature(
    moments: Moments, knowledge: Knowledge, transitions: Transitions
) -> NDArray[np.float32]:
    """P(next | the last), shape (n,), smoothed towards co-occurrence, and through it to popularity."""
    last, smoothing = moments.past[:, 0], knowledge.popularity.smoothing
    cell = _cell(moments.truth, last, moments.n_categories)
    prior = knowledge.together.ravel()[cell]
    share: NDArray[np.float64] = (transitions.counts[cell] + smoothing * prior) / (
        transitions.totals[last] + smoothing
    )
    return share.astype(np.float32)


def bag_features(moments: Moments, knowledge: Knowledge, weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Bag, co-occurrence and one trend-adjusted bag a trend, under m weightings of age.

    weights (H, m), positive -> (2 + trends, m, n). All equal weights give the order-blind features.
    """
    shape = (2 + len(knowledge.trends), weights.shape[1], len(moments))
    features = np.empty(shape, dtype=np.float32)
    for start in range(0, len(moments), _ROWS):
        rows = slice(start, start + _ROWS)
        past, truth = _trimmed(moments.past[rows], moments.n_categories), moments.truth[rows, None]
        ages = weights[: past.shape[1]]
        same = (past == truth).astype(np.float32)
        total = (past < moments.n_categories).astype(np.float32) @ ages
        related = knowledge.together.ravel().take(_cell(truth, past, moments.n_categories))
        features[0, :, rows] = _share(same @ ages, total)
        features[1, :, rows] = _share(related @ ages, total)
        for number, trend in enumerate(knowledge.trends):
            adjusted = trend.lift(
                past, now=moments.time[rows], since=moments.since[rows], until=moments.until[rows]
            )
            features[2 + number, :, rows] = _share((same * adjusted) @ ages, adjusted @ ages)
    return features


def decay(history: int, half_life: float) -> NDArray[np.float32]:
    """Weights 2^(-age / half_life) of H ages in positions, shape (H,)."""
    return (2.0 ** (-np.arange(history) / half_life)).astype(np.float32)


def same_as_last(moments: Moments) -> NDArray[np.float32]:
    """1 where the next category is the last one, shape (n,)."""
    same: NDArray[np.bool_] = moments.past[:, 0] == moments.truth
    return same.astype(np.float32)


def _trimmed(past: NDArray[np.int32], padding: int) -> NDArray[np.int32]:
    """The rows without columns that are padding in all of them; at least one column stays."""
    longest = int(np.count_nonzero(past != padding, axis=1).max(initial=1))
    return past[:, :longest]


def _cell(row: NDArray[np.integer], column: NDArray[np.integer], n: int) -> NDArray[np.int64]:
    """Flat index into a matrix with n + 1 columns."""
    cell: NDArray[np.int64] = row.astype(np.int64) * (n + 1) + column
    return cell


def _smoothed(counts: NDArray[Any], prior: NDArray[Any], *, smoothing: float) -> NDArray[np.float32]:
    """Columns of counts (K, K + 1) as probabilities, `smoothing` counts drawn from the prior; padding 0."""
    matrix: NDArray[Any] = (counts + smoothing * prior) / (counts.sum(axis=0) + smoothing)
    matrix[:, -1] = 0.0
    return matrix.astype(np.float32)


def _share(part: NDArray[Any], whole: NDArray[Any]) -> NDArray[np.float32]:
    """part / whole as rows of features: (rows, m) -> (m, rows)."""
    return np.asarray((part / np.maximum(whole, _TINY)).T, dtype=np.float32)
