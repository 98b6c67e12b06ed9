"""A conditional logit over candidates: which of these items comes next, from a few features of each.

The softmax of a linear score over each target's candidates, fitted by Newton's method with a little
ridge: deterministic, and finished in a handful of steps. Repeats and new items may have weights of their
own: a candidate set is of one kind, and what helps among old items need not help among new ones.

Reference  McFadden (1974), "Conditional logit analysis of qualitative choice behavior".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

PENALTY = 1.0  # ridge on standardised weights, in users: a prior of unit variance [0006]
STEPS = 25  # of Newton's method; it stops after four or five [0006]
TOLERANCE = 1e-7  # of the mean loss, nats: far below what any rank can feel [0006]
SMALLEST_STRATUM = 100  # targets; a smaller kind shares the weights of all [0006]


@dataclass(frozen=True, eq=False)
class Scorer:
    """Fitted weights on standardised features. Shapes (2, F): row 0 for new items, row 1 for repeats."""

    weights: NDArray[np.float64]
    means: NDArray[np.float64]
    scales: NDArray[np.float64]

    def score(
        self, features: NDArray[np.float32], repeat: NDArray[np.bool_] | None = None
    ) -> NDArray[np.float32]:
        """Scores (n, C) of features (n, C, F). `repeat` (n,) as in Candidates where fitted with it."""
        slopes = self.weights / self.scales
        offset = (self.means * slopes).sum(axis=1)
        row = np.zeros(len(features), dtype=np.int64) if repeat is None else repeat.astype(np.int64)
        scores = np.empty(features.shape[:2], dtype=np.float32)
        for stratum in (0, 1):
            chosen = row == stratum
            scores[chosen] = features[chosen] @ slopes[stratum] - offset[stratum]
        return scores


def fit_scorer(
    features: NDArray[np.float32],
    mask: NDArray[np.bool_],
    users: NDArray[np.int64],
    *,
    repeat: NDArray[np.bool_] | None = None,
    start: Scorer | None = None,
) -> Scorer:
    """Fit to features (n, C, F) with the true item in column 0, candidates where `mask` (n, C).

    Each user in `users` (n,) has the same total weight, as in GAUC. With `repeat` (n,) each stratum is
    fitted alone. `start` warms up Newton's method and changes nothing but the time.
    """
    _, code, counts = np.unique(users, return_inverse=True, return_counts=True)
    weight = 1.0 / counts[code]
    strata = [np.ones(len(features), dtype=np.bool_)] * 2
    if repeat is not None and min(repeat.sum(), (~repeat).sum()) >= SMALLEST_STRATUM:
        strata = [~repeat, repeat]
    fits: list[tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]] = []
    for stratum, chosen in enumerate(strata):
        if stratum and chosen is strata[0]:
            fits.append(fits[0])
            continue
        warm = None if start is None else start.weights[stratum]
        fits.append(_fit(features[chosen], mask[chosen], weight[chosen], start=warm))
    weights, means, scales = (np.stack(part) for part in zip(*fits, strict=True))
    return Scorer(weights, means, scales)


def _fit(
    features: NDArray[np.float32],
    mask: NDArray[np.bool_],
    weight: NDArray[np.float64],
    *,
    start: NDArray[np.float64] | None,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Weights, means and scales of one stratum, each (F,)."""
    standard, means, scales = _standardised(features, mask)
    weights = np.zeros(features.shape[2]) if start is None else start
    loss, share = _softmax(standard, mask, weight, weights)
    for _ in range(STEPS):
        gradient, curvature = _derivatives(standard, share, weight, weights)
        step, previous = np.linalg.solve(curvature, gradient), loss
        for _halving in range(10):
            loss, share = _softmax(standard, mask, weight, weights - step)
            if loss <= previous:
                break
            step = step / 2
        else:
            break
        weights = weights - step
        if previous - loss <= TOLERANCE * max(weight.sum(), 1.0):
            break
    return weights, means, scales


def _standardised(
    features: NDArray[np.float32], mask: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Features with mean 0 and variance 1 over the candidates, 0 elsewhere; the means and scales."""
    held = (features.reshape(-1, features.shape[2]) if mask.all() else features[mask]).astype(np.float64)
    means = held.mean(axis=0) if len(held) else np.zeros(features.shape[2])
    held -= means
    scales = np.sqrt(np.square(held).mean(axis=0)) if len(held) else np.ones(features.shape[2])
    scales = np.where(scales > 1e-9, scales, 1.0)
    held /= scales
    if len(held) == mask.size:
        return held.reshape(features.shape), means, scales
    standard = np.zeros(features.shape)
    standard[mask] = held
    return standard, means, scales


def _softmax(
    standard: NDArray[np.float64],
    mask: NDArray[np.bool_],
    weight: NDArray[np.float64],
    weights: NDArray[np.float64],
) -> tuple[float, NDArray[np.float64]]:
    """The penalised loss, and the share of each candidate, (n, C)."""
    logits = np.where(mask, standard @ weights, -np.inf)
    top = logits.max(axis=1)
    share = np.exp(logits - top[:, None])
    total = share.sum(axis=1)
    losses = top + np.log(total) - logits[:, 0]
    share /= total[:, None]
    return float(weight @ losses + PENALTY / 2 * weights @ weights), share


def _derivatives(
    standard: NDArray[np.float64],
    share: NDArray[np.float64],
    weight: NDArray[np.float64],
    weights: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Gradient (F,) and Hessian (F, F) of the penalised loss where the candidates have these shares."""
    expected = np.matmul(share[:, None, :], standard)[:, 0]
    gradient = weight @ (expected - standard[:, 0]) + PENALTY * weights
    spread = (standard * np.sqrt(share * weight[:, None])[..., None]).reshape(-1, standard.shape[2])
    centred = expected * np.sqrt(weight)[:, None]
    curvature = spread.T @ spread - centred.T @ centred + PENALTY * np.eye(len(weights))
    return gradient, curvature
