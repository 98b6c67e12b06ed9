"""Sums over users, of what each user adds and of its products: intervals where a bootstrap is out of reach.

A pass over a whole log sees every user once and keeps none. A statistic of column totals that does not change
when all of them are doubled (a ratio, a share) moves with one user more or less by its gradient times what
that user adds; the sum of the squares of that needs only the sums of products. Integers: they add exactly.

Reference  Cochran (1977), Sampling Techniques, ch. 6; Squire and Trapp (1998) on the complex step.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnose.results import Estimate
from diagnose.stats.bootstrap import NORMAL_95

Totals = NDArray[np.complex128]
Statistic = Callable[[Totals], complex]
_ROOM = 2.0**62  # of 64 bits; larger sums are those of Python's integers
_STEP = 1e-30  # of the complex step: no difference is taken, so nothing is lost to rounding


@dataclass(frozen=True)
class UserSums:
    """Totals of m columns over `users`, and of the products of any two of them, (m, m); empty: nobody."""

    users: int = 0
    total: tuple[int, ...] = ()
    products: tuple[tuple[int, ...], ...] = ()

    def __add__(self, other: UserSums) -> UserSums:
        if not self.total or not other.total:
            return other if other.total else self
        rows = zip(self.products, other.products, strict=True)
        return UserSums(
            users=self.users + other.users,
            total=_added(self.total, other.total),
            products=tuple(_added(mine, its) for mine, its in rows),
        )


def by_user(values: NDArray[np.bool_] | NDArray[np.int64], offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sums (U,) over each user's events of values (E,), whose users begin and end at `offsets` (U + 1,)."""
    running = np.concatenate([[0], np.cumsum(values, dtype=np.int64)])
    return np.asarray(np.diff(running[offsets]))


def user_sums(*columns: NDArray[np.integer]) -> UserSums:
    """The sums of what users add, one array (U,) a column. Users who add nothing are not counted."""
    added = np.stack(columns, axis=1).astype(np.int64)
    added = added[(added != 0).any(axis=1)]
    exact = added.astype(object) if len(added) * float(np.abs(added).max(initial=0)) ** 2 > _ROOM else added
    products = exact.T @ exact
    return UserSums(
        users=len(added),
        total=tuple(added.sum(axis=0).tolist()),
        products=tuple(tuple(row) for row in products.tolist()),
    )


def estimate(
    sums: UserSums,
    statistic: Statistic,
    *,
    unit: str,
    bounds: tuple[float, float] = (-math.inf, math.inf),
) -> Estimate:
    """A statistic of the column totals, users as the unit of its interval.

    `statistic` is arithmetic on an array (m,) that doubling all columns leaves as it is. `bounds` is what it
    may be; with fewer than two users that is all that is known.
    """
    total = np.array(sums.total, dtype=np.complex128)
    value = float(np.real(statistic(total)))
    if sums.users < 2:
        return Estimate(value=value, low=bounds[0], high=bounds[1], unit=unit)
    gradient = np.array(
        [np.imag(statistic(total + 1j * _STEP * one)) / _STEP for one in np.eye(len(total))], dtype=np.float64
    )
    squares = float(gradient @ np.array(sums.products, dtype=np.float64) @ gradient)
    half = NORMAL_95 * math.sqrt(max(squares, 0.0) * sums.users / (sums.users - 1))
    low, high = max(bounds[0], value - half), min(bounds[1], value + half)
    return Estimate(value=value, low=low, high=high, unit=unit)


def _added(mine: tuple[int, ...], its: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(a + b for a, b in zip(mine, its, strict=True))
