"""How often something happened in a stretch of time, for millions of questions at once.

Events are kept as sorted codes of (key, rank of the time), so that a count between two times is the
distance of two binary searches. Ranks are of distinct times: what ties with a moment is never before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Timeline:
    """Events of each key in order of time. `codes` (E,) ascending; `order` (E,) the event behind each."""

    codes: NDArray[np.int64]
    order: NDArray[np.int64]
    ranks: int  # distinct ranks + 1: the stride of a key

    @classmethod
    def of(cls, key: NDArray[np.integer], rank: NDArray[np.int64], *, ranks: int) -> Timeline:
        """From one key and one time rank an event; events with a negative key are left out."""
        held = np.flatnonzero(key >= 0)
        codes = key[held].astype(np.int64) * ranks + rank[held]
        order = np.argsort(codes, kind="stable")
        return cls(codes[order], held[order], ranks)

    def position(self, key: NDArray[np.integer], rank: NDArray[np.int64]) -> NDArray[np.int64]:
        """Index of the first event of `key` at or after `rank`; shapes broadcast."""
        return place_of(self.codes, key.astype(np.int64) * self.ranks + rank)

    def count(
        self, key: NDArray[np.integer], start: NDArray[np.int64], stop: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """Events of `key` with start <= rank < stop; shapes broadcast. Unknown keys count nothing."""
        return self.counts(key, [start], stop)[0]

    def counts(
        self, key: NDArray[np.integer], starts: Sequence[NDArray[np.int64]], stop: NDArray[np.int64]
    ) -> list[NDArray[np.int64]]:
        """The same for several starts. What is asked in the order of the ends is nearly so of the starts."""
        first = key.astype(np.int64) * self.ranks
        shape = np.broadcast_shapes(first.shape, stop.shape)
        asked = [np.broadcast_to(first + rank, shape).ravel() for rank in (stop, *starts)]
        order, counts = np.argsort(asked[0]), []
        end, *begins = (np.searchsorted(self.codes, code[order]) for code in asked)
        for begin in begins:
            counts.append(np.empty(len(order), dtype=np.int64))
            counts[-1][order] = np.maximum(end - begin, 0)
        return [count.reshape(shape) for count in counts]


def encode_pair(first: NDArray[np.integer], second: NDArray[np.integer], *, size: int) -> NDArray[np.int64]:
    """One code for a pair of codes, the second below `size`; negative where either is negative."""
    code = first.astype(np.int64) * size + second
    return np.where((first < 0) | (second < 0), -1, code)


def distinct(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Distinct values, ascending: by sorting, where np.unique would hash, which is slower."""
    ordered = np.sort(values)
    first = np.ones(len(ordered), dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return ordered[first]


def place_of(keys: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each of `wanted` would go in ascending `keys`, as searchsorted says.

    Asked in ascending order: half the time, since neighbours find their way in the processor's cache.
    """
    flat = wanted.ravel()
    order = np.argsort(flat)
    place = np.empty(len(flat), dtype=np.int64)
    place[order] = np.searchsorted(keys, flat[order])
    return place.reshape(wanted.shape)


def find_sorted(
    keys: NDArray[np.int64], wanted: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Where each wanted key stands in ascending unique `keys`, and whether it is there at all."""
    if not len(keys):
        return np.zeros(wanted.shape, dtype=np.int64), np.zeros(wanted.shape, dtype=np.bool_)
    place = np.minimum(place_of(keys, wanted), len(keys) - 1)
    return place, keys[place] == wanted
