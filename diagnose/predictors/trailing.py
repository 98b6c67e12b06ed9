"""What had happened before a moment: to an item by others, to an item and a category by the user.

Popularity, age and staleness leave out the user's own events: in a log of few users the last hour of an
item is mostly the user's own, and the order of the history would hide in the order-blind baseline.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import MICROSECONDS_PER_DAY, Histories
from diagnose.predictors.timeline import Timeline, encode_pair, find_sorted

HOUR = MICROSECONDS_PER_DAY // 24
WINDOWS = (HOUR, MICROSECONDS_PER_DAY, 7 * MICROSECONDS_PER_DAY)  # beside all earlier time [0006]
_NEVER = -1


@dataclass(frozen=True, eq=False)
class OwnCounts:
    """How often each user had met each code before a moment."""

    keys: NDArray[np.int64]  # (P,) distinct (user, code), ascending
    timeline: Timeline  # keyed by the index into `keys`
    size: int

    @classmethod
    def of(
        cls, user: NDArray[np.int64], code: NDArray[np.integer], rank: NDArray[np.int64], *, ranks: int
    ) -> OwnCounts:
        """From one (user, code, time rank) an event; negative codes are left out."""
        size = int(code.max()) + 1 if len(code) and code.max() >= 0 else 1
        pair = encode_pair(user, code, size=size)
        keys, index = np.unique(pair[pair >= 0], return_inverse=True)
        dense = np.full(len(pair), -1, dtype=np.int64)
        dense[pair >= 0] = index
        return cls(keys, Timeline.of(dense, rank, ranks=ranks), size)

    def counts(
        self,
        user: NDArray[np.int64],
        code: NDArray[np.int64],
        starts: Sequence[NDArray[np.int64]],
        stop: NDArray[np.int64],
    ) -> list[NDArray[np.int64]]:
        """Events with start <= rank < stop for each start; all broadcast to the shape of `code`."""
        met = np.where(code < self.size, code, -1)  # what no event is of would be another user's code
        place, found = find_sorted(self.keys, encode_pair(user, met, size=self.size))
        known = np.nonzero(found)
        some = [np.broadcast_to(rank, found.shape)[known] for rank in (*starts, stop)]
        counts = []
        for count in self.timeline.counts(place[known], some[:-1], some[-1]):
            counts.append(np.zeros(found.shape, dtype=np.int64))
            counts[-1][known] = count
        return counts


@dataclass(frozen=True, eq=False)
class Trailing:
    """The log laid out for looking back from (user, time, item). E events in (item, time) order."""

    times: NDArray[np.int64]  # distinct times, ascending
    items: Timeline
    categories: Timeline
    own_items: OwnCounts
    own_categories: OwnCounts
    user: NDArray[np.int64]  # (E,) user of each event in item order
    rank: NDArray[np.int64]  # (E,) its time rank
    last_other: NDArray[np.int64]  # (E,) the latest event before it of the same item by another user
    next_other: NDArray[np.int64]  # (E,) the first event from it on of the same item by another user

    @classmethod
    def of(cls, histories: Histories, *, item_category: NDArray[np.int64]) -> Trailing:
        """From whole histories; `item_category` (n_items,) as in the statistics."""
        times, rank = np.unique(histories.time, return_inverse=True)
        ranks, user, item = len(times) + 1, histories.user_of_event, histories.item
        items = Timeline.of(item, rank, ranks=ranks)
        category = item_category[item]
        by_item = user[items.order]
        last_other, next_other = _others(item[items.order], by_item)
        return cls(
            times=times,
            items=items,
            categories=Timeline.of(category, rank, ranks=ranks),
            own_items=OwnCounts.of(user, item, rank, ranks=ranks),
            own_categories=OwnCounts.of(user, category, rank, ranks=ranks),
            user=by_item,
            rank=rank[items.order],
            last_other=last_other,
            next_other=next_other,
        )

    def rank_of(self, time: NDArray[np.int64]) -> NDArray[np.int64]:
        """Ranks such that events of smaller rank are strictly before `time`."""
        return np.searchsorted(self.times, time)

    def by_others(
        self, user: NDArray[np.int64], item: NDArray[np.int64], time: NDArray[np.int64]
    ) -> list[NDArray[np.int64]]:
        """Events of the item by other users in each trailing window and ever, each (n, C).

        user and time have shape (n, 1), item (n, C).
        """
        stop = self.rank_of(time)
        starts = [*(self.rank_of(time - width) for width in WINDOWS), np.zeros_like(stop)]
        of_all = self.items.counts(item, starts, stop)
        return [
            count - own
            for count, own in zip(of_all, self.own_items.counts(user, item, starts, stop), strict=True)
        ]

    def first_and_last(
        self, user: NDArray[np.int64], item: NDArray[np.int64], time: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Microseconds since the item's first and last event by others, -1 where there is none yet."""
        begin = self.items.position(item, np.zeros_like(time))
        end = self.items.position(item, self.rank_of(time))
        some = end > begin
        top = max(len(self.user) - 1, 0)
        first, last = np.minimum(begin, top), np.maximum(end - 1, 0)
        first = np.where(self.user[first] == user, self.next_other[first], first)
        last = np.where(self.user[last] == user, self.last_other[last], last)
        return (
            self._since(first, time, some & (first != _NEVER) & (first < end)),
            self._since(last, time, some & (last != _NEVER)),
        )

    def _since(
        self, place: NDArray[np.int64], time: NDArray[np.int64], valid: NDArray[np.bool_]
    ) -> NDArray[np.int64]:
        return np.where(valid, time - self.times[self.rank[place]], _NEVER)


def _others(item: NDArray[np.int64], user: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """For events in (item, time) order, the nearest earlier and later event of the item by another user."""
    index = np.arange(len(item), dtype=np.int64)
    new_item = np.ones(len(item) + 1, dtype=np.bool_)
    new_item[1:-1] = item[1:] != item[:-1]
    new_run = new_item.copy()
    new_run[1:-1] |= user[1:] != user[:-1]
    run_start = np.maximum.accumulate(np.where(new_run[:-1], index, 0))
    before = np.where(new_item[run_start], _NEVER, run_start - 1)
    run_end = np.minimum.accumulate(np.where(new_run[1:], index, len(item))[::-1])[::-1]
    after = np.where(new_item[np.minimum(run_end + 1, len(item))], _NEVER, run_end + 1)
    return before, after
