"""Which way users change between two interests, beyond what a moving platform makes them do.

Steps     Events of one user that directly follow one another, of unlike categories, strictly later in time: a
          tied pair has no direction. The 100 most frequent categories by themselves; a step to or from any
          other is no step, and its event still lies between the others.
Surplus   A step a -> b counts +1 for its direction minus what the trend alone would have it be: given that the
          user had a and b at these two times, the two orders have the log-odds of `PlatformMix.favoured`, and
          the expected sign is tanh(log-odds / 2). With stable tastes times any such trend, and also with
          interests that come and go but lead nowhere, a user's sums over steps have mean 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from diagnose.drift.platform_mix import platform_mix
from diagnose.histories import MICROSECONDS_PER_DAY, Histories

if TYPE_CHECKING:
    from scipy import sparse

Indices = NDArray[np.int64]
Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Steps:
    """n steps between K unlike categories. A pair {a, b} with a < b has the number of the cell (a, b)."""

    user: Indices  # index of the user, (n,)
    source: Indices  # category left, (n,)
    target: Indices  # category entered, (n,)
    surplus: Numbers  # 1 minus the expected sign of the order that the step has, (n,)
    days: Numbers  # between the two events, (n,); empty where there is no clock
    users: int  # of the histories
    categories: int  # K
    tied: int  # unlike neighbours left out because their times are the same

    def __len__(self) -> int:
        return len(self.user)

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
        return self._table(np.ones(len(self), dtype=bool))

    @cached_property
    def step_users(self) -> Indices:
        """Users with a step from each category to each, (K, K)."""
        cell = self.source * self.categories + self.target
        met = np.unique(self.user * self.categories**2 + cell)
        return np.bincount(met % self.categories**2, minlength=self.categories**2).reshape(
            self.categories, self.categories
        )

    def surplus_by_user(self) -> tuple[Indices, sparse.csr_array]:
        """The pairs met, ascending, and each user's surplus from lower to higher code, (users, pairs)."""
        from scipy import sparse  # heavy, and `--help` must not wait for it

        pairs, column = np.unique(self.pair, return_inverse=True)
        signed = np.where(self.upward, self.surplus, -self.surplus)
        return pairs, sparse.csr_array(
            sparse.coo_array((signed, (self.user, column)), shape=(self.users, len(pairs)))
        )

    def _table(self, chosen: NDArray[np.bool_]) -> Indices:
        cell = self.source[chosen] * self.categories + self.target[chosen]
        size = self.categories
        return np.bincount(cell, minlength=size**2).reshape(size, size)


def with_top_categories(histories: Histories, most: int) -> tuple[Histories, int]:
    """The histories with all but the most frequent categories as one last one, and how many stand alone.

    All events must have a category. Equally frequent ones are taken by name.
    """
    count = np.bincount(histories.category)
    name = [histories.categories[k] if k < len(histories.categories) else f"{k:09}" for k in range(len(count))]
    order = np.lexsort((np.argsort(np.argsort(name)), -count))
    top = np.sort(order[: min(most, int((count > 0).sum()))])
    code = np.full(len(count), len(top), dtype=np.int32)
    code[top] = np.arange(len(top), dtype=np.int32)
    return histories.with_categories(code[histories.category], tuple(name[k] for k in top)), len(top)


def steps(histories: Histories, categories: int) -> Steps:
    """All steps between the first `categories` codes of histories whose events all have a category."""
    mix = platform_mix(histories)
    user, category, time = histories.user_of_event, mix.category, histories.time
    unlike = (user[1:] == user[:-1]) & (category[1:] != category[:-1])
    unlike &= np.maximum(category[1:], category[:-1]) < categories
    later = time[1:] > time[:-1]
    first = np.flatnonzero(unlike & later)
    second = first + 1
    favoured = mix.favoured(first, second, user=user[first])
    lag = (time[second] - time[first]) / MICROSECONDS_PER_DAY
    return Steps(
        user=user[first],
        source=category[first],
        target=category[second],
        surplus=1 - np.tanh(favoured / 2),
        days=lag if histories.clock else np.zeros(0),
        users=len(histories),
        categories=categories,
        tied=int((unlike & ~later).sum()),
    )
