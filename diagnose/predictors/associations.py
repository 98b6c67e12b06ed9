"""Sparse tables of pairs: which items occur together, which follows which.

Distinct pairs lie sorted by a hash, and an index says where each stretch of hashes begins: millions of
questions take a few passes of numpy, where a binary search would take twenty. Pairs are counted by group of
those who made them, so that one sort serves every choice of groups.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from diagnose.predictors.timeline import encode_pair

_SPREAD = 0x9E3779B97F4A7C15  # golden-ratio hashing: odd, so distinct codes have distinct hashes
_NO_KEYS = np.empty(0, dtype=np.uint64)
_NOWHERE = np.iinfo(np.uint64).max  # behind the last key: no code is so large

Observed = tuple[NDArray[np.integer], NDArray[np.integer], NDArray[np.integer]]  # first, second, group


@dataclass(frozen=True, eq=False)
class PairCounts:
    """How often each group saw each ordered pair of codes. G groups, P distinct pairs, 2^b stretches."""

    counts: NDArray[np.float32]  # (G, P)
    keys: NDArray[np.uint64]  # (P + 1,) hashes of the pairs, ascending, then _NOWHERE
    begin: NDArray[np.int32]  # (2^b,) the first key of each stretch
    size: int  # bounds the codes

    @classmethod
    def of(cls, first: NDArray[np.integer], second: NDArray[np.integer], *, size: int) -> PairCounts:
        """From one pair an observation, shapes (m,), all of one group; negative codes make none."""
        return cls.by_group([(first, second, np.zeros_like(first))], size=size, groups=1)

    @classmethod
    def by_group(cls, seen: Iterable[Observed], *, size: int, groups: int) -> PairCounts:
        """From pairs and the group that made each, part by part."""
        size, low_bits = max(size, 1), np.uint64((groups - 1).bit_length())
        marked = np.concatenate([_NO_KEYS, *(_marked(part, size, low_bits) for part in seen)])
        marked.sort()
        run = np.flatnonzero(_differs(marked))  # one a pair and group
        pair = marked[run] >> low_bits
        fresh = _differs(pair)
        keys, counts = pair[fresh], np.zeros((groups, np.count_nonzero(fresh)), dtype=np.float32)
        group = (marked[run] & np.uint64((1 << int(low_bits)) - 1)).astype(np.int64)
        counts[group, np.cumsum(fresh) - 1] = np.diff(run, append=len(marked))
        stretches = 1 << _index_bits(len(keys), size)
        held = np.bincount(_stretch(keys, stretches, size), minlength=stretches)
        begin = (np.cumsum(held) - held).astype(np.int32)
        return cls(counts, np.append(keys, _NOWHERE), begin, size)

    def of_groups(self, chosen: Sequence[int]) -> PairCounts:
        """What some of the groups saw, together."""
        return replace(self, counts=self.counts[list(chosen)].sum(axis=0, keepdims=True))

    def look_up(self, first: NDArray[np.integer], second: NDArray[np.integer]) -> NDArray[np.float32]:
        """Counts of the pairs by all groups; shapes broadcast; 0 for what was never seen or is negative."""
        code = encode_pair(first, second, size=self.size)
        flat, answers = code.ravel(), np.zeros(code.size, dtype=np.float32)
        counts = self.counts[0] if len(self.counts) == 1 else self.counts.sum(axis=0)
        asked = np.flatnonzero(flat >= 0)
        wanted = _hashed(flat[asked], self.size)
        place = self.begin[_stretch(wanted, len(self.begin), self.size)]
        while len(asked):
            key = self.keys[place]
            found = key == wanted
            answers[asked[found]] = counts[place[found]]
            onward = np.flatnonzero(key < wanted)
            asked, wanted, place = asked[onward], wanted[onward], place[onward] + 1
        return answers.reshape(code.shape)


def _hash_bits(size: int) -> int:
    """Bits of the largest code, hence of its hash."""
    return max(1, (size * size - 1).bit_length())


def _index_bits(pairs: int, size: int) -> int:
    """So many bits that a stretch holds half a pair to one pair."""
    return min(pairs.bit_length(), _hash_bits(size))


def _hashed(code: NDArray[np.int64], size: int) -> NDArray[np.uint64]:
    """Codes spread over as many bits as they have; multiplying by an odd number mod 2^b loses none."""
    spread = np.uint64(_SPREAD & ((1 << _hash_bits(size)) - 1))
    return (code.astype(np.uint64) * spread) & np.uint64((1 << _hash_bits(size)) - 1)


def _stretch(key: NDArray[np.uint64], stretches: int, size: int) -> NDArray[np.int64]:
    """The stretch of each hash: its leading bits."""
    return (key >> np.uint64(_hash_bits(size) - (stretches.bit_length() - 1))).astype(np.int64)


def _marked(seen: Observed, size: int, low_bits: np.uint64) -> NDArray[np.uint64]:
    """Hash of each pair with its group in the lowest bits; sorting brings pairs together."""
    first, second, group = seen
    code = encode_pair(first, second, size=size)
    return ((_hashed(code, size) << low_bits) | group.astype(np.uint64))[code >= 0]


def _differs(ordered: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Where a value differs from the one before it; the first one does."""
    differs = np.ones(len(ordered), dtype=np.bool_)
    np.not_equal(ordered[1:], ordered[:-1], out=differs[1:])
    return differs
