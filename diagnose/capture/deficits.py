"""How far does a stretch of hours fall short, beside what chance and the platform's own swings do?

Statistic  Of O events where E are expected the least improbable way of falling so far: the level swings down
           by z standard deviations, chance does the rest. The root of the least, over z, of
           z^2 + deviance(O, E exp(-swing z)) / chance. Without swings that is the root of the scaled
           deviance; with many events it is the log ratio over the swing.
Null       Residuals (O - E) / sqrt(E) of stretches of one length have the variance chance + swing^2 E. Two
           halves of the users tell chance, for swings move both alike; swings are what is left. Of the
           residuals the lower half is read: bursts widen nothing.
Reference  McCullagh and Nelder (1989) on over-dispersed counts; Corless et al. (1996) on Lambert's W, whose
           logarithmic form (Wright's omega) says where the least lies.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FEWEST_EVENTS = 5  # of a stretch that tells how such spread (Cochran)
FEWEST_STRETCHES = 8  # to tell a spread
QUARTILE_Z = 0.6744897501960817  # of the normal distribution
DEEPEST = 0.99  # share of the level that a swing may take

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Spread:
    """How stretches of one length differ from what is expected of them when nothing is missing."""

    chance: float  # variance over the mean; Poisson's is 1
    swing: float  # standard deviation of the logarithm of the level

    @classmethod
    def of(cls, *, dispersion: float, chance: float, level: float) -> Spread:
        """What of the dispersion at a level of so many events is more than chance, is swings.

        They are as deep as their lower quartile is in logarithms.
        """
        chance = min(chance, dispersion)
        quartile = QUARTILE_Z * np.sqrt((dispersion - chance) / level)
        return cls(chance, float(-np.log1p(-min(quartile, DEEPEST)) / QUARTILE_Z))

    def strength(self, observed: Numbers, expected: Numbers) -> Numbers:
        """How improbable each deficit is, as a deviation of a normal distribution; 0 where there is none."""
        from scipy.special import wrightomega

        if self.swing == 0:
            return np.asarray(np.sqrt(_deviance(observed, expected) / self.chance))
        pull = self.swing**2 / self.chance
        fallen = wrightomega(np.log(pull * expected) + pull * observed) - pull * observed  # of the log level
        fallen = np.maximum(fallen, 0.0)
        by_chance = _deviance(observed, expected * np.exp(-fallen)) / self.chance
        return np.where(observed < expected, np.sqrt((fallen / self.swing) ** 2 + by_chance), 0.0)


def dispersion(observed: Numbers, expected: Numbers) -> float:
    """Variance of the residuals (O - E) / sqrt(E), as their lower half has it; at least Poisson's 1."""
    lower, middle = np.quantile((observed - expected) / np.sqrt(expected), [0.25, 0.5])
    return max(float(((middle - lower) / QUARTILE_Z) ** 2), 1.0)


def chance(halves: Numbers, *, fallback: float) -> float:
    """Variance over the mean of chance, from two halves of the users, (stretches, 2) events.

    The platform's swings move both alike, an outage takes both away; by how much they differ is the chance of
    users and of their sessions. At least Poisson's 1; `fallback` where too few stretches hold events of both.
    """
    both = halves.sum(axis=1)
    some = both >= FEWEST_EVENTS
    share = float(halves[:, 0].sum() / max(both.sum(), 1.0))
    if some.sum() < FEWEST_STRETCHES or not 0 < share < 1:
        return max(fallback, 1.0)
    apart = (halves[some, 0] - share * both[some]) / np.sqrt(share * (1 - share) * both[some])
    lower, upper = np.quantile(apart, [0.25, 0.75])
    return max(float(((upper - lower) / (2 * QUARTILE_Z)) ** 2), 1.0)


def _deviance(observed: Numbers, expected: Numbers) -> Numbers:
    """Poisson's, 0 where nothing is missing."""
    log = np.log(np.maximum(observed, 1.0) / expected) * observed
    return np.where(observed < expected, 2 * np.maximum(expected - observed + log, 0.0), 0.0)
