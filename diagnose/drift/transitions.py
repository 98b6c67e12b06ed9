"""Whole-log transitions between categories: how often b follows a, and how often chance would have it.

Expected   every order of a user's own events equally likely: with N events and counts n_k, b follows a
           directly in n_a n_b / N places on average, a itself in n_a (n_a - 1) / N. Summed over users in
           units of 2^-20, rounded down user by user: integers, whose sums hang on no order of adding.
Categories the 100 with most events, and all others as one; a stream codes categories by falling frequency.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import NO_CATEGORY, Histories
from diagnose.settings import Settings

TOP = 100  # categories by themselves: a reader is shown 20 paths, and the table must stay small
UNIT = 1 << 20  # of the expected counts: exact to a millionth, 64 bits hold 8 * 10^12 events

Table = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class TransitionTally:
    """`observed[a, b]`: b directly follows a; `expected[a, b]`: by chance, in UNIT-ths. Both (TOP + 1)^2.

    `names` are those of the codes below TOP: the sample has codes of its own.
    """

    observed: Table = field(default_factory=lambda: np.zeros((TOP + 1, TOP + 1), dtype=np.int64))
    expected: Table = field(default_factory=lambda: np.zeros((TOP + 1, TOP + 1), dtype=np.int64))
    names: tuple[str, ...] = ()

    def __add__(self, other: TransitionTally) -> TransitionTally:
        return TransitionTally(
            self.observed + other.observed, self.expected + other.expected, self.names or other.names
        )


def tally(histories: Histories, *, settings: Settings | None = None) -> TransitionTally:
    """Adjacent pairs of categorised events; needs categories coded by falling frequency."""
    missing = histories.category == NO_CATEGORY
    known = histories.keep_events(~missing) if missing.any() else histories
    if not known.n_events:
        return TransitionTally()
    code = np.minimum(known.category, TOP).astype(np.int64)
    step = code[:-1] * (TOP + 1)
    step += code[1:]
    last = known.offsets[1:-1] - 1  # the last event of a user leads to nobody
    step[last[(last >= 0) & (last < len(step))]] = (TOP + 1) ** 2
    observed = np.bincount(step, minlength=(TOP + 1) ** 2 + 1)[:-1]
    names = histories.categories[:TOP]
    return TransitionTally(observed.reshape(TOP + 1, TOP + 1), _expected(known), names)


def _expected(histories: Histories) -> Table:
    """Sum over users of floor(n_b UNIT / N) n_a, the diagonal of floor(n_a (n_a - 1) UNIT / N)."""
    from scipy import sparse  # heavy, and `--help` must not wait for it

    user, code, count = _top_counts(histories)
    length = histories.lengths[user]
    shape = (len(histories), TOP + 1)
    cells = np.bincount(user, minlength=len(histories))
    start = np.concatenate([[0], np.cumsum(cells)]).astype(np.int32)
    index = code.astype(np.int32)
    counts = sparse.csr_array((count, index, start), shape=shape)
    weights = sparse.csr_array(((count * UNIT) // length, index, start), shape=shape)
    table = np.asarray((counts.T.tocsr() @ weights).toarray(), dtype=np.int64)
    own = count * (count - 1) * UNIT // length
    np.fill_diagonal(table, np.bincount(code, own, minlength=TOP + 1))  # exact: far below 2^53
    return table


def _top_counts(histories: Histories) -> tuple[Table, Table, Table]:
    """User, code and count of every (user, category), all categories beyond the top as one."""
    cells = histories.category_counts
    code = np.minimum(cells.category, TOP)
    first = np.ones(len(code), dtype=bool)
    first[1:] = (code[1:] != code[:-1]) | (cells.user[1:] != cells.user[:-1])
    begin = np.flatnonzero(first)
    return cells.user[begin], code[begin], np.add.reduceat(cells.count, begin)
