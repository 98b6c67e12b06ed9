"""The user sample, collected on the way: the N users with enough history whose hash is smallest.

A bottom-k sample: a random set of users that is the same on every engine, whatever the order of rows, users
or batches. Whoever sees a part of the users keeps the N smallest of that part; the N smallest of all are
among them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from diagnose.engine import shown
from diagnose.engine.layout import Layout
from diagnose.histories import NO_CATEGORY, Histories

_ALL = np.uint64(2**64 - 1)
_Number = TypeVar("_Number", bound=np.generic)


@dataclass(frozen=True, eq=False)
class Drawn:
    """Users drawn from a part of the log, by ascending hash; `complete` up to that hash."""

    histories: Histories
    complete: int = int(_ALL)  # of the part no user with enough history and a hash up to this one is missing


class Sampler:
    """Takes the users with enough history out of the passing batches until no smaller hash comes."""

    def __init__(self, *, users: int | None, minimum_history: int) -> None:
        self.users, self.minimum_history = users, minimum_history
        self._parts: list[Histories] = []
        self._held, self._bound = 0, _ALL

    def take(self, batch: Histories) -> None:
        """Look at the next batch of the stream."""
        wanted = batch.lengths >= self.minimum_history
        if self._bound < _ALL:
            wanted &= batch.user <= self._bound
        chosen = np.flatnonzero(wanted)
        if len(chosen) or not self._parts:  # the first batch stays for its names, even without users
            self._parts.append(batch.select(chosen))
            self._held += len(chosen)
        if self.users is not None and self._held > 2 * self.users:
            self._shrink()

    def drawn(self) -> Drawn | None:
        """What was kept; None where no batch came by."""
        if not self._parts:
            return None
        self._shrink()
        return Drawn(self._parts[0], int(self._bound))

    def _shrink(self) -> None:
        every = joined(self._parts)
        order = np.argsort(every.user, kind="stable")
        if self.users is not None and len(order) > self.users:
            order = order[: self.users]
            self._bound = np.uint64(every.user[order[-1]])
        self._parts, self._held = [every.select(order)], len(order)


def smallest(parts: Sequence[Drawn], *, users: int | None) -> Histories:
    """The users of all parts with the smallest hashes. ValueError where a part kept too few to know."""
    if not enough(parts, users=users):
        raise ValueError("a part of the log kept too few users")
    every = joined([part.histories for part in parts])
    order = np.argsort(every.user, kind="stable")
    return every.select(order if users is None else order[:users])


def enough(parts: Sequence[Drawn], *, users: int | None) -> bool:
    """Whether the parts kept so many users that those with the smallest hashes of all are among them."""
    hashes = np.sort(np.concatenate([part.histories.user for part in parts] or [np.zeros(0, np.uint64)]))
    needed = int(_ALL) if users is None or len(hashes) < users else int(hashes[users - 1])
    return all(needed <= part.complete for part in parts)


def recoded(sample: Histories) -> Histories:
    """The sampled users, all codes numbered from 0 without gaps: items by hash, names by their text."""
    hashes, item = np.unique(sample.item.view(np.uint64), return_inverse=True)
    met = np.unique(sample.category[sample.category != NO_CATEGORY]).tolist()
    used = np.array(sorted(met, key=sample.categories.__getitem__), dtype=np.int64)
    codes = np.full(len(sample.categories) + 1, NO_CATEGORY, dtype=np.int32)  # the last entry is for code -1
    codes[used] = np.arange(len(used), dtype=np.int32)
    kinds = sorted(range(len(sample.events)), key=sample.events.__getitem__)
    events = np.full(len(kinds) + 1, -1, dtype=np.int16)
    events[kinds] = np.arange(len(kinds), dtype=np.int16)
    return replace(
        sample,
        item=item.astype(np.int64),
        category=codes[sample.category],
        event=events[sample.event],
        events=tuple(sample.events[code] for code in kinds),
        categories=tuple(sample.categories[code] for code in used),
        exposures=None if sample.exposures is None else shown.recoded(sample.exposures, hashes, codes),
    )


def joined(parts: list[Histories]) -> Histories:
    """The users of several histories, one after the other."""
    if len(parts) == 1:
        return parts[0]
    lengths = np.concatenate([part.lengths for part in parts])
    return replace(
        parts[0],
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        user=np.concatenate([part.user for part in parts]),
        item=np.concatenate([part.item for part in parts]),
        category=np.concatenate([part.category for part in parts]),
        time=np.concatenate([part.time for part in parts]),
        session=np.concatenate([part.session for part in parts]),
        event=np.concatenate([part.event for part in parts]),
        series=_beside([part.series for part in parts]),
        ordinal=_beside([part.ordinal for part in parts]),
        duration=_beside([part.duration for part in parts]),
        request=_beside([part.request for part in parts]),
        exposures=shown.joined([part.exposures for part in parts]),
    )


def _beside(columns: Sequence[NDArray[_Number] | None]) -> NDArray[_Number] | None:
    """A column that only some logs have."""
    there = [column for column in columns if column is not None]
    return np.concatenate(there) if there else None


def empty(layout: Layout) -> Histories:
    """No users at all."""
    none = np.zeros(0, dtype=np.int64)
    return Histories(
        offsets=np.zeros(1, dtype=np.int64),
        user=none.astype(np.uint64),
        item=none,
        category=none.astype(np.int32),
        time=none,
        session=none.astype(np.int32),
        event=none.astype(np.int16),
        clock=layout.ticking,
        categories=layout.categories,
        events=layout.events,
        roles=layout.roles,
    )
