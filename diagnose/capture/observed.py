"""What one observer saw of some users: their events, for as many users as a comparison of logs needs.

The users are those with the smallest hashes among *all* users with an event: a bottom-k sample, so two logs
that chose each for itself agree on every user up to the smaller of their bounds. A minimum of events in one
of them would choose users by what that log caught of them, and make it look more complete.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import Histories
from diagnose.settings import Settings

Integers = NDArray[np.int64]
ALL = 2**64 - 1
STEPS = (86_400_000_000, 3_600_000_000, 60_000_000, 1_000_000, 1_000)  # day, hour, minute, second, ms
DIVIDING = 0.999  # of the times, for a step to be the log's own


@dataclass(frozen=True, eq=False)
class Observed:
    """Events of whole users (U,), one user's after another's (E,). No user up to `bound` is missing."""

    most: int  # users that are kept
    user: NDArray[np.uint64]
    length: Integers
    cut: NDArray[np.bool_]  # the history was cut as a runaway's
    item: Integers
    time: Integers
    event: NDArray[np.int16]  # a code into `events`
    events: tuple[str, ...]
    first: int  # of the whole log
    last: int
    clock: bool = True
    bound: int = ALL

    def __add__(self, other: Observed) -> Observed:
        both = replace(
            self,
            user=np.concatenate([self.user, other.user]),
            length=np.concatenate([self.length, other.length]),
            cut=np.concatenate([self.cut, other.cut]),
            item=np.concatenate([self.item, other.item]),
            time=np.concatenate([self.time, other.time]),
            event=np.concatenate([self.event, other.event]),
            first=min(self.first, other.first),
            last=max(self.last, other.last),
            bound=min(self.bound, other.bound),
        )
        return both.shrunk()

    def shrunk(self) -> Observed:
        """At most so many users, and none beyond the bound."""
        bound = self.bound
        if (self.user <= np.uint64(bound)).sum() > self.most:
            bound = int(np.partition(self.user, self.most - 1)[self.most - 1])
        return replace(self.only(self.user <= np.uint64(bound)), bound=bound)

    def only(self, users: NDArray[np.bool_]) -> Observed:
        """Some of the users, a mask (U,)."""
        if users.all():
            return self
        return replace(
            self.where(np.repeat(users, self.length)),
            user=self.user[users],
            length=self.length[users],
            cut=self.cut[users],
        )

    def where(self, events: NDArray[np.bool_]) -> Observed:
        """Some of the events, a mask (E,); the same users."""
        kept = np.concatenate([[0], np.cumsum(events)])
        ends = np.concatenate([[0], np.cumsum(self.length)])
        return replace(
            self,
            length=np.diff(kept[ends]),
            item=self.item[events],
            time=self.time[events],
            event=self.event[events],
        )

    @property
    def user_of_event(self) -> NDArray[np.uint64]:
        """The user's hash of each event, (E,)."""
        return np.repeat(self.user, self.length)

    @property
    def step(self) -> int:
        """The step of the log's clock in microseconds: the largest that nearly all times are multiples of."""
        return next((step for step in STEPS if (self.time % step == 0).mean() >= DIVIDING), 1)


def tally(histories: Histories, *, settings: Settings) -> Observed:
    """The events of the users with the smallest hashes of a batch; add to merge batches."""
    some = histories.with_history(1)
    none = not some.n_events
    return Observed(
        most=settings.anchors.users,
        user=some.user,
        length=some.lengths,
        cut=some.lengths >= settings.sample.maximum_events_per_user,
        item=some.item,
        time=some.time,
        event=some.event,
        events=some.events,
        first=ALL if none else int(some.time.min()),
        last=-ALL if none else int(some.time.max()),
        clock=some.clock,
    ).shrunk()
