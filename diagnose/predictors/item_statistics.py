"""What is known of items before any target: how often, with what, after what.

Counts come from other users or earlier times than the targets they serve (the caller says which), so
that no target's own pair is among them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import Histories
from diagnose.interests import allowed_events
from diagnose.predictors.associations import Observed, PairCounts
from diagnose.predictors.eligibility import item_categories
from diagnose.predictors.targets import find_targets

NEAR = 10  # events: items met within so many of each other count as together [0006]
MAXIMUM_PAIRS = 8_000_000  # on large logs fewer neighbours are paired, so that seconds stay seconds [0006]
SHRINKAGE = 10.0  # transitions from an item before its own counts outweigh popularity [0006]
NOBODY = -1  # group of an event that is not counted
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

    @cached_property
    def _scale(self) -> NDArray[np.float32]:
        """Roots of the items' counts, (n_items,)."""
        return np.sqrt(np.maximum(self.item_count, 1)).astype(np.float32)

    def affinity(self, first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.float32]:
        """Cosine of two items' neighbourhood counts in [0, 1], a multiple of QUANTUM; shapes broadcast.

        0 of an item with itself and where either is negative.
        """
        near = self.together.look_up(np.minimum(first, second), np.maximum(first, second))
        cosine = np.minimum(near / (self._scale[first] * self._scale[second]), 1)
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
    return ItemCounts.of(histories, group=np.where(allowed, 0, NOBODY), groups=1).of_groups([0])


@dataclass(frozen=True, eq=False)
class ItemCounts:
    """The counts behind Statistics by group of events: made once for all who need them of some groups."""

    histories: Histories
    group: NDArray[np.int64]  # (E,) of each event, NOBODY where it is not counted
    item_category: NDArray[np.int64]
    item_count: NDArray[np.int64]  # (groups, n_items)
    left_item: NDArray[np.int64]
    next_item: PairCounts
    next_category: PairCounts
    together: dict[int, PairCounts] = field(default_factory=dict)  # by how near, as they are asked for

    @classmethod
    def of(cls, histories: Histories, *, group: NDArray[np.int64], groups: int) -> ItemCounts:
        """From the group of each event, which the events of one user share unless they are nobody's."""
        category, item, shape = item_categories(histories), histories.item, (groups, histories.n_items)
        last, following = _transitions(histories, group >= 0)
        by, n_categories = group[following], max(histories.n_categories, 1)
        last, following = item[last], item[following]
        return cls(
            histories=histories,
            group=group,
            item_category=category,
            item_count=_count(item[group >= 0], group[group >= 0], shape),
            left_item=_count(last, by, shape),
            next_item=PairCounts.by_group([(last, following, by)], size=shape[1], groups=groups),
            next_category=PairCounts.by_group(
                [(category[last], category[following], by)], size=n_categories, groups=groups
            ),
        )

    def of_groups(self, chosen: Sequence[int]) -> Statistics:
        """The statistics of some groups together."""
        events, left = (count[list(chosen)].sum(axis=0) for count in (self.item_count, self.left_item))
        near = int(np.clip(MAXIMUM_PAIRS // max(int(events.sum()), 1), 1, NEAR))
        if near not in self.together:
            self.together[near] = PairCounts.by_group(
                _neighbours(self.histories, self.group, near=near),
                size=self.histories.n_items,
                groups=len(self.item_count),
            )
        return Statistics(
            item_category=self.item_category,
            item_count=events.astype(np.float64),
            category_count=self._by_category(events),
            together=self.together[near].of_groups(chosen),
            next_item=self.next_item.of_groups(chosen),
            next_category=self.next_category.of_groups(chosen),
            left_item=left.astype(np.float64),
            left_category=self._by_category(left),
        )

    def _by_category(self, count: NDArray[np.int64]) -> NDArray[np.float64]:
        """Counts of items summed over the items of each category."""
        held = self.item_category >= 0
        size = max(self.histories.n_categories, 1)
        return np.asarray(np.bincount(self.item_category[held], count[held], size), dtype=np.float64)


def _count(item: NDArray[np.int64], group: NDArray[np.int64], shape: tuple[int, int]) -> NDArray[np.int64]:
    """How often each group has each item."""
    return np.bincount(group * shape[1] + item, minlength=shape[0] * shape[1]).reshape(shape)


def _transitions(
    histories: Histories, allowed: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Flat indices of (the latest strictly earlier event, the event), both allowed: ties give no order."""
    moments = find_targets(histories, history=0, minimum_history=1)
    last = histories.offsets[moments.user] + moments.seen - 1
    kept = allowed[last] & allowed[moments.event]
    return last[kept], moments.event[kept]


def _neighbours(histories: Histories, group: NDArray[np.int64], *, near: int) -> Iterator[Observed]:
    """Unordered pairs of different items within `near` events of one user."""
    code, user = np.where(group >= 0, histories.item, -1), histories.user_of_event
    for lag in range(1, near + 1):
        kept = np.flatnonzero((user[:-lag] == user[lag:]) & (code[:-lag] != code[lag:]))
        first, second = code[kept], code[kept + lag]
        yield np.minimum(first, second), np.maximum(first, second), group[kept]


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
