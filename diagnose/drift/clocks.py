"""Does an interest fade with the days that pass, or with what its user does in the meantime?

Statistic  Pairs are told apart by both lags at once, events and days; over these cells agreement is fitted as
           plateau + fall * 2^-(a * days + b * events), rates a, b >= 0 on a grid, users held fixed
           (decay_curve). Calendar share = a * days / (a * days + b * events) at the mean pair: 1 where days
           alone count, 0 where events alone do.
Null       Chance, trend and sessions as in the curves. Where days and events go together in every history
           there is nothing to tell them apart, and the interval is as wide as it can be.
Interval   Percentile bootstrap over users.
Reference  Cox and Oakes (1984) on time scales.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from diagnose.drift.decay_curve import Curve, Matrix, standardised, straight
from diagnose.drift.persistence_pairs import Indices, Numbers, Pairs, lag_points, user_totals
from diagnose.drift.platform_mix import PlatformMix
from diagnose.histories import MICROSECONDS_PER_DAY, Histories
from diagnose.results import Estimate
from diagnose.settings import Settings
from diagnose.stats.bootstrap import quantile_interval

SHARES = np.linspace(0, 1, 101)  # of the calendar, tried
RATES = 40  # half-lives tried at each share, in units of the mean pair
AROUND = 2.0  # the second time, within this factor of the best: steps of 4 %
FEWEST_CELLS = 8  # a plateau, a start and two rates, and as many to contradict them


class Cells:
    """Sums over each user's pairs by event lag and class of days: U users, B cells in all."""

    def __init__(self, users: int) -> None:
        self.users = users
        self.excess: list[Numbers] = []
        self.weight: list[Numbers] = []
        self.lags: list[Numbers] = []  # (days, events) of the points that stand for a cell, (Q, 2)
        self.pairs: list[int] = []

    def add(self, pairs: Pairs, days: Numbers, agreement: tuple[Numbers, Numbers]) -> None:
        """The pairs of one cell."""
        points = lag_points(days)
        self.excess.append(user_totals(pairs.user, agreement[0], self.users))
        self.weight.append(user_totals(pairs.user, agreement[1], self.users))
        self.lags.append(np.stack([points, np.full_like(points, pairs.lag[0])], axis=1))
        self.pairs.append(len(days))


def measure(
    histories: Histories,
    mix: PlatformMix,
    classes: Iterable[Pairs],
    *,
    settings: Settings,
    rng: np.random.Generator,
) -> Estimate | None:
    """The calendar's share of the rate at which interests fade; `classes` are pairs by event lag."""
    limits = settings.persistence
    cells = Cells(len(histories))
    for pairs in classes:
        if len(pairs.first):
            _split(cells, histories, mix, pairs, limits.clock_bins)
    kept = [cell for cell, pairs in enumerate(cells.pairs) if pairs >= limits.minimum_pairs]
    if len(kept) < FEWEST_CELLS:
        return None
    excess, weight = (np.stack([sums[c] for c in kept], axis=1) for sums in (cells.excess, cells.weight))
    users = (weight > 0).sum(axis=1) > 1
    if users.sum() < settings.hygiene.minimum_users:
        return None
    lags = np.stack([cells.lags[cell] for cell in kept])
    curve = standardised(excess[users], weight[users], lags[:, :, 0], rng=rng, draws=limits.part_draws)
    scaled = lags / np.average(lags.mean(axis=1), axis=0, weights=[cells.pairs[cell] for cell in kept])
    share, draws = _shares(curve, scaled, longest_share=limits.maximum_span_share)
    low, high = quantile_interval(draws)
    return Estimate(value=share, low=min(low, share), high=max(high, share), unit="share")


def _split(cells: Cells, histories: Histories, mix: PlatformMix, pairs: Pairs, bins: int) -> None:
    """The pairs of one event lag by classes of days, equally full."""
    agree, possible = mix.agreement(pairs.first, pairs.second, user=pairs.user)
    days = (histories.time[pairs.second] - histories.time[pairs.first]) / MICROSECONDS_PER_DAY
    edges = np.quantile(days, np.arange(1, bins) / bins)
    place: Indices = np.searchsorted(edges, days, side="right")
    for cell in range(bins):
        inside = place == cell
        if inside.any():
            cells.add(pairs.among(inside), days[inside], (agree[inside], possible[inside]))


def _shares(curve: Curve, scaled: Matrix, *, longest_share: float) -> tuple[float, Matrix]:
    """The calendar's share in the curve that was seen, and in its draws, (D,).

    scaled (B, Q, 2): days and events over those of the mean pair.
    """
    middle = scaled.mean(axis=1)
    coarse = np.geomspace(middle.min() / 2, longest_share * middle.max(), RATES)
    _, half_life = _best(curve.kappa[None], curve.precision, scaled, coarse)
    fine = half_life[0] * np.geomspace(1 / AROUND, AROUND, RATES)
    value, _ = _best(curve.kappa[None], curve.precision, scaled, fine)
    draws, _ = _best(curve.draws, curve.precision, scaled, fine)
    return float(value[0]), draws


def _best(kappa: Matrix, precision: Matrix, scaled: Matrix, tried: Matrix) -> tuple[Matrix, Matrix]:
    """Share and half-life (in units of the mean pair) that fit each curve (D, B) best, of all tried; (D,)."""
    lag = SHARES[:, None, None] * scaled[None, :, :, 0] + (1 - SHARES)[:, None, None] * scaled[None, :, :, 1]
    left = (2 ** (-lag[:, None] / tried[None, :, None, None])).mean(axis=3).reshape(-1, scaled.shape[0])
    best = straight(kappa, left, precision)[2].argmin(axis=1)
    return SHARES[best // len(tried)], tried[best % len(tried)]
