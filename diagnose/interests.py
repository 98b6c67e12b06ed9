"""Interests where a log names none: items grouped by who touched them, never by when.

The (user, item) counts are scaled on both sides (a heavy user or a bestseller is no interest), factorised
by a truncated SVD, rows brought to length 1 and clustered by k-means. Order and time never enter, so no
drift can be made here. An item of a few users would be described by the very histories that it is to
describe: it gets no category, as everything of which too little is known.

Reference  Dhillon (2001), "Co-clustering documents and words using bipartite spectral graph partitioning".
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import NO_CATEGORY, Histories
from diagnose.settings import InterestSettings

CLUSTERS = "clusters"  # among a Histories' roles: its categories are clusters made here


def cluster_items(
    histories: Histories,
    *,
    settings: InterestSettings,
    seed: int,
    until: int | None = None,
    users: NDArray[np.bool_] | None = None,
) -> Histories:
    """The same histories with the cluster of its item as each event's category, "cluster 1" the largest.

    `until` (time axis, exclusive) and `users` (mask (U,)) restrict which events make the clusters, for
    a trial whose statistics must not have seen its targets.
    """
    allowed = allowed_events(histories, until=until, users=users)
    cluster = _clusters(histories, allowed, settings, seed)
    found = cluster[cluster != NO_CATEGORY]
    names = tuple(f"cluster {rank + 1}" for rank in range(int(found.max()) + 1 if len(found) else 0))
    clustered = histories.with_categories(cluster[histories.item], names)
    return replace(clustered, roles=histories.roles | {CLUSTERS})


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


def factorise(
    user: NDArray[np.int64], code: NDArray[np.int64], *, size: int, dimensions: int, seed: int
) -> NDArray[np.float32]:
    """Right factors of the (user, code) counts, of length 1, shape (size, dimensions), float32.

    Counts are damped (log1p) and scaled by the roots of both margins, singular values enter by their
    root. Codes without events get the zero vector; dimensions beyond the rank are zero.
    """
    from scipy import sparse
    from sklearn.decomposition import TruncatedSVD
    from threadpoolctl import threadpool_limits

    factors = np.zeros((size, dimensions), dtype=np.float32)
    known, columns = np.unique(code, return_inverse=True)
    present, rows = np.unique(user, return_inverse=True)
    rank = min(dimensions, len(present) - 1, len(known) - 1)
    if rank < 1:
        return factors
    counts = sparse.csr_array((np.ones(len(code)), (rows, columns)), shape=(len(present), len(known)))
    counts.sum_duplicates()
    counts.data = np.log1p(counts.data)
    by_user, by_code = (1 / np.sqrt(np.asarray(counts.sum(axis=axis)).ravel()) for axis in (1, 0))
    scaled = sparse.csr_matrix(sparse.diags_array(by_user) @ counts @ sparse.diags_array(by_code))
    with threadpool_limits(1):  # the same digits on any number of cores
        svd = TruncatedSVD(n_components=rank, n_iter=4, random_state=seed).fit(scaled)
    vectors = svd.components_.T * np.sqrt(svd.singular_values_)
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    factors[known, :rank] = vectors / np.maximum(length, np.finfo(np.float32).tiny)
    return factors


def _clusters(
    histories: Histories, allowed: NDArray[np.bool_], settings: InterestSettings, seed: int
) -> NDArray[np.int32]:
    """The cluster of each item, numbered from the one with most events; NO_CATEGORY where too few users."""
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    user, item = histories.user_of_event[allowed], histories.item[allowed]
    touched = np.unique(item * len(histories) + user) // max(len(histories), 1)
    enough = np.bincount(touched, minlength=histories.n_items) >= settings.minimum_users
    known = enough[item]
    factors = factorise(
        user[known], item[known], size=histories.n_items, dimensions=settings.dimensions, seed=seed
    )
    chosen = np.flatnonzero(enough)
    clusters = np.full(histories.n_items, NO_CATEGORY, dtype=np.int32)
    wanted = min(settings.clusters, len(np.unique(factors[chosen], axis=0)))
    if wanted < 1:
        return clusters
    with threadpool_limits(1):
        label = KMeans(wanted, n_init=1, random_state=seed).fit_predict(factors[chosen])
    events = np.bincount(label, np.bincount(item, minlength=histories.n_items)[chosen], wanted)
    position = np.empty(wanted, dtype=np.int32)
    position[np.argsort(-events, kind="stable")] = np.arange(wanted, dtype=np.int32)
    clusters[chosen] = position[label]
    return clusters
