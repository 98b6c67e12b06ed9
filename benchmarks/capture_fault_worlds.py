"""Logs with planted faults: hourly counts of four kinds, and events that were written down twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnose.capture.hygiene_tally import HygieneTally
from diagnose.engine.layout import Layout
from diagnose.engine.stream import Rows, assemble
from diagnose.histories import MICROSECONDS_PER_SECOND, Histories
from diagnose.schema import HygieneCounts
from diagnose.settings import Settings

SESSION = (0.6, 0.3, 0.1)  # of a session's further events, by hour after its first
MEAN_SESSION = 3.0


def hourly(
    rng: np.random.Generator, *, kind: str, events: int, days: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Events of each hour of a log of sessions, of two halves of the users, and how many are expected."""
    hour = np.arange(24 * days)
    level = np.ones(len(hour))
    if kind != "flat":  # a day from .4 to 1.6 of the mean, a week from .75 to 1.25
        level *= 1 + 0.6 * np.sin(2 * np.pi * (hour - 9) / 24)
        level *= 1 + 0.25 * np.sin(2 * np.pi * hour / 168)
    if kind == "growing":
        level *= np.exp(np.linspace(0, np.log(2), len(hour)))
    if kind == "bursty":
        level *= np.exp(_swings(rng, len(hour)))
        for start in rng.integers(0, len(hour), max(1, days // 4)):
            level[start : start + rng.integers(2, 12)] *= rng.uniform(2, 5)
    level *= events / level.sum()
    halves = [_of_sessions(rng, rng.poisson(level / 2 / MEAN_SESSION)) for _ in range(2)]
    return np.stack(halves, axis=1), level


def _of_sessions(rng: np.random.Generator, sessions: NDArray[np.int64]) -> NDArray[np.int64]:
    """Events by hour of the sessions that begin in each."""
    further = rng.multinomial(rng.poisson(sessions * (MEAN_SESSION - 1)), SESSION)
    counts = sessions + further[:, 0]
    for lag in (1, 2):
        counts[lag:] += further[:-lag, lag]
    return np.asarray(counts)


def _swings(rng: np.random.Generator, hours: int) -> NDArray[np.float64]:
    """Log level that wanders by a fifth, over about a day."""
    swing, step = np.zeros(hours), rng.normal(0, 0.06, hours)
    for hour in range(1, hours):
        swing[hour] = 0.95 * swing[hour - 1] + step[hour]
    return swing


def with_copies(histories: Histories, twice: NDArray[np.int64], late: NDArray[np.int64]) -> Histories:
    """The histories with some events again, later by so much, in order."""
    index = np.concatenate([np.arange(histories.n_events), twice])
    time = histories.time[index]
    time[histories.n_events :] += late
    user = histories.user_of_event[index]
    order = np.lexsort((time, user))
    index, lengths = index[order], np.bincount(user, minlength=len(histories))
    return replace(
        histories,
        offsets=np.concatenate([[0], np.cumsum(lengths)]),
        item=histories.item[index],
        category=histories.category[index],
        time=time[order],
        session=histories.session[index],
        event=histories.event[index],
    )


def set_aside(histories: Histories) -> int:
    """What the stream sets aside of the rows."""
    layout = Layout(
        ticking=True,
        categories=histories.categories,
        events=histories.events,
        roles=histories.roles,
        whole_users=True,
        whole_items=True,
    )
    rows = Rows(
        user=histories.user_of_event,
        time=histories.time,
        item=histories.item,
        category=histories.category,
        event=histories.event,
        session=None,
    )
    return assemble(rows, layout=layout, settings=Settings()).duplicates


def counts_of(tally: HygieneTally) -> HygieneCounts:
    """The counts of a log that has nothing but valid rows."""
    none: Mapping[str, Any] = dict.fromkeys(
        ("null_user", "null_item", "null_time", "unreadable_time", "time_before", "time_after",
         "unclicked_impressions", "duplicates", "null_category", "runaway_users", "runaway_events_cut"), 0,
    )  # fmt: skip
    return HygieneCounts(
        rows=tally.events, events=tally.events, users=tally.users, items=1, categories=1,
        users_with_history=tally.users_with_history, time_quantum_us=MICROSECONDS_PER_SECOND,
        first_time=0, last_time=1, start=0, end=2, time_unit="s", naive=False, **none,
    )  # fmt: skip
