"""Sparse tables of pairs: which items occur together, which follows which.

A sieve (a large table of bits) answers most of the millions of questions with "never seen together"
before any search is made.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnose.predictors.timeline import encode_pair, find_sorted

_SIEVE_BITS = 24  # 16 MB: fits beside everything and leaves few false hits
_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # golden-ratio hashing


@dataclass(frozen=True, eq=False)
class PairCounts:
    """How often each ordered pair of codes was seen. `keys` (P,) ascending, `counts` (P,)."""

    keys: NDArray[np.int64]
    counts: NDArray[np.float32]
    sieve: NDArray[np.bool_]
    size: int

    @classmethod
    def of(cls, first: NDArray[np.integer], second: NDArray[np.integer], *, size: int) -> PairCounts:
        """From one pair an observation, shapes (m,); negative codes are left out. `size` bounds the codes."""
        code = encode_pair(first, second, size=max(size, 1))
        keys, counts = np.unique(code[code >= 0], return_counts=True)
        sieve = np.zeros(1 << _SIEVE_BITS, dtype=np.bool_)
        sieve[_hash(keys)] = True
        return cls(keys, counts.astype(np.float32), sieve, max(size, 1))

    def look_up(self, first: NDArray[np.integer], second: NDArray[np.integer]) -> NDArray[np.float32]:
        """Counts of the pairs; shapes broadcast; 0 for pairs never seen and for negative codes."""
        code = encode_pair(first, second, size=self.size)
        counts = np.zeros(code.shape, dtype=np.float32)
        likely = np.nonzero((code >= 0) & self.sieve[_hash(code)])
        place, found = find_sorted(self.keys, code[likely])
        counts[likely] = np.where(found, self.counts[place], 0) if len(self.keys) else 0
        return counts


def _hash(code: NDArray[np.int64]) -> NDArray[np.uint64]:
    with np.errstate(over="ignore"):
        return (code.astype(np.uint64) * _SPREAD) >> np.uint64(64 - _SIEVE_BITS)
