"""The candidates among which the true next item is ranked: one eligibility rule for all of them.

The rule (eligibility.py) binds the true item too: unequal rules let the repeat count alone, or mere
novelty, point at the positive. A repeat is ranked against other earlier items of its user, a new item
against items new to the user: half drawn by popularity in the window, half from the item's category.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import Histories
from diagnose.predictors.eligibility import EarlierItems, EligibleWindow, Moments, Stock
from diagnose.predictors.targets import Targets
from diagnose.predictors.timeline import Timeline

NONE = -1
ROUNDS = 6  # oversampled draws; what is still missing then hardly exists in the window [0006]
ROWS = 20_000  # targets at a time: bounds the memory


@dataclass(frozen=True, eq=False)
class Candidates:
    """What a target is ranked among. Shapes: n targets, N negatives at most.

    `item` (n, 1 + N): column 0 is the true next item, NONE where fewer negatives could be had.
    `repeat` (n,): the true item is in the user's strictly earlier events. `by_category` (n, 1 + N): which
    negatives were drawn from the true item's category. `dropped`: "repeat: not eligible", "new: no
    negatives" and so on, with the number of targets lost to it.
    """

    item: NDArray[np.int64]
    repeat: NDArray[np.bool_]
    by_category: NDArray[np.bool_]
    dropped: dict[str, int]

    def __len__(self) -> int:
        return len(self.item)

    @property
    def mask(self) -> NDArray[np.bool_]:
        """Where a candidate stands, shape (n, 1 + N)."""
        return self.item >= 0

    def take(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> Candidates:
        """The candidates of some targets; `dropped` stays as it is."""
        return Candidates(self.item[chosen], self.repeat[chosen], self.by_category[chosen], self.dropped)


def draw(
    histories: Histories,
    targets: Targets,
    *,
    stock: Stock,
    negatives: int,
    rng: np.random.Generator,
) -> tuple[Targets, Candidates]:
    """Up to `negatives` distinct negatives a target; targets without any are dropped and counted.

    Where a log of positions is split by users, the stock is that of the users of the statistics.
    """
    supply = _Supply(stock.window, stock.earlier, negatives, rng)
    moments = Moments.of(histories, targets)
    repeat = supply.earlier.holds(moments.user, moments.positive, moments.boundary)
    eligible = supply.window.admits(moments.user, moments.positive, moments.time)
    item = np.full((len(targets), 1 + negatives), NONE, dtype=np.int64)
    item[:, 0] = moments.positive
    by_category = np.zeros(item.shape, dtype=np.bool_)
    for rows in _parts(eligible & repeat):
        item[rows, 1:] = supply.for_repeats(moments.take(rows))
    for rows in _parts(eligible & ~repeat):
        item[rows, 1:], by_category[rows, 1:] = supply.for_new_items(moments.take(rows))
    kept: NDArray[np.bool_] = np.any(item[:, 1:] >= 0, axis=1)
    dropped = _count_dropped(repeat, eligible=eligible, kept=kept)
    return targets.take(kept), Candidates(item[kept], repeat[kept], by_category[kept], dropped)


def _parts(chosen: NDArray[np.bool_]) -> Iterator[NDArray[np.int64]]:
    rows = np.flatnonzero(chosen)
    for start in range(0, len(rows), ROWS):
        yield rows[start : start + ROWS]


def _count_dropped(
    repeat: NDArray[np.bool_], *, eligible: NDArray[np.bool_], kept: NDArray[np.bool_]
) -> dict[str, int]:
    counts = {}
    for stratum, members in (("repeat", repeat), ("new", ~repeat)):
        counts[f"{stratum}: not eligible"] = int(np.count_nonzero(members & ~eligible))
        counts[f"{stratum}: no negatives"] = int(np.count_nonzero(members & eligible & ~kept))
    return counts


@dataclass(frozen=True, eq=False)
class _Supply:
    """Where negatives come from."""

    window: EligibleWindow
    earlier: EarlierItems
    negatives: int
    rng: np.random.Generator

    def for_repeats(self, moments: Moments) -> NDArray[np.int64]:
        """Other earlier items of the user, eligible ones, shape (n, negatives).

        Each row walks through the user's distinct earlier items from a random place with a random stride
        coprime to their number: every item once, without storing a permutation.
        """
        low = self.earlier.before[moments.own_start]
        size = self.earlier.before[moments.boundary] - low
        offset, stride = self.rng.integers(0, size), _coprime_strides(size, rng=self.rng)
        accepted = np.full((len(size), self.negatives), NONE, dtype=np.int64)
        rows, done, block = np.arange(len(size)), 0, 2 * self.negatives + 2
        while len(rows):
            step = np.arange(done, done + block)
            place = (offset[rows] + step * stride[rows]) % size[rows]
            drawn = self.earlier.item[low[rows] + place]
            usable = self.window.admits(moments.user[rows], drawn, moments.time[rows])
            usable &= (step < size[rows]) & (drawn != moments.positive[rows])
            accepted[rows] = _fill(accepted[rows], np.where(usable, drawn, NONE), quota=self.negatives)
            done += block
            rows = rows[(accepted[rows, -1] == NONE) & (size[rows, 0] > done)]
        return accepted

    def for_new_items(self, moments: Moments) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Eligible items new to the user, (n, negatives), and which were drawn from the item's category."""
        accepted = np.full((len(moments.user), self.negatives), NONE, dtype=np.int64)
        category = self.window.category[moments.positive]
        timeline = self.window.by_category
        accepted = self._draw(accepted, moments, timeline=timeline, key=category, quota=self.negatives // 2)
        from_category = accepted != NONE
        timeline, anything = self.window.everything, np.zeros_like(category)
        accepted = self._draw(accepted, moments, timeline=timeline, key=anything, quota=self.negatives)
        return accepted, from_category

    def _draw(
        self,
        accepted: NDArray[np.int64],
        moments: Moments,
        *,
        timeline: Timeline,
        key: NDArray[np.int64],
        quota: int,
    ) -> NDArray[np.int64]:
        """Rows filled up to `quota` with the items of random events of `key` (n, 1) in the window.

        A random event is an item drawn by its popularity; rejecting what is known keeps the proportions.
        """
        start, stop = self.window.bounds(moments.time)
        low, high = timeline.position(key, start), timeline.position(key, stop)
        rows = np.flatnonzero((high > low) & (key >= 0)) if quota else np.empty(0, dtype=np.int64)
        for _ in range(ROUNDS):
            rows = rows[(accepted[rows, :quota] == NONE).any(axis=1)]
            if not len(rows):
                break
            place = self.rng.integers(low[rows], high[rows], size=(len(rows), 2 * quota + 2))
            event = timeline.order[place]
            drawn = self.window.item[event]
            usable = ~self.earlier.holds(moments.user[rows], drawn, moments.boundary[rows])
            usable &= (drawn != moments.positive[rows]) & (self.window.user[event] != moments.user[rows])
            accepted[rows] = _fill(accepted[rows], np.where(usable, drawn, NONE), quota=quota)
        return accepted


def _coprime_strides(size: NDArray[np.int64], *, rng: np.random.Generator) -> NDArray[np.int64]:
    """A random stride below each size and coprime to it (1 where none is found), shape (n,)."""
    stride = np.ones_like(size)
    for _ in range(20):  # a random integer is coprime with probability 0.6: one row in 10^8 keeps 1
        drawn = rng.integers(1, np.maximum(size, 2))
        stride = np.where((stride == 1) & (np.gcd(drawn, size) == 1), drawn, stride)
    return stride


def _fill(accepted: NDArray[np.int64], drawn: NDArray[np.int64], *, quota: int) -> NDArray[np.int64]:
    """The first `quota` distinct items of accepted, then drawn, in the width of `accepted`; NONE is none."""
    both = np.concatenate([accepted, drawn], axis=1)
    order = np.argsort(both, axis=1, kind="stable")
    ascending = np.take_along_axis(both, order, axis=1)
    fresh = np.ones(both.shape, dtype=np.bool_)
    fresh[:, 1:] = ascending[:, 1:] != ascending[:, :-1]
    usable = np.empty_like(fresh)
    np.put_along_axis(usable, order, fresh & (ascending != NONE), axis=1)
    slot = np.cumsum(usable, axis=1) - 1
    row, column = np.nonzero(usable & (slot < quota))
    filled = np.full_like(accepted, NONE)
    filled[row, slot[row, column]] = both[row, column]
    return filled
