"""Gap law: can visits this regular be what is left of more visits?

Statistic  CV2, the squared coefficient of variation of a user's gaps between sessions. Where true gaps are a
           renewal process of any law and sessions are lost independently, CV2 - 1 = q (CV2_true - 1); as
           CV2_true is at least 0, a CV2 below 1 says that the log holds at least 1 - CV2 of the sessions.
           One of 1 or more tells nothing.
Gaps       From the last event of a session to the first of the next, less the pause that ends a session:
           no two sessions lie closer, which alone would make any user look regular.
Pooling    sum w c / sum w (1 - c / n), with c = s2 / m2 from the mean m and variance s2 of a user's n gaps
           and w = n - 1: unmoved by how often users come, without bias for Gamma gaps of any shape and n.
           The bound is shrunk by 1 - 2/n: a user's first and last session are on record by selection, and
           w counts users the more, the more of them is on record.
Null       Sessions at random times: CV2 is 1, within any window, and q may be anything. The rhythm of the
           day alone takes a little off it, which the lower end allows for.
Interval   Users as the unit (stats/user_sums.py).
Reference  Cox (1962), Renewal Theory; Renyi (1957) on thinned renewal processes.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from diagnose.formatting import count, duration
from diagnose.histories import MICROSECONDS_PER_SECOND, Histories
from diagnose.results import Measured, Probed, Skipped, Statement
from diagnose.settings import Settings
from diagnose.stats.user_sums import Totals, UserSums, estimate, user_sums

NAME = "gap_law"
QUESTION = "Can visits this regular be what is left of more visits?"

SCOPE = "sessions of users who come back often, while they keep coming"
UNIT = 1024  # what users add is kept in parts of it: integers add exactly, and rounding averages out


@dataclass(frozen=True)
class GapTally:
    """Sums over whole users."""

    clock: bool = True
    users: int = 0
    gaps: UserSums = field(default_factory=UserSums)  # what users add, see _added

    def __add__(self, other: GapTally) -> GapTally:
        return GapTally(
            clock=self.clock and other.clock,
            users=self.users + other.users,
            gaps=self.gaps + other.gaps,
        )


def tally(histories: Histories, *, settings: Settings | None = None) -> GapTally:
    """Spread of the gaps of every user with enough of them; add to merge batches."""
    settings = settings or Settings()
    users = int((histories.lengths > 0).sum())
    if not histories.clock:
        return GapTally(clock=False, users=users)
    user, gap = _gaps(histories, settings=settings)
    n = np.bincount(user, minlength=len(histories))
    mean = np.bincount(user, gap, len(histories)) / np.maximum(n, 1)
    square = np.bincount(user, (gap - mean[user]) ** 2, len(histories))
    enough = (n >= settings.gap_law.fewest) & (mean > 0)
    return GapTally(users=users, gaps=_added(n[enough], square[enough] / mean[enough] ** 2))


def _gaps(histories: Histories, *, settings: Settings) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """User and length in microseconds of the last gaps between sessions of each user."""
    opens = histories.opens_session.copy()
    opens[histories.offsets[:-1][histories.lengths > 0]] = False
    later = np.flatnonzero(opens)
    user = histories.user_of_event[later]
    each = np.bincount(user, minlength=len(histories))
    left = np.cumsum(each)[user] - np.arange(len(user))  # this one included
    later, user = later[left <= settings.gap_law.most], user[left <= settings.gap_law.most]
    pause = settings.sample.session_gap_minutes * 60 * MICROSECONDS_PER_SECOND
    return user, np.maximum(histories.time[later] - histories.time[later - 1] - pause, 0.0)


def _added(n: NDArray[np.int64], squares: NDArray[np.float64]) -> UserSums:
    """By user, the parts of both ratios: n gaps whose squared deviations, in means, add up to `squares`."""
    spread = squares / (n - 1)
    whole = (n - 1) * (1 - spread / n)
    least = (1 - 2 / n) * (whole - squares)
    return user_sums(*(np.rint(UNIT * part).astype(np.int64) for part in (squares, whole, least)))


def measure(
    tally: GapTally, *, time_quantum_us: int | None = None, settings: Settings | None = None
) -> Probed:
    """The spread of gaps, and the least share of sessions on record where it tells one."""
    settings = settings or Settings()
    reason = _reason(tally, (time_quantum_us or 0) / MICROSECONDS_PER_SECOND, settings=settings)
    if reason:
        return Skipped(name=NAME, condition="capture", reason=reason)
    estimates = {"spread": estimate(tally.gaps, _spread, unit="squared coefficient of variation")}
    least = estimate(tally.gaps, _least, unit="share of sessions, at least")
    least = replace(least, low=least.low - settings.gap_law.rhythm)
    if least.low > 0:
        estimates["least_share"] = least
    return Measured(name=NAME, condition="capture", users=tally.gaps.users, estimates=estimates)


def statements(probed: Probed) -> tuple[Statement, ...]:
    """That the log holds at least so many of the sessions; empty where the gaps tell nothing."""
    if isinstance(probed, Skipped) or "least_share" not in probed.estimates:
        return ()
    least = probed.estimates["least_share"]
    return (
        Statement(
            probe=NAME,
            unit="sessions",
            scope=SCOPE,
            low=least.low,
            high=1.0,
            level=least.level,
            grade="C",
            assumption="a user's pauses between sessions follow one law, each independent of the last, and "
            "sessions are lost whole, each by the same chance: losing more would have left less even gaps",
        ),
    )


def _spread(total: Totals) -> complex:
    squares, whole, _ = total
    return complex(squares / whole)


def _least(total: Totals) -> complex:
    _, whole, least = total
    return complex(least / whole)


def _reason(tally: GapTally, step: float, *, settings: Settings) -> str | None:
    """Why the gaps of times in such steps (in seconds) cannot be measured; None where they can."""
    limits = settings.gap_law
    if not tally.clock:
        return "the log has an order but no times"
    if step > settings.sample.session_gap_minutes * 60:
        return f"times come in steps of {duration(step)}, and steps alone make gaps look regular"
    if tally.gaps.users < limits.minimum_users:
        return (
            f"{count(tally.gaps.users)} of {count(tally.users)} users have {limits.fewest} or more gaps "
            f"between sessions; the probe needs {count(limits.minimum_users)}"
        )
    return None
