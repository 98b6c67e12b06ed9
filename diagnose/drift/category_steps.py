"""What users do in each step of a log, category by category, and the platform's mix of it.

A user's events of one step count for `events_per_step` at most, shared out over the categories as the user
did: a mix is of many users, not of a few busy ones. Categories beyond the most frequent are taken together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import MICROSECONDS_PER_DAY, Histories
from diagnose.settings import CatalogueTrendSettings

WEEK = 7  # days

Numbers = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class CategorySteps:
    """One entry for each (user, step, category) that occurs, M of them; U users, N steps, K categories."""

    user: Integers  # (M,)
    step: Integers  # (M,)
    category: Integers  # (M,)
    weight: Numbers  # events, as far as they count, (M,)
    active: NDArray[np.bool_]  # whether a user has events in a step, (U, N)
    categories: int  # K
    days: int  # length of a step

    @property
    def steps(self) -> int:
        """N."""
        return int(self.active.shape[1])

    def of(self, users: NDArray[np.bool_]) -> CategorySteps:
        """The same steps of some users (mask (U,)), numbered anew."""
        kept, number = users[self.user], np.cumsum(users) - 1
        return CategorySteps(
            user=number[self.user[kept]],
            step=self.step[kept],
            category=self.category[kept],
            weight=self.weight[kept],
            active=self.active[users],
            categories=self.categories,
            days=self.days,
        )

    def between(self, start: int, stop: int) -> CategorySteps:
        """The steps from `start` up to, not with, `stop`, numbered anew; users keep their numbers."""
        kept = (self.step >= start) & (self.step < stop)
        return CategorySteps(
            user=self.user[kept],
            step=self.step[kept] - start,
            category=self.category[kept],
            weight=self.weight[kept],
            active=self.active[:, start:stop],
            categories=self.categories,
            days=self.days,
        )

    def mixes(self, times: Numbers) -> Numbers:
        """Each step's events with user u taken times[u, d] times, (D, N, K) for `times` (U, D)."""
        from scipy import sparse  # heavy, and `--help` must not wait for it

        cell = self.step * self.categories + self.category
        shape = (self.steps * self.categories, len(self.active))
        table = sparse.csr_matrix((self.weight, (cell, self.user)), shape=shape)
        return np.asarray(table @ times).T.reshape(times.shape[1], self.steps, self.categories)


def whole_days(histories: Histories) -> int:
    """Whole days from the first event to the last; a log of dates holds its last day, too."""
    time = histories.time
    quantum = MICROSECONDS_PER_DAY if not (time % MICROSECONDS_PER_DAY).any() else 1
    return int((time.max() - time.min() + quantum) // MICROSECONDS_PER_DAY)


def category_steps(histories: Histories, *, days: int, limits: CatalogueTrendSettings) -> CategorySteps:
    """Steps of so many days, from the log's first event; what lies after the last whole one is left out.

    Of a very long log the last `most_weeks` only. All events have a category.
    """
    day = (histories.time - histories.time.min()) // MICROSECONDS_PER_DAY
    steps = whole_days(histories) // days
    kept = min(steps, limits.most_weeks * WEEK // days)
    step = day // days - (steps - kept)
    inside = (step >= 0) & (step < kept)
    category, categories = _folded(histories.category.astype(np.int64), limits.categories)
    user, step = histories.user_of_event[inside], step[inside]
    code, events = np.unique((user * kept + step) * categories + category[inside], return_counts=True)
    place, category = np.divmod(code, categories)  # place: user and step
    busy = np.bincount(place, events, len(histories) * kept)
    counted = np.minimum(busy, limits.events_per_step) / np.maximum(busy, 1)
    return CategorySteps(
        user=place // kept,
        step=place % kept,
        category=category,
        weight=events * counted[place],
        active=(busy > 0).reshape(len(histories), kept),
        categories=categories,
        days=days,
    )


def _folded(category: Integers, most: int) -> tuple[Integers, int]:
    """Categories numbered without gaps, all but the `most` frequent as one; and how many there are."""
    events = np.bincount(category)
    frequent = np.argsort(-events, kind="stable")[:most]
    frequent = frequent[events[frequent] > 0]
    number = np.full(len(events), len(frequent))
    number[frequent] = np.arange(len(frequent))
    return number[category], len(frequent) + 1
