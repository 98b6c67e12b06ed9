"""Which items may stand as candidates at a moment, and which of them the user already knew.

Eligible is what anyone was seen with in the trailing window, strictly before the moment. Where a log has
order but no time, the window is everything that other users ever did.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import MICROSECONDS_PER_DAY, NO_CATEGORY, Histories
from diagnose.predictors.targets import Targets
from diagnose.predictors.timeline import Timeline, encode_pair, find_sorted

SPAN_SHARE = 0.1  # the window is at most a tenth of the span, so that short logs have moved on too [0006]


def item_categories(histories: Histories) -> NDArray[np.int64]:
    """The category that an item most often has, NO_CATEGORY where it never has one. Shape (n_items,).

    A property of the catalogue, like a title: the category of a single event (the city of a search)
    would tell the true item from the others.
    """
    size = max(histories.n_categories, 1)
    code = encode_pair(histories.item, histories.category, size=size)
    pairs, counts = np.unique(code[code >= 0], return_counts=True)
    item, category = np.divmod(pairs, size)
    order = np.lexsort((-category, counts, item))
    categories = np.full(histories.n_items, NO_CATEGORY, dtype=np.int64)
    categories[item[order]] = category[order]
    return categories


@dataclass(frozen=True, eq=False)
class EarlierItems:
    """What each user had touched before, and since when. P distinct (user, item) pairs, E events."""

    keys: NDArray[np.int64]  # (P,) user and item, ascending
    first: NDArray[np.int64]  # (P,) flat index of the first event of the pair
    item: NDArray[np.int64]  # (P,) distinct items of each user in order of their first event
    before: NDArray[np.int64]  # (E + 1,) first events before each flat index
    size: int  # of the item code space

    @classmethod
    def of(cls, histories: Histories) -> EarlierItems:
        """From whole histories."""
        size = max(histories.n_items, 1)
        pair = encode_pair(histories.user_of_event, histories.item, size=size)
        keys, first = np.unique(pair, return_index=True)
        is_first = np.zeros(histories.n_events, dtype=np.bool_)
        is_first[first] = True
        before = np.concatenate([[0], np.cumsum(is_first)]).astype(np.int64)
        return cls(keys, first.astype(np.int64), histories.item[is_first], before, size)

    def holds(
        self, user: NDArray[np.int64], item: NDArray[np.int64], boundary: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Whether the user had the item before the flat index `boundary`; shapes broadcast."""
        place, found = find_sorted(self.keys, user * self.size + item)
        return found & (self.first[place] < boundary) if len(self.keys) else found


@dataclass(frozen=True, eq=False)
class EligibleWindow:
    """Events of the pool in order of time: all of them, by item, and by category of the item."""

    item: NDArray[np.int64]  # (E,) item of each event of the log
    category: NDArray[np.int64]  # (n_items,)
    everything: Timeline  # one key, 0
    by_item: Timeline
    by_category: Timeline
    times: NDArray[np.int64]  # distinct times, ascending; empty for a log of positions
    width: int  # microseconds

    @classmethod
    def of(
        cls, histories: Histories, *, eligible_days: float, pool: NDArray[np.bool_] | None = None
    ) -> EligibleWindow:
        """`pool` (U,) says whose events make items eligible and popular; None is everyone."""
        times = np.unique(histories.time) if histories.clock else np.empty(0, dtype=np.int64)
        rank = np.searchsorted(times, histories.time)  # all 0 for a log of positions
        width = min(eligible_days * MICROSECONDS_PER_DAY, np.ptp(times) * SPAN_SHARE) if len(times) else 0
        pooled = (
            pool[histories.user_of_event] if pool is not None else np.ones(histories.n_events, dtype=np.bool_)
        )
        category = item_categories(histories)
        ranks = max(len(times), 1) + 1
        return cls(
            item=histories.item,
            category=category,
            everything=Timeline.of(np.where(pooled, 0, -1), rank, ranks=ranks),
            by_item=Timeline.of(np.where(pooled, histories.item, -1), rank, ranks=ranks),
            by_category=Timeline.of(np.where(pooled, category[histories.item], -1), rank, ranks=ranks),
            times=times,
            width=int(width),
        )

    def bounds(self, time: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The window before each time as ranks [start, stop); everything for a log of positions."""
        if not len(self.times):
            return np.zeros(len(time), dtype=np.int64), np.ones(len(time), dtype=np.int64)
        return np.searchsorted(self.times, time - self.width), np.searchsorted(self.times, time)

    def admits(self, histories: Histories, targets: Targets) -> NDArray[np.bool_]:
        """Whether each true item is eligible, shape (n,); in a log of positions others must have it."""
        item = histories.item[targets.event]
        start, stop = self.bounds(histories.time[targets.event])
        seen = self.by_item.count(item, start, stop)
        if len(self.times):
            return seen > 0
        pooled = self.by_item.order
        own = np.sort(histories.user_of_event[pooled] * histories.n_items + self.item[pooled])
        mine = targets.user * histories.n_items + item
        return seen > np.searchsorted(own, mine, side="right") - np.searchsorted(own, mine)


@dataclass(frozen=True, eq=False)
class Moments:
    """What drawing candidates needs to know of n targets. All fields have shape (n,)."""

    user: NDArray[np.int64]
    positive: NDArray[np.int64]
    own_start: NDArray[np.int64]  # flat index of the user's first event
    boundary: NDArray[np.int64]  # the user's strictly earlier events stay below this flat index
    start: NDArray[np.int64]  # ranks of the window
    stop: NDArray[np.int64]

    @classmethod
    def of(cls, histories: Histories, targets: Targets, window: EligibleWindow) -> Moments:
        """The moments of some targets."""
        start, stop = window.bounds(histories.time[targets.event])
        own_start = histories.offsets[targets.user]
        return cls(
            user=targets.user,
            positive=histories.item[targets.event],
            own_start=own_start,
            boundary=own_start + targets.seen,
            start=start,
            stop=stop,
        )
