"""The kinds of dirt in a log, each told with a count, a share and a plain note, only where it was met."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from diagnose.capture.hygiene_tally import HygieneTally
from diagnose.capture.imports import at_stamps, import_stamps
from diagnose.capture.outages import Outages
from diagnose.capture.truncation import Truncation
from diagnose.formatting import count, duration, percent
from diagnose.histories import MICROSECONDS_PER_SECOND, Histories
from diagnose.results import Fault
from diagnose.schema import ArrivalCounts, HygieneCounts
from diagnose.settings import Settings

_UNITS = {"s": "seconds", "ms": "milliseconds", "us": "microseconds", "ns": "nanoseconds"}
_QUANTUM_NOTE = "what happened within one has no order"
_TIES_NOTE = (
    "share their time with another event of the same user; kept, in an order drawn by a hash, and none of "
    "them counts as the history of another"
)


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What else is known of a log than its counts and its tally; None where it was not looked at."""

    outages: Outages | str = "not looked for"  # a reason why they could not be looked for
    truncation: Truncation | None = None
    arrival: ArrivalCounts | None = None
    sample: Histories | None = None


Found = tuple[str, int, int, str]  # name, count, of how many, note


def faults(
    counts: HygieneCounts, tally: HygieneTally, evidence: Evidence, *, settings: Settings
) -> tuple[Fault, ...]:
    """Every fault that was met, and the ties always; shares are of rows, events, users or hours."""
    met = (
        *_set_aside(counts, settings),
        *_kept(counts, tally, settings),
        *_beside(evidence, settings),
        *_of_the_clock(counts, settings),
    )
    told = [
        Fault(name=name, count=number, share=number / whole, note=note)
        for name, number, whole, note in met
        if number
    ]
    return (*told, Fault(name="ties", count=tally.tied_events, share=tally.tie_rate, note=_TIES_NOTE))


def _set_aside(counts: HygieneCounts, settings: Settings) -> Iterator[Found]:
    """Rows that are no events, and users cut."""
    rows, most = counts.rows, count(settings.sample.maximum_events_per_user)
    yield "nulls", nulls(counts), rows, _null_note(counts)
    yield "clock_errors", clock_errors(counts), rows, _clock_note(counts)
    yield "mixed_units", counts.mixed_units, rows, _unit_note(counts)
    impressions = "rows shown but not acted on; no events, but candidates of a trial"
    yield "unclicked_impressions", counts.unclicked_impressions, rows, impressions
    again = "repeat the user, item, time and event of another row; set aside"
    yield "duplicates", counts.duplicates, rows, again
    yield "null_category", counts.null_category, counts.events, "events without a category; kept"
    runaway = (
        f"users of more than {most} events, probably programs; {count(counts.runaway_events_cut)} "
        "events beyond that set aside"
    )
    yield "runaway_users", counts.runaway_users, counts.users, runaway


def _kept(counts: HygieneCounts, tally: HygieneTally, settings: Settings) -> Iterator[Found]:
    """Events of the log that are probably not choices; they stay in it."""
    limits = settings.hygiene
    again = (
        f"repeat the event just before them within {duration(limits.near_seconds)}: double clicks or "
        f"retries, not second choices; within the {duration(limits.near_seconds)} after that there are "
        f"{count(tally.next_duplicates)}; kept"
    )
    many = tally.more_near_duplicates.low > limits.near_share
    yield "near_duplicates", tally.near_duplicates if many else 0, tally.events, again
    together = (
        f"events that share user and time with at least {limits.batch_events - 1} others, in "
        f"{count(tally.batches)} batches: the stamp says when they were written, not when they happened; kept"
    )
    # Where the clock's step is a minute or more, a shared time is the step's doing, and told as such.
    fine = quantum_seconds(counts) < limits.coarse_seconds
    yield "batch_imports", tally.batch_events if fine else 0, tally.events, together
    yield "robots", tally.robots, tally.users, _robot_note(tally, settings)


def _robot_note(tally: HygieneTally, settings: Settings) -> str:
    limits = settings.robots
    parts = (
        (f"{count(limits.per_hour)} events an hour or {count(limits.per_day)} a day", tally.fast_robots),
        (f"no rest of {limits.rest_hours:.0f} h in {limits.awake_hours:.0f} h", tally.sleepless_robots),
        (f"{limits.equal_gaps} equal gaps in a row", tally.regular_robots),
    )
    return (
        f"users who act as no person does: {listed(parts)}; programs, shared ids, or a client that reports "
        f"by itself; their {count(tally.robot_events)} events are kept"
    )


def _beside(evidence: Evidence, settings: Settings) -> Iterator[Found]:
    """What shows only beside the tally: in the calendar, in the order of the file, in the sample."""
    if isinstance(evidence.outages, Outages) and evidence.outages.hours:
        yield (
            "outages",
            evidence.outages.hours,
            evidence.outages.expected.hours,
            _outage_note(evidence.outages),
        )
    if (cut := evidence.truncation) is not None:
        least = settings.hygiene.truncation_share
        told = max(
            (end for end in (cut.left, cut.right) if end.low > 0), key=lambda end: end.value, default=None
        )
        if told is not None and told.value >= least:
            yield "truncation", round(told.value * cut.users), cut.users, _truncation_note(cut)
    if (rows := evidence.arrival) is not None and rows.late:
        yield "late_arrival", rows.late, rows.rows, _arrival_note(rows)
    if (sample := evidence.sample) is not None and sample.n_events:
        stamps = import_stamps(sample, settings=settings.hygiene)
        yield "import_stamps", int(at_stamps(sample, stamps).sum()), sample.n_events, _stamp_note(stamps)


def _outage_note(found: Outages) -> str:
    longest = int(np.argmax(found.stop - found.start))
    begins = str(np.datetime64(int(found.start[longest]), "h")).replace("T", " ")
    many = "one outage" if len(found.start) == 1 else f"{count(len(found.start))} outages, the longest"
    return (
        f"hours with less than half the events that such hours hold: {many} of "
        f"{duration(3_600 * int(found.stop[longest] - found.start[longest]))} from {begins}:00 UTC, with "
        f"{percent(float(found.level[longest]), 0)} of its events left; "
        "from the log alone a holiday looks the same; nothing is filled in"
    )


def _truncation_note(cut: Truncation) -> str:
    return (
        f"histories begin before the log does for about {percent(cut.left.value, 0)} of users, who turn "
        f"up in its first {count(cut.days)} days beyond the usual number, and go on after it ends for about "
        f"{percent(cut.right.value, 0)}; what lies outside the log is unknown"
    )


def _arrival_note(rows: ArrivalCounts) -> str:
    order = "the file is newest-first; read backwards, " if rows.newest_first else ""
    return (
        f"{order}of the first {count(rows.rows)} rows of the file, those that come after a later event of "
        "the same user; sorted by time here, but what reads the log as it arrives meets them out of order"
    )


def _stamp_note(stamps: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> str:
    return (
        f"events of sampled users under {count(len(stamps))} times that implausibly many users share: a job "
        "wrote them, and its time stands for theirs; kept"
    )


def _of_the_clock(counts: HygieneCounts, settings: Settings) -> Iterator[Found]:
    quantum = quantum_seconds(counts)
    coarse = counts.events if quantum >= settings.hygiene.coarse_seconds else 0
    yield "time_quantum", coarse, counts.events, f"times come in steps of {_step(quantum)}: {_QUANTUM_NOTE}"
    naive = counts.events if counts.naive else 0
    yield "naive_times", naive, counts.events, "no time zone given; taken as UTC"


def nulls(counts: HygieneCounts) -> int:
    """Rows without a user, an item or a time."""
    return counts.null_user + counts.null_item + counts.null_time


def _null_note(counts: HygieneCounts) -> str:
    parts = (("user", counts.null_user), ("item", counts.null_item), ("time", counts.null_time))
    return f"rows without {listed(parts)}; set aside"


def clock_errors(counts: HygieneCounts) -> int:
    """Rows whose time cannot be, in no unit."""
    return counts.unreadable_time + counts.time_before + counts.time_after


def _clock_note(counts: HygieneCounts) -> str:
    parts = (
        ("unreadable", counts.unreadable_time),
        (f"before {_date(counts.start)}", counts.time_before),
        (f"from {_date(counts.end)} on", counts.time_after),
    )
    return f"times that cannot be, {listed(parts)}; set aside"


def _unit_note(counts: HygieneCounts) -> str:
    parts = (
        ("seconds", counts.in_seconds),
        ("milliseconds", counts.in_milliseconds),
        ("microseconds", counts.in_microseconds),
        ("nanoseconds", counts.in_nanoseconds),
    )
    unit = _UNITS.get(counts.time_unit, "another unit")
    return f"the log counts {unit}; these are times only in {listed(parts)}; set aside, not converted"


def listed(parts: Sequence[tuple[str, int]]) -> str:
    """'a user (12), a time (3)': what was met, with how often."""
    return ", ".join(f"{name} ({count(number)})" for name, number in parts if number)


def _date(microseconds: int | None) -> str:
    return (
        "the log's range" if microseconds is None else str(np.datetime64(microseconds, "us").astype("M8[D]"))
    )


def quantum_seconds(counts: HygieneCounts) -> float:
    """The step of the clock."""
    return (counts.time_quantum_us or 0) / MICROSECONDS_PER_SECOND


def _step(seconds: float) -> str:
    named = {60.0: "a minute", 3_600.0: "an hour", 86_400.0: "a day"}
    return named.get(seconds, duration(seconds))
