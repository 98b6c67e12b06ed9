"""Which segments of a panel are called by their name: none of so few users that they could be told apart."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import Histories
from diagnose.results import Series

OTHERS = "other segments"  # of too few users to be named
DRAWN = 40  # segments in the picture, largest first
Numbers = NDArray[np.float64]
Integers = NDArray[np.int64]


def users_by_code(histories: Histories, code: NDArray[np.integer], *, size: int) -> Integers:
    """How many users have an event of each code, (size,)."""
    known = (code >= 0) & (code < size)
    met = np.unique(histories.user_of_event[known] * size + code[known])
    return np.bincount(met % max(1, size), minlength=size).astype(np.int64)


def named(names: Sequence[str], users: Integers, *, fewest: int) -> list[str]:
    """The names, but for segments in which the log has some users and fewer than that."""
    return [OTHERS if 0 < met < fewest else name for name, met in zip(names, users.tolist(), strict=True)]


def shares(names: Sequence[str], part: Numbers, total: Numbers, *, unit: str) -> Series:
    """The share on record of each of the largest segments; those without a name are the last, as one."""
    held: dict[str, tuple[float, float]] = {}
    for place in np.argsort(-total, kind="stable"):
        of_all, here = held.get(names[place], (0.0, 0.0))
        held[names[place]] = of_all + float(total[place]), here + float(part[place])
    largest = [name for name in held if held[name][0] > 0 and name != OTHERS][:DRAWN]
    shown = [*largest, *(name for name in held if name == OTHERS and held[name][0] > 0)]
    return Series(
        name="share_by_segment",
        x=tuple(shown),
        y=tuple(held[name][1] / held[name][0] for name in shown),
        unit_x="segment",
        unit_y=unit,
    )
