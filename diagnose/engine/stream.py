"""The sorted pass: batches of whole users, each user's events in (time, tie hash) order.

DuckDB sorts by two 8-byte keys (user hash, time) and streams; numpy does the rest on each batch. Events that
share user and time are ordered by a hash of (user, time, item, event, seed): never by the id, nor by the item
alone, which would be one order for every user. Exact duplicates then lie side by side and are set aside.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from diagnose.engine.mixing import chained, mixed, total
from diagnose.engine.prepare import Prepared
from diagnose.histories import MICROSECONDS_PER_SECOND, Histories
from diagnose.settings import Settings

_SORTED = """
SELECT users.hash AS u, t, items.hash AS i, coalesce(categories.code, -1) AS category,
       CAST(coalesce(events.code, -1) AS SMALLINT) AS event, session
FROM valid JOIN users USING (u) JOIN items USING (i)
LEFT JOIN categories USING (category) LEFT JOIN events USING (event)
ORDER BY users.hash, t
"""
Arrays = tuple[NDArray[np.generic], ...]  # user, time, item, category, event, session: one entry an event


@dataclass(frozen=True)
class Batch:
    """Whole users, and what was set aside to make them."""

    histories: Histories
    duplicates: int
    null_category: int
    runaway_users: int
    runaway_events_cut: int
    fingerprint: int


def sorted_users(
    connection: duckdb.DuckDBPyConnection,
    *,
    prepared: Prepared,
    settings: Settings,
    salt: int,
    batch_rows: int,
) -> Iterator[Batch]:
    """The whole log, user by user in the order of their salted hash, in batches of whole users."""
    reader = connection.sql(_SORTED).to_arrow_reader(batch_rows)
    for columns in whole_users(_arrays(batch) for batch in reader if batch.num_rows):
        yield assemble(columns, prepared=prepared, settings=settings, salt=salt)


def whole_users(pieces: Iterator[Arrays]) -> Iterator[Arrays]:
    """Cut a sorted stream where the user changes: what may go on in the next piece is carried over."""
    carried: list[Arrays] = []
    for piece in pieces:
        user = piece[0]
        if carried and carried[-1][0][-1] == user[-1]:
            carried.append(piece)
            continue
        start = int(np.searchsorted(user, user[-1]))
        complete = [*carried, tuple(column[:start] for column in piece)]
        if sum(len(part[0]) for part in complete):
            yield tuple(np.concatenate(parts) for parts in zip(*complete, strict=True))
        carried = [tuple(column[start:] for column in piece)]
    if carried:
        yield tuple(np.concatenate(parts) for parts in zip(*carried, strict=True))


def assemble(columns: Arrays, *, prepared: Prepared, settings: Settings, salt: int) -> Batch:
    """Histories of sorted rows: ties ordered, duplicates set aside, sessions numbered, runaway users cut."""
    order = _tie_order(columns, prepared=prepared, seed=settings.seed)
    columns = columns if order is None else tuple(column[order] for column in columns)
    again = _repeats(columns)
    if again.any():
        columns = tuple(column[~again] for column in columns)
    every = _histories(columns, prepared=prepared, settings=settings)
    kept, users, cut = _without_runaways(every, most=settings.sample.maximum_events_per_user)
    return Batch(
        histories=kept,
        duplicates=int(again.sum()),
        null_category=int((every.category < 0).sum()) if "category" in prepared.roles else 0,
        runaway_users=users,
        runaway_events_cut=cut,
        fingerprint=_fingerprint(every, prepared=prepared, salt=salt),
    )


def _arrays(batch: pa.RecordBatch) -> Arrays:
    # No column has nulls. DLPack shares the memory; `to_numpy` would import pandas, half a second.
    return tuple(np.from_dlpack(column) for column in batch.columns)


def _tie_order(columns: Arrays, *, prepared: Prepared, seed: int) -> NDArray[np.int64] | None:
    """The permutation that orders events inside equal (user, time); None where there are no ties."""
    user, time, item, category, event, session = columns
    same = (user[1:] == user[:-1]) & (time[1:] == time[:-1])
    if not same.any():
        return None
    tied = np.flatnonzero(np.append(same, False) | np.append(False, same))
    group = np.cumsum(np.append(True, ~same))[tied]
    names = prepared.event_hashes[event[tied].astype(np.int64)]
    salt = mixed(np.full(1, seed, dtype=np.uint64))
    when, what = time[tied].view(np.uint64), item[tied].view(np.uint64)
    tie = chained(user[tied].view(np.uint64) ^ salt, when, what, names)
    # Of exact duplicates one stays: with a category if any has one, then by code, whatever the file order.
    spelled = np.where(category[tied].astype(np.int64) < 0, np.iinfo(np.int32).max, category[tied])
    inside = np.lexsort((session[tied], spelled, tie, group))
    order = np.arange(len(user), dtype=np.int64)
    order[tied] = tied[inside]
    return order


def _repeats(columns: Arrays) -> NDArray[np.bool_]:
    """Events that repeat the one before: same user, item, time and event."""
    user, time, item, _, event, _ = columns
    again = np.zeros(len(user), dtype=bool)
    again[1:] = (user[1:] == user[:-1]) & (time[1:] == time[:-1]) & (item[1:] == item[:-1])
    again[1:] &= event[1:] == event[:-1]
    return again


def _histories(columns: Arrays, *, prepared: Prepared, settings: Settings) -> Histories:
    user, time, item, category, event, session = columns
    new_user = np.append(True, user[1:] != user[:-1])
    starts = np.flatnonzero(new_user)
    new_session = new_user.copy()
    if "session" in prepared.roles:
        new_session[1:] |= session[1:] != session[:-1]
    elif prepared.clock.ticking:
        gap = int(settings.sample.session_gap_minutes * 60 * MICROSECONDS_PER_SECOND)
        new_session[1:] |= np.diff(time.astype(np.int64)) > gap
    running = np.cumsum(new_session)
    lengths = np.diff(np.append(starts, len(user)))
    return Histories(
        offsets=np.append(starts, len(user)).astype(np.int64),
        user=user[starts].astype(np.uint64),
        item=item.view(np.int64),
        category=category.astype(np.int32),
        time=time.astype(np.int64),
        session=(running - np.repeat(running[starts], lengths)).astype(np.int32),
        event=event.astype(np.int16),
        clock=prepared.clock.ticking,
        categories=prepared.categories,
        events=prepared.events,
        roles=prepared.roles,
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


def _fingerprint(histories: Histories, *, prepared: Prepared, salt: int) -> int:
    """A sum over events that hangs neither on their order, nor on files, nor on the seed."""
    hashes = chained(
        np.repeat(histories.user ^ np.uint64(salt), histories.lengths),
        histories.time.view(np.uint64),
        histories.item.view(np.uint64),
        prepared.event_hashes[histories.event],
        prepared.category_hashes[histories.category],
    )
    return total(hashes)
