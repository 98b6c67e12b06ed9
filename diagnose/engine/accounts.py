"""The accounts of one reading: raw rows and stream added up to the hygiene counts and the log's facts."""

from __future__ import annotations

from datetime import UTC, datetime

from diagnose.engine.prepare import Prepared
from diagnose.engine.rawrows import RawCounts
from diagnose.engine.stream import Batch
from diagnose.results import LogFacts
from diagnose.schema import HygieneCounts

ENGINE = "duckdb"


class Passed:
    """What has gone by in the stream, added up."""

    def __init__(self) -> None:
        self.users = self.events = self.duplicates = self.null_category = 0
        self.runaway_users = self.runaway_events_cut = self.fingerprint = 0

    def add(self, batch: Batch) -> None:
        """Add a batch."""
        self.users += len(batch.histories)
        self.events += batch.histories.n_events + batch.runaway_events_cut
        self.duplicates += batch.duplicates
        self.null_category += batch.null_category
        self.runaway_users += batch.runaway_users
        self.runaway_events_cut += batch.runaway_events_cut
        self.fingerprint += batch.fingerprint

    @property
    def rows(self) -> int:
        """Valid rows seen, duplicates among them."""
        return self.events + self.duplicates


def hygiene_counts(raw: RawCounts, passed: Passed, *, prepared: Prepared, with_history: int) -> HygieneCounts:
    """Where every row went. `with_history`: users with enough of it."""
    ticking = prepared.clock.ticking
    faults = {name: number for name, number in raw.by_fault.items() if name != "event"}
    return HygieneCounts(
        rows=raw.rows,
        **faults,
        duplicates=passed.duplicates,
        events=passed.events,
        users=passed.users,
        items=prepared.items,
        categories=len(prepared.categories),
        null_category=passed.null_category,
        users_with_history=with_history,
        runaway_users=passed.runaway_users,
        runaway_events_cut=passed.runaway_events_cut,
        time_quantum_us=raw.quantum if ticking else None,
        first_time=raw.first if ticking else None,
        last_time=raw.last if ticking else None,
        start=prepared.clock.start,
        end=prepared.clock.end,
        time_unit=prepared.clock.unit,
        naive=prepared.clock.naive,
    )


def log_facts(counts: HygieneCounts, passed: Passed, *, sources: tuple[str, ...], sampled: int) -> LogFacts:
    """The log in a few numbers. The caller may know better where the interests come from."""
    enough = counts.users_with_history
    return LogFacts(
        sources=sources,
        fingerprint=f"{(passed.fingerprint + counts.rows) % 2**64:016x}",
        events=counts.events,
        users=counts.users,
        items=counts.items,
        categories=counts.categories,
        first_event=iso(counts.first_time),
        last_event=iso(counts.last_time),
        engine=ENGINE,
        users_with_history=enough,
        sampled_users=sampled,
        sampled_fraction=sampled / enough if enough else 0.0,
        interest_source="category" if counts.categories else "clusters",
    )


def iso(microseconds: int | None) -> str | None:
    """Microseconds as ISO text in UTC, to the second."""
    if microseconds is None:
        return None
    return datetime.fromtimestamp(microseconds // 1_000_000, UTC).isoformat().replace("+00:00", "Z")
