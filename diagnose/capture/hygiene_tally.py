"""What hygiene counts over whole users: ties, distinct times, near duplicates, batches, robots. Sums."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

from diagnose.capture.imports import batches
from diagnose.capture.repeats import near_and_next
from diagnose.capture.robots import robots
from diagnose.capture.shares import Z
from diagnose.histories import Histories
from diagnose.results import Estimate
from diagnose.settings import Settings
from diagnose.stats.user_sums import by_user

MOST_TIMES = 64  # distinct times of a user, counted one by one; more is "so many or more"


@dataclass(frozen=True, eq=False)
class HygieneTally:
    """Counts over whole users. `distinct_times[d]`: users with enough history and d distinct times."""

    users: int = 0
    events: int = 0
    tied_events: int = 0  # that share user and time with another event
    near_duplicates: int = 0  # events that repeat the one before within a moment
    next_duplicates: int = 0  # and within the moment after that
    batches: int = 0  # runs of many events that share user and time
    batch_events: int = 0  # in them
    robots: int = 0  # users
    robot_events: int = 0
    fast_robots: int = 0
    sleepless_robots: int = 0
    regular_robots: int = 0
    clock: bool = True
    distinct_times: NDArray[np.int64] = field(
        default_factory=lambda: np.zeros(MOST_TIMES + 1, dtype=np.int64)
    )

    def __add__(self, other: HygieneTally) -> HygieneTally:
        sums = {one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(self)}
        return HygieneTally(**(sums | {"clock": self.clock and other.clock}))

    @property
    def users_with_history(self) -> int:
        """Users with enough history."""
        return int(self.distinct_times.sum())

    def ordered_users(self, distinct: int) -> int:
        """Of those, users with at least so many distinct times."""
        return int(self.distinct_times[distinct:].sum())

    @property
    def more_near_duplicates(self) -> Estimate:
        """Near duplicates beyond those a moment later, as a share of events; both counts Poisson."""
        more, half = (
            self.near_duplicates - self.next_duplicates,
            Z * math.sqrt(self.near_duplicates + self.next_duplicates),
        )
        value, low, high = (max(0.0, one / max(1, self.events)) for one in (more, more - half, more + half))
        return Estimate(value=value, low=low, high=high, unit="share of events")

    @property
    def tie_rate(self) -> float:
        """Share of events that share user and time with another event."""
        return self.tied_events / self.events if self.events else 0.0


def tally(histories: Histories, *, settings: Settings | None = None) -> HygieneTally:
    """The counts of a batch of whole users; add to merge batches."""
    settings = settings or Settings()
    first = histories.first_at_its_time
    alone = int(np.count_nonzero(first[:-1] & first[1:]) + np.count_nonzero(first[-1:]))
    distinct = by_user(first, histories.offsets)
    enough = histories.lengths >= settings.sample.minimum_history
    _, sizes = batches(histories, settings=settings.hygiene)
    near, later = near_and_next(histories, settings=settings.hygiene)
    odd = robots(histories, settings=settings.robots)
    return HygieneTally(
        users=int((histories.lengths > 0).sum()),
        events=histories.n_events,
        tied_events=histories.n_events - alone,
        near_duplicates=near,
        next_duplicates=later,
        batches=len(sizes),
        batch_events=int(sizes.sum()),
        robots=int(odd.any.sum()),
        robot_events=int(histories.lengths[odd.any].sum()),
        fast_robots=int(odd.fast.sum()),
        sleepless_robots=int(odd.sleepless.sum()),
        regular_robots=int(odd.regular.sum()),
        clock=histories.clock,
        distinct_times=np.bincount(np.minimum(distinct[enough], MOST_TIMES), minlength=MOST_TIMES + 1),
    )
