"""Prediction moments: which events are predicted, and which history each of them may use.

A history holds only events *strictly earlier* in time than its target. Events tied with the target
(its basket mates) are in no history: their order is not in the log, and they would pose as recency.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import Histories

PADDING = -1


@dataclass(frozen=True, eq=False)
class Targets:
    """Prediction moments. Shapes: n targets, H events of history.

    `user` indexes the Histories, `event` is the flat index of the predicted event. `past` holds the flat
    indices of the last H strictly earlier events, column = age (0 is the most recent), PADDING at the far
    end. `seen` counts all strictly earlier events of the user and may exceed H.
    """

    user: NDArray[np.int64]
    event: NDArray[np.int64]
    past: NDArray[np.int64]
    seen: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.event)

    def take(self, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> Targets:
        """Some of the targets, given as a mask (n,) or as indices, in that order."""
        return Targets(self.user[chosen], self.event[chosen], self.past[chosen], self.seen[chosen])


def find_targets(
    histories: Histories,
    *,
    history: int,
    minimum_history: int,
    event_codes: NDArray[np.integer] | None = None,
    between: tuple[int, int] | None = None,
) -> Targets:
    """All events with at least `minimum_history` strictly earlier ones, in the order of the log.

    `event_codes` restricts which kinds of events are predicted (all are history), `between` when they
    happen: [t0, t1) on the time axis. With `history=0` the moments come without their past, which
    `look_back` adds once they have been capped: the way to go where the log is large.
    """
    first_tied = _first_tied(histories)
    user = histories.user_of_event
    seen = first_tied - histories.offsets[user]
    wanted = seen >= minimum_history
    if event_codes is not None:
        wanted &= np.isin(histories.event, event_codes)
    if between is not None:
        wanted &= (histories.time >= between[0]) & (histories.time < between[1])
    event = np.flatnonzero(wanted)
    bare = Targets(user[event], event, np.empty((len(event), 0), dtype=np.int64), seen[event])
    return look_back(histories, bare, history=history)


def look_back(histories: Histories, targets: Targets, *, history: int) -> Targets:
    """The same targets with the last `history` strictly earlier events of each, shape (n, history)."""
    start = histories.offsets[targets.user]
    past = (start + targets.seen - 1)[:, None] - np.arange(history, dtype=np.int64)
    past[past < start[:, None]] = PADDING
    return replace(targets, past=past)


def cap_per_user(targets: Targets, *, per_user: int, rng: np.random.Generator) -> Targets:
    """At most `per_user` targets of each user, drawn at random; the order of the rest is kept."""
    by_user = np.lexsort((rng.random(len(targets)), targets.user))
    sorted_user = targets.user[by_user]
    rank = np.arange(len(targets)) - np.searchsorted(sorted_user, sorted_user)
    return targets.take(np.sort(by_user[rank < per_user]))


def cap(targets: Targets, *, maximum: int, rng: np.random.Generator) -> Targets:
    """Whole users dropped at random until at most `maximum` targets are left."""
    if len(targets) <= maximum:
        return targets
    return targets.take(whole_users(targets.user, maximum=maximum, rng=rng))


def whole_users(user: NDArray[np.int64], *, maximum: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """The rows of users drawn at random until at most `maximum` rows are marked, by the user (n,) of each."""
    users, of_user, counts = np.unique(user, return_inverse=True, return_counts=True)
    drawn = rng.permutation(len(users))
    kept = np.zeros(len(users), dtype=np.bool_)
    kept[drawn] = np.cumsum(counts[drawn]) <= maximum
    return np.asarray(kept[of_user])


def _first_tied(histories: Histories) -> NDArray[np.int64]:
    """Flat index of the first event that shares user and time with each event, shape (E,)."""
    n_events = histories.n_events
    fresh = np.ones(n_events, dtype=np.bool_)
    fresh[1:] = histories.time[1:] != histories.time[:-1]
    starts = histories.offsets[:-1]
    fresh[starts[starts < n_events]] = True
    return np.maximum.accumulate(np.where(fresh, np.arange(n_events, dtype=np.int64), 0))
