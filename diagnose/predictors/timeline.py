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
        """The same for several starts: the end is looked for once."""
        end = self.position(key, stop)
        return [np.maximum(end - self.position(key, start), 0) for start in starts]


def encode_pair(first: NDArray[np.integer], second: NDArray[np.integer], *, size: int) -> NDArray[np.int64]:
    """One code for a pair of codes, the second below `size`; negative where either is negative."""
    code = first.astype(np.int64) * size + second
    return np.where((first < 0) | (second < 0), -1, code)


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
