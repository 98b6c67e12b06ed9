"""What every reader of a log's rows must know, wherever it runs: codes, hashes, roles, the clock.

Ids come as 64-bit keys. Where all ids of a column are 64-bit integers (in any type, also written as text)
the key is the integer itself and its hash is `mixed(key)`, made in numpy; otherwise the key is the hash of
the id's text, and its own hash. So the same ids have the same hashes on every engine, and a log of integers
is sorted without hashing a row or joining a dictionary (docs/decisions/0015).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from diagnose.engine.mixing import mixed, name_hashes

FAULTS = (  # by code: 0 is an event; a row has the first fault that holds
    "event",
    "null_user",
    "null_item",
    "null_time",
    "unreadable_time",
    "in_seconds",  # a time, but not in the log's unit
    "in_milliseconds",
    "in_microseconds",
    "in_nanoseconds",
    "time_before",
    "time_after",
    "unclicked_impressions",
)
OPTIONAL = ("category", "event", "session", "series", "ordinal", "duration")  # where the log has the role
OF_IMPRESSIONS = ("request", "clicked")  # besides, where what was shown and not clicked comes along
MOST_EVENTS = 32_767  # kinds of event: codes are int16

Hashes = NDArray[np.uint64]


@dataclass(frozen=True)
class Layout:
    """How the rows of a sorted stream are to be read. Small, and the same on every worker."""

    ticking: bool  # a clock, not positions
    categories: tuple[str, ...]
    events: tuple[str, ...]
    roles: frozenset[str]
    whole_users: bool  # keys are the integer ids themselves
    whole_items: bool
    impressions: bool = False  # rows that were not clicked come along

    @property
    def optional(self) -> tuple[str, ...]:
        """The columns of the sorted stream that follow user, time and item."""
        names = tuple(role for role in OPTIONAL if role in self.roles)
        extra = (name for name in OF_IMPRESSIONS if name == "clicked" or name in self.roles)
        return (*names, *extra) if self.impressions else names

    def user_hash(self, key: NDArray[np.int64]) -> Hashes:
        """The hash of users, unsalted: the same whatever the seed."""
        return mixed(key.view(np.uint64)) if self.whole_users else key.view(np.uint64)

    def item_hash(self, key: NDArray[np.int64]) -> Hashes:
        """The hash of items."""
        return mixed(key.view(np.uint64)) if self.whole_items else key.view(np.uint64)

    @cached_property
    def event_hashes(self) -> Hashes:
        """By event code; code -1 finds the last, "none"."""
        return name_hashes(self.events)

    @cached_property
    def category_hashes(self) -> Hashes:
        """By category code, likewise."""
        return name_hashes(self.categories)


@dataclass(frozen=True, kw_only=True)
class RowCounts:
    """The unsorted pass: rows by fault, and how the log's columns are to be coded."""

    by_fault: Mapping[str, int]
    first: int | None  # of the events, duplicates among them
    last: int | None
    items: int
    categories: tuple[str, ...]  # in the order of their code points
    events: tuple[str, ...]
    whole_users: bool  # all ids are 64-bit integers
    whole_items: bool

    @property
    def rows(self) -> int:
        """All rows."""
        return sum(self.by_fault.values())
