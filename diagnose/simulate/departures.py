"""Users who come to a platform, leave it for elsewhere and return; some of the departures are logged.

A bout of activity is a row of stays here with time elsewhere between them; it ends here or elsewhere. What is
done elsewhere is active time, but for idle spells before some returns. Between bouts lie hours or days.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import MICROSECONDS_PER_SECOND, Histories

EVENTS = ("view", "leave")
VIEW, LEAVE = range(2)
SESSION_SECONDS = 1_800.0
BREAK_SECONDS = 2 * 3_600.0  # at least between two bouts
LONGEST_PAUSE = 1_200.0  # within a stay

Numbers = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class DeparturePlan:
    """What happens and what is logged."""

    users: int = 1_000
    bouts: int = 8  # a user
    events: float = 5.0  # a stay, mean
    pause_seconds: float = 60.0
    stays: float = 2.0  # a bout, mean
    away_minutes: float = 12.0  # median; log-normal
    away_spread: float = 1.0  # of the log
    leaves_for_good: float = 0.3  # share of bouts that end elsewhere
    idle: float = 0.1  # share of returns after an idle spell
    idle_hours: float = 1.5  # mean
    break_hours: float = 30.0  # mean, between bouts
    logged: float = 1.0  # share of departures with an event


@dataclass(frozen=True, eq=False)
class Departures:
    """A log with the shares of active time that were spent here."""

    histories: Histories
    share_of_time: float  # of the time here and after logged hand-offs, until the return or the bout's end
    share_of_everything: float  # of all time that started here, logged or not


def departures(plan: DeparturePlan, *, rng: np.random.Generator) -> Departures:
    """The log of such users, and what is true of it."""
    stays = rng.geometric(1 / plan.stays, plan.users * plan.bouts)
    bout = np.repeat(np.arange(len(stays)), stays)
    opens, closes = np.diff(bout, prepend=-1) > 0, np.diff(bout, append=len(stays)) > 0
    leaves = ~closes | (rng.random(len(bout)) < plan.leaves_for_good)
    away = np.where(leaves, _away(plan, len(bout), rng=rng), 0.0)
    logged = leaves & (rng.random(len(bout)) < plan.logged)
    idle = np.where(
        ~closes & (rng.random(len(bout)) < plan.idle), rng.exponential(plan.idle_hours, len(bout)), 0
    )
    rest = np.where(opens, BREAK_SECONDS + rng.exponential(plan.break_hours * 3_600, len(bout)), 0.0)
    lengths = rng.geometric(1 / plan.events, len(bout))
    stay = np.repeat(np.arange(len(bout)), lengths)
    first, last = np.diff(stay, prepend=-1) > 0, np.diff(stay, append=len(bout)) > 0
    pause = np.minimum(rng.exponential(plan.pause_seconds, len(stay)), LONGEST_PAUSE)
    pause[first] = rest + np.concatenate([[0.0], (away + idle * 3_600)[:-1]])
    here, elsewhere = float(pause[~first].sum()), float(away[logged].sum())
    return Departures(
        histories=_histories(plan, bout[stay] // plan.bouts, np.cumsum(pause), last & logged[stay]),
        share_of_time=here / (here + elsewhere),
        share_of_everything=here / (here + float(away.sum())),
    )


def _away(plan: DeparturePlan, size: int, *, rng: np.random.Generator) -> Numbers:
    return np.asarray(60 * plan.away_minutes * rng.lognormal(0.0, plan.away_spread, size))


def _histories(
    plan: DeparturePlan, user: NDArray[np.int64], seconds: Numbers, leaves: NDArray[np.bool_]
) -> Histories:
    """Events in order, each user's clock from 0; sessions end with half an hour."""
    offsets = np.searchsorted(user, np.arange(plan.users + 1)).astype(np.int64)
    opens = np.concatenate([[True], (np.diff(user) > 0) | (np.diff(seconds) > SESSION_SECONDS)])
    session = np.cumsum(opens)
    return Histories(
        offsets=offsets,
        user=np.arange(plan.users, dtype=np.uint64),
        item=np.zeros(len(user), dtype=np.int64),
        category=np.zeros(len(user), dtype=np.int32),
        time=((seconds - seconds[offsets[:-1]][user]) * MICROSECONDS_PER_SECOND).astype(np.int64),
        session=(session - session[offsets[:-1]][user]).astype(np.int32),
        event=np.where(leaves, LEAVE, VIEW).astype(np.int16),
        events=EVENTS,
        roles=frozenset({"event", "session"}),
    )
