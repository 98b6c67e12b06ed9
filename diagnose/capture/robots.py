"""Robots: users who act as no person does.

Fast       more different times within an hour, or within a day, than hands make.
Sleepless  no rest of some hours for days: a script, or an id that many people share.
Regular    a long row of equal gaps, of more than the clock's own step: a timer.

Different times, so that a batch of events under one stamp is no robot. Equal gaps also come of a client that
sends a sign of life while something plays; either way such rows are not choices.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import MICROSECONDS_PER_SECOND, Histories
from diagnose.settings import RobotSettings

HOUR = 3_600 * MICROSECONDS_PER_SECOND
QUANTA = (1, 1_000, MICROSECONDS_PER_SECOND, HOUR // 60, HOUR, 24 * HOUR)

Integers = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Robots:
    """Which users are none, by what they do; each of shape (U,)."""

    fast: Mask
    sleepless: Mask
    regular: Mask

    @property
    def any(self) -> Mask:
        """Users who do one of it."""
        return self.fast | self.sleepless | self.regular


def robots(histories: Histories, *, settings: RobotSettings) -> Robots:
    """Users who act as no person does; none without a clock."""
    if not histories.clock or not histories.n_events:
        return Robots(*(np.zeros(len(histories), dtype=bool) for _ in range(3)))
    time, offsets = _moments(histories)
    gap = np.diff(time)
    gap[offsets[1:-1][(offsets[1:-1] > 0) & (offsets[1:-1] < len(time))] - 1] = -1  # another user begins
    found = (
        _fast(time, offsets, settings),
        _users(_sleepless(time, gap, settings), offsets),
        _regular(time, gap, offsets, settings),
    )
    return Robots(*(np.bincount(users, minlength=len(histories)) > 0 for users in found))


def _moments(histories: Histories) -> tuple[Integers, Integers]:
    """The different times of every user, and the offsets of users among them."""
    first = histories.first_at_its_time
    if first.all():
        return histories.time, histories.offsets
    running = np.concatenate([[0], np.cumsum(first)])
    return histories.time[first], running[histories.offsets]


def _users(index: Integers, offsets: Integers) -> Integers:
    """The users of some times."""
    return np.asarray(np.searchsorted(offsets, index, side="right") - 1)


def _fast(time: Integers, offsets: Integers, settings: RobotSettings) -> Integers:
    """Users with too many times within an hour or a day. Few have so many at all."""
    lengths, found = np.diff(offsets), []
    for most, span in ((settings.per_hour, HOUR), (settings.per_day, 24 * HOUR)):
        for user in np.flatnonzero(lengths >= most):
            times = time[offsets[user] : offsets[user + 1]]
            if (times[most - 1 :] - times[: len(times) - most + 1] < span).any():
                found.append(user)
    return np.array(found, dtype=np.int64)


def _sleepless(time: Integers, gap: Integers, settings: RobotSettings) -> Integers:
    """Indices of times at which a stretch without rest begins that is too long for a person."""
    rest, awake = int(settings.rest_hours * HOUR), int(settings.awake_hours * HOUR)
    rests = np.flatnonzero(gap.view(np.uint64) >= np.uint64(rest))  # -1 is the largest of all
    edges = np.concatenate([[-1], rests, [len(time) - 1]])
    long = np.flatnonzero(np.diff(edges) > awake // rest)  # else a gap in between would be a rest
    starts, ends = edges[long] + 1, edges[long + 1]
    return np.asarray(starts[time[ends] - time[starts] >= awake])


def _regular(time: Integers, gap: Integers, offsets: Integers, settings: RobotSettings) -> Integers:
    """Users with a long row of gaps that hardly differ from the one before, and are no mere clock step."""
    alike = _alike(gap, np.arange(1, len(gap), settings.equal_gaps // 2), settings)
    both = np.flatnonzero(alike[:-1] & alike[1:])  # every row long enough holds two of the gaps looked at
    suspects = np.unique(_users(1 + both * (settings.equal_gaps // 2), offsets))
    found = [user for user in suspects if _has_row(time[offsets[user] : offsets[user + 1]], settings)]
    return np.array(found, dtype=np.int64)


def _alike(gap: Integers, at: Integers, settings: RobotSettings) -> Mask:
    """Whether gaps are like the one before, and long."""
    here, before = gap[at], gap[at - 1]
    fewest = int(settings.gap_seconds * MICROSECONDS_PER_SECOND)
    near = np.abs(here - before) <= settings.gap_tolerance * here
    return np.asarray(near & (here >= fewest) & (before >= fewest))


def _has_row(time: Integers, settings: RobotSettings) -> bool:
    """Whether the times of one user hold a row of equal gaps, many times the step of their clock."""
    gap = np.diff(time)
    others = np.flatnonzero(~_alike(gap, np.arange(1, len(gap)), settings)) + 1
    starts = np.concatenate([[0], others])
    long = np.diff(np.append(starts, len(gap))) >= settings.equal_gaps
    if not long.any():
        return False
    step = max(step for step in QUANTA if not (time % step).any())
    return bool((gap[starts[long]] >= settings.gap_quanta * step).any())
