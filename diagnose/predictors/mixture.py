"""A mixture of predictors: weights on the simplex that make what happened most probable.

Each feature is the probability that one simple predictor gave to the true outcome, so a mixture of them
is again a probability, and its loss is in bits. The likelihood is concave in the weights: there is one
best mixture, and EM climbs to it.

Reference  Dempster, Laird and Rubin (1977); acceleration: Varadhan and Roland (2008), SQUAREM;
           the stopping rule is the duality gap of the mixture likelihood (Lindsay 1983).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

TOLERANCE = 1e-5  # nats per event that a better mixture could still gain: far below what is ever shown
ROUNDS = 200  # of three EM steps; the gap is reached long before on every log seen
_LEAST = 1e-9  # a weight of exactly 0 could never recover


def fit_mixture(
    features: NDArray[np.float32], *, start: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """The weights (m,) that maximise the mean log of the mixture. features (m, n), no column all 0."""
    n_features = len(features)
    weights = np.full(n_features, 1.0 / n_features) if start is None else _simplex(start)
    for _ in range(ROUNDS):
        once, gap = _step(features, weights)
        if gap < TOLERANCE:
            break
        twice, _ = _step(features, once)
        weights = _leap(features, weights, once, twice)
    return weights


def losses(features: NDArray[np.float32], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bits that the mixture needs for each outcome. features (m, n), weights (m,) -> (n,)."""
    bits: NDArray[np.float64] = -np.log2(weights @ features)
    return bits


def _step(features: NDArray[np.float32], weights: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """One EM step, and how many nats per event the best mixture can at most lie above `weights`."""
    single = weights.astype(np.float32)
    slope = (features @ (1 / (single @ features))).astype(np.float64) / features.shape[1]
    return weights * slope, float(slope.max()) - 1.0


def _leap(
    features: NDArray[np.float32],
    weights: NDArray[np.float64],
    once: NDArray[np.float64],
    twice: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Three EM steps in the direction of two: extrapolated, and steadied by one more step."""
    first, change = once - weights, twice - 2 * once + weights
    size = float(np.linalg.norm(change))
    length = max(1.0, float(np.linalg.norm(first)) / size) if size > 0 else 1.0
    leapt = _simplex(weights + 2 * length * first + length**2 * change)
    steadied, _ = _step(features, leapt)
    return _simplex(steadied)


def _simplex(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """The weights made positive and summing to one."""
    positive = np.maximum(weights, _LEAST)
    normalised: NDArray[np.float64] = positive / positive.sum()
    return normalised
