"""Which events are learnt from, and which are predicted: cut by time, or by users where there is no time.

Parts, in order: statistics, the scorer's examples (the last fifth of the statistics window), training,
validation, test. Nothing of a part is used before it; histories cross cuts, targets do not.

Reference  Gusak et al. (2025), "Time to Split"; Ji et al. (2020) on leakage across time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import Histories
from diagnose.predictors.targets import Targets, cap_per_user, find_targets
from diagnose.settings import TrialSettings

STATISTICS, SCORER, TRAINING, VALIDATION, TEST = range(5)
SCORER_SHARE = 0.2  # of the statistics window: enough for some twenty weights
MINUTE = 60_000_000  # microseconds


@dataclass(frozen=True, eq=False)
class Cuts:
    """The five parts: `bounds` (6,) on the time axis, or `part` (U,) of each user for a log of positions."""

    bounds: NDArray[np.int64] | None
    part: NDArray[np.int64] | None

    @classmethod
    def of(cls, histories: Histories, settings: TrialSettings, *, rng: np.random.Generator) -> Cuts:
        """At shares of all events on one global clock, or of all users."""
        first, second, third = settings.cuts
        shares = np.array([first * (1 - SCORER_SHARE), first, second, third])
        if histories.clock:
            inner = np.quantile(histories.time, shares, method="higher")
            return cls(np.array([histories.time.min(), *inner, histories.time.max() + 1]), None)
        place = rng.permutation(len(histories)) / max(1, len(histories))
        return cls(None, np.searchsorted(shares, place, side="right"))

    def until(self, part: int) -> int | None:
        """The time before which everything may be known to `part`; None for a log of positions."""
        return None if self.bounds is None else int(self.bounds[part])

    def users(self, part: int) -> NDArray[np.bool_] | None:
        """The users who may be known to `part`, for a log of positions; None is everyone."""
        return None if self.part is None else self.part < part

    def targets(
        self, histories: Histories, part: int, *, minimum_history: int, event_codes: NDArray[np.int64] | None
    ) -> Targets:
        """All targets of a part, as yet without their histories."""
        between = None if self.bounds is None else (int(self.bounds[part]), int(self.bounds[part + 1]))
        found = find_targets(
            histories, history=0, minimum_history=minimum_history, event_codes=event_codes, between=between
        )
        return found if self.part is None else found.take(self.part[found.user] == part)


def spread_out(targets: Targets, *, maximum: int, per_user: int, rng: np.random.Generator) -> Targets:
    """At most `maximum` targets of as many users as can be: few of each rather than all of a few.

    The cap a user is the smallest that reaches `maximum`, never more than `per_user`.
    """
    counts = np.unique(targets.user, return_counts=True)[1]
    reached = [np.minimum(counts, limit).sum() >= maximum for limit in range(1, per_user + 1)]
    limit = 1 + int(np.argmax(reached)) if any(reached) else per_user
    spread = cap_per_user(targets, per_user=limit, rng=rng)
    if len(spread) <= maximum:
        return spread
    return spread.take(np.sort(rng.choice(len(spread), maximum, replace=False)))


def some_users(targets: Targets, *, users: int | None, rng: np.random.Generator) -> Targets:
    """The targets of at most so many users, drawn at random."""
    known = np.unique(targets.user)
    if users is None or len(known) <= users:
        return targets
    return targets.take(np.isin(targets.user, rng.choice(known, users, replace=False)))


def tie_groups(histories: Histories) -> NDArray[np.int64]:
    """What counts as one moment when ties are redrawn, shape (E,).

    The sitting where ratings are entered, else time in steps of the log's own quantum or a minute.
    """
    if "rating" in histories.roles:
        return histories.session.astype(np.int64)
    return histories.time // max(MINUTE, time_quantum(histories.time))


def time_quantum(time: NDArray[np.int64]) -> int:
    """The largest of microsecond .. day of which nearly all times are multiples, in microseconds."""
    for quantum in (1440 * MINUTE, 60 * MINUTE, MINUTE, 1_000_000, 1_000):
        if np.mean(time % quantum == 0) > 0.99:
            return quantum
    return 1
