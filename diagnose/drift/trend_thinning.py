"""A moving platform taken out of *counts*: events thinned to what their category gets at its lowest.

Under stable tastes times a common trend, P(category k | user, time t) ~ taste[k] * trend[t, k]; the trend is
that of platform_mix. An event kept with probability lowest[k] / trend[t, k], where lowest[k] is the least of
trend[., k], leaves taste[k] * lowest[k] at every time: a mix that stands still, in whole events, as unseen
categories need them for their estimate. Where the platform stands still nearly nothing is thrown away.

Reference  Lewis and Shedler (1979), "Simulation of nonhomogeneous Poisson processes by thinning".
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diagnose.drift.platform_mix import FOLDS, STEEPEST, platform_mix
from diagnose.histories import Histories


def steady_share(histories: Histories) -> NDArray[np.float64]:
    """Probability with which each event is kept so that the platform stands still, (E,); all have a category.

    Only the movement along the log: hours of the day lie in every part of a history alike.
    """
    mix = platform_mix(histories)
    along = mix.patterns[0]
    movement = np.clip(along.movement, -STEEPEST, STEEPEST)
    share = np.exp(movement.min(axis=1, keepdims=True) - movement)
    return np.asarray(share[histories.user_of_event % FOLDS, along.moment, mix.category])
