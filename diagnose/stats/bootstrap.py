"""The bootstrap over users: every interval of the tool resamples whole users.

Events of one user are not independent, so an event-wise interval would be far too narrow.
Whatever is a function of sums over users (means, ratios, differences of ratios) is resampled
from its per-user sums alone: one matrix product instead of a loop over data.

Reference  Efron and Tibshirani (1993); Cameron, Gelbach and Miller (2008) on clusters.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from diagnose.results import LEVEL, Estimate

NORMAL_95 = 1.6448536269514722  # the 95 % point: 90 % intervals of a z, two-sided
DRAWS = 1000  # the 5 % quantile then has a standard error of 0.7 % of rank


def user_sums(values: NDArray[np.float64], users: NDArray[np.int64], n_users: int) -> NDArray[np.float64]:
    """Sums over each user's rows. values (n,) or (n, m), users (n,) in [0, n_users) -> (n_users, m)."""
    columns = values if values.ndim == 2 else values[:, None]
    return np.stack([np.bincount(users, column, n_users) for column in columns.T], axis=1)


def resample_sums(
    sums: NDArray[np.float64], *, rng: np.random.Generator, draws: int = DRAWS
) -> NDArray[np.float64]:
    """Column totals of `sums` (U, m) over `draws` resamples of its users, shape (draws, m)."""
    n_users = len(sums)
    totals = np.empty((draws, sums.shape[1]))
    for draw in range(draws):
        chosen = np.bincount(rng.integers(0, n_users, n_users), minlength=n_users)
        totals[draw] = chosen @ sums
    return totals


def quantile_interval(draws: NDArray[np.float64], level: float = LEVEL) -> tuple[float, float]:
    """The central interval of bootstrap draws; draws that are not finite are left out."""
    finite = draws[np.isfinite(draws)]
    low, high = np.quantile(finite, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def bootstrap(
    sums: NDArray[np.float64],
    statistic: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    *,
    unit: str,
    rng: np.random.Generator,
    level: float = LEVEL,
    draws: int = DRAWS,
) -> Estimate:
    """Any statistic of column totals, with the percentile interval over resampled users.

    `sums` (U, m) holds each user's additive contributions; `statistic` maps totals (k, m) to (k,).
    """
    value = statistic(sums.sum(axis=0, keepdims=True))[0]
    low, high = quantile_interval(statistic(resample_sums(sums, rng=rng, draws=draws)), level)
    return Estimate(value=float(value), low=low, high=high, unit=unit, level=level)


def bootstrap_mean(
    values: NDArray[np.float64],
    users: NDArray[np.int64],
    *,
    unit: str,
    rng: np.random.Generator,
    level: float = LEVEL,
    draws: int = DRAWS,
) -> Estimate:
    """The mean over rows, users resampled. values (n,), users (n,) any integer labels."""
    _, codes = np.unique(users, return_inverse=True)
    ones = np.ones_like(values, dtype=np.float64)
    sums = user_sums(np.stack([values, ones], axis=1), codes, int(codes.max()) + 1)
    return bootstrap(sums, lambda t: t[:, 0] / t[:, 1], unit=unit, rng=rng, level=level, draws=draws)


class ResampledSums:
    """Sums over users of some columns, under one set of resampled users: for means, ratios and their bands.

    `values` (n, m) are summed by `users` (n,), any integer labels; a last column counts the rows.
    `beside` (n, m), where given, adds what each user does to the sums of others: it moves the draws by its
    difference from the mean user, and no value.
    """

    def __init__(
        self,
        values: NDArray[np.float64],
        users: NDArray[np.int64],
        *,
        rng: np.random.Generator,
        beside: NDArray[np.float64] | None = None,
        draws: int = DRAWS,
    ) -> None:
        _, codes = np.unique(users, return_inverse=True)
        n_users = int(codes.max()) + 1
        sums = user_sums(np.column_stack([values, np.ones(len(values))]), codes, n_users)
        self.totals = sums.sum(axis=0)
        if beside is not None:
            moved = user_sums(beside, codes, n_users)
            sums[:, :-1] += moved - moved.mean(axis=0)
        self.draws = resample_sums(sums, rng=rng, draws=draws)

    def mean(self, column: int, *, unit: str) -> Estimate:
        """A column a row."""
        return self.ratio(column, -1, unit=unit)

    def ratio(self, part: int, whole: int, *, unit: str) -> Estimate:
        """One column's total over another's."""
        low, high = quantile_interval(self.draws[:, part] / self.draws[:, whole])
        return Estimate(value=float(self.totals[part] / self.totals[whole]), low=low, high=high, unit=unit)
