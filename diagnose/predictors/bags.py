"""The past as a bag: how each of its events relates to the category that came next, in any order.

Another order moves the events of a past and changes none. So every moment is compared with its past once,
and each order only takes these comparisons in another sequence.

Shapes: n moments, H events of history, T trends, m weightings of age.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnose.predictors.categories import Knowledge, Moments

_ROWS = 2_048  # moments a step: its arrays of (rows, H) stay in the processor's cache
_TINY = np.float32(1e-30)

Terms = NDArray[np.float32]
Rows = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Bags:
    """Moments compared with their past. All but `length` have shape (n, H) and are 0 at padding."""

    same: NDArray[np.bool_]  # the event is of the category that came next
    related: Terms  # how often its category and the next one occur together
    trended: tuple[Terms, ...]  # what each trend did to its category since
    length: NDArray[np.int64]  # (n,) of each past

    def __len__(self) -> int:
        return len(self.length)


def compare(moments: Moments, knowledge: Knowledge) -> Bags:
    """Compare each true category with each event of its past, once for all orders of it."""
    shape, trends = moments.past.shape, knowledge.trends
    same, related = np.zeros(shape, dtype=np.bool_), np.zeros(shape, dtype=np.float32)
    trended = tuple(np.zeros(shape, dtype=np.float32) for _ in trends)
    length = np.count_nonzero(moments.past < moments.n_categories, axis=1)
    for rows, width in _steps(length):
        some = moments.take(rows)
        past, truth = some.past[:, :width], some.truth[:, None]
        same[rows, :width] = past == truth
        related[rows, :width] = knowledge.relate(truth, past)
        for trend, lifted in zip(trends, trended, strict=True):
            lifted[rows, :width] = trend.lift(past, now=some.time, since=some.since, until=some.until)
    return Bags(same, related, trended, length)


def bag_features(
    bags: Bags,
    weights: NDArray[np.float32],
    *,
    rows: Rows | None = None,
    columns: NDArray[np.integer] | None = None,
) -> Terms:
    """Bag, co-occurrence and one trend-adjusted bag a trend, under m weightings of age.

    weights (H, m), positive -> (2 + T, m, rows); all equal they give the order-blind features. `rows` of the
    bags, all if None. `columns` (rows, H) stand in the order of their age; as they are if None.
    """
    rows = np.arange(len(bags)) if rows is None else rows
    features = np.empty((2 + len(bags.trended), weights.shape[1], len(rows)), dtype=np.float32)
    for here, width in _steps(bags.length[rows]):
        order = np.arange(width) if columns is None else columns[here, :width]
        cell = rows[here, None] * bags.same.shape[1] + order
        ages = weights[:width]
        held = np.arange(width) < bags.length[rows[here], None]
        total = held.astype(np.float32) @ ages
        same = bags.same.ravel().take(cell).astype(np.float32)
        features[0, :, here] = _share(same @ ages, total)
        features[1, :, here] = _share(bags.related.ravel().take(cell) @ ages, total)
        for number, trended in enumerate(bags.trended, start=2):
            lifted = trended.ravel().take(cell)
            features[number, :, here] = _share((same * lifted) @ ages, lifted @ ages)
    return features


def _steps(length: NDArray[np.int64]) -> Iterator[tuple[slice, int]]:
    """Some rows at a time, and the longest past among them, one column at least."""
    for start in range(0, len(length), _ROWS):
        rows = slice(start, start + _ROWS)
        yield rows, max(1, int(length[rows].max()))


def _share(part: NDArray[Any], whole: NDArray[Any]) -> Terms:
    """part / whole as rows of features: (rows, m) -> (m, rows)."""
    return np.asarray((part / np.maximum(whole, _TINY)).T, dtype=np.float32)
