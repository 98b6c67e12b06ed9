"""The curve of agreement against lag, with users held fixed, and the exponential fitted to it.

Standardising  Heavy users supply the short lags and long-lived users the long ones. If they also differ in
               how narrow their tastes are, the pooled curve falls although nobody changes. So agreement is
               taken as (strength of the user) x (shape at the lag), and each lag is compared with the other
               lags of the same users: the shape g solves, for every lag b,
               sum over users u and lags c of
               (excess[u, b] weight[u, c] g[c] - excess[u, c] weight[u, b] g[b]) / weight[u] = 0,
               whose expectation is 0 whatever the strengths. It is linear, so there is one solution, and no
               start value to be wrong about.
Fit            plateau + fall * 2^(-lag / half-life), weighted least squares, half-life on a grid and between
               its points: no start values, no divergence, and all bootstrap draws at once.
Reference      Hausman, Hall and Griliches (1984) on fixed effects that multiply; Godambe (1991) on estimating
               functions.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnose.stats.bootstrap import resample_sums

Matrix = NDArray[np.float64]

GRID = 240  # half-lives tried: steps of about 2 % over two decades, under any interval seen


@dataclass(frozen=True, eq=False)
class Curve:
    """Agreement corrected for chance in B classes of lags: the value (B,), bootstrap draws over users (D, B).

    `lag` (B, Q) holds Q lags that stand for each class.
    """

    lag: Matrix
    kappa: Matrix
    draws: Matrix

    @property
    def mean_lag(self) -> Matrix:
        """One lag for each class, (B,)."""
        return np.asarray(self.lag.mean(axis=1))

    @property
    def precision(self) -> Matrix:
        """Inverse variance of each point, (B,)."""
        return np.asarray(1 / np.maximum(self.draws.var(axis=0), 1e-12))


@dataclass(frozen=True, eq=False)
class Decay:
    """The fitted exponential for each of D curves: start (lag 0), plateau and half-life, each (D,)."""

    start: Matrix
    plateau: Matrix
    half_life: Matrix

    @property
    def drift_share(self) -> Matrix:
        """The share of the agreement at lag 0 that fades, within [0, 1]; 0 where there is no agreement."""
        share = np.divide(self.plateau, self.start, out=np.ones_like(self.start), where=self.start > 0)
        return np.asarray(np.clip(1 - share, 0, 1))

    def at(self, lag: Matrix) -> Matrix:
        """The fitted curves at some lags (L,), shape (D, L)."""
        fall = (self.start - self.plateau)[:, None]
        return np.asarray(self.plateau[:, None] + fall * 2 ** (-lag[None, :] / self.half_life[:, None]))


def standardised(
    excess: Matrix, weight: Matrix, lag: Matrix, *, rng: np.random.Generator, draws: int
) -> Curve:
    """The curve over users held fixed, scaled to the agreement of all pairs.

    excess, weight (U, B): each user's sums of (agreement - chance) and of (1 - chance) by lag; every user has
    some weight. The draws resample users in the estimating equation, linearised at its solution.
    """
    share = weight / weight.sum(axis=1, keepdims=True)
    equation = excess.T @ share - np.diag(excess.sum(axis=1) @ share)
    shape = np.asarray(np.linalg.svd(equation)[2][-1])  # columns sum to 0: it has a solution, up to its scale
    shape = shape * weight.sum() / (weight.sum(axis=0) @ shape)
    scores = excess * (share @ shape)[:, None] - excess.sum(axis=1, keepdims=True) * share * shape
    sums = np.hstack([scores, excess.sum(axis=1, keepdims=True), weight])
    totals = resample_sums(sums, rng=rng, draws=draws)
    bins = len(lag)
    shapes = shape - totals[:, :bins] @ np.linalg.pinv(equation, rcond=1e-10).T
    level = totals[:, bins] / (totals[:, bins + 1 :] * shapes).sum(axis=1)
    return Curve(lag, shape * excess.sum() / weight.sum(), shapes * level[:, None])


def half_lives(lag: Matrix, *, longest_share: float) -> Matrix:
    """The half-lives that lags (B,) can tell apart: from half the shortest to a share of the longest."""
    shortest = lag[0] / 2
    return np.geomspace(shortest, max(longest_share * lag[-1], 2 * shortest), GRID)


def fit(kappa: Matrix, lag: Matrix, *, precision: Matrix, tried: Matrix) -> Decay:
    """The best exponential of each curve. kappa (D, B), lag (B, Q), precision (B,), tried (H,).

    Neither the plateau nor the fall is let below 0: users do not agree with themselves less than with
    strangers for long, and a curve that rises is a flat one with noise.
    """
    half_life = _between(straight(kappa, fading(lag, tried), precision)[2], tried)
    own = fading(lag, half_life)
    plateau, fall, _ = _least(kappa, own, precision, (kappa * own) @ precision)
    return Decay(start=plateau + fall, plateau=plateau, half_life=half_life)


def fading(lag: Matrix, half_life: Matrix) -> Matrix:
    """What is left of an interest in each class of lags, for each half-life, (H, B)."""
    return np.asarray((2 ** (-lag[None] / half_life[:, None, None])).mean(axis=2))


def straight(kappa: Matrix, left: Matrix, precision: Matrix) -> tuple[Matrix, Matrix, Matrix]:
    """kappa (D, B) = plateau + fall x left (H, B), each with each: plateau, fall and error, all (D, H)."""
    return _least(kappa[:, None, :], left[None], precision, (kappa * precision) @ left.T)


def _least(kappa: Matrix, left: Matrix, precision: Matrix, cross: Matrix) -> tuple[Matrix, Matrix, Matrix]:
    """Weighted least squares, plateau and fall not below 0; `cross` sums kappa x left x precision.

    The error leaves out the curve's own square, which all its fits share.
    """
    total, square = precision.sum(), left**2 @ precision
    mean, centre = kappa @ precision / total, left @ precision / total
    fall = (cross - total * mean * centre) / np.maximum(square - total * centre**2, 1e-12 * total)
    fall = np.maximum(fall, 0.0)
    plateau = mean - fall * centre
    pinned = plateau < 0
    fall = np.where(pinned, np.maximum(cross, 0.0) / square, fall)
    plateau = np.where(pinned, 0.0, plateau)
    error = total * plateau * (plateau + 2 * fall * centre - 2 * mean) + fall * (fall * square - 2 * cross)
    return plateau, fall, error


def _between(error: Matrix, tried: Matrix) -> Matrix:
    """The half-life of least error (D, H): a parabola through the best one tried and its neighbours.

    Without it the grid's step of some per cent would be seen in narrow intervals.
    """
    row, best = np.arange(len(error)), error.argmin(axis=1)
    inside = np.clip(best, 1, len(tried) - 2)
    before, here, after = (error[row, inside + step] for step in (-1, 0, 1))
    bend = before - 2 * here + after
    step = np.divide((before - after) / 2, bend, out=np.zeros_like(bend), where=bend > 0)
    step = np.where(inside == best, np.clip(step, -0.5, 0.5), 0.0)
    return np.asarray(tried[best] * (tried[1] / tried[0]) ** step)


def early_against_late(kappa: Matrix, *, precision: Matrix) -> Matrix:
    """1 - (mean of the last third of lags) / (mean of the first third), for each curve (D, B) -> (D,).

    A plain ratio: no half-life to search for, hence no search bias. Never above the drift share in truth.
    """
    third = max(1, kappa.shape[1] // 3)
    early = kappa[:, :third] @ precision[:third] / precision[:third].sum()
    late = kappa[:, -third:] @ precision[-third:] / precision[-third:].sum()
    return np.asarray(1 - late / np.where(early > 0, early, np.nan))
