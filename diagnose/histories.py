"""Users' behaviour sequences: flat arrays of whole users in order, with offsets.

The one noun that flows through the house: the engines stream it, tallies add over it,
probes and trial read it. A user appears as a salted 64-bit hash, never as an id.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

MICROSECONDS_PER_SECOND = 1_000_000
MICROSECONDS_PER_DAY = 86_400 * MICROSECONDS_PER_SECOND
NO_CATEGORY = -1


_NONE = np.zeros(1, dtype=np.int64)


@dataclass(frozen=True, eq=False)
class CategoryCounts:
    """Every (user, category) that occurs, users ascending, and how often; three arrays of shape (cells,)."""

    user: NDArray[np.int64]  # index of the user
    category: NDArray[np.int64]
    count: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Exposures:
    """What users were shown and did not choose: candidates of a real impression, never events.

    Shapes: U users, X exposures; `offsets[u]:offsets[u + 1]` are those of user u, by time, request and item.
    `item` continues the codes of the events: what no event is of has the codes from `Histories.n_items` on.
    `request` is a 64-bit key of the impression, None where the log has no such role: then what a user was
    shown at one time is one impression.
    """

    offsets: NDArray[np.int64]
    item: NDArray[np.int64]
    category: NDArray[np.int32]
    time: NDArray[np.int64]
    request: NDArray[np.int64] | None = None

    @property
    def user(self) -> NDArray[np.int64]:
        """Index of the user of each exposure, shape (X,)."""
        return np.repeat(np.arange(len(self.offsets) - 1, dtype=np.int64), np.diff(self.offsets))

    def select(self, users: NDArray[np.int64]) -> Exposures:
        """The exposures of some users, given as indices, in that order."""
        lengths = np.diff(self.offsets)[users]
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        index = np.arange(offsets[-1]) - np.repeat(offsets[:-1] - self.offsets[users], lengths)
        return Exposures(
            offsets,
            self.item[index],
            self.category[index],
            self.time[index],
            None if self.request is None else self.request[index],
        )


@dataclass(frozen=True, eq=False)
class Histories:
    """Whole users, each one's events in (time, tie hash) order.

    Shapes: U users, E events. `offsets[u]:offsets[u + 1]` are the events of user u.
    `time` is microseconds since 1970 UTC, or the position where `clock` is False (order but no time).
    `session` numbers the sessions of each user from 0. `category` is a code into `categories`
    (NO_CATEGORY where the event has none), `event` a code into `events`. `item` is a code; in the user
    sample items are numbered from 0 without gaps, in a stream of the whole log they are 64-bit hashes.
    These columns are None where the log has no such role: `series` is a 64-bit key (0: none), `ordinal` the
    place in its series (-1: none), `duration` seconds (NaN: none), `request` a 64-bit key of the impression.
    `exposures` are what users were shown beside, where rows have labels; `catalogue` counts the codes of
    items where they go beyond those of the events.
    """

    offsets: NDArray[np.int64]
    user: NDArray[np.uint64]
    item: NDArray[np.int64]
    category: NDArray[np.int32]
    time: NDArray[np.int64]
    session: NDArray[np.int32]
    event: NDArray[np.int16]
    clock: bool = True
    categories: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    roles: frozenset[str] = field(default_factory=frozenset)  # roles the log has, e.g. "rating", "session"
    series: NDArray[np.int64] | None = None
    ordinal: NDArray[np.int32] | None = None
    duration: NDArray[np.float32] | None = None
    request: NDArray[np.int64] | None = None
    exposures: Exposures | None = None
    catalogue: int = 0

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def n_events(self) -> int:
        """Events of all users."""
        return len(self.item)

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        """Events of each user, shape (U,)."""
        return np.diff(self.offsets)

    @cached_property
    def user_of_event(self) -> NDArray[np.int64]:
        """Index of the user of each event, shape (E,)."""
        return np.repeat(np.arange(len(self), dtype=np.int64), self.lengths)

    @cached_property
    def rank(self) -> NDArray[np.int64]:
        """How many events of its user lie before each event, ties included; shape (E,)."""
        rank = np.arange(self.n_events)
        rank -= np.repeat(self.offsets[:-1], self.lengths)
        return rank

    @cached_property
    def first_at_its_time(self) -> NDArray[np.bool_]:
        """Whether an event is the first of its user at its time, shape (E,)."""
        first = np.ones(self.n_events, dtype=bool)
        np.not_equal(self.time[1:], self.time[:-1], out=first[1:])
        first[self.offsets[:-1][self.lengths > 0]] = True
        return first

    @cached_property
    def opens_session(self) -> NDArray[np.bool_]:
        """Whether an event is the first of its session, shape (E,)."""
        opens = np.ones(self.n_events, dtype=bool)
        np.not_equal(self.session[1:], self.session[:-1], out=opens[1:])
        opens[self.offsets[:-1][self.lengths > 0]] = True
        return opens

    @cached_property
    def category_counts(self) -> CategoryCounts:
        """How often each user met each category."""
        named = self.category != NO_CATEGORY
        every = bool(named.all())
        user = self.user_of_event if every else self.user_of_event[named]
        category = self.category if every else self.category[named]
        size = max(1, self.n_categories)
        small = len(self) * size < 2**32  # half the bytes to sort
        key = user.astype(np.uint32 if small else np.int64)
        np.multiply(key, size, out=key, casting="unsafe")
        np.add(key, category, out=key, casting="unsafe")
        key.sort(kind="stable")  # users lie in order already: merging runs is cheaper
        edge = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1], [True]])) if len(key) else _NONE
        cell = key[edge[:-1]].astype(np.int64)
        owner = cell // size
        return CategoryCounts(user=owner, category=cell - owner * size, count=np.diff(edge))

    @property
    def n_items(self) -> int:
        """Size of the item code space (samples only: items numbered without gaps)."""
        return max(self.catalogue, int(self.item.max()) + 1 if self.n_events else 0)

    @property
    def n_categories(self) -> int:
        """Size of the category code space."""
        return max(len(self.categories), int(self.category.max()) + 1 if self.n_events else 0)

    @property
    def days(self) -> NDArray[np.float64]:
        """Time in days, shape (E,). Only for a log with a clock."""
        if not self.clock:
            raise ValueError("a log of positions has no days")
        return self.time / MICROSECONDS_PER_DAY

    def select(self, users: NDArray[np.bool_] | NDArray[np.int64]) -> Histories:
        """The same histories for some users, given as a mask (U,) or as indices, in that order."""
        chosen = np.flatnonzero(users) if users.dtype == np.bool_ else users
        lengths = self.lengths[chosen]
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        index = np.arange(offsets[-1]) - np.repeat(offsets[:-1] - self.offsets[chosen], lengths)
        shown = None if self.exposures is None else self.exposures.select(chosen.astype(np.int64))
        return replace(self._take(index, offsets=offsets, user=self.user[chosen]), exposures=shown)

    def keep_events(self, keep: NDArray[np.bool_]) -> Histories:
        """The same users with only some of their events (mask of shape (E,)); users may become empty."""
        kept = np.concatenate([[0], np.cumsum(keep)])
        return self._take(np.flatnonzero(keep), offsets=kept[self.offsets].astype(np.int64), user=self.user)

    def with_history(self, minimum: int) -> Histories:
        """Only the users with at least `minimum` events."""
        return self.select(self.lengths >= minimum)

    def with_categories(self, category: NDArray[np.int32], names: tuple[str, ...]) -> Histories:
        """The same events under other interests (clusters, a coarser level)."""
        shown = self.exposures  # their categories were the old ones
        if shown is not None:
            shown = replace(shown, category=np.full_like(shown.category, NO_CATEGORY))
        return replace(self, category=category.astype(np.int32), categories=names, exposures=shown)

    def per_user(self) -> Iterator[slice]:
        """The slice of each user's events. For tests and small samples; kernels use the offsets."""
        for start, stop in zip(self.offsets[:-1], self.offsets[1:], strict=True):
            yield slice(int(start), int(stop))

    def _take(
        self, index: NDArray[np.int64], *, offsets: NDArray[np.int64], user: NDArray[np.uint64]
    ) -> Histories:
        return replace(
            self,
            offsets=offsets,
            user=user,
            item=self.item[index],
            category=self.category[index],
            time=self.time[index],
            session=self.session[index],
            event=self.event[index],
            series=None if self.series is None else self.series[index],
            ordinal=None if self.ordinal is None else self.ordinal[index],
            duration=None if self.duration is None else self.duration[index],
            request=None if self.request is None else self.request[index],
        )
