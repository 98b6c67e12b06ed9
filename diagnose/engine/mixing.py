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

_PLACES = tuple(
    np.uint64(x | 1)
    for x in (
        0x9E3779B97F4A7C15,
        0xC2B2AE3D27D4EB4F,
        0x165667B19E3779F9,
        0x27D4EB2F165667C5,
        0x85EBCA77C2B2AE63,
    )
)
_30, _27, _31 = (np.uint64(shift) for shift in (30, 27, 31))


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
    for shift, factor in ((_30, _FIRST), (_27, _SECOND)):
        value ^= value >> shift
        value *= factor
    value ^= value >> _31
    return value


def chained(*parts: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """One hash of several columns, in which the place of each counts."""
    result = mixed(parts[0])
    for part in parts[1:]:
        result = mixed(result ^ part)
    return result


def summed(*parts: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """One hash of several columns, the place of each counting: cheaper than `chained`, less thorough."""
    total = parts[0] * _PLACES[0]
    for part, place in zip(parts[1:], _PLACES[1:], strict=False):
        total += part * place
    return mixed(total)


def name_hashes(names: Sequence[str]) -> NDArray[np.uint64]:
    """The hash of each name of a dictionary, and of "none" at the end, where code -1 finds it."""
    return np.array([*(text_hash(name) for name in names), 0], dtype=np.uint64)


def total(hashes: NDArray[np.uint64]) -> int:
    """Their sum modulo 2^64: the same whatever their order."""
    return int(hashes.sum(dtype=np.uint64))
