"""Orders that a user's events could as well have had, given the user's taste and how the platform moved.

Under stable tastes times a common trend, P(category k | user, time t) ~ taste[k] * trend[t, k]. Given a
user's categories and times, the order in which they are matched then has probability proportional to the
product of trend[t, k], whatever the taste: such weights take out the trend and leave everything else.
Pairs of events, all apart from one another, are swapped with the odds that the trend gives them, many times:
the log's order is first led to a hub, and every draw is led from the hub, so that under the null the log and
the draws are alike.

Reference  Berrett, Wang, Barber and Samworth (2020), "The conditional permutation test for independence while
           controlling for confounders", JRSS B 82 (parallelised pairwise sampler, algorithm 2).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnose.drift.platform_mix import FOLDS, PlatformMix
from diagnose.histories import Histories

Codes = NDArray[np.int64]
Weights = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Seen:
    """Some events of some users of a log, in order, and what the platform favoured at the time of each."""

    category: Codes  # (E,)
    user: Codes  # (E,) of those chosen, from 0 without gaps
    rank: Codes  # (E,) within its user
    lengths: Codes  # (U,)
    favoured: tuple[
        tuple[Weights, Codes], ...
    ]  # by pattern: log trend, flat, and where each event's row starts

    @classmethod
    def of(cls, histories: Histories, mix: PlatformMix, event: Codes) -> Seen:
        """The events with these flat indices, ascending; `mix` is of the same histories."""
        owner = histories.user_of_event[event]
        _, user, lengths = np.unique(owner, return_inverse=True, return_counts=True)
        favoured = []
        for pattern in mix.patterns:
            _, moments, categories = pattern.movement.shape
            row = (owner % FOLDS * moments + pattern.moment[event]) * categories
            favoured.append((pattern.movement.ravel(), row))
        rank = np.arange(len(event)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        return cls(histories.category[event].astype(np.int64), user, rank, lengths, tuple(favoured))

    def repeats(self, category: Codes) -> Codes:
        """How often each user's next event is of the category of the one before, (U,)."""
        again = (category[1:] == category[:-1]) & (self.user[1:] == self.user[:-1])
        return np.bincount(self.user[1:][again], minlength=len(self.lengths))


def conditional_orders(seen: Seen, *, draws: int, steps: int, rng: np.random.Generator) -> Iterator[Codes]:
    """Categories of all events (E,) in `draws` orders of each user's own, given the trend."""
    hub = _led(seen, seen.category, steps=steps, rng=rng)
    for _ in range(draws):
        yield _led(seen, hub, steps=steps, rng=rng)


def _led(seen: Seen, category: Codes, *, steps: int, rng: np.random.Generator) -> Codes:
    """The categories after so many steps from these."""
    category = category.copy()
    for _ in range(steps):
        first, second = _pairs(seen, rng)
        unlike = category[first] != category[second]
        first, second = first[unlike], second[unlike]
        one, other = category[first], category[second]
        swapped = rng.random(len(first)) < _swapping(seen, (first, one), (second, other))
        category[first[swapped]], category[second[swapped]] = other[swapped], one[swapped]
    return category


def _pairs(seen: Seen, rng: np.random.Generator) -> tuple[Codes, Codes]:
    """Pairs of events of a user, no event in two of them: a distance drawn for each user, at all scales."""
    users = len(seen.lengths)
    apart = np.maximum(1, (seen.lengths ** rng.random(users)).astype(np.int64))
    shift = (rng.random(users) * 2 * apart).astype(np.int64)
    distance = apart[seen.user]
    ahead = (seen.rank + shift[seen.user]) // distance % 2 == 0
    ahead &= seen.rank + distance < seen.lengths[seen.user]
    first = np.flatnonzero(ahead)
    return first, first + distance[first]


def _swapping(seen: Seen, first: tuple[Codes, Codes], second: tuple[Codes, Codes]) -> Weights:
    """Probability that pairs of (event, category) lie the other way round, given the trend; (n,)."""
    (earlier, one), (later, other) = first, second
    odds = np.zeros(len(one))
    for log_trend, row in seen.favoured:
        odds += log_trend[row[earlier] + other] + log_trend[row[later] + one]
        odds -= log_trend[row[earlier] + one] + log_trend[row[later] + other]
    return np.asarray(1 / (1 + np.exp(-odds)))
