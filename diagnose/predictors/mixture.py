"""A mixture of predictors: weights on the simplex that make what happened most probable.

Each feature is the probability that one simple predictor gave to the true outcome, so a mixture of them
is again a probability, and its loss is in bits. The likelihood is concave in the weights, so EM has one
place to go; being slow where predictors are alike, it only takes the first steps, and Newton steps under
"no weight below 0" take the rest of the way to the same maximum.

Reference  Dempster, Laird and Rubin (1977) for EM; Kim, Carbonetto, Stephens and Anitescu (2020), mixsqp,
           for the Newton steps; Lindsay (1983) for the stopping rule, a bound on what is still to gain.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

TOLERANCE = 1e-5  # nats per event that the best mixture could still gain: far below what is ever shown
_EM_STEPS = 3  # from anywhere to where a quadratic is a fair picture of the likelihood
_NEWTON_STEPS = 40  # five to ten suffice; single precision may keep the bound from closing entirely
_HALVINGS = 10  # of a Newton step that overshoots
_RIDGE = 1e-7  # predictors may coincide (a window as long as the log): any split between them is as good


def fit_mixture(
    features: NDArray[np.floating], *, start: NDArray[np.float64] | None = None
) -> NDArray[np.float64]:
    """The weights (m,) that maximise the mean log of the mixture. features (m, n), no column all 0.

    Single precision is enough for some twenty unlike predictors; a fine grid of alike ones needs double.

    Start weights of exactly 0 may come back to life; they sum to one in the end whatever they were.
    """
    n_features = len(features)
    weights = np.full(n_features, 1.0 / n_features) if start is None else start / start.sum()
    exact = features.astype(np.float64)  # for comparing likelihoods: once, not at every step
    for _ in range(_EM_STEPS):
        _, slope = _climb(features, weights)
        weights = weights * slope
    for _ in range(_NEWTON_STEPS):
        mixed, slope = _climb(features, weights)
        if slope.max() - 1.0 < TOLERANCE:
            break
        nearer = _newton(features, exact, weights, (mixed, slope))
        if nearer is None:
            break
        weights = nearer
    return weights


def losses(features: NDArray[np.floating], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Bits that the mixture needs for each outcome. features (m, n), weights (m,) -> (n,)."""
    bits: NDArray[np.float64] = -np.log2(weights @ features)
    return bits


def _climb(
    features: NDArray[np.floating], weights: NDArray[np.float64]
) -> tuple[NDArray[np.floating], NDArray[np.float64]]:
    """The mixture of each event (n,), and the slope of the mean log in each weight (m,).

    At the maximum no slope exceeds 1; its excess bounds the nats per event still to gain.
    """
    mixed: NDArray[np.floating] = weights.astype(features.dtype) @ features
    slope: NDArray[np.float64] = (features @ (1 / mixed)).astype(np.float64) / features.shape[1]
    return mixed, slope


def _newton(
    features: NDArray[np.floating],
    exact: NDArray[np.float64],
    weights: NDArray[np.float64],
    climbed: tuple[NDArray[np.floating], NDArray[np.float64]],
) -> NDArray[np.float64] | None:
    """A better mixture towards the maximum of the quadratic over weights >= 0; None if there is none.

    `exact` are the features in double precision, `climbed` the mixture and its slope at `weights`.
    """
    from scipy.optimize import nnls

    mixed, slope = climbed
    scaled = features / mixed
    curvature = (scaled @ scaled.T).astype(np.float64) / features.shape[1]
    curvature[np.diag_indices_from(curvature)] += _RIDGE * np.trace(curvature)
    root = np.linalg.cholesky(curvature)
    aim, _ = nnls(root.T, np.linalg.solve(root, slope + curvature @ weights - 1.0))
    here, step = float(np.log(mixed, dtype=np.float64).mean()), 1.0
    for _ in range(_HALVINGS):
        tried = weights + step * (aim - weights)
        tried /= tried.sum()
        if float(np.log(tried @ exact).mean()) > here:
            return tried
        step /= 2
    return None
