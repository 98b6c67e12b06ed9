"""Boosted trees on what the conditional logit leaves unexplained: interactions of features.

A linear score cannot say "what follows the last item matters while the visit is fresh". Trees are fitted
to the logit's residual (1 for the true item, 0 for the others, less the logit's share): one long step of
gradient boosting that starts at the logit. How far to go is not read from the rows that grew the trees: the
weighing users are halved, each half is scored by the trees of the other, and a logit of two weights a
stratum, the linear score and the trees', says what the trees are worth on users they have not seen. Where
there are no interactions that is nothing, and the ranking stays that of the logit.

A candidate's trees see its own features and those of the moment, never the other candidates: half of the
negatives share the true item's category, so that the company a candidate is in would tell which one is true.

Reference  Friedman (2001), "Greedy function approximation"; Ke et al. (2017) for histograms; Breiman (1996),
"Stacked regressions".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnose.predictors.ranking import shares
from diagnose.predictors.scorer import fit_scorer

Steps = NDArray[np.uint8]

BINS = 32  # steps of a feature: a split between quantiles is as good as one between values [0021]
TREES = 20  # twice as many rank no better and cost half as much again [0021]
RATE = 0.2  # of learning: a split that is wrong by itself costs a fifth [0021]
LEAVES = 8  # paths of about three splits: who, when and which [0021]
SMALLEST_LEAF = 500  # candidates, 100 targets: the mean residual is then known to 0.02 [0021]
TAUGHT = 3_000  # targets that grow the trees of a half: more cost seconds and rank no better [0021]
_QUANTILE_ROWS = 20_000  # candidates that the quantiles are read from


@dataclass(frozen=True, eq=False)
class Choices:
    """Which candidates stand, whose targets they are, which targets weigh and which are judged.

    Shapes: `mask` (n, C), true item in column 0; `user` and `repeat` (n,); `weigh` and `judge` rows of the n.
    """

    mask: NDArray[np.bool_]
    user: NDArray[np.int64]
    repeat: NDArray[np.bool_]
    weigh: NDArray[np.int64]
    judge: NDArray[np.int64]

    def halves(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The weighing rows in two parts that share no user."""
        odd = np.unique(self.user[self.weigh], return_inverse=True)[1] % 2 == 1
        return self.weigh[~odd], self.weigh[odd]


def steps_of(features: NDArray[np.float32]) -> Steps:
    """Features (n, F) as the numbers of their quantile steps, (F, n)."""
    steps = np.empty(features.shape[::-1], dtype=np.uint8)
    inner = np.linspace(0, 1, BINS + 1)[1:-1]
    for step, feature in zip(steps, features.T, strict=True):
        column = np.ascontiguousarray(feature)
        edges = np.unique(np.quantile(column[:: 1 + len(column) // _QUANTILE_ROWS], inner))
        step[:] = np.searchsorted(edges, column, side="right")
    return steps


def boosted(scores: NDArray[np.float32], steps: Steps, choices: Choices) -> NDArray[np.float32]:
    """Scores of the judged rows, (judged, C), by the logit's `scores` (n, C) and by trees that correct them.

    `steps` (F, n * C) are of all candidates, those that do not stand included.
    """
    import sklearn.ensemble  # noqa: F401  # before the limit, which holds what is loaded
    from threadpoolctl import threadpool_limits

    first, second = choices.halves()
    added = np.zeros(scores.shape, dtype=np.float32)
    with threadpool_limits(1, user_api="openmp"):
        for grown, unseen in ((first, second), (second, first)):
            rows = np.concatenate([unseen, choices.judge])
            added[rows] += _residual(scores, steps, choices.mask, grown=grown, asked=rows)
    added[choices.judge] /= 2  # the mean of both halves' trees
    added[~choices.mask] = 0
    both = np.stack([scores, added], axis=2)
    scorer = fit_scorer(
        both[choices.weigh],
        choices.mask[choices.weigh],
        choices.user[choices.weigh],
        repeat=choices.repeat[choices.weigh],
    )
    return scorer.score(both[choices.judge], choices.repeat[choices.judge])


def _residual(
    scores: NDArray[np.float32],
    steps: Steps,
    mask: NDArray[np.bool_],
    *,
    grown: NDArray[np.int64],
    asked: NDArray[np.int64],
) -> NDArray[np.float32]:
    """What trees grown on some rows expect of others beyond the logit's share, (asked, C)."""
    if len(grown) > TAUGHT:
        grown = grown[np.arange(TAUGHT) * len(grown) // TAUGHT]  # evenly, from as many users as can be
    left = -shares(scores[grown], mask[grown])
    left[:, 0] += 1
    standing = mask[grown]
    if np.count_nonzero(standing) < 2 * SMALLEST_LEAF:  # too few for any split
        return np.zeros((len(asked), mask.shape[1]), dtype=np.float32)
    taught = _cells(grown, mask.shape[1])[standing.ravel()]
    found = _grown(_table(steps, taught), left[standing], _table(steps, _cells(asked, mask.shape[1])))
    return found.reshape(len(asked), -1).astype(np.float32)


def _cells(rows: NDArray[np.int64], width: int) -> NDArray[np.int64]:
    """Flat indices of the candidates of some rows."""
    return (rows[:, None] * width + np.arange(width)).ravel()


def _table(steps: Steps, cells: NDArray[np.int64]) -> NDArray[np.float64]:
    """Steps of some candidates, one a row, in the precision that scikit-learn would convert them to."""
    return np.take(steps, cells, axis=1).astype(np.float64).T


def _grown(
    taught: NDArray[np.float64], left: NDArray[np.float64], asked: NDArray[np.float64]
) -> NDArray[np.float64]:
    from sklearn.ensemble import HistGradientBoostingRegressor

    trees = HistGradientBoostingRegressor(
        max_iter=TREES,
        learning_rate=RATE,
        max_leaf_nodes=LEAVES,
        min_samples_leaf=SMALLEST_LEAF,
        max_bins=BINS,
        early_stopping=False,  # would hold out rows, not users: the logit of both scores sees to that
        random_state=0,  # nothing is drawn
    )
    return np.asarray(trees.fit(taught, left).predict(asked), dtype=np.float64)
