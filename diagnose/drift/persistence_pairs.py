"""Pairs of events of one user, in different sessions, and what each user's pairs sum to by lag.

Pairs     From up to `targets_per_user` later events of a user, evenly spread, to one earlier event for each
          class of lags. Never inside a session: sticky sessions would pose as interests that fade.
In events The lag is a number of events back: 1 and on, log-spaced, as far as the histories of enough users
          reach, so that a half-life of a hundred events can be told where histories are long.
In time   The latest event at least so long before, in log-spaced classes from the short pauses between
          sessions to the long life-times.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from diagnose.drift.platform_mix import PlatformMix
from diagnose.histories import MICROSECONDS_PER_SECOND, Histories
from diagnose.settings import PersistenceSettings

SECONDS_PER_DAY = 86_400
LAG_POINTS = 24  # quantiles that stand for a class of lags: its middle alone would bias the half-life

Indices = NDArray[np.int64]
Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Pairs:
    """The pairs of one class of lags: n pairs of events (their indices), and the lag of each."""

    first: Indices
    second: Indices
    user: Indices
    lag: Numbers

    def among(self, kept: NDArray[np.bool_]) -> Pairs:
        """Some of them, given as a mask (n,)."""
        return Pairs(self.first[kept], self.second[kept], self.user[kept], self.lag[kept])


@dataclass(frozen=True, eq=False)
class PairSums:
    """Sums over each user's pairs by lag: U users, B lags."""

    excess: Numbers  # of agreement - chance, (U, B)
    weight: Numbers  # of 1 - chance, (U, B)
    pairs: Indices  # (B,)
    lag: Numbers  # LAG_POINTS quantiles of each lag class, (B, Q): fading is convex in the lag

    @property
    def movers(self) -> NDArray[np.bool_]:
        """Users with a pair at two lags at least, (U,): only they can show a change."""
        return np.asarray((self.weight > 0).sum(axis=1) > 1)

    @property
    def users(self) -> int:
        """How many users can show a change."""
        return int(self.movers.sum())

    def of_users(self, users: NDArray[np.bool_]) -> PairSums:
        """The same sums for some users, given as a mask (U,)."""
        return replace(self, excess=self.excess[users], weight=self.weight[users])

    def at_lags(self, lags: NDArray[np.bool_]) -> PairSums:
        """The same sums at some lags, given as a mask (B,)."""
        return PairSums(self.excess[:, lags], self.weight[:, lags], self.pairs[lags], self.lag[lags])

    def with_pairs(self, minimum: int) -> PairSums:
        """Only the lags with enough pairs."""
        return self.at_lags(self.pairs >= minimum)


def targets(histories: Histories, most: int) -> Indices:
    """The later events of all pairs: every event, or `most` of a user's evenly spread. Ascending."""
    lengths = histories.lengths
    taken = np.minimum(lengths, most)
    user = np.repeat(np.arange(len(lengths)), taken)
    place = np.arange(len(user)) - np.repeat(np.cumsum(taken) - taken, taken)
    spread = ((place + 0.5) * lengths[user] / taken[user]).astype(np.int64)
    return np.asarray(histories.offsets[user] + spread)


def event_lags(histories: Histories, limits: PersistenceSettings, *, users: int) -> Indices:
    """Log-spaced event lags, from 1 to what a tenth of the users, and `users` at least, can show."""
    lengths = np.sort(histories.lengths)[::-1]
    enough = max(users, int(np.ceil(limits.long_users_share * len(lengths))))
    length = int(lengths[enough - 1]) if len(lengths) >= enough else 0
    longest = max(1, int(limits.reach_share * length))
    return np.unique(np.geomspace(1, longest, limits.bins_events).round().astype(np.int64))


def in_events(histories: Histories, later: Indices, lags: Indices) -> Iterator[Pairs]:
    """The pairs at each event lag."""
    start = histories.offsets[histories.user_of_event[later]]
    for lag in lags.tolist():
        earlier = np.where(later - lag >= start, later - lag, -1)
        yield _apart(histories, earlier, later, np.full(len(later), float(lag)))


def in_time(histories: Histories, later: Indices, bins: int) -> Iterator[Pairs]:
    """The pairs in each class of lags in days: every target's latest event at least so long before it."""
    seconds = histories.time // MICROSECONDS_PER_SECOND
    seconds = seconds - seconds.min()
    edges = _lag_edges(histories, seconds, bins)
    if edges is None:
        return
    user = histories.user_of_event
    stride = int(seconds.max() + edges[-1] + 1)
    key, start = user * stride + seconds, histories.offsets[user[later]]
    for shortest, longest in pairwise(edges.tolist()):
        earlier = np.searchsorted(key, key[later] - shortest, side="right") - 1
        lag = seconds[later] - seconds[np.maximum(earlier, 0)]
        found = np.where((earlier >= start) & (lag < longest), earlier, -1)
        yield _apart(histories, found, later, lag / SECONDS_PER_DAY)


def _apart(histories: Histories, earlier: Indices, later: Indices, lag: Numbers) -> Pairs:
    """Pairs that exist (earlier is not -1) and lie neither inside a session nor in a tie."""
    there = np.flatnonzero(earlier >= 0)
    first, second = earlier[there], later[there]
    there = there[
        (histories.session[first] != histories.session[second])
        & (histories.time[first] != histories.time[second])
    ]
    second = later[there]
    return Pairs(earlier[there], second, histories.user_of_event[second], lag[there])


def _lag_edges(histories: Histories, seconds: Indices, bins: int) -> Indices | None:
    """Log-spaced classes from the short pauses between sessions to the long life-times, in seconds."""
    same_user = np.diff(histories.user_of_event) == 0
    pauses = np.diff(seconds)[same_user & (np.diff(histories.session) != 0)]
    pauses = pauses[pauses > 0]
    if not len(pauses):
        return None
    present = histories.lengths > 1
    lives = seconds[histories.offsets[1:][present] - 1] - seconds[histories.offsets[:-1][present]]
    low, high = float(np.quantile(pauses, 0.05)), float(np.quantile(lives[lives > 0], 0.9))
    return np.unique(np.geomspace(low, max(high, 2 * low), bins + 1).astype(np.int64))


class _Gathered:
    """Sums over each user's pairs, filled one class of lags after another."""

    def __init__(self, users: int) -> None:
        self.users = users
        self.excess: list[Numbers] = []
        self.weight: list[Numbers] = []
        self.pairs: list[int] = []
        self.lag: list[Numbers] = []

    def add(self, pairs: Pairs, agree: Numbers, possible: Numbers) -> None:
        self.excess.append(user_totals(pairs.user, agree, self.users))
        self.weight.append(user_totals(pairs.user, possible, self.users))
        self.pairs.append(len(pairs.first))
        self.lag.append(lag_points(pairs.lag))

    def sums(self) -> PairSums:
        if not self.pairs:
            none = np.zeros((self.users, 0))
            return PairSums(none, none, np.zeros(0, dtype=np.int64), np.zeros((0, LAG_POINTS)))
        return PairSums(
            np.stack(self.excess, axis=1),
            np.stack(self.weight, axis=1),
            np.array(self.pairs),
            np.stack(self.lag),
        )


def user_totals(user: Indices, values: Numbers, users: int) -> Numbers:
    """What each user's values (n,) add up to, (users,)."""
    return np.asarray(np.bincount(user, values, users), dtype=np.float64)


def lag_points(lag: Numbers) -> Numbers:
    """Lags that stand for all of them, (LAG_POINTS,)."""
    at = (np.arange(LAG_POINTS) + 0.5) / LAG_POINTS
    return np.quantile(lag, at) if len(lag) else np.zeros(LAG_POINTS)


def pair_sums(
    users: int, mix: PlatformMix, classes: Iterable[Pairs], *, shown: Sequence[int] = ()
) -> tuple[PairSums, tuple[PairSums, ...]]:
    """Each user's agreement beyond chance at each lag, of all pairs and of those that start in a category.

    `shown` are the codes of these categories. There, chance is that a stranger does the same *later*, and
    what users are weighted by is all their pairs: how many start in a category is not known beforehand, and
    whoever returned to it has more of them.
    """
    whole, parts = _Gathered(users), [_Gathered(users) for _ in shown]
    for each in classes:
        whole.add(each, *mix.agreement(each.first, each.second, user=each.user))
        for code, part in zip(shown, parts, strict=True):
            some = each.among(mix.category[each.first] == code)
            part.add(some, *mix.agreement(some.first, some.second, user=some.user, given_first=True))
    sums = whole.sums()
    return sums, tuple(_of_all(part.sums(), sums) for part in parts)


def _of_all(part: PairSums, whole: PairSums) -> PairSums:
    """A part's excess over the weight of all pairs, of the users who have the part at two lags."""
    return replace(part, weight=whole.weight * part.movers[:, None])
