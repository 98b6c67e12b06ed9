"""The counts of the raw rows, which every engine fills and the hygiene probe reads."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ArrivalCounts:
    """The first rows in the order of the file: how many come after a later event of the same user.

    Where the file is newest-first it was read backwards.
    """

    rows: int
    late: int
    newest_first: bool


@dataclass(frozen=True, kw_only=True)
class HygieneCounts:
    """The raw rows, each counted once: set aside for the first reason that holds, or an event.

    rows = null_user + null_item + null_time + unreadable_time + mixed_units + time_before + time_after
           + unclicked_impressions + duplicates + events
    Times are microseconds since 1970 UTC; None for a log of positions, which has no clock.
    """

    rows: int
    null_user: int  # missing or empty
    null_item: int
    null_time: int
    unreadable_time: int  # text that is no time, a number too large to be one
    time_before: int  # before `start`: 1970, ...
    time_after: int  # from `end` on: the future
    unclicked_impressions: int  # rows with label 0
    duplicates: int  # same user, item, time and event as another row
    events: int  # valid events, before runaway users are cut
    users: int
    items: int
    categories: int
    null_category: int  # of the events; 0 where there is no category column
    users_with_history: int
    runaway_users: int
    runaway_events_cut: int
    time_quantum_us: int | None  # the largest of 1 us, 1 ms, 1 s, 1 min, 1 h, 1 day dividing 99.9 % of times
    first_time: int | None
    last_time: int | None
    start: int | None  # times outside [start, end) are impossible
    end: int | None
    time_unit: str  # "s" | "ms" | "us" | "ns" (epoch numbers) | "text" | "timestamp" | "date" | "position"
    naive: bool  # times without a zone, taken as UTC
    in_seconds: int = 0  # numbers that are times only in this unit, which is not the log's
    in_milliseconds: int = 0
    in_microseconds: int = 0
    in_nanoseconds: int = 0

    @property
    def mixed_units(self) -> int:
        """Rows whose time is in another unit than the log's."""
        return self.in_seconds + self.in_milliseconds + self.in_microseconds + self.in_nanoseconds

    @property
    def impossible_time(self) -> int:
        """Rows whose time cannot be, in no unit."""
        return self.time_before + self.time_after

    @property
    def set_aside(self) -> int:
        """Rows that are not events."""
        return self.rows - self.events
