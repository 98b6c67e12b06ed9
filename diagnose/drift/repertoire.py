"""Users' categories session by session: the counts that turnover and novelty are taken from.

A session holds a category so many times: one *visit*. Sessions are the unit that may be exchanged, so
whatever sticks together inside a session stays together.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import Histories

Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Repertoire:
    """Visits in order of (user, category, session); C cells (user, category), V visits, E events.

    Users are those of the histories it is made of, U of them; sessions are numbered from 0 without gaps.
    """

    sessions: Integers  # of each user, (U,)
    cell_user: Integers  # (C,)
    cell_start: Integers  # first visit of each cell, (C,)
    cell: Integers  # of each visit, (V,)
    place: Integers  # number of its session, (V,)
    visit: Integers  # of each event, (E,)

    @property
    def users(self) -> int:
        """Users, with and without visits."""
        return len(self.sessions)

    @cached_property
    def user(self) -> Integers:
        """Whose each visit is, (V,)."""
        return self.cell_user[self.cell]

    def counts(self, kept: NDArray[np.bool_]) -> Integers:
        """How many of the events that are kept, a mask (E,), each visit holds, (V,)."""
        return np.bincount(self.visit[kept], minlength=len(self.cell))

    def backwards(self) -> Repertoire:
        """The same visits with time reversed: each user's last session is its first."""
        cells, visits = len(self.cell_user), len(self.cell)
        return Repertoire(
            sessions=self.sessions,
            cell_user=self.cell_user[::-1],
            cell_start=(visits - np.append(self.cell_start[1:], visits))[::-1],
            cell=cells - 1 - self.cell[::-1],
            place=(self.sessions[self.user] - 1 - self.place)[::-1],
            visit=visits - 1 - self.visit,
        )


def repertoire(histories: Histories) -> Repertoire:
    """The visits of histories whose events all have a category and whose users all have events."""
    place, sessions = _session_places(histories)
    user, most = histories.user_of_event, int(sessions.max(initial=1))
    code = (user * histories.n_categories + histories.category) * most + place
    met, visit = np.unique(code, return_inverse=True)
    owner, cell_start, cell = np.unique(met // most, return_index=True, return_inverse=True)
    return Repertoire(
        sessions=sessions,
        cell_user=owner // max(1, histories.n_categories),
        cell_start=cell_start,
        cell=cell,
        place=met % most,
        visit=visit,
    )


def _session_places(histories: Histories) -> tuple[Integers, Integers]:
    """The number of each event's session among its user's, from 0 without gaps, and sessions a user."""
    new = np.ones(histories.n_events, dtype=bool)
    np.not_equal(histories.session[1:], histories.session[:-1], out=new[1:])
    new[histories.offsets[:-1]] = True
    running = np.cumsum(new)
    place = running - np.repeat(running[histories.offsets[:-1]], histories.lengths)
    return place, place[histories.offsets[1:] - 1] + 1
