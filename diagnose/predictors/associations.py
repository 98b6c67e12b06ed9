"""Sparse tables of pairs: which items occur together, which follows which.

An open hash table in two flat arrays: millions of questions take a few passes of numpy, each one look-up
in memory a question, where a binary search would take twenty.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnose.predictors.timeline import encode_pair

_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # golden-ratio hashing
_EMPTY = -1


@dataclass(frozen=True, eq=False)
class PairCounts:
    """How often each ordered pair of codes was seen. `keys` and `counts` have the shape of the table."""

    keys: NDArray[np.int64]  # _EMPTY where a slot is free; a quarter to a half are taken
    counts: NDArray[np.float32]
    size: int

    @classmethod
    def of(cls, first: NDArray[np.integer], second: NDArray[np.integer], *, size: int) -> PairCounts:
        """From one pair an observation, shapes (m,); negative codes are left out. `size` bounds the codes."""
        code = encode_pair(first, second, size=max(size, 1))
        pairs, seen = np.unique(code[code >= 0], return_counts=True)
        bits = max(4, len(pairs).bit_length() + 1)
        keys, counts = np.full(1 << bits, _EMPTY, dtype=np.int64), np.zeros(1 << bits, dtype=np.float32)
        slot, waiting = _slot(pairs, bits), np.arange(len(pairs))
        while len(waiting):  # each round the free slots take one of the pairs that knock
            free = keys[slot[waiting]] == _EMPTY
            keys[slot[waiting[free]]] = pairs[waiting[free]]
            settled = keys[slot[waiting]] == pairs[waiting]
            counts[slot[waiting[settled]]] = seen[waiting[settled]]
            waiting = waiting[~settled]
            slot[waiting] = (slot[waiting] + 1) & (len(keys) - 1)
        return cls(keys, counts, max(size, 1))

    def look_up(self, first: NDArray[np.integer], second: NDArray[np.integer]) -> NDArray[np.float32]:
        """Counts of the pairs; shapes broadcast; 0 for pairs never seen and for negative codes."""
        code = encode_pair(first, second, size=self.size)
        flat, counts = code.ravel(), np.zeros(code.size, dtype=np.float32)
        asked = np.flatnonzero(flat >= 0)
        slot = _slot(flat[asked], len(self.keys).bit_length() - 1)
        while len(asked):
            key = self.keys[slot]
            found = key == flat[asked]
            counts[asked[found]] = self.counts[slot[found]]
            onward = ~found & (key != _EMPTY)
            asked, slot = asked[onward], (slot[onward] + 1) & (len(self.keys) - 1)
        return counts.reshape(code.shape)


def _slot(code: NDArray[np.int64], bits: int) -> NDArray[np.int64]:
    """Where a code is looked for first in a table of 2^bits slots."""
    return ((code.astype(np.uint64) * _SPREAD) >> np.uint64(64 - bits)).astype(np.int64)
