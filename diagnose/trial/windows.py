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
from diagnose.predictors.targets import Targets, find_targets
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


def spread_out(
    user: NDArray[np.int64],
    *,
    maximum: int,
    per_user: int,
    rng: np.random.Generator,
    weight: NDArray[np.float64] | None = None,
) -> NDArray[np.int64]:
    """Rows of at most `maximum` targets of as many users as can be: few of each rather than all of a few.

    user (n,), weight as in `few_of_each`. The cap a user is the smallest that reaches `maximum`, never more
    than `per_user`.
    """
    counts = np.unique(user, return_counts=True)[1]
    reached = [np.minimum(counts, limit).sum() >= maximum for limit in range(1, per_user + 1)]
    limit = 1 + int(np.argmax(reached)) if any(reached) else per_user
    rows = few_of_each(user, per_user=limit, rng=rng, weight=weight)
    return rows if len(rows) <= maximum else np.sort(rng.choice(rows, maximum, replace=False))


def few_of_each(
    user: NDArray[np.int64],
    *,
    per_user: int,
    rng: np.random.Generator,
    users: int | None = None,
    weight: NDArray[np.float64] | None = None,
) -> NDArray[np.int64]:
    """Rows of at most `per_user` targets of each of at most `users` users, drawn at random. user (n,).

    Targets of more `weight` (n,) are drawn more often (Efraimidis and Spirakis 2006).
    """
    known = np.unique(user)
    chosen = known if users is None or len(known) <= users else rng.choice(known, users, replace=False)
    delay = rng.exponential(size=len(user)) / (1.0 if weight is None else weight)
    drawn = np.lexsort((delay, user))
    rank = np.arange(len(user)) - np.searchsorted(user[drawn], user[drawn])
    return np.sort(drawn[(rank < per_user) & np.isin(user[drawn], chosen)])


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
