"""Active time: how long users were here, by durations where the log has them, else by gaps in sessions.

The one definition: hand-offs, panels of users and of segments all mean this time. It is taken from whole
histories, before any event is left out: without the launch of another app, the way there and back would be
one long stay.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import MICROSECONDS_PER_SECOND, Histories
from diagnose.settings import Settings

Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class ActiveTime:
    """What each event is of, shapes (E,)."""

    here: NDArray[np.bool_]  # no hand-off: what leads elsewhere is no part of what is done here
    microseconds: NDArray[np.int64]  # 0 after a hand-off
    open_ended: NDArray[np.bool_]  # here, but neither a duration nor a next event tells for how long


def active_time(histories: Histories, *, settings: Settings) -> ActiveTime:
    """The time here of each event. Sums are a lower bound by whatever the open-ended ones took."""
    here, until_next = ~leads_elsewhere(histories, settings), seconds_until_next(histories)
    seconds = np.where(here, time_here(histories, until_next, settings=settings), 0.0)
    untold = ~_stays(histories, until_next, settings)
    if histories.duration is not None:
        untold &= np.isnan(histories.duration)
    took = np.rint(seconds * MICROSECONDS_PER_SECOND).astype(np.int64)
    return ActiveTime(here=here, microseconds=took, open_ended=here & untold)


def leads_elsewhere(histories: Histories, settings: Settings) -> NDArray[np.bool_]:
    """The declared hand-offs among the events, a mask (E,)."""
    codes = [code for code, name in enumerate(histories.events) if name in settings.capture.handoffs]
    return np.isin(histories.event, codes)


def seconds_until_next(histories: Histories) -> Numbers:
    """Seconds from each event to the user's next, infinity after the last or without a clock; (E,)."""
    until_next = np.full(histories.n_events, np.inf)
    if histories.clock:
        until_next[:-1] = np.diff(histories.time) / MICROSECONDS_PER_SECOND
        until_next[histories.offsets[1:][histories.lengths > 0] - 1] = np.inf
    return until_next


def time_here(histories: Histories, until_next: Numbers, *, settings: Settings) -> Numbers:
    """Seconds spent after each event were it no hand-off: its duration, else the gap; shape (E,).

    A gap counts where the next event is of the same session and no later than the session gap; a duration
    counts up to the next event and up to the longest window, which no visit outlasts.
    """
    gap = np.where(_stays(histories, until_next, settings), until_next, 0.0)
    if histories.duration is None:
        return gap
    longest = 60 * max(settings.hand_offs.windows_minutes)
    lasted = np.clip(histories.duration, 0.0, np.minimum(until_next, longest))
    return np.where(np.isnan(histories.duration), gap, lasted)


def _stays(histories: Histories, until_next: Numbers, settings: Settings) -> NDArray[np.bool_]:
    """Whether the user's next event belongs to the same stay, (E,)."""
    same = np.append(~histories.opens_session, False)[1:]  # (E,), also of no event at all
    return same & (until_next <= 60 * settings.sample.session_gap_minutes)
