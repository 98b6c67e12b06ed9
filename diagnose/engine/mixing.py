"""Hashes that are the same on every engine, machine and run.

`text_hash` is bytes 8 to 15 of the md5 of the canonical text, little-endian (DuckDB's md5_number_lower).
`mixed` is the finaliser of splitmix64 (Steele, Lea and Flood 2014), a bijection of 64 bits.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_STEP, _FIRST, _SECOND = (np.uint64(x) for x in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))


def text_hash(text: str) -> int:
    """64 bits of a text."""
    digest = hashlib.md5(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).digest()
    return int.from_bytes(digest[8:], "little")


def user_salt(seed: int) -> int:
    """64 bits that a user's text hash is XORed with: another seed, another sample."""
    return text_hash(f"users {seed}")


def mixed(value: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """splitmix64 of each value."""
    value = value + _STEP
    value = (value ^ (value >> np.uint64(30))) * _FIRST
    value = (value ^ (value >> np.uint64(27))) * _SECOND
    return value ^ (value >> np.uint64(31))


def chained(*parts: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """One hash of several columns, in which the place of each counts."""
    result = mixed(parts[0])
    for part in parts[1:]:
        result = mixed(result ^ part)
    return result


def name_hashes(names: Sequence[str]) -> NDArray[np.uint64]:
    """The hash of each name of a dictionary, and of "none" at the end, where code -1 finds it."""
    return np.array([*(text_hash(name) for name in names), 0], dtype=np.uint64)


def total(hashes: NDArray[np.uint64]) -> int:
    """Their sum modulo 2^64: the same whatever their order."""
    return int(hashes.sum(dtype=np.uint64))
