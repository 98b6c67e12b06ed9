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
from diagnose.predictors.timeline import Timeline, distinct, encode_pair, find_sorted

SPAN_SHARE = 0.1  # the window is at most a tenth of the span, so that short logs have moved on too [0006]


def item_categories(histories: Histories) -> NDArray[np.int64]:
    """The category that an item most often has, NO_CATEGORY where it never has one. Shape (n_items,).

    A property of the catalogue, like a title: the category of a single event (the city of a search)
    would tell the true item from the others.
    """
    size, item, category = max(histories.n_categories, 1), histories.item, histories.category
    if histories.catalogue and histories.exposures is not None:  # of what was shown and never clicked
        item = np.concatenate([item, histories.exposures.item])
        category = np.concatenate([category, histories.exposures.category])
    code = encode_pair(item, category, size=size)
    pairs, counts = np.unique(code[code >= 0], return_counts=True)
    of_item, named = np.divmod(pairs, size)
    order = np.lexsort((-named, counts, of_item))
    categories = np.full(histories.n_items, NO_CATEGORY, dtype=np.int64)
    categories[of_item[order]] = named[order]
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
    user: NDArray[np.int64]  # (E,) user of each event
    category: NDArray[np.int64]  # (n_items,)
    everything: Timeline  # one key, 0
    by_item: Timeline
    by_category: Timeline
    times: NDArray[np.int64]  # distinct times, ascending; empty for a log of positions
    width: int  # microseconds
    own: NDArray[np.int64]  # sorted (user, item) codes of the pool's events; empty where the log has a clock

    @classmethod
    def of(
        cls, histories: Histories, *, eligible_days: float, pool: NDArray[np.bool_] | None = None
    ) -> EligibleWindow:
        """`pool` (U,) says whose events make items eligible and popular; None is everyone."""
        times = distinct(histories.time) if histories.clock else np.empty(0, dtype=np.int64)
        rank = np.searchsorted(times, histories.time)  # all 0 for a log of positions
        width = min(eligible_days * MICROSECONDS_PER_DAY, np.ptp(times) * SPAN_SHARE) if len(times) else 0
        user = histories.user_of_event
        pooled = pool[user] if pool is not None else np.ones(histories.n_events, dtype=np.bool_)
        category, size = item_categories(histories), max(histories.n_items, 1)
        ranks = max(len(times), 1) + 1
        return cls(
            item=histories.item,
            user=user,
            category=category,
            everything=Timeline.of(np.where(pooled, 0, -1), rank, ranks=ranks),
            by_item=Timeline.of(np.where(pooled, histories.item, -1), rank, ranks=ranks),
            by_category=Timeline.of(np.where(pooled, category[histories.item], -1), rank, ranks=ranks),
            times=times,
            width=int(width),
            own=np.sort(encode_pair(user, histories.item, size=size)[pooled & (not histories.clock)]),
        )

    def bounds(self, time: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The window before each time as ranks [start, stop); everything for a log of positions."""
        if not len(self.times):
            return np.zeros_like(time), np.ones_like(time)
        return np.searchsorted(self.times, time - self.width), np.searchsorted(self.times, time)

    def admits(
        self, user: NDArray[np.int64], item: NDArray[np.int64], time: NDArray[np.int64]
    ) -> NDArray[np.bool_]:
        """Whether `item` is eligible for `user` at `time`; shapes broadcast.

        Without a clock the window holds the future too, so there only what others did can count.
        """
        start, stop = self.bounds(time)
        seen = self.by_item.count(item, start, stop)
        if len(self.times):
            return seen > 0
        mine = encode_pair(user, item, size=len(self.category))
        return seen > np.searchsorted(self.own, mine, side="right") - np.searchsorted(self.own, mine)


@dataclass(frozen=True, eq=False)
class Stock:
    """What candidates are drawn from: laid out once for all draws from a log."""

    window: EligibleWindow
    earlier: EarlierItems

    @classmethod
    def of(
        cls, histories: Histories, *, eligible_days: float, pool: NDArray[np.bool_] | None = None
    ) -> Stock:
        """`pool` (U,) says whose events make items eligible and popular (default: everyone's)."""
        window = EligibleWindow.of(histories, eligible_days=eligible_days, pool=pool)
        return cls(window, EarlierItems.of(histories))


@dataclass(frozen=True, eq=False)
class Moments:
    """What drawing candidates needs to know of n targets. All fields have shape (n,)."""

    user: NDArray[np.int64]
    time: NDArray[np.int64]
    positive: NDArray[np.int64]
    own_start: NDArray[np.int64]  # flat index of the user's first event
    boundary: NDArray[np.int64]  # the user's strictly earlier events stay below this flat index

    @classmethod
    def of(cls, histories: Histories, targets: Targets) -> Moments:
        """The moments of some targets."""
        own_start = histories.offsets[targets.user]
        return cls(
            user=targets.user,
            time=histories.time[targets.event],
            positive=histories.item[targets.event],
            own_start=own_start,
            boundary=own_start + targets.seen,
        )

    def take(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> Moments:
        """Some of them, as columns of shape (m, 1): they broadcast against candidates."""
        return Moments(
            *(
                part[chosen][:, None]
                for part in (self.user, self.time, self.positive, self.own_start, self.boundary)
            )
        )
