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

from diagnose.drift.decay_curve import Matrix, standardised, straight
from diagnose.drift.persistence_pairs import Indices, Numbers, Pairs, lag_points, user_totals
from diagnose.drift.platform_mix import PlatformMix
from diagnose.histories import MICROSECONDS_PER_DAY, Histories
from diagnose.results import Estimate
from diagnose.settings import Settings
from diagnose.stats.bootstrap import quantile_interval

SHARES = np.linspace(0, 1, 51)  # of the calendar, tried
RATES = 40  # half-lives tried at each share, in units of the mean pair
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
    left, share = _tried(scaled, longest_share=limits.maximum_span_share)
    value = share[straight(curve.kappa[None], left, curve.precision)[2].argmin(axis=1)]
    draws = share[straight(curve.draws, left, curve.precision)[2].argmin(axis=1)]
    low, high = quantile_interval(draws)
    middle = float(value[0])
    return Estimate(value=middle, low=min(low, middle), high=max(high, middle), unit="share")


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


def _tried(scaled: Matrix, *, longest_share: float) -> tuple[Matrix, Matrix]:
    """What is left in each cell for each pair of rates tried, (H, B), and the calendar's share there, (H,).

    scaled (B, Q, 2): days and events over those of the mean pair.
    """
    half_lives = np.geomspace(scaled.mean(axis=1).min() / 2, longest_share * scaled.mean(axis=1).max(), RATES)
    lag = SHARES[:, None, None] * scaled[None, :, :, 0] + (1 - SHARES)[:, None, None] * scaled[None, :, :, 1]
    left = (2 ** (-lag[:, None] / half_lives[None, :, None, None])).mean(axis=3)
    return left.reshape(-1, scaled.shape[0]), np.repeat(SHARES, RATES)
