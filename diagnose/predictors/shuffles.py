"""What losing order means: the target stays, only the events before it change places.

Every order gain of the tool is a difference to the same model on histories shuffled here, with its
parameters fitted anew: a model that has merely learnt which categories go together loses nothing.
Rows are histories, column = age, negative entries are padding and stay at the far end.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

_Integer = TypeVar("_Integer", bound=np.signedinteger)
Columns = NDArray[np.uint16]

_COLUMN_BITS = np.uint64(16)  # low bits of a sort key; the rest is random: one fast sort, no argsort
_COLUMNS = np.uint64((1 << 16) - 1)
_LAST = np.uint64(np.iinfo(np.uint64).max)
_ENTRIES = 1 << 15  # shuffled at a time: their keys stay in the processor's cache


def shuffle_events(past: NDArray[_Integer], *, rng: np.random.Generator) -> NDArray[_Integer]:
    """Each row's entries in random order. past (n, H) -> (n, H): all order is lost."""
    shuffled = past.copy()
    for rows, width in _blocks(past):
        columns = _event_order(past[rows], width, rng)
        shuffled[rows, :width] = np.take_along_axis(past[rows, :width], columns, axis=1)
    return shuffled


def event_order(past: NDArray[np.signedinteger], *, rng: np.random.Generator) -> Columns:
    """The same as the columns (n, H) that come to stand at each place: for what lies beside the entries."""
    order = _as_it_was(past)
    for rows, width in _blocks(past):
        order[rows, :width] = _event_order(past[rows], width, rng)
    return order


def session_order(
    past: NDArray[np.int64],
    *,
    session_of_event: NDArray[np.integer],
    target_session: NDArray[np.integer],
    rng: np.random.Generator,
) -> tuple[Columns, NDArray[np.bool_]]:
    """Earlier sessions permuted as blocks: only the order across sessions is lost.

    past (n, H) holds flat event indices, `session_of_event` (E,) numbers each user's sessions,
    `target_session` (n,) is the session of the target: what the row holds of it stays in place.
    The order inside a session is kept (sessions that overlap in time are set apart first).
    Returns the columns (n, H) that come to stand at each place, and the rows with at least two earlier
    sessions, shape (n,): for the others there is nothing to permute.
    """
    salt = rng.integers(0, 1 << 63, size=len(past), dtype=np.uint64)
    order, several = _as_it_was(past), np.empty(len(past), dtype=np.bool_)
    for rows, width in _blocks(past):
        some = past[rows, :width]
        session = session_of_event[some]
        movable = (some >= 0) & (session != target_session[rows, None])
        several[rows] = _several(session, movable)
        order[rows, :width] = _session_order(session, movable, salt[rows])
    return order, several


def _as_it_was(past: NDArray[np.signedinteger]) -> Columns:
    """Every column in its place."""
    return np.broadcast_to(np.arange(past.shape[1], dtype=np.uint16), past.shape).copy()


def _event_order(past: NDArray[np.signedinteger], width: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Which of the first `width` columns stands at each place: rows of entries at random, then padding."""
    keys = rng.integers(0, 1 << 48, size=past.shape, dtype=np.uint64)[:, :width]
    return _order(np.where(past[:, :width] < 0, _LAST, keys))


def _session_order(
    session: NDArray[np.integer], movable: NDArray[np.bool_], salt: NDArray[np.uint64]
) -> NDArray[np.int64]:
    """What is movable in the order of a hash of its session; the rest where it was."""
    keys = mix(session.astype(np.uint64) + salt[:, None]) >> _COLUMN_BITS
    blocks = _order(np.where(movable, keys, _LAST))
    slot = np.maximum(np.cumsum(movable, axis=1) - 1, 0)
    return np.where(movable, np.take_along_axis(blocks, slot, axis=1), np.arange(movable.shape[1]))


def redraw_ties(
    past: NDArray[np.int64], group: NDArray[np.integer], *, rng: np.random.Generator
) -> NDArray[np.int64]:
    """The order drawn anew among entries of equal `group[event]` (rounded time, a sitting); shape kept."""
    groups = np.where(past >= 0, group[past], np.iinfo(np.int64).max)  # padding ties with padding only
    drawn = _order(rng.integers(0, 1 << 48, size=past.shape, dtype=np.uint64))
    regrouped = np.argsort(np.take_along_axis(groups, drawn, axis=1), axis=1, kind="stable")
    entries = np.take_along_axis(past, np.take_along_axis(drawn, regrouped, axis=1), axis=1)
    redrawn = np.empty_like(past)
    np.put_along_axis(redrawn, np.argsort(groups, axis=1, kind="stable"), entries, axis=1)
    return redrawn


def _order(keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Columns in the order of 48-bit keys, equal keys by column; keys of _LAST go to the far end."""
    packed = np.where(keys == _LAST, ~_COLUMNS, keys << _COLUMN_BITS)
    packed |= np.arange(keys.shape[1], dtype=np.uint64)
    packed.sort(axis=1)
    packed &= _COLUMNS
    return packed.view(np.int64)


def _several(session: NDArray[np.integer], movable: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Rows whose movable entries are of two sessions at least, shape (n,)."""
    extremes = np.iinfo(session.dtype)
    first = np.min(session, axis=1, initial=extremes.max, where=movable)
    several: NDArray[np.bool_] = first < np.max(session, axis=1, initial=extremes.min, where=movable)
    return several


def _blocks(past: NDArray[np.signedinteger]) -> Iterator[tuple[slice, int]]:
    """Some rows at a time, with the columns that are more than padding in one of them, one at least."""
    size = max(1, _ENTRIES // max(1, past.shape[1]))
    for start in range(0, len(past), size):
        rows = slice(start, start + size)
        held = np.flatnonzero((past[rows] >= 0).any(axis=0))
        yield rows, int(held[-1]) + 1 if len(held) else min(1, past.shape[1])


def mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A well-spread 64-bit hash (the finaliser of splitmix64): equal values share a key."""
    with np.errstate(over="ignore"):
        values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: NDArray[np.uint64] = values ^ (values >> np.uint64(31))
    return mixed
