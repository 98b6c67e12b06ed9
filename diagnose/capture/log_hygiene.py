"""Log hygiene: is the order of behaviour in the log at all, and what had to be set aside?

Statistic  Share of users with enough history who have at least 5 distinct times; faults as counts.
Gate       Order is not in the log where fewer than one in ten such users have them (dates over a few days,
           one stamp for a whole path, batch imports). The tie rate alone never decides: invoice lines tie
           inside the invoice and order well across. Too few users is "too small", not unmeasurable.
Null       None. Whole counts of the file, not a sample: value, low and high coincide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from diagnose.capture.shares import exact
from diagnose.formatting import count, duration, percent
from diagnose.histories import MICROSECONDS_PER_SECOND, Histories
from diagnose.results import Estimate, Fault, Hygiene, Measured, Probed, Series, Skipped
from diagnose.schema import HygieneCounts
from diagnose.settings import Settings

NAME = "log_hygiene"
QUESTION = "Is the order of behaviour in the log, and what had to be set aside?"

MOST_TIMES = 64  # distinct times of a user, counted one by one; more is "so many or more"


@dataclass(frozen=True, eq=False)
class HygieneTally:
    """Counts over whole users. `distinct_times[d]`: users with enough history and d distinct times."""

    users: int = 0
    events: int = 0
    tied_events: int = 0  # that share user and time with another event
    clock: bool = True
    distinct_times: NDArray[np.int64] = field(
        default_factory=lambda: np.zeros(MOST_TIMES + 1, dtype=np.int64)
    )

    def __add__(self, other: HygieneTally) -> HygieneTally:
        return HygieneTally(
            users=self.users + other.users,
            events=self.events + other.events,
            tied_events=self.tied_events + other.tied_events,
            clock=self.clock and other.clock,
            distinct_times=self.distinct_times + other.distinct_times,
        )

    @property
    def users_with_history(self) -> int:
        """Users with enough history."""
        return int(self.distinct_times.sum())

    def ordered_users(self, distinct: int) -> int:
        """Of those, users with at least so many distinct times."""
        return int(self.distinct_times[distinct:].sum())

    @property
    def tie_rate(self) -> float:
        """Share of events that share user and time with another event."""
        return self.tied_events / self.events if self.events else 0.0


def tally(histories: Histories, *, settings: Settings | None = None) -> HygieneTally:
    """Tied events, and distinct times of every user with enough history; add to merge batches."""
    settings = settings or Settings()
    first = histories.first_at_its_time
    alone = int(np.count_nonzero(first[:-1] & first[1:]) + np.count_nonzero(first[-1:]))
    running = np.concatenate([[0], np.cumsum(first, dtype=np.int32)])
    distinct = running[histories.offsets[1:]] - running[histories.offsets[:-1]]
    enough = histories.lengths >= settings.sample.minimum_history
    return HygieneTally(
        users=int((histories.lengths > 0).sum()),
        events=histories.n_events,
        tied_events=histories.n_events - alone,
        clock=histories.clock,
        distinct_times=np.bincount(np.minimum(distinct[enough], MOST_TIMES), minlength=MOST_TIMES + 1),
    )


def measure(counts: HygieneCounts, tally: HygieneTally, *, settings: Settings) -> tuple[Hygiene, Probed]:
    """The gate with its faults, and the rates as estimates."""
    reason = _not_measurable(tally, settings=settings)
    hygiene = Hygiene(passed=reason is None, reason=reason, faults=_faults(counts, tally, settings=settings))
    return hygiene, _probe(counts, tally, settings=settings)


def _not_measurable(tally: HygieneTally, *, settings: Settings) -> str | None:
    """Why the order of behaviour is not in the log; None where it is, or where no user can tell."""
    limits, users = settings.hygiene, tally.users_with_history
    if not users or tally.ordered_users(limits.distinct_times) >= limits.ordered_share * users:
        return None
    stamps = "times" if tally.clock else "positions"
    return (
        f"only {count(tally.ordered_users(limits.distinct_times))} of {count(users)} users with at least "
        f"{settings.sample.minimum_history} events have {limits.distinct_times} or more distinct {stamps}; "
        f"at least {percent(limits.ordered_share, 0)} must, or the log does not say what came after what"
    )


def _faults(counts: HygieneCounts, tally: HygieneTally, *, settings: Settings) -> tuple[Fault, ...]:
    """Every kind of dirt that was met, and the ties always; shares are of rows, of events or of users."""
    quantum, rows = _quantum_seconds(counts), counts.rows
    coarse = counts.events if quantum >= settings.hygiene.coarse_seconds else 0
    most = count(settings.sample.maximum_events_per_user)
    met = (
        ("nulls", _nulls(counts), rows, _null_note(counts)),
        ("clock_errors", _clock_errors(counts), rows, _clock_note(counts)),
        (
            "unclicked_impressions",
            counts.unclicked_impressions,
            rows,
            "rows shown but not acted on; set aside",
        ),
        (
            "duplicates",
            counts.duplicates,
            rows,
            "repeat the user, item, time and event of another row; set aside",
        ),
        ("null_category", counts.null_category, counts.events, "events without a category; kept"),
        (
            "runaway_users",
            counts.runaway_users,
            counts.users,
            f"users of more than {most} events, probably programs; {count(counts.runaway_events_cut)} "
            "events beyond that set aside",
        ),
        ("time_quantum", coarse, counts.events, f"times come in steps of {_step(quantum)}: {_QUANTUM_NOTE}"),
        (
            "naive_times",
            counts.events if counts.naive else 0,
            counts.events,
            "no time zone given; taken as UTC",
        ),
    )
    told = [
        Fault(name=name, count=number, share=number / whole, note=note)
        for name, number, whole, note in met
        if number
    ]
    return (*told, Fault(name="ties", count=tally.tied_events, share=tally.tie_rate, note=_TIES_NOTE))


_QUANTUM_NOTE = "what happened within one has no order"
_TIES_NOTE = (
    "share their time with another event of the same user; kept, in an order drawn by a hash, and none of "
    "them counts as the history of another"
)


def _nulls(counts: HygieneCounts) -> int:
    return counts.null_user + counts.null_item + counts.null_time


def _null_note(counts: HygieneCounts) -> str:
    parts = (("user", counts.null_user), ("item", counts.null_item), ("time", counts.null_time))
    return f"rows without {_listed(parts)}; set aside"


def _clock_errors(counts: HygieneCounts) -> int:
    return counts.unreadable_time + counts.time_before + counts.time_after


def _clock_note(counts: HygieneCounts) -> str:
    parts = (
        ("unreadable", counts.unreadable_time),
        (f"before {_date(counts.start)}", counts.time_before),
        (f"from {_date(counts.end)} on", counts.time_after),
    )
    return f"times that cannot be, {_listed(parts)}; set aside"


def _listed(parts: Sequence[tuple[str, int]]) -> str:
    """'a user (12), a time (3)': what was met, with how often."""
    return ", ".join(f"{name} ({count(number)})" for name, number in parts if number)


def _date(microseconds: int | None) -> str:
    return (
        "the log's range" if microseconds is None else str(np.datetime64(microseconds, "us").astype("M8[D]"))
    )


def _quantum_seconds(counts: HygieneCounts) -> float:
    return (counts.time_quantum_us or 0) / MICROSECONDS_PER_SECOND


def _step(seconds: float) -> str:
    named = {60.0: "a minute", 3_600.0: "an hour", 86_400.0: "a day"}
    return named.get(seconds, duration(seconds))


def _probe(counts: HygieneCounts, tally: HygieneTally, *, settings: Settings) -> Probed:
    """The rates, whole counts without width, and how many distinct times users have."""
    if not tally.events:
        return Skipped(name=NAME, condition="capture", reason="no valid event is left")
    estimates: dict[str, Estimate] = {
        "tie_rate": exact(tally.tie_rate, unit="share of events"),
        "null_share": exact(_nulls(counts) / counts.rows, unit="share of rows"),
        "duplicate_share": exact(counts.duplicates / counts.rows, unit="share of rows"),
        "clock_error_share": exact(_clock_errors(counts) / counts.rows, unit="share of rows"),
    }
    if counts.time_quantum_us is not None:
        estimates["time_quantum_seconds"] = exact(_quantum_seconds(counts), unit="seconds")
    if tally.users_with_history:
        ordered = tally.ordered_users(settings.hygiene.distinct_times) / tally.users_with_history
        estimates["ordered_share"] = exact(ordered, unit="share of users with enough history")
    return Measured(
        name=NAME, condition="capture", users=tally.users, estimates=estimates, series=_distinct_series(tally)
    )


def _distinct_series(tally: HygieneTally) -> tuple[Series, ...]:
    """Share of users with enough history by distinct times; nothing where there is no such user."""
    if not tally.users_with_history:
        return ()
    last = int(np.flatnonzero(tally.distinct_times).max())
    labels = [f"{times}+" if times == MOST_TIMES else str(times) for times in range(1, last + 1)]
    shares = tally.distinct_times[1 : last + 1] / tally.users_with_history
    return (
        Series(
            name="distinct_times",
            x=tuple(labels),
            y=tuple(shares.tolist()),
            unit_x="distinct times of a user",
            unit_y="share of users with enough history",
        ),
    )
