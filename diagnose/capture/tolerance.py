"""How far apart in time two records of one event may lie: learnt from the logs, not assumed.

Matches are counted under wider and wider tolerances. True ones stop coming once the difference of the clocks
is allowed for; coincidences (the same user on the same item again, a moment later) go on coming, so many a
second. The smallest tolerance beyond which no more come than coincidence brings is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from diagnose.capture.matching import matched
from diagnose.histories import MICROSECONDS_PER_DAY

Integers = NDArray[np.int64]
RUNGS = (0.0, 1 / 60, 1 / 20, 1 / 6, 1 / 2, 1.0)  # of the widest tolerance, beside the logs' step of time


@dataclass(frozen=True)
class Tolerance:
    """The tolerance in microseconds; of the matches under it, shares that are too many and too few."""

    width: int
    chance: float  # coincidences among them
    missed: float  # true ones that a wider tolerance would add


def settled(
    keys: Sequence[Integers], times: Sequence[Integers], *, step: int, widest: int, slack: float
) -> Tolerance:
    """The smallest tolerance that leaves out at most the share `slack` of true matches.

    `step`: the coarsest clock's. Equal times come first, then times that differ by a step, then more.
    """
    widths = [0, *(step + round(rung * widest) for rung in RUNGS)]
    pairs = list(combinations(range(len(keys)), 2))

    def hits(width: int, shift: int = 0) -> int:
        return sum(
            int((matched(keys[a], times[a], keys[b], times[b] + shift, tolerance=width) >= 0).sum())
            for a, b in pairs
        )

    found = [hits(width) for width in widths]
    if not found[-1]:
        return Tolerance(widths[-1], 0.0, 0.0)
    pace = (found[-1] - found[-2]) / (widths[-1] - widths[-2])  # coincidences a microsecond
    late = [found[-1] - hit - pace * (widths[-1] - width) for hit, width in zip(found, widths, strict=True)]
    place = next(place for place, more in enumerate(late) if more <= slack * found[-1])
    width, hit = widths[place], max(1, found[place])
    days = MICROSECONDS_PER_DAY * (1 + 2 * width // MICROSECONDS_PER_DAY)
    again = (hits(width, days) + hits(width, -days)) / 2  # the same things at the same hour
    chance = max(pace * max(width, step), again) / hit
    return Tolerance(width, min(1.0, chance), max(0.0, late[place]) / hit)
