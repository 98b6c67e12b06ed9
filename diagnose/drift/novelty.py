"""Events in categories new to their user, session by session, and what chance gives in closed form.

New        An event whose category none of its user's earlier sessions held.
By chance  Every order of a user's own sessions equally likely. A category that m of S sessions hold, n events
           in all, is in none of the first r with probability Q(r) = C(S - m, r) / C(S, r), and the session
           that brings it first is any of the m: sessions r + 1 to s bring n / m * (Q(r) - Q(s)) new events.
           (One event a session: the rarefaction of single events.)
Reference  Hurlbert (1971) and Gotelli and Colwell (2001) on rarefaction.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diagnose.drift.repertoire import Repertoire

Numbers = NDArray[np.float64]
Integers = NDArray[np.int64]


class Novelty:
    """The new events of some users, for any stretch of their sessions."""

    def __init__(self, seen: Repertoire, counts: Integers) -> None:
        """`counts` (V,): the events of each visit, some of which may be 0 (thinned)."""
        from scipy.special import gammaln  # heavy, and `--help` must not wait for it

        held = counts > 0
        sessions = np.add.reduceat(held, seen.cell_start, dtype=np.int64)
        met = sessions > 0
        first = np.minimum.reduceat(np.where(held, np.arange(len(held)), len(held)), seen.cell_start)[met]
        self._seen, self._counts, self._first = seen, counts, first
        self._owner, self._holding = seen.cell_user[met], sessions[met]
        self._per_visit = np.add.reduceat(counts, seen.cell_start)[met] / self._holding
        self._log_factorial = gammaln(np.arange(int(seen.sessions.max()) + 1) + 1.0)

    def between(self, start: Integers, stop: Integers) -> Numbers:
        """Sessions start[u] to stop[u] - 1 of each user, counted from 0: events, new ones, new by chance.

        Shapes (U,), (U,) -> (U, 3).
        """
        seen, first, users = self._seen, self._first, self._seen.users
        inside = (seen.place >= start[seen.user]) & (seen.place < stop[seen.user])
        opening = first[inside[first]]
        expected = self._per_visit * (self._missed(start) - self._missed(stop))
        return np.stack(
            [
                np.bincount(seen.user[inside], self._counts[inside], users),
                np.bincount(seen.user[opening], self._counts[opening], users),
                np.bincount(self._owner, expected, users),
            ],
            axis=1,
        )

    def _missed(self, taken: Integers) -> Numbers:
        """Q: the chance that a user's first `taken` sessions hold nothing of a category, (cells met,)."""
        whole = self._seen.sessions[self._owner]
        others, drawn = whole - self._holding, np.minimum(taken[self._owner], whole)
        possible = drawn <= others
        log, drawn = self._log_factorial, np.where(possible, drawn, 0)
        chance = np.exp(log[others] - log[others - drawn] - log[whole] + log[whole - drawn])
        return np.where(possible, chance, 0.0)
