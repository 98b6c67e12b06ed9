"""From orphans and numbers on record to the share recorded, over laws and shares of direct events.

A law (how unequal the numbers of earlier events are) is refuted where the numbers on record are more, or
less, unequal than it gives. What stands makes the interval; where nothing stands, its lower end is 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from diagnose.results import Estimate
from diagnose.settings import OrphanSettings
from diagnose.stats.bootstrap import quantile_interval, resample_sums, user_sums
from diagnose.stats.thinned_counts import pairs_on_record, recorded_share

Numbers = NDArray[np.float64]
UNIT = "share of earlier events"
ROUNDING = 1e-6  # of moments: less is no misfit


@dataclass(frozen=True, eq=False)
class Moments:
    """Of the numbers on record: observed first, then one for each resample of users. Shapes (1 + draws,)."""

    none: Numbers  # share without any
    mean: Numbers
    pairs: Numbers  # mean of X (X - 1)

    def without(self, direct: float) -> Moments:
        """The same of the later events that needed an earlier one, if a share `direct` needed none."""
        rest = 1 - direct
        return Moments(np.maximum(0.0, self.none - direct) / rest, self.mean / rest, self.pairs / rest)


def moments(on_record: NDArray[np.int64], user: NDArray[np.int64], *, rng: np.random.Generator) -> Moments:
    """Moments of the numbers on record (n,) of users (n,), and of as many resamples of these users."""
    x = on_record.astype(np.float64)
    _, whose = np.unique(user, return_inverse=True)
    sums = user_sums(np.stack([np.ones_like(x), x == 0, x, x * (x - 1)], axis=1), whose, int(whose.max()) + 1)
    totals = np.concatenate([sums.sum(axis=0, keepdims=True), resample_sums(sums, rng=rng)])
    none, mean, pairs = (totals[:, column] / totals[:, 0] for column in (1, 2, 3))
    if not none[0]:  # no orphan among n users leaves room for 3 in n
        none[1:] = rng.beta(1, len(sums), len(none) - 1)
        mean, pairs = mean * (1 - none), pairs * (1 - none)
    return Moments(none, mean, pairs)


def over_draws(values: Numbers, *, unit: str) -> Estimate:
    """The observed value (first) and the interval of the resamples (the rest), never without the value."""
    low, high = _ends(values)
    return Estimate(value=float(values[0]), low=low, high=high, unit=unit)


@dataclass(frozen=True, eq=False)
class Law:
    """The share recorded under one law of numbers and one share of direct events."""

    share: Numbers  # (1 + draws,)
    misfit: float  # spread of the numbers on record less the law's, in standard errors
    refuted: bool


def capture(moments: Moments, *, settings: OrphanSettings) -> Estimate:
    """The share recorded: the interval over the scenarios that stand, and its middle for want of a better."""
    scenarios = [moments.without(direct) for direct in settings.direct_shares]
    laws = [
        [_law(each, spread, settings.refuting_level) for spread in settings.spreads] for each in scenarios
    ]
    standing = [law.share for of_one in laws for law in _standing(of_one)]
    ends = [_ends(share) for share in standing or [np.zeros_like(moments.none)]]
    ends += [_ends(1 - each.none) for each in scenarios]  # k = 1, which no law exceeds
    low, high = min(low for low, _ in ends), max(high for _, high in ends)
    return Estimate(value=(low + high) / 2, low=low, high=high, unit=UNIT)


def _law(seen: Moments, spread: float, level: float) -> Law:
    share = recorded_share(seen.none, seen.mean, spread=spread)
    beyond = seen.pairs - pairs_on_record(share, seen.mean, spread=spread)
    beyond[np.abs(beyond) < ROUNDING] = 0.0
    low, high = quantile_interval(beyond[1:], level)
    error = float(beyond[1:].std())
    return Law(share, float(beyond[0] / error) if error else 0.0, refuted=not low <= 0 <= high)


def _standing(laws: Sequence[Law]) -> list[Law]:
    """Of laws from equal to unequal: the unrefuted, and the two between which the record lies.

    A record more unequal than all leaves the last; one more equal than all leaves none.
    """
    between = [one.misfit > 0 > other.misfit for one, other in pairwise(laws)]
    beside = [left or right for left, right in zip([False, *between], [*between, False], strict=True)]
    standing = [law for law, near in zip(laws, beside, strict=True) if near or not law.refuted]
    return standing or [law for law in laws[-1:] if law.misfit > 0]


def _ends(share: Numbers) -> tuple[float, float]:
    """The interval of resamples, widened to the observed where that lies at its edge."""
    low, high = quantile_interval(share[1:])
    return min(low, float(share[0])), max(high, float(share[0]))
