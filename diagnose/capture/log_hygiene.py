"""Log hygiene: is the order of behaviour in the log at all, and what had to be set aside?

Statistic  Share of users with enough history who have at least 5 distinct times; faults as counts.
Gate       Order is not in the log where fewer than one in ten such users have them (dates over a few days,
           one stamp for a whole path, batch imports). The tie rate alone never decides: invoice lines tie
           inside the invoice and order well across. Too few users is "too small", not unmeasurable.
Null       None. Whole counts of the file, not a sample: value, low and high coincide.
"""

from __future__ import annotations

import numpy as np

from diagnose.capture.faults import Evidence as Evidence
from diagnose.capture.faults import clock_errors, faults, nulls, quantum_seconds
from diagnose.capture.hygiene_tally import MOST_TIMES, HygieneTally
from diagnose.capture.hygiene_tally import tally as tally
from diagnose.capture.shares import exact
from diagnose.formatting import count, percent
from diagnose.results import Estimate, Hygiene, Measured, Probed, Series, Skipped
from diagnose.schema import HygieneCounts
from diagnose.settings import Settings

NAME = "log_hygiene"
QUESTION = "Is the order of behaviour in the log, and what had to be set aside?"


def measure(
    counts: HygieneCounts, tally: HygieneTally, *, settings: Settings, evidence: Evidence | None = None
) -> tuple[Hygiene, Probed]:
    """The gate with its faults, and the rates as estimates."""
    evidence = evidence or Evidence()
    reason = _not_measurable(tally, settings=settings)
    told = faults(counts, tally, evidence, settings=settings)
    hygiene = Hygiene(passed=reason is None, reason=reason, faults=told, clock=tally.clock)
    return hygiene, _probe(counts, tally, evidence, settings=settings)


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


def _probe(counts: HygieneCounts, tally: HygieneTally, evidence: Evidence, *, settings: Settings) -> Probed:
    """The rates, whole counts without width, and how many distinct times users have."""
    if not tally.events:
        return Skipped(name=NAME, condition="capture", reason="no valid event is left")
    estimates: dict[str, Estimate] = {
        "tie_rate": exact(tally.tie_rate, unit="share of events"),
        "null_share": exact(nulls(counts) / counts.rows, unit="share of rows"),
        "duplicate_share": exact(counts.duplicates / counts.rows, unit="share of rows"),
        "near_duplicate_share": tally.more_near_duplicates,
        "clock_error_share": exact(clock_errors(counts) / counts.rows, unit="share of rows"),
        "mixed_unit_share": exact(counts.mixed_units / counts.rows, unit="share of rows"),
        "batch_share": exact(tally.batch_events / tally.events, unit="share of events"),
        "robot_share": exact(tally.robots / tally.users, unit="share of users"),
        "robot_event_share": exact(tally.robot_events / tally.events, unit="share of events"),
    }
    if counts.time_quantum_us is not None:
        estimates["time_quantum_seconds"] = exact(quantum_seconds(counts), unit="seconds")
    if tally.users_with_history:
        ordered = tally.ordered_users(settings.hygiene.distinct_times) / tally.users_with_history
        estimates["ordered_share"] = exact(ordered, unit="share of users with enough history")
    if (cut := evidence.truncation) is not None:
        estimates |= {"left_truncated_share": cut.left, "right_truncated_share": cut.right}
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
