"""How far does a stretch of hours fall short, beside what chance and the platform's own swings do?

Statistic  Of O events where E are expected the least improbable way of falling so far: the level swings down
           by z standard deviations, chance does the rest. The root of the least, over z, of
           z^2 + deviance(O, E exp(-swing z)) / chance. Without swings that is the root of the scaled
           deviance; with many events it is the log ratio over the swing.
Null       Residuals (O - E) / sqrt(E) of stretches of one length have the variance chance + swing^2 E: chance
           makes hours differ with the root of their level, swings in proportion to it. So the quieter and the
           busier quarter of short stretches tell them apart. The lower half of the residuals is read: bursts
           widen nothing.
Reference  McCullagh and Nelder (1989) on over-dispersed counts; Corless et al. (1996) on Lambert's W, whose
           logarithmic form (Wright's omega) says where the least lies.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

QUARTERS = 4  # of the stretches, by the events expected
FEWEST_STRETCHES = 8  # in a quarter, to tell a spread
QUARTILE_Z = 0.6744897501960817  # of the normal distribution
DEEPEST = 0.99  # share of the level that a swing may take
# Of the squared spread, told by lower quartile and median of n normal values: its variance over its square is
# this over n. (The difference of the two quantiles has the variance 1.456 / n.)
SQUARED_SPREAD = 12.8

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
    """Variance of the residuals (O - E) / sqrt(E), as their lower half has it."""
    lower, middle = np.quantile((observed - expected) / np.sqrt(expected), [0.25, 0.5])
    return float(((middle - lower) / QUARTILE_Z) ** 2)


def chance(observed: Numbers, expected: Numbers, *, overlap: int) -> float:
    """What of the dispersion is left at a level of no events, by a line over four quarters of stretches.

    `overlap`: as many neighbouring stretches share events. The slope is taken lower by its standard error:
    chance taken for swings would flag clean logs. Where the hours are alike, or few, all of it is chance.
    """
    whole = dispersion(observed, expected)
    edges = np.quantile(expected, np.linspace(0, 1, QUARTERS + 1)[1:-1])
    quarter = np.searchsorted(edges, expected, side="right")
    some = [which for one in range(QUARTERS) if (which := quarter == one).sum() >= FEWEST_STRETCHES]
    level = np.array([expected[which].mean() for which in some])
    if len(some) < 2 or level.max() == level.min():
        return whole
    spread = np.array([dispersion(observed[which], expected[which]) for which in some])
    weight = (level - level.mean()) / ((level - level.mean()) ** 2).sum()
    independent = np.array([which.sum() for which in some]) / overlap
    error = whole * np.sqrt(float(weight**2 @ (SQUARED_SPREAD / independent)))
    slope = max(float(weight @ spread) - error, 0.0)
    return float(min(max(spread.mean() - slope * level.mean(), 1.0), whole))


def _deviance(observed: Numbers, expected: Numbers) -> Numbers:
    """Poisson's, 0 where nothing is missing."""
    log = np.log(np.maximum(observed, 1.0) / expected) * observed
    return np.where(observed < expected, 2 * np.maximum(expected - observed + log, 0.0), 0.0)
