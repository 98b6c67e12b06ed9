"""Truncation: what the ends of a log cut off."""

from __future__ import annotations

import numpy as np

from diagnose.capture.truncation import truncation
from diagnose.settings import Settings
from diagnose.stats.counts import Counts


def calendar(births, deaths):
    births, deaths = np.array(births), np.array(deaths)
    active = np.cumsum(births) - np.cumsum(deaths) + deaths
    return Counts(19_000, np.stack([births, deaths, active], axis=1))


def test_even_coming_and_going_is_not_cut():
    """Ids that live a day, equally many each day: nothing begins before the log, nothing outlives it."""
    cut = truncation(calendar([50] * 40, [50] * 40), settings=Settings())
    assert cut.left.low == cut.right.low == 0.0
    assert cut.share < 0.02


def test_a_standing_population_is_cut_at_both_ends():
    """A thousand ids that are there throughout and ten a day that come and go: the thousand are cut."""
    births, deaths = [1_010] + [10] * 39, [10] * 39 + [1_010]
    cut = truncation(calendar(births, deaths), settings=Settings())
    assert abs(cut.left.value - 1_000 / 1_400) < 0.01
    assert cut.left.low < cut.left.value < cut.left.high
    assert abs(cut.right.value - cut.left.value) < 1e-9
    assert cut.days == 4


def test_few_days_tell_nothing():
    """A log of a week, or of positions, has no middle to compare with."""
    assert truncation(calendar([10] * 7, [10] * 7), settings=Settings()) is None
    assert truncation(Counts(), settings=Settings()) is None
