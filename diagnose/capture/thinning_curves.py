"""Curves of what order saves by the share of the log that is kept, under one set of resampled users."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnose.capture.robustness import holds_until
from diagnose.capture.thinned import Pattern
from diagnose.predictors.order_share import Saved
from diagnose.results import LEVEL, Estimate, Series
from diagnose.stats.bootstrap import NORMAL_95, ResampledSums, quantile_interval

UNIT = "share"

Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Points:
    """What was judged of one pattern: at each rate, 1 first, one Saved a draw; those at 1 are of one log."""

    pattern: Pattern
    rates: tuple[float, ...]
    draws: tuple[tuple[Saved, ...], ...]  # by rate, then by draw

    @property
    def together(self) -> list[Saved]:
        """All draws of each rate: no target is in two."""
        return [sum(some[1:], start=some[0]) for some in self.draws]

    @property
    def spread(self) -> Numbers:
        """Standard error of each share from the choice of draws, (R,): of what a draw loses."""
        shares = np.array([[saved.share for saved in some] for some in self.draws])
        if shares.shape[1] < 2:
            return np.zeros(len(shares))
        return np.asarray((shares - shares[0]).std(axis=1, ddof=1) / np.sqrt(shares.shape[1]))


@dataclass(frozen=True, eq=False)
class Curve:
    """Shares (R,) at the rates, with resamples (B, R) and what is told of it."""

    pattern: Pattern
    rates: tuple[float, ...]
    shares: Numbers
    resampled: Numbers

    @property
    def ends(self) -> tuple[Numbers, Numbers]:
        """Lower and upper ends, (R,) each."""
        low, high = zip(*(quantile_interval(column) for column in self.resampled.T), strict=True)
        return np.array(low), np.array(high)

    @property
    def series(self) -> Series:
        """To be drawn."""
        low, high = self.ends
        return Series(
            name=f"thinning by {self.pattern}",
            x=self.rates,
            y=tuple(self.shares.tolist()),
            low=tuple(low.tolist()),
            high=tuple(high.tolist()),
            unit_x="share kept",
            unit_y="share of the loss",
        )

    def holds_until(self, floor: float) -> Estimate:
        """The rate down to which order is found."""
        return holds_until(self.rates, self.shares, self.ends[0], self.resampled, floor=floor)


def curves(
    whole: Saved, points: Sequence[Points], user: NDArray[np.int64], *, rng: np.random.Generator
) -> tuple[Estimate, list[Curve]]:
    """The share of the whole log, and the curve of each pattern; `user` (n,) is that of each target."""
    every = [whole, *(saved for each in points for saved in each.together)]
    values = np.stack([column for saved in every for column in (saved.gain, saved.blind)], axis=1)
    beside = np.zeros_like(values)
    beside[:, ::2] = np.stack([saved.taught for saved in every], axis=1)
    sums = ResampledSums(values, user, rng=rng, beside=beside)
    shares, resampled = (table[..., :-1:2] / table[..., 1:-1:2] for table in (sums.totals, sums.draws))
    found, start = [], 1
    for each in points:
        stop = start + len(each.rates)
        widened = _widened(shares[start:stop], resampled[:, start:stop], each)
        found.append(Curve(each.pattern, each.rates, shares[start:stop], widened))
        start = stop
    return sums.ratio(0, 1, unit=UNIT), found


def _widened(shares: Numbers, resampled: Numbers, points: Points) -> Numbers:
    """Resamples (B, R) as far apart as users and the draws of categories together make them."""
    from scipy.stats import t as student

    spread = points.spread
    if not spread.any():
        return resampled
    of_draws = spread * float(student.ppf((1 + LEVEL) / 2, len(points.draws[0]) - 1)) / NORMAL_95
    of_users = resampled.std(axis=0)
    return np.asarray(shares + (resampled - shares) * np.sqrt(1 + (of_draws / of_users) ** 2))
