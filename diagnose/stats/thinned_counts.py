"""What share of things is recorded, from how many of them are on record where at least one happened.

k >= 1 things happen before an outcome and each is recorded with chance q, so X of k are on record. With
k = 1 + a negative binomial count of mean m and spread s (0 is Poisson, 1 geometric),

    P(X = 0) = (1 - q) (1 + q m s)^(-1/s)        E X = q (1 + m)

which gives q for each s. Whatever the law of k, q <= 1 - P(X = 0), reached where k = 1; and the Poisson law
gives the lowest q of all laws in which k - 1 is a mixture of Poisson counts (Jensen).

Reference  Johnson, Kemp and Kotz (2005), Univariate Discrete Distributions (thinning, mixed Poisson laws).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
STEPS = 30  # halvings: q to 1e-9


def recorded_share(none: Numbers, mean: Numbers, *, spread: float) -> Numbers:
    """q from the share with none on record and the mean on record; 0 where none is more than q > 0 gives."""
    none, mean = np.broadcast_arrays(np.asarray(none, float), np.asarray(mean, float))
    low, high = np.zeros(none.shape), 1 - none
    for _ in range(STEPS):
        middle = (low + high) / 2
        above = (1 - middle) * nothing(mean - middle, spread=spread) > none
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return np.asarray(np.where(none <= 0, 1.0, low))


def nothing(mean: Numbers, *, spread: float) -> Numbers:
    """Chance of 0 under a negative binomial count of that mean and spread."""
    mean = np.maximum(mean, 0.0)  # rounding alone may leave the range
    return np.exp(-np.log1p(mean * spread) / spread) if spread else np.exp(-mean)


def pairs_on_record(share: Numbers, mean: Numbers, *, spread: float) -> Numbers:
    """E X(X - 1) that the law gives with that q and mean on record: how unequal the numbers must be."""
    further = np.maximum(mean - share, 0.0)
    return np.asarray(2 * share * further + further**2 * (1 + spread))
