"""Similarity of two repertoires seen through samples: Chao's abundance Jaccard, for many users at once.

U is the share of the first repertoire, in events, that belongs to categories both repertoires have; V the
same of the second; J = U V / (U + V - U V). A shared category may be missed in either sample: the share that
lies in categories shared but seen on one side only is estimated from the shared ones seen once and twice,

    U = sum X_i / n + (m - 1) / m * f(+1) / (2 f(+2)) * sum (X_i / n; Y_i = 1)    over the shared i, at most 1

with f(+1), f(+2) the shared categories that the second sample has once, twice (f(+2) = 0 counts as 1).

Reference  Chao, Chazdon, Colwell and Shen (2005), Ecology Letters 8, 148-159, equations 5 to 9.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Integers = NDArray[np.int64]


def chao_jaccard(first: Integers, second: Integers, *, user: Integers, users: int) -> Numbers:
    """Similarity of each user's two samples in [0, 1], shape (users,); nan where a sample is empty.

    `first`, `second` (cells,) count the events of one (user, category) cell in either sample, `user` (cells,)
    is whose it is.
    """
    of_first = _shared_share(first, second, user=user, users=users)
    of_second = _shared_share(second, first, user=user, users=users)
    union = of_first + of_second - of_first * of_second
    return np.asarray(of_first * of_second / np.where(union == 0, 1.0, union))


def _shared_share(mine: Integers, other: Integers, *, user: Integers, users: int) -> Numbers:
    """U: the share of `mine` in categories that both repertoires have, seen or not; nan without events."""

    def total(values: NDArray[np.generic]) -> Numbers:
        return np.asarray(np.bincount(user, values, users), dtype=np.float64)

    shared, once = (mine > 0) & (other > 0), (mine > 0) & (other == 1)
    size, others = total(mine), total(other)
    filled = (size > 0) & (others > 0)
    size, others = np.where(filled, size, np.nan), np.where(filled, others, np.nan)
    unseen = (others - 1) / others * total(once) / (2 * np.maximum(total(shared & (other == 2)), 1))
    return np.asarray(np.minimum(1.0, (total(mine * shared) + unseen * total(mine * once)) / size))
