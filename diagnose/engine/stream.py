"""The kernel: sorted rows in, whole users in the order of their events out. The same numpy on every engine.

An engine sorts by two 8-byte keys, user and time, and streams; everything else is done here. Events that
share user and time are ordered by a hash of (user, time, item, event, seed): never by the id, nor by the item
alone, which would be one order for every user. Exact duplicates then lie side by side and are set aside.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnose.engine.layout import Layout
from diagnose.engine.mixing import chained, mixed, summed, total, user_salt
from diagnose.engine.rows import Rows as Rows
from diagnose.engine.shown import apart
from diagnose.histories import MICROSECONDS_PER_SECOND, Histories
from diagnose.settings import Settings

Arrays = tuple[NDArray[np.generic], ...]  # user, time, item, then what else the log has: one entry an event


@dataclass(frozen=True)
class Batch:
    """Whole users, and what was set aside to make them."""

    histories: Histories
    duplicates: int
    null_category: int
    runaway_users: int
    runaway_events_cut: int
    fingerprint: int


def arrays(batch: Any) -> Arrays:
    """The columns of an Arrow record batch without nulls, their memory shared."""
    # Through DLPack: `to_numpy` would import pandas, half a second.
    return tuple(np.from_dlpack(column) for column in batch.columns)


def whole_users(pieces: Iterator[Arrays]) -> Iterator[Arrays]:
    """Cut a sorted stream where the user changes: what may go on in the next piece is carried over."""
    carried: list[Arrays] = []
    for piece in pieces:
        user = piece[0]
        if carried and carried[-1][0][-1] == user[-1]:
            carried.append(piece)
            continue
        start = len(user) - _run_at_end(user)
        complete = [*carried, tuple(column[:start] for column in piece)]
        if sum(len(part[0]) for part in complete):
            yield _joined(complete)
        carried = [tuple(column[start:] for column in piece)]
    if carried:
        yield _joined(carried)


def assemble(rows: Rows, *, layout: Layout, settings: Settings) -> Batch:
    """Histories of sorted rows: ties ordered, duplicates set aside, sessions numbered, runaway users cut."""
    shown = None
    if rows.clicked is not None:
        rows, shown = apart(rows, layout=layout)
    duplicates = 0
    tied = _tied(rows)
    if tied is not None:
        order, again = _tie_order(rows, tied, layout=layout, seed=settings.seed)
        duplicates = int(again.sum())
        index = np.arange(len(rows.user))
        index[tied] = order
        if duplicates:
            keep = np.ones(len(index), dtype=bool)
            keep[tied[again]] = False
            index = index[keep]
        rows = rows.take(index)
    every = replace(_histories(rows, layout=layout, settings=settings), exposures=shown)
    kept, users, cut = _without_runaways(every, most=settings.sample.maximum_events_per_user)
    return Batch(
        histories=kept,
        duplicates=duplicates,
        null_category=int((every.category < 0).sum()) if "category" in layout.roles else 0,
        runaway_users=users,
        runaway_events_cut=cut,
        fingerprint=_fingerprint(every, layout=layout, salt=user_salt(settings.seed)),
    )


def _run_at_end(user: NDArray[np.generic]) -> int:
    """How many rows at the end are of the last user. Users lie together, in whatever order."""
    others = user[::-1] != user[-1]
    return int(others.argmax()) if others.any() else len(user)


def _joined(parts: list[Arrays]) -> Arrays:
    if len(parts) == 1:
        return parts[0]
    return tuple(np.concatenate(columns) for columns in zip(*parts, strict=True))


def _tied(rows: Rows) -> NDArray[np.int64] | None:
    """The rows that share user and time with another, in order; None where there are none."""
    same = rows.time[1:] == rows.time[:-1]
    same &= rows.user[1:] == rows.user[:-1]
    first = np.flatnonzero(same)
    if not len(first):
        return None
    tied = np.zeros(len(rows.user), dtype=bool)
    tied[first] = tied[first + 1] = True
    return np.flatnonzero(tied)


def _tie_order(
    rows: Rows, tied: NDArray[np.int64], *, layout: Layout, seed: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """The tied rows in the order in which they shall stand, and which of those repeat the one before."""
    some = rows.take(tied)
    here = np.zeros(len(tied), dtype=np.int16) - 1
    event = here if some.event is None else some.event
    category = here.astype(np.int32) if some.category is None else some.category
    session = np.zeros(len(tied), dtype=np.int64) if some.session is None else some.session
    user, item = layout.user_hash(some.user) ^ np.uint64(user_salt(seed)), layout.item_hash(some.item)
    salt = mixed(np.full(1, seed, dtype=np.uint64))
    tie = chained(user ^ salt, some.time.view(np.uint64), item, layout.event_hashes[event.astype(np.int64)])
    # Of exact duplicates one stays: with a category if any has one, then by code, whatever the file order.
    spelled = np.where(category < 0, np.iinfo(np.int32).max, category)
    group = np.cumsum(np.append(True, (some.user[1:] != some.user[:-1]) | (some.time[1:] != some.time[:-1])))
    inside = np.lexsort((session, spelled, tie, group))
    again = np.zeros(len(tied), dtype=bool)
    again[1:] = (
        (group[inside][1:] == group[inside][:-1])
        & (item[inside][1:] == item[inside][:-1])
        & (event[inside][1:] == event[inside][:-1])
    )
    return tied[inside], again


def _histories(rows: Rows, *, layout: Layout, settings: Settings) -> Histories:
    user, time, events = rows.user, rows.time, len(rows.user)
    new_user = np.ones(events, dtype=bool)
    np.not_equal(user[1:], user[:-1], out=new_user[1:])
    starts = np.flatnonzero(new_user)
    new_session = new_user
    if rows.session is not None:
        new_session = new_user.copy()
        new_session[1:] |= rows.session[1:] != rows.session[:-1]
    elif layout.ticking:
        gap = int(settings.sample.session_gap_minutes * 60 * MICROSECONDS_PER_SECOND)
        new_session = new_user.copy()
        new_session[1:] |= np.diff(time) > gap
    running = np.cumsum(new_session, dtype=np.int32)
    offsets = np.append(starts, events)
    running -= np.repeat(running[starts], np.diff(offsets))
    return Histories(
        offsets=offsets,
        user=layout.user_hash(user[starts]) ^ np.uint64(user_salt(settings.seed)),
        item=layout.item_hash(rows.item).view(np.int64),
        category=np.full(events, -1, dtype=np.int32) if rows.category is None else rows.category,
        time=time,
        session=running,
        event=np.full(events, -1, dtype=np.int16) if rows.event is None else rows.event,
        clock=layout.ticking,
        categories=layout.categories,
        events=layout.events,
        roles=layout.roles,
        series=rows.series,
        ordinal=rows.ordinal,
        duration=rows.duration,
        request=rows.request,
    )


def _without_runaways(histories: Histories, *, most: int) -> tuple[Histories, int, int]:
    """Users cut after their first `most` events; how many users, how many events."""
    over = histories.lengths - most
    runaway = over > 0
    if not runaway.any():
        return histories, 0, 0
    rank = np.arange(histories.n_events) - np.repeat(histories.offsets[:-1], histories.lengths)
    kept = histories.keep_events(rank < most)
    return kept, int(runaway.sum()), int(over[runaway].sum())


def _fingerprint(histories: Histories, *, layout: Layout, salt: int) -> int:
    """A sum over events that hangs neither on their order, nor on files, nor on the seed."""
    hashes = summed(
        np.repeat(histories.user ^ np.uint64(salt), histories.lengths),
        histories.time.view(np.uint64),
        histories.item.view(np.uint64),
        layout.event_hashes[histories.event],
        layout.category_hashes[histories.category],
    )
    return total(hashes)
