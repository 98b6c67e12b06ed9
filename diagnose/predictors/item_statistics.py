"""What is known of items before any target: how often, with what, after what.

Counts come from other users or earlier times than the targets they serve (the caller says which), so
that no target's own pair is among them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import Histories
from diagnose.interests import allowed_events
from diagnose.predictors.associations import PairCounts
from diagnose.predictors.eligibility import item_categories
from diagnose.predictors.targets import find_targets

NEAR = 10  # events: items met within so many of each other count as together [0006]
MAXIMUM_PAIRS = 8_000_000  # on large logs fewer neighbours are paired, so that seconds stay seconds [0006]
SHRINKAGE = 10.0  # transitions from an item before its own counts outweigh popularity [0006]
QUANTUM = 2.0**-16  # affinities are multiples of it: sums are then exact in any order of the history


@dataclass(frozen=True, eq=False)
class Statistics:
    """Counts of items and categories, and of pairs of them. Shapes: n_items, n_categories."""

    item_category: NDArray[np.int64]  # (n_items,)
    item_count: NDArray[np.float64]  # (n_items,) events of the statistics
    category_count: NDArray[np.float64]  # (n_categories,)
    together: PairCounts  # smaller code first
    next_item: PairCounts  # (last item, next item)
    next_category: PairCounts
    left_item: NDArray[np.float64]  # (n_items,) transitions out of an item
    left_category: NDArray[np.float64]

    def affinity(self, first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.float32]:
        """Cosine of two items' neighbourhood counts in [0, 1], a multiple of QUANTUM; shapes broadcast."""
        near = self.together.look_up(np.minimum(first, second), np.maximum(first, second))
        scale = np.sqrt(np.maximum(self.item_count, 1)).astype(np.float32)
        cosine = np.minimum(near / (scale[first] * scale[second]), 1)
        return (np.round(cosine / QUANTUM) * QUANTUM).astype(np.float32)

    def item_lift(self, last: NDArray[np.int64], following: NDArray[np.int64]) -> NDArray[np.float64]:
        """Log of how much more often `following` comes right after `last` than its popularity says."""
        return _lift(
            self.next_item.look_up(last, following), last, following, self.left_item, self.item_count
        )

    def category_lift(self, last: NDArray[np.int64], following: NDArray[np.int64]) -> NDArray[np.float64]:
        """The same for categories; 0 where either is missing."""
        seen = self.next_category.look_up(last, following)
        lift = _lift(seen, last, following, self.left_category, self.category_count)
        return np.where((last >= 0) & (following >= 0), lift, 0.0)


def learn_statistics(
    histories: Histories, *, until: int | None, users: NDArray[np.bool_] | None = None
) -> Statistics:
    """Counts over events before `until` (time axis; None is all) by `users` (mask (U,); None is all)."""
    allowed = allowed_events(histories, until=until, users=users)
    category = item_categories(histories)
    n_items, n_categories = histories.n_items, max(histories.n_categories, 1)
    item = histories.item
    last, following = _transitions(histories, allowed)
    return Statistics(
        item_category=category,
        item_count=np.bincount(item[allowed], minlength=n_items).astype(np.float64),
        category_count=_count(category[item[allowed]], n_categories),
        together=_together(histories, allowed),
        next_item=PairCounts.of(item[last], item[following], size=n_items),
        next_category=PairCounts.of(category[item[last]], category[item[following]], size=n_categories),
        left_item=_count(item[last], n_items),
        left_category=_count(category[item[last]], n_categories),
    )


def _count(code: NDArray[np.int64], size: int) -> NDArray[np.float64]:
    return np.bincount(code[code >= 0], minlength=size).astype(np.float64)


def _transitions(
    histories: Histories, allowed: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Flat indices of (the latest strictly earlier event, the event), both allowed: ties give no order."""
    moments = find_targets(histories, history=0, minimum_history=1)
    last = histories.offsets[moments.user] + moments.seen - 1
    kept = allowed[last] & allowed[moments.event]
    return last[kept], moments.event[kept]


def _together(histories: Histories, allowed: NDArray[np.bool_]) -> PairCounts:
    """Unordered pairs of different items within NEAR events of one user."""
    code = np.where(allowed, histories.item, -1)
    user = histories.user_of_event
    near = int(np.clip(MAXIMUM_PAIRS // max(int(np.count_nonzero(allowed)), 1), 1, NEAR))
    pairs = [np.empty((2, 0), dtype=np.int64)]
    for lag in range(1, near + 1):
        first, second = code[:-lag], code[lag:]
        kept = (user[:-lag] == user[lag:]) & (first >= 0) & (second >= 0) & (first != second)
        pairs.append(np.stack([first[kept], second[kept]]))
    first, second = np.concatenate(pairs, axis=1)
    return PairCounts.of(np.minimum(first, second), np.maximum(first, second), size=histories.n_items)


def _lift(
    seen: NDArray[np.float32],
    last: NDArray[np.int64],
    following: NDArray[np.int64],
    left: NDArray[np.float64],
    count: NDArray[np.float64],
) -> NDArray[np.float64]:
    """log((seen + s p) / ((left + s) p)) with p the smoothed popularity of what follows, s SHRINKAGE."""
    share = (count + 1) / (count.sum() + len(count))
    expected = SHRINKAGE * share[following]
    lift: NDArray[np.float64] = np.log((seen + expected) / ((left[last] + SHRINKAGE) * share[following]))
    return lift
