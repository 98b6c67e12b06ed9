"""Which events of several observers are one and the same: same user and item, at nearly the same time.

One to one and greedy in time order: within one key the earliest two that lie within the tolerance are a
pair. For a fixed tolerance no other way finds more pairs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]


def matched(
    key: Integers, time: Integers, other_key: Integers, other_time: Integers, *, tolerance: int
) -> Integers:
    """The event of the other list that each event is, -1 where there is none; (E,). Any order of events.

    All keys are stepped through abreast, one comparison of each at a time: numpy, whatever their number.
    """
    here, there = _by_key(key, time), _by_key(other_key, other_time)
    _, one, two = np.intersect1d(here.keys, there.keys, assume_unique=True, return_indices=True)
    at, end = here.starts[one].copy(), here.starts[one + 1]
    to, last = there.starts[two].copy(), there.starts[two + 1]
    partner = np.full(len(key), -1, dtype=np.int64)
    active = np.flatnonzero((at < end) & (to < last))
    while len(active):
        ahead = other_time[there.order[to[active]]] - time[here.order[at[active]]]
        same = np.abs(ahead) <= tolerance
        partner[here.order[at[active[same]]]] = there.order[to[active[same]]]
        at[active] += same | (ahead > 0)
        to[active] += same | (ahead < 0)
        active = active[(at[active] < end[active]) & (to[active] < last[active])]
    return partner


def histories_seen(
    keys: Sequence[Integers], times: Sequence[Integers], *, tolerance: int
) -> tuple[Integers, ...]:
    """Of every distinct event: its first list, its place in it, and the code of the lists that have it.

    The lists are joined one after another; an event that several have keeps the time of the first of them.
    """
    key, time = keys[0], times[0]
    source, place = np.zeros(len(key), dtype=np.int64), np.arange(len(key))
    code = np.ones(len(key), dtype=np.int64)
    for number, (more, when) in enumerate(zip(keys[1:], times[1:], strict=True), start=1):
        partner = matched(more, when, key, time, tolerance=tolerance)
        code[partner[partner >= 0]] |= 1 << number
        new = np.flatnonzero(partner < 0)
        key, time = np.concatenate([key, more[new]]), np.concatenate([time, when[new]])
        source = np.concatenate([source, np.full(len(new), number)])
        place = np.concatenate([place, new])
        code = np.concatenate([code, np.full(len(new), 1 << number)])
    return source, place, code


@dataclass(frozen=True, eq=False)
class _Grouped:
    """Events by key, each key's in time order: `order[starts[k]:starts[k + 1]]` are those of `keys[k]`."""

    keys: Integers
    starts: Integers
    order: Integers


def _by_key(key: Integers, time: Integers) -> _Grouped:
    order = np.lexsort((time, key))
    keys, first = np.unique(key[order], return_index=True)
    return _Grouped(keys, np.append(first, len(key)), order)
