"""Is a step from a to b as likely as the step back? Pair by pair, and all pairs together.

Pair       z = D / sqrt(sum over users d_u^2), where d_u is a user's surplus of a -> b over b -> a and D their
           sum: a user who goes to and fro 500 times is one user. Where a trend favours one order, users who
           all take it have small d_u and would look surer than they are: the sum of squares is at least what
           one step of each user that has more steps one way than the other would give under the null.
All pairs  T = sum over pairs D^2 / steps of the pair, Bowker's statistic with the trend taken out. Under the
           null a user's history is as likely backwards, which turns all signs of its d_u at once. Over all
           such turns of whole users T has mean tr(M) and variance 2 (|M|^2 - sum M_uu^2), with M_uv = sum
           over pairs of d_u d_v / steps: no turn need be drawn. The mean is at least as large as above.
Reference  Bowker (1948); Benjamini and Hochberg (1995); Liang and Zeger (1986) for the variance over users.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from diagnose.drift.direction import Steps, UserPairs
from diagnose.results import Estimate
from diagnose.stats.bootstrap import NORMAL_95

if TYPE_CHECKING:
    from scipy import sparse

BLOCK = 512  # pairs whose products with all others are held at once

Indices = NDArray[np.int64]
Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PairTests:
    """The pairs that enough users step along, each in the direction of its surplus; (P,) each."""

    source: Indices
    target: Indices
    surplus: Numbers  # D in that direction, above 0
    z: Numbers
    p_adjusted: Numbers  # Benjamini-Hochberg over these pairs


def pair_tests(steps: Steps, *, minimum_users: int) -> PairTests:
    """The test of every pair that at least so many users step along, either way."""
    from scipy import stats  # heavy, and `--help` must not wait for it

    cells = steps.by_user
    surplus, squares, least = _sums(cells)
    spread = np.maximum(squares, least)
    users = np.bincount(cells.column, minlength=len(cells.pairs))
    tested = np.flatnonzero((users >= minimum_users) & (spread > 0))
    pairs, surplus = cells.pairs[tested], surplus[tested]
    z = surplus / np.sqrt(spread[tested])
    p = 2 * stats.norm.sf(np.abs(z))
    low, high = pairs // steps.categories, pairs % steps.categories
    return PairTests(
        source=np.where(surplus > 0, low, high),
        target=np.where(surplus > 0, high, low),
        surplus=np.abs(surplus),
        z=np.abs(z),
        p_adjusted=stats.false_discovery_control(p) if len(p) else p,
    )


def bowker(counts: Indices) -> tuple[float, int]:
    """Bowker's chi-square of a table (K, K) against its own mirror image, and its degrees of freedom."""
    both = counts + counts.T
    upper = np.triu(both, 1) > 0
    chi_square = ((counts - counts.T)[upper] ** 2 / both[upper]).sum()
    return float(chi_square), int(upper.sum())


def asymmetry(steps: Steps) -> Estimate:
    """T in standard deviations from its mean over all turns of whole users; 0 where none is possible."""
    from scipy import sparse  # heavy, and `--help` must not wait for it

    cells = steps.by_user
    both = np.bincount(np.searchsorted(cells.pairs, steps.pair), minlength=len(cells.pairs))
    values = cells.surplus / np.sqrt(both)[cells.column]
    shape = (steps.users, len(cells.pairs))
    scaled = sparse.csr_array(sparse.coo_array((values, (cells.user, cells.column)), shape=shape))
    own = np.bincount(cells.user, values**2)
    variance = 2 * (_squared_norm(scaled) - float(own @ own))
    surplus, squares, least = _sums(cells)
    by_turns = max(float((squares / both).sum()), float((least / both).sum()))
    observed = float((surplus**2 / both).sum())
    z = (observed - by_turns) / sqrt(variance) if variance > 0 else 0.0
    return Estimate(value=z, low=z - NORMAL_95, high=z + NORMAL_95, unit="standard deviations")


def _sums(cells: UserPairs) -> tuple[Numbers, Numbers, Numbers]:
    """D of each pair, the sum of d_u^2, and the least that sum may count for; (P,) each."""
    columns = (cells.surplus, cells.surplus**2, cells.variance)
    surplus, squares, least = (np.bincount(cells.column, values, len(cells.pairs)) for values in columns)
    return surplus.astype(np.float64), squares.astype(np.float64), least.astype(np.float64)


def _squared_norm(scaled: sparse.csr_array) -> float:
    """The squared norm of S S', taken from the smaller S' S some columns at a time."""
    turned, columns = scaled.T.tocsr(), scaled.tocsc()
    blocks = range(0, scaled.shape[1], BLOCK)
    return float(sum(((turned @ columns[:, at : at + BLOCK]) ** 2).sum() for at in blocks))
