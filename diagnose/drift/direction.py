"""Which way users change between two interests, beyond what a moving platform makes them do.

Steps     Events of one user that directly follow one another, of unlike categories, strictly later in time: a
          tied pair has no direction. The 100 most frequent categories by themselves; a step to or from any
          other is no step, and its event still lies between the others.
Surplus   A step a -> b counts +1 minus the sign that the trend alone gives it on average. Given that the
          user had a and b at these two times, their orders have the log-odds of `PlatformMix.favoured`, and
          that sign is tanh(log-odds / 2). Under stable tastes times a trend a user's surplus has mean 0.
Lasting   An interest that lasts was taken up before the last event of its run, under the trend of then. Of
          neighbours of one category a share is one interest going on (more than chance gives): so many
          events back the interest began, geometrically, and the log-odds are averaged over these moments;
          the same is done forwards, so that a history read backwards has the same surplus, reversed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from diagnose.drift.platform_mix import PlatformMix, platform_mix
from diagnose.histories import MICROSECONDS_PER_DAY, Histories

QUANTILES = (0.125, 0.375, 0.625, 0.875)  # of how long ago an interest began, in events
LONGEST = 0.999  # so that the share of interests that go on has a logarithm

Indices = NDArray[np.int64]
Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class UserPairs:
    """Each user with a step along each pair, either way: m of them, and P pairs."""

    pairs: Indices  # ascending, (P,)
    user: Indices  # (m,)
    column: Indices  # place in `pairs`, (m,)
    surplus: Numbers  # from the lower to the higher code, less that of the way back, (m,)
    variance: Numbers  # that one step has under the null; 0 where as many go back as there, (m,)


@dataclass(frozen=True, eq=False)
class Steps:
    """n steps between K unlike categories. A pair {a, b} with a < b has the number of the cell (a, b)."""

    user: Indices  # index of the user, (n,)
    source: Indices  # category left, (n,)
    target: Indices  # category entered, (n,)
    surplus: Numbers  # 1 minus the expected sign of the order that the step has, (n,)
    days: Numbers  # between the two events, (n,); positions where there is no clock
    users: int  # of the histories
    names: tuple[str, ...]  # of the categories that stand alone, (K,)
    tied: int  # unlike neighbours left out because their times are the same

    def __len__(self) -> int:
        return len(self.user)

    @property
    def categories(self) -> int:
        """K."""
        return len(self.names)

    @property
    def upward(self) -> NDArray[np.bool_]:
        """Steps from the lower to the higher code."""
        return self.source < self.target

    @cached_property
    def pair(self) -> Indices:
        """The pair of each step, as the cell (lower code, higher code) of a (K, K) table."""
        low, high = np.minimum(self.source, self.target), np.maximum(self.source, self.target)
        return np.asarray(low * self.categories + high)

    @cached_property
    def counts(self) -> Indices:
        """Steps from each category to each, (K, K)."""
        cell = self.source * self.categories + self.target
        return self._table(cell)

    @cached_property
    def step_users(self) -> Indices:
        """Users with a step from each category to each, (K, K)."""
        cell = self.source * self.categories + self.target
        met = np.unique(self.user * self.categories**2 + cell)
        return self._table(met % self.categories**2)

    @cached_property
    def by_user(self) -> UserPairs:
        """The steps of each user along each pair, taken together."""
        pairs, column = np.unique(self.pair, return_inverse=True)
        met, cell, number = np.unique(
            self.user * len(pairs) + column, return_inverse=True, return_counts=True
        )
        sign = np.where(self.upward, 1.0, -1.0)
        one_way = np.bincount(cell, sign, len(met)) != 0
        spread = np.bincount(cell, self.surplus * (2 - self.surplus), len(met)) / number
        return UserPairs(
            pairs=pairs,
            user=met // len(pairs),
            column=met % len(pairs),
            surplus=np.bincount(cell, sign * self.surplus, len(met)).astype(np.float64),
            variance=np.where(one_way, spread, 0.0),
        )

    def of(self, users: NDArray[np.bool_]) -> Steps:
        """The steps of some users, given as a mask (users,)."""
        kept = users[self.user]
        return replace(
            self,
            user=self.user[kept],
            source=self.source[kept],
            target=self.target[kept],
            surplus=self.surplus[kept],
            days=self.days[kept],
        )

    def _table(self, cell: Indices) -> Indices:
        size = self.categories
        return np.bincount(cell, minlength=size**2).reshape(size, size)


def with_top_categories(histories: Histories, most: int) -> Histories:
    """The histories with all but the most frequent categories as one more, without a name, the last.

    All events must have a category. Equally frequent ones are taken by name.
    """
    count = np.bincount(histories.category)
    name = [
        histories.categories[k] if k < len(histories.categories) else f"{k:09}" for k in range(len(count))
    ]
    order = np.lexsort((np.argsort(np.argsort(name)), -count))
    top = np.sort(order[: min(most, int((count > 0).sum()))])
    code = np.full(len(count), len(top), dtype=np.int32)
    code[top] = np.arange(len(top), dtype=np.int32)
    return histories.with_categories(code[histories.category], tuple(name[k] for k in top))


def steps_between(histories: Histories) -> Steps:
    """All steps between the named categories of histories whose events all have a category."""
    mix = platform_mix(histories)
    user, category, time = histories.user_of_event, mix.category, histories.time
    unlike = (user[1:] == user[:-1]) & (category[1:] != category[:-1])
    unlike &= np.maximum(category[1:], category[:-1]) < len(histories.categories)
    later = time[1:] > time[:-1]
    first = np.flatnonzero(unlike & later)
    second = first + 1
    favoured = _favoured(mix, histories, first)
    return Steps(
        user=user[first],
        source=category[first],
        target=category[second],
        surplus=1 - np.tanh(favoured / 2),
        days=(time[second] - time[first]) / MICROSECONDS_PER_DAY,
        users=len(histories),
        names=histories.categories,
        tied=int((unlike & ~later).sum()),
    )


def _favoured(mix: PlatformMix, histories: Histories, first: Indices) -> Numbers:
    """Log-odds of each step's order by the trend, averaged over when its two interests may have begun."""
    begin, end = _runs(histories)
    second, user = first + 1, histories.user_of_event[first]
    lasting = _lasting(histories)
    total = np.zeros(len(first))
    for quantile in QUANTILES:
        back = int(np.log(1 - quantile) / np.log(lasting)) if lasting > 0 else 0
        total += mix.favoured(np.maximum(begin[first], first - back), second, user=user)
        total += mix.favoured(first, np.minimum(end[second], second + back), user=user)
    return total / (2 * len(QUANTILES))


def _lasting(histories: Histories) -> float:
    """Of neighbours of one category, the share that is one interest going on, not two alike by chance."""
    cells = histories.category_counts
    length = histories.lengths
    chance = float((cells.count * (cells.count - 1) / length[cells.user]).sum())
    pairs = int(np.maximum(length - 1, 0).sum())
    user, category = histories.user_of_event, histories.category
    seen = int(((user[1:] == user[:-1]) & (category[1:] == category[:-1])).sum())
    if seen <= chance or chance >= pairs:
        return 0.0
    going_on = (seen - chance) / (pairs - chance)
    return min(going_on * pairs / seen, LONGEST)


def _runs(histories: Histories) -> tuple[Indices, Indices]:
    """The first and the last event of the run of one category that each event belongs to, (E,) each."""
    new = np.ones(histories.n_events, dtype=bool)
    np.not_equal(histories.category[1:], histories.category[:-1], out=new[1:])
    new[histories.offsets[:-1][histories.lengths > 0]] = True
    start = np.flatnonzero(new)
    run = np.cumsum(new) - 1
    return start[run], np.append(start[1:], histories.n_events)[run] - 1
