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
