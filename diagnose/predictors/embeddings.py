"""Order-blind embeddings of items and categories: a truncated SVD of who touched what.

Only counts of the statistics window enter, so no embedding has seen a target or the order of events.

Reference  Levy and Goldberg (2014) on factorised counts; Bullinaria and Levy (2012) on taking the
           square root of the singular values.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import Histories


def item_embeddings(
    histories: Histories,
    *,
    until: int | None,
    dimensions: int,
    seed: int,
    users: NDArray[np.bool_] | None = None,
) -> NDArray[np.float32]:
    """One row of length 1 per item, shape (n_items, dimensions); zeros where unseen before `until`.

    `until` is on the time axis of the log (microseconds; None takes everything). `users` (U,) restricts
    whose events count, for logs of positions that are split by users.
    """
    return _embed(histories, histories.item, histories.n_items, (until, users), dimensions, seed)


def category_embeddings(
    histories: Histories,
    *,
    until: int | None,
    dimensions: int,
    seed: int,
    users: NDArray[np.bool_] | None = None,
) -> NDArray[np.float32]:
    """The same for categories, shape (n_categories, dimensions). Events without category are left out."""
    code = histories.category.astype(np.int64)
    return _embed(histories, code, histories.n_categories, (until, users), dimensions, seed)


def allowed_events(
    histories: Histories, *, until: int | None, users: NDArray[np.bool_] | None
) -> NDArray[np.bool_]:
    """Which events statistics may see: before `until` (exclusive) and by `users`. Shape (E,)."""
    allowed = np.ones(histories.n_events, dtype=np.bool_)
    if until is not None:
        allowed &= histories.time < until
    if users is not None:
        allowed &= users[histories.user_of_event]
    return allowed


def truncated_svd(
    user: NDArray[np.int64], code: NDArray[np.int64], *, size: int, dimensions: int, seed: int
) -> NDArray[np.float32]:
    """Right factors of the (user, code) count matrix, scaled and of length 1, shape (size, dimensions).

    Counts are damped (log1p) and each column divided by the root of its sum, or the first dimension
    would be popularity. Codes without events get the zero vector; surplus dimensions are zero.
    """
    from scipy import sparse
    from sklearn.decomposition import TruncatedSVD

    embeddings = np.zeros((size, dimensions), dtype=np.float32)
    if not len(code):
        return embeddings
    _, rows = np.unique(user, return_inverse=True)
    seen, columns = np.unique(code, return_inverse=True)
    counts = sparse.csr_array((np.ones(len(code)), (rows, columns)), shape=(rows.max() + 1, len(seen)))
    counts.sum_duplicates()
    counts.data = np.log1p(counts.data)
    weighted = counts @ sparse.diags_array(1 / np.sqrt(np.asarray(counts.sum(axis=0)).ravel()))
    rank = min(dimensions, min(weighted.shape) - 1)
    if rank < 1:
        return embeddings
    svd = TruncatedSVD(n_components=rank, n_iter=4, random_state=seed).fit(weighted)
    vectors = svd.components_.T * np.sqrt(svd.singular_values_)
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    embeddings[seen, :rank] = vectors / np.maximum(length, np.finfo(np.float32).tiny)
    return embeddings


def _embed(
    histories: Histories,
    code: NDArray[np.int64],
    size: int,
    limits: tuple[int | None, NDArray[np.bool_] | None],
    dimensions: int,
    seed: int,
) -> NDArray[np.float32]:
    until, users = limits
    allowed = allowed_events(histories, until=until, users=users) & (code >= 0)
    return truncated_svd(
        histories.user_of_event[allowed], code[allowed], size=size, dimensions=dimensions, seed=seed
    )
