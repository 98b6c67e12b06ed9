"""Shares of a whole log with intervals, from sums that add up over batches of users.

A tally sees every user once and keeps no user, so a bootstrap is out of reach; the ratio of two sums
over users needs only five sums for the same interval.

Reference  Cochran (1977), Sampling Techniques, ch. 6 (ratio estimator); Wilson (1927) for counts of users.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from diagnose.results import LEVEL, Estimate

Z = NormalDist().inv_cdf((1 + LEVEL) / 2)
SAME = 1e-9  # ends of an interval nearer than this differ by rounding only


@dataclass(frozen=True)
class RatioSums:
    """Sums over users of a part and its whole, of their squares and product. Integers: they add exactly."""

    users: int = 0
    part: int = 0
    whole: int = 0
    part_part: int = 0
    part_whole: int = 0
    whole_whole: int = 0

    def __add__(self, other: RatioSums) -> RatioSums:
        return RatioSums(
            self.users + other.users,
            self.part + other.part,
            self.whole + other.whole,
            self.part_part + other.part_part,
            self.part_whole + other.part_whole,
            self.whole_whole + other.whole_whole,
        )


def ratio_sums(part: NDArray[np.int64], whole: NDArray[np.int64]) -> RatioSums:
    """The sums of users' parts and wholes, both (U,). Users whose whole is 0 count for nothing."""
    seen = whole > 0
    part, whole = part[seen], whole[seen]
    return RatioSums(
        users=len(whole),
        part=int(part.sum()),
        whole=int(whole.sum()),
        part_part=int(part @ part),
        part_whole=int(part @ whole),
        whole_whole=int(whole @ whole),
    )


def ratio(sums: RatioSums, *, unit: str = "share") -> Estimate:
    """Total part over total whole, users as the unit of the interval (ratio estimator), within [0, 1]."""
    value = sums.part / sums.whole
    if sums.users < 2:  # no spread to learn from: as wide as a share can be
        return Estimate(value=value, low=0.0, high=1.0, unit=unit)
    residual = sums.part_part - 2 * value * sums.part_whole + value**2 * sums.whole_whole
    half = Z * math.sqrt(max(residual, 0.0) * sums.users / (sums.users - 1)) / sums.whole
    return Estimate(value=value, low=max(0.0, value - half), high=min(1.0, value + half), unit=unit)


def proportion(count: int, total: int, *, unit: str = "share") -> Estimate:
    """A share of users with Wilson's interval."""
    share = count / total
    centre = (share + Z**2 / (2 * total)) / (1 + Z**2 / total)
    half = Z * math.sqrt(share * (1 - share) / total + Z**2 / (4 * total**2)) / (1 + Z**2 / total)
    return Estimate(value=share, low=max(0.0, centre - half), high=min(1.0, centre + half), unit=unit)


def with_room(share: Estimate, *, drawn: int, surplus: float = 0.0) -> Estimate:
    """A share within [0, 1] whose interval has a width and never proves a log whole.

    What was not drawn may be unlike all `drawn` users or segments (Wilson, for none of so many), and an
    observer who missed `surplus` of his total, as the log shows, may have missed as much that it does not.
    """
    unlike, low, high = 1 - proportion(drawn, drawn).low, share.low, share.high
    if high - low < SAME:  # all alike, as if there were nothing to be uncertain of
        low, high = low * (1 - unlike), high * (1 + unlike)
    low = min(low, 1 - unlike) / (1 + surplus)
    return replace(share, value=min(1.0, share.value), low=max(0.0, low), high=min(1.0, high))


def exact(value: float, *, unit: str = "share") -> Estimate:
    """A property of the file, counted whole: no sampling, hence no width."""
    return Estimate(value=value, low=value, high=value, unit=unit)
