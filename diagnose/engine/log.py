"""An opened log, whichever engine holds it, and the one pass that serves every tally and the sample."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from diagnose import schema
from diagnose.engine.accounts import hygiene_counts, iso, log_facts
from diagnose.engine.clock import Clock
from diagnose.engine.forecast import LogSize
from diagnose.engine.layout import Layout, RowCounts
from diagnose.engine.reader import Found, Kernel, Tally
from diagnose.engine.sample import empty, recoded, smallest
from diagnose.engine.times import TimeCounts
from diagnose.errors import LogError
from diagnose.formatting import count
from diagnose.histories import Histories
from diagnose.results import LogFacts
from diagnose.schema import ArrivalCounts, HygieneCounts
from diagnose.settings import Settings

Advance = Callable[[int], None]


class Listener(Protocol):
    """Whoever wants to know how the log is read."""

    def mapping(self, lines: Sequence[str]) -> None:
        """How the columns are read, a line each."""

    def forecast(self, text: str, seconds: float | None = None) -> None:
        """What reading will take, in words and in seconds where that can be told."""

    def advance(self, text: str, fraction: float) -> None:
        """Reading is so far (0 to 1)."""


class Log(Protocol):
    """A log that an engine has opened: two streams of it, one unsorted, one of whole users in order."""

    engine: str  # "duckdb" | "spark"
    title: str  # in messages
    sources: tuple[str, ...]
    mapping: schema.Mapping
    size: LogSize
    settings: Settings

    @property
    def clock(self) -> Clock:
        """How its times are read."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What else should be told of how the log is read."""

    def rows(self) -> RowCounts:
        """The unsorted pass: faults, first and last time, and the names of categories and events."""

    def arrival(self) -> ArrivalCounts | None:
        """The order of the first rows; None where rows have none, or where it would cost a second reading."""

    def histories(self, kernel: Kernel, advance: Advance) -> Iterator[Found]:
        """The sorted pass: every user goes by once, whole, wherever the rows are; what the readers found.

        `advance` is told how many rows have gone by, where that is known.
        """


@dataclass(frozen=True, eq=False)
class Collected:
    """All that one pass brings: the tallies summed over the log, the sampled users, the counts, the facts."""

    tallies: Mapping[str, Any]
    sample: Histories
    counts: HygieneCounts
    times: TimeCounts
    facts: LogFacts  # `interest_source` is what the log has; the caller knows whether clusters are used
    mapping: Mapping[str, str]  # role -> column
    notes: tuple[str, ...]  # how the times were read and what else should be told
    layout: Layout  # in whose hashes the tallies speak
    arrival: ArrivalCounts | None = None  # None where the rows have no order


def collect(
    log: Log,
    tallies: Mapping[str, Tally],
    *,
    advance: Callable[[str, float], None] | None = None,
    arrival: bool = True,
) -> Collected:
    """Read the whole log once in order: sum each tally over whole users, collect the sample.

    `arrival`: whether the order of its rows is wanted too, which reads the first of them once more.
    Raises LogError where no event is left, UsageError where `settings.target_event` is no event of the log.
    """
    tell = advance or (lambda text, fraction: None)
    raw, settings = log.rows(), log.settings
    _refuse_without_events(raw, log)
    _refuse_unknown_events(raw.events, settings)  # told before the sort
    tell("sorting the events", 0.0)
    layout, expected = layout_of(log, raw), max(1, raw.by_fault["event"])
    kernel = Kernel(layout, settings, tallies, most_users=settings.sample.users)
    parts = log.histories(kernel, lambda rows: tell("events in order", min(1.0, rows / expected)))
    found = functools.reduce(operator.add, parts)
    _refuse_a_moving_log(raw, found, log)
    chosen = smallest(found.drawn, users=settings.sample.users) if found.drawn else empty(layout)
    sample = recoded(chosen)
    counts = hygiene_counts(raw, found.counts, found.times, clock=log.clock)
    return Collected(
        tallies=found.tallies,
        sample=sample,
        counts=counts,
        times=found.times,
        facts=_facts(log, counts, found, sampled=len(sample)),
        mapping=dict(log.mapping.roles),
        notes=(log.clock.note, *log.notes),
        layout=layout,
        arrival=log.arrival() if arrival else None,
    )


def _refuse_unknown_events(events: Sequence[str], settings: Settings) -> None:
    """UsageError where an option names a kind of event that the log does not have."""
    schema.target_codes(events, settings.target_event)
    if settings.capture.funnel:
        schema.funnel_codes(events, settings.capture.funnel)
    if settings.capture.handoffs:
        schema.hand_off_codes(events, settings.capture.handoffs)


def layout_of(log: Log, raw: RowCounts) -> Layout:
    """How the log's sorted rows are to be read."""
    return Layout(
        ticking=log.clock.ticking,
        categories=raw.categories,
        events=raw.events,
        roles=frozenset(log.mapping.roles),
        whole_users=raw.whole_users,
        whole_items=raw.whole_items,
        impressions=bool(raw.by_fault["unclicked_impressions"]) and log.settings.trial.run,
    )


def _facts(log: Log, counts: HygieneCounts, found: Found, *, sampled: int) -> LogFacts:
    facts = log_facts(counts, found.counts, engine=log.engine, sources=log.sources)
    enough, preset = counts.users_with_history, log.mapping.preset
    return replace(
        facts,
        preset=preset.name if preset else None,
        caveats=preset.caveats if preset else (),
        sampled_users=sampled,
        sampled_fraction=sampled / enough if enough else 0.0,
        declared_fraction=log.settings.sample.declared_fraction,
    )


def _refuse_a_moving_log(raw: RowCounts, found: Found, log: Log) -> None:
    """Both passes must have seen the same events: nothing may be lost or added on the way."""
    if found.counts.rows != raw.by_fault["event"]:
        raise LogError(
            f"{log.title}: the log changed while it was read.",
            seen=f"{count(raw.by_fault['event'])} events, then {count(found.counts.rows)}",
            attempt="the command again, on a copy or snapshot that nobody writes to",
        )


def _refuse_without_events(raw: RowCounts, log: Log) -> None:
    if raw.rows == 0:
        raise LogError(f"{log.title}: the log holds no rows.", attempt="a file with a row for each event")
    if raw.by_fault["event"]:
        return
    if raw.by_fault["unclicked_impressions"] == raw.rows:
        raise LogError(
            f"{log.title}: by its labels no row was clicked: it holds what was shown, not what users did.",
            seen=f"{count(raw.rows)} rows with label 0 or false",
            attempt="a log with the clicked rows too, or --column label= to read every row as an event",
        )
    found = {name.replace("_", " "): number for name, number in raw.by_fault.items() if number}
    possible = f" ({iso(log.clock.start)} to {iso(log.clock.end)})" if log.clock.ticking else ""
    raise LogError(
        f"{log.title}: none of the {count(raw.rows)} rows is an event with a user, an item and a possible "
        f"time{possible}.",
        seen=", ".join(f"{count(number)} rows with {name}" for name, number in found.items()),
        attempt="--column ROLE=NAME with the columns that hold user, item and timestamp",
    )
