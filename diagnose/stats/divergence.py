"""How far two distributions lie apart.

Reference  Lin (1991), "Divergence measures based on the Shannon entropy", IEEE Trans. Inf. Theory 37.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


def jensen_shannon(first: Numbers, second: Numbers) -> Numbers:
    """Jensen-Shannon divergence in bits along the last axis, in [0, 1]; nan where either has no weight.

    Both hold weights that need not add up to one: (..., K) and (..., K) -> (...).
    """
    one, two = _distribution(first), _distribution(second)
    apart = _entropy((one + two) / 2) - (_entropy(one) + _entropy(two)) / 2
    return np.clip(apart, 0.0, 1.0)  # rounding alone may leave the range


def _distribution(weights: Numbers) -> Numbers:
    total = weights.sum(axis=-1, keepdims=True)
    return np.asarray(weights / np.where(total > 0, total, np.nan))


def _entropy(distribution: Numbers) -> Numbers:
    """In bits; what has no probability adds nothing."""
    logs = np.log2(np.where(distribution == 0, 1.0, distribution))
    return np.asarray(-(distribution * logs).sum(axis=-1))
