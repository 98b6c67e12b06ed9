"""Differences between arms and how sure they are: users and seeds both vary.

Statistic  GAUC: mean over users of the mean AUC of their targets, strata weighted to their true shares. A
           difference is taken user by user, averaged over seeds.
Interval   se^2 = bootstrap variance over users of the seed mean + variance between seeds / seeds;
           Student's t with Satterthwaite's degrees of freedom.
Reference  Satterthwaite (1946); Obuchowski (1997) on clustered ROC; Holm (1979).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnose.results import LEVEL, Estimate
from diagnose.stats.bootstrap import resample_sums
from diagnose.stats.multiplicity import holm as holm

POWER = 0.80  # of the minimal detectable lift, the field's custom


@dataclass(frozen=True, eq=False)
class PerUser:
    """A ratio of user sums for every seed: numerator (S, U), denominator (U,). GAUC is their ratio."""

    numerator: NDArray[np.float64]
    denominator: NDArray[np.float64]

    def minus(self, other: PerUser) -> PerUser:
        """Paired difference, same users and same seeds (a single seed stands for all)."""
        return PerUser(self.numerator - other.numerator, self.denominator)

    def by_seed(self) -> NDArray[np.float64]:
        """The value of each seed, shape (S,)."""
        result: NDArray[np.float64] = self.numerator.sum(axis=1) / self.denominator.sum()
        return result


@dataclass(frozen=True)
class Spread:
    """A mean, its standard error and degrees of freedom, and the two variances it is made of."""

    value: float
    error: float
    freedom: float
    user_variance: float
    seed_variance: float

    def estimate(self, unit: str, level: float = LEVEL) -> Estimate:
        """The t interval."""
        half = quantile((1 + level) / 2, self.freedom) * self.error
        return Estimate(
            value=self.value, low=self.value - half, high=self.value + half, unit=unit, level=level
        )


def per_user(
    values: NDArray[np.float64],
    users: NDArray[np.int64],
    weights: NDArray[np.float64],
    *,
    equal_users: bool = True,
) -> PerUser:
    """Sums over each user's targets. values (S, n), users and weights (n,).

    `equal_users`: each user counts once (GAUC), whatever the number of its targets; else each target does.
    """
    _, code, count = np.unique(users, return_inverse=True, return_counts=True)
    share = weights / count[code] if equal_users else weights.astype(np.float64)
    size = len(count)
    numerator = np.stack([np.bincount(code, row * share, size) for row in values])
    return PerUser(numerator.astype(np.float64), np.bincount(code, share, size).astype(np.float64))


def spread(sums: PerUser, *, rng: np.random.Generator) -> Spread:
    """Value and standard error over users and seeds."""
    by_seed = sums.by_seed()
    seeds, users = sums.numerator.shape
    pairs = np.stack([sums.numerator.mean(axis=0), sums.denominator], axis=1)
    totals = resample_sums(pairs, rng=rng)
    draws = totals[:, 0] / totals[:, 1]
    user_variance = float(np.var(draws, ddof=1))
    seed_variance = float(np.var(by_seed, ddof=1)) / seeds if seeds > 1 else 0.0
    freedom = _satterthwaite((user_variance, users - 1), (seed_variance, seeds - 1))
    return Spread(
        value=float(by_seed.mean()),
        error=math.sqrt(user_variance + seed_variance),
        freedom=freedom,
        user_variance=user_variance,
        seed_variance=seed_variance,
    )


def _satterthwaite(*parts: tuple[float, int]) -> float:
    """Degrees of freedom of a sum of variances, each with its own."""
    below = sum(variance**2 / freedom for variance, freedom in parts if freedom > 0)
    total = sum(variance for variance, _ in parts)
    return total**2 / below if below > 0 else math.inf


def quantile(share: float, freedom: float) -> float:
    """Student's t quantile (normal for infinite degrees of freedom)."""
    from scipy import stats

    return float(stats.t.ppf(share, freedom) if math.isfinite(freedom) else stats.norm.ppf(share))


def p_value(found: Spread) -> float:
    """Two-sided, against no difference."""
    from scipy import stats

    if found.error == 0:
        return float(found.value == 0)
    ratio = abs(found.value) / found.error
    return float(
        2 * (stats.t.sf(ratio, found.freedom) if math.isfinite(found.freedom) else stats.norm.sf(ratio))
    )


def minimal_detectable(found: Spread, level: float = LEVEL) -> float:
    """The true difference whose interval would lie above 0 with probability POWER."""
    sure = quantile((1 + level) / 2, found.freedom) + quantile(POWER, found.freedom)
    return sure * found.error


def users_needed(found: Spread, *, users: int, lift: float, level: float = LEVEL) -> int:
    """Test users at which `lift` would be detected, at this variance between users; seeds cost only time."""
    sure = quantile((1 + level) / 2, math.inf) + quantile(POWER, math.inf)
    return max(1, math.ceil(users * found.user_variance * (sure / lift) ** 2))
