"""What one curve of agreement says: how much fades, how fast, and how surely.

Statistic  The exponential fitted to a curve whose users are held fixed (decay_curve).
Interval   Percentile bootstrap over users. The lower end of a drift share is 0 unless the plain ratio of late
           to early lags has fallen too: the search for a half-life alone can fit noise.
           A half-life is given only where a drift share is found and the half-life's interval lies inside the
           range that the lags can tell apart; else a drift share that is found is open above.
Reference  Efron and Tibshirani (1993).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from diagnose.drift.decay_curve import (
    Curve,
    Decay,
    Matrix,
    early_against_late,
    fit,
    half_lives,
    standardised,
)
from diagnose.drift.persistence_pairs import PairSums
from diagnose.results import LEVEL, Estimate, Series
from diagnose.settings import PersistenceSettings
from diagnose.stats.bootstrap import quantile_interval

DRAWN = 60  # points of a fitted curve
FEWEST_LAGS = 5  # a plateau, a start and a half-life, and something left to contradict them
AGREEMENT = "agreement beyond chance"


@dataclass(frozen=True, eq=False)
class Fading:
    """A curve, the exponential fitted to it and to its draws, and what of it is identified."""

    curve: Curve
    value: Decay
    draws: Decay
    share: Estimate  # 1 - plateau / start
    half_life: Estimate | None  # None where it is not identified

    def found(self, floor: float) -> bool:
        """Whether more fades than the floor."""
        return self.share.low > floor


def fading_of(
    sums: PairSums,
    *,
    unit: str,
    limits: PersistenceSettings,
    rng: np.random.Generator,
    level: float = LEVEL,
) -> Fading | None:
    """What the pairs show; None where there are too few lags, or no agreement beyond chance."""
    sums = sums.with_pairs(limits.minimum_pairs)
    if len(sums.lag) < FEWEST_LAGS:
        return None
    curve = curve_of(sums, rng=rng, draws=limits.draws)
    least, _ = quantile_interval(curve.draws @ curve.precision / curve.precision.sum(), level)
    if least <= 0:
        return None
    tried = half_lives(curve.mean_lag, longest_share=limits.maximum_span_share)
    value = fit(curve.kappa[None, :], curve.lag, precision=curve.precision, tried=tried)
    drawn = fit(curve.draws, curve.lag, precision=curve.precision, tried=tried)
    share, half_life = _drift_share(curve, value, drawn, level), None
    if share.low > limits.floor_drift_share:
        low, high = quantile_interval(drawn.half_life, level)
        if tried[0] < low and high < tried[-1]:
            half_life = Estimate(value=float(value.half_life[0]), low=low, high=high, unit=unit, level=level)
        else:  # start or plateau lies beyond the lags seen: more may fade than the fit can show
            share = replace(share, high=1.0)
    return Fading(curve, value, drawn, share, half_life)


def curve_of(sums: PairSums, *, rng: np.random.Generator, draws: int) -> Curve:
    """The curve of the users that have any pair, held fixed over the lags."""
    some = sums.of_users(np.asarray((sums.weight > 0).any(axis=1)))
    return standardised(some.excess, some.weight, some.lag, rng=rng, draws=draws)


def _drift_share(curve: Curve, value: Decay, draws: Decay, level: float) -> Estimate:
    """1 - plateau / start. Where early and late lags do not differ, its lower end is 0."""
    low, high = quantile_interval(draws.drift_share, level)
    plain, _ = quantile_interval(early_against_late(curve.draws, precision=curve.precision), level)
    low = low if plain > 0 else 0.0
    share = float(value.drift_share[0])
    return Estimate(value=share, low=min(low, share), high=max(high, share), unit="share", level=level)


def points(curve: Curve, *, name: str, unit: str) -> Series:
    """The points of a curve with their intervals."""
    return _drawn(name, (curve.mean_lag, curve.kappa, curve.draws), unit)


def fitted(found: Fading, *, name: str, unit: str) -> Series:
    """The fitted line with its band."""
    lags = found.curve.mean_lag
    dense = np.geomspace(lags[0], lags[-1], DRAWN)
    return _drawn(name, (dense, found.value.at(dense)[0], found.draws.at(dense)), unit)


def _drawn(name: str, line: tuple[Matrix, Matrix, Matrix], unit: str) -> Series:
    x, y, spread = line
    low, high = np.quantile(spread, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    return Series(
        name=name,
        x=tuple(x.tolist()),
        y=tuple(y.tolist()),
        unit_x=unit,
        unit_y=AGREEMENT,
        low=tuple(low.tolist()),
        high=tuple(high.tolist()),
    )


def by_part(parts: Mapping[str, Fading], *, kind: str, unit: str) -> tuple[Series, ...]:
    """Drift share and half-life of each named part; a half-life that is not identified is left out."""
    lives = {name: part.half_life for name, part in parts.items() if part.half_life is not None}
    shares = {name: part.share for name, part in parts.items()}
    found = (
        _bars(f"drift_share_by_{kind}", shares, kind),
        _bars(f"half_life_{unit}_by_{kind}", lives, kind),
    )
    return tuple(series for series in found if series.x)


def _bars(name: str, estimates: Mapping[str, Estimate], kind: str) -> Series:
    several = tuple(estimates.values())
    return Series(
        name=name,
        x=tuple(estimates),
        y=tuple(each.value for each in several),
        unit_x=kind,
        unit_y=several[0].unit if several else "",
        low=tuple(each.low for each in several),
        high=tuple(each.high for each in several),
    )
