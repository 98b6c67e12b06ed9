"""Log hygiene: is the order of behaviour in the log at all, and what had to be set aside?

Statistic  Share of users with enough history who have at least 5 distinct times; faults as counts.
Gate       Order is not in the log where fewer than one in ten such users have them (dates over a few days,
           one stamp for a whole path, batch imports). The tie rate alone never decides: invoice lines tie
           inside the invoice and order well across. Too few users is "too small", not unmeasurable.
Null       None. Whole counts of the file, not a sample: value, low and high coincide.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from diagnose.capture.shares import exact
from diagnose.formatting import count, percent
from diagnose.histories import Histories
from diagnose.results import Estimate, Fault, Hygiene, Measured, Probed, Series, Skipped
from diagnose.schema import HygieneCounts
from diagnose.settings import Settings

NAME = "log_hygiene"
QUESTION = "Is the order of behaviour in the log, and what had to be set aside?"

MOST_TIMES = 64  # distinct times of a user, counted one by one; more is "so many or more"
MICROSECONDS = 1_000_000


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
    first = first_at_its_time(histories)
    alone = first & np.append(first[1:], True)
    running = np.concatenate([[0], np.cumsum(first)])
    distinct = running[histories.offsets[1:]] - running[histories.offsets[:-1]]
    enough = histories.lengths >= settings.sample.minimum_history
    return HygieneTally(
        users=int((histories.lengths > 0).sum()),
        events=histories.n_events,
        tied_events=histories.n_events - int(alone.sum()),
        clock=histories.clock,
        distinct_times=np.bincount(np.minimum(distinct[enough], MOST_TIMES), minlength=MOST_TIMES + 1),
    )


def first_at_its_time(histories: Histories) -> NDArray[np.bool_]:
    """Whether an event is the first of its user at its time, shape (E,)."""
    first = np.ones(histories.n_events, dtype=bool)
    first[1:] = histories.time[1:] != histories.time[:-1]
    first[histories.offsets[:-1][histories.lengths > 0]] = True
    return first


def measure(counts: HygieneCounts, tally: HygieneTally, *, settings: Settings) -> tuple[Hygiene, Probed]:
    """The gate with its faults, and the rates as estimates."""
    reason = _not_measurable(tally, settings=settings)
    hygiene = Hygiene(passed=reason is None, reason=reason, faults=_faults(counts, tally, settings=settings))
    return hygiene, _probe(counts, tally)


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
