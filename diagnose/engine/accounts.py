"""The accounts of one reading: raw rows and stream added up to the hygiene counts and the log's facts."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, datetime

from diagnose.engine.clock import Clock
from diagnose.engine.layout import RowCounts
from diagnose.engine.stream import Batch
from diagnose.engine.times import TimeCounts
from diagnose.results import LogFacts
from diagnose.schema import HygieneCounts


@dataclass(frozen=True)
class StreamCounts:
    """What has gone by in the sorted stream. Integers that add up."""

    users: int = 0
    events: int = 0  # before runaway users are cut
    duplicates: int = 0
    null_category: int = 0
    with_history: int = 0  # users with enough of it
    runaway_users: int = 0
    runaway_events_cut: int = 0
    fingerprint: int = 0

    def __add__(self, other: StreamCounts) -> StreamCounts:
        return StreamCounts(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    @classmethod
    def of(cls, batch: Batch, *, minimum_history: int) -> StreamCounts:
        """The counts of one batch."""
        return cls(
            users=len(batch.histories),
            events=batch.histories.n_events + batch.runaway_events_cut,
            duplicates=batch.duplicates,
            null_category=batch.null_category,
            with_history=int((batch.histories.lengths >= minimum_history).sum()),
            runaway_users=batch.runaway_users,
            runaway_events_cut=batch.runaway_events_cut,
            fingerprint=batch.fingerprint,
        )

    @property
    def rows(self) -> int:
        """Valid rows seen, duplicates among them."""
        return self.events + self.duplicates


def hygiene_counts(raw: RowCounts, seen: StreamCounts, times: TimeCounts, *, clock: Clock) -> HygieneCounts:
    """Where every row went."""
    faults = {name: number for name, number in raw.by_fault.items() if name != "event"}
    return HygieneCounts(
        rows=raw.rows,
        **faults,
        duplicates=seen.duplicates,
        events=seen.events,
        users=seen.users,
        items=raw.items,
        categories=len(raw.categories),
        null_category=seen.null_category,
        users_with_history=seen.with_history,
        runaway_users=seen.runaway_users,
        runaway_events_cut=seen.runaway_events_cut,
        time_quantum_us=times.quantum if clock.ticking else None,
        first_time=raw.first if clock.ticking else None,
        last_time=raw.last if clock.ticking else None,
        start=clock.start,
        end=clock.end,
        time_unit=clock.unit,
        naive=clock.naive,
    )


def log_facts(
    counts: HygieneCounts, seen: StreamCounts, *, engine: str, sources: tuple[str, ...]
) -> LogFacts:
    """The log in a few numbers, before anything is known of the sample and of the interests."""
    return LogFacts(
        sources=sources,
        fingerprint=f"{(seen.fingerprint + counts.rows) % 2**64:016x}",
        events=counts.events,
        users=counts.users,
        items=counts.items,
        categories=counts.categories,
        first_event=iso(counts.first_time),
        last_event=iso(counts.last_time),
        engine=engine,
        users_with_history=counts.users_with_history,
        sampled_users=0,
        sampled_fraction=0.0,
        interest_source="category" if counts.categories else "clusters",
    )


def iso(microseconds: int | None) -> str | None:
    """Microseconds as ISO text in UTC, to the second."""
    if microseconds is None:
        return None
    return datetime.fromtimestamp(microseconds // 1_000_000, UTC).isoformat().replace("+00:00", "Z")
