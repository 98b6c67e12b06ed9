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

_COLUMN_BITS = np.uint64(16)  # low bits of a sort key; the rest is random: one fast sort, no argsort
_COLUMNS = np.uint64((1 << 16) - 1)
_LAST = np.uint64(np.iinfo(np.uint64).max)
_ENTRIES = 1 << 15  # shuffled at a time: their keys stay in the processor's cache


def shuffle_events(past: NDArray[_Integer], *, rng: np.random.Generator) -> NDArray[_Integer]:
    """Each row's entries in random order. past (n, H) -> (n, H): all order is lost."""
    shuffled = np.empty_like(past)
    for rows in _blocks(past):
        some = past[rows]
        keys = rng.integers(0, 1 << 48, size=some.shape, dtype=np.uint64)
        keys[some < 0] = _LAST
        shuffled[rows] = _arrange(some, keys)
    return shuffled


def shuffle_sessions(
    past: NDArray[np.int64],
    *,
    session_of_event: NDArray[np.integer],
    target_session: NDArray[np.integer],
    rng: np.random.Generator,
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Earlier sessions permuted as blocks: only the order across sessions is lost.

    past (n, H) holds flat event indices, `session_of_event` (E,) numbers each user's sessions,
    `target_session` (n,) is the session of the target: what the row holds of it stays in place.
    The order inside a session is kept (sessions that overlap in time are set apart first).
    Returns the new past and the rows with at least two earlier sessions, shape (n,): for the others
    there is nothing to permute.
    """
    salt = rng.integers(0, 1 << 63, size=len(past), dtype=np.uint64)
    shuffled, several = np.empty_like(past), np.empty(len(past), dtype=np.bool_)
    for rows in _blocks(past):
        some = past[rows]
        session = session_of_event[some]
        movable = (some >= 0) & (session != np.asarray(target_session)[rows, None])
        shuffled[rows] = _move_blocks(some, session, movable, salt[rows])
        several[rows] = _several(session, movable)
    return shuffled, several


def _move_blocks(
    past: NDArray[np.int64],
    session: NDArray[np.integer],
    movable: NDArray[np.bool_],
    salt: NDArray[np.uint64],
) -> NDArray[np.int64]:
    """What is movable in the order of a hash of its session; the rest where it was."""
    keys = mix(session.astype(np.uint64) + salt[:, None]) >> _COLUMN_BITS
    keys[~movable] = _LAST
    blocks = _arrange(past, keys)
    slot = np.maximum(np.cumsum(movable, axis=1) - 1, 0)
    return np.where(movable, np.take_along_axis(blocks, slot, axis=1), past)


def redraw_ties(
    past: NDArray[np.int64], group: NDArray[np.integer], *, rng: np.random.Generator
) -> NDArray[np.int64]:
    """The order drawn anew among entries of equal `group[event]` (rounded time, a sitting); shape kept."""
    groups = np.where(past >= 0, group[past], np.iinfo(np.int64).max)  # padding ties with padding only
    column = np.broadcast_to(np.arange(past.shape[1]), past.shape)
    drawn = _arrange(column, rng.integers(0, 1 << 48, size=past.shape, dtype=np.uint64))
    regrouped = np.argsort(np.take_along_axis(groups, drawn, axis=1), axis=1, kind="stable")
    entries = np.take_along_axis(past, np.take_along_axis(drawn, regrouped, axis=1), axis=1)
    redrawn = np.empty_like(past)
    np.put_along_axis(redrawn, np.argsort(groups, axis=1, kind="stable"), entries, axis=1)
    return redrawn


def _arrange(past: NDArray[_Integer], keys: NDArray[np.uint64]) -> NDArray[_Integer]:
    """Rows sorted by 48-bit keys, equal keys by column; keys of _LAST go to the far end."""
    packed = np.where(keys == _LAST, ~_COLUMNS, keys << _COLUMN_BITS)
    packed |= np.arange(past.shape[1], dtype=np.uint64)
    packed.sort(axis=1)
    packed &= _COLUMNS
    return np.take_along_axis(past, packed.view(np.int64), axis=1)


def _several(session: NDArray[np.integer], movable: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Rows whose movable entries are of two sessions at least, shape (n,)."""
    extremes = np.iinfo(session.dtype)
    first = np.min(session, axis=1, initial=extremes.max, where=movable)
    several: NDArray[np.bool_] = first < np.max(session, axis=1, initial=extremes.min, where=movable)
    return several


def _blocks(past: NDArray[_Integer]) -> Iterator[slice]:
    """Some rows at a time."""
    size = max(1, _ENTRIES // max(1, past.shape[1]))
    for start in range(0, len(past), size):
        yield slice(start, start + size)


def mix(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A well-spread 64-bit hash (the finaliser of splitmix64): equal values share a key."""
    with np.errstate(over="ignore"):
        values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed: NDArray[np.uint64] = values ^ (values >> np.uint64(31))
    return mixed
