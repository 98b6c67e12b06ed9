"""How far a stretch falls short: the least improbable mix of chance and swings, told apart by the levels."""

from __future__ import annotations

import numpy as np
import pytest

from diagnose.capture.deficits import Spread, chance, dispersion

OBSERVED = np.array([0.0, 3.0, 20.0, 400.0, 90_000.0])
EXPECTED = np.array([12.0, 30.0, 60.0, 1_500.0, 200_000.0])


def poisson_deviance(observed, expected):
    """Of a deficit, from the definition."""
    return 2 * (expected - observed + observed * np.log(np.maximum(observed, 1) / expected))


def test_strength_is_the_least_over_all_ways_to_fall():
    """The closed form is the least of a fine grid of swings, each with chance for the rest."""
    fall = np.linspace(0, 40, 400_001)
    for observed, expected in zip(OBSERVED, EXPECTED, strict=True):
        level = expected * np.exp(-0.2 * fall)
        rest = np.where(level > observed, poisson_deviance(observed, level) / 2.5, 0.0)
        least = np.sqrt((fall**2 + rest).min())
        told = Spread(chance=2.5, swing=0.2).strength(np.array([observed]), np.array([expected]))[0]
        assert told == pytest.approx(least, rel=1e-6)


def test_without_swings_it_is_the_scaled_deviance():
    """Over-dispersed counts and nothing else."""
    told = Spread(chance=4.0, swing=0.0).strength(OBSERVED, EXPECTED)
    assert told == pytest.approx(np.sqrt(poisson_deviance(OBSERVED, EXPECTED) / 4))
    almost = Spread(chance=4.0, swing=1e-6).strength(OBSERVED, EXPECTED)
    assert almost == pytest.approx(told, rel=1e-3)


def test_with_many_events_it_is_the_log_ratio_over_the_swing():
    """Where chance is nothing beside the swings."""
    told = Spread(chance=1.0, swing=0.3).strength(np.array([1e7]), np.array([5e7]))
    assert told == pytest.approx(np.log(5) / 0.3, rel=1e-3)


def test_what_is_not_missing_has_no_strength():
    """As many as expected, or more."""
    assert not Spread(chance=2.0, swing=0.2).strength(EXPECTED, EXPECTED).any()
    assert not Spread(chance=2.0, swing=0.2).strength(2 * EXPECTED, EXPECTED).any()


def test_chance_and_swings_are_told_apart_where_levels_differ():
    """Counts of pairs (variance twice the mean) about a level that swings by a fifth, from 5 to 500."""
    rng = np.random.default_rng(0)
    expected = np.exp(rng.uniform(np.log(5), np.log(500), 20_000))
    observed = 2.0 * rng.poisson(expected * np.exp(rng.normal(0, 0.2, len(expected))) / 2)
    by_chance, whole = chance(observed, expected, overlap=1), dispersion(observed, expected)
    assert by_chance == pytest.approx(2.0, abs=0.5)
    assert whole > 1.5 * by_chance
    spread = Spread.of(dispersion=whole, chance=by_chance, level=float(np.median(expected)))
    assert spread.swing == pytest.approx(0.2, abs=0.05)


def test_where_all_hours_are_alike_all_is_chance():
    """One level only says nothing of swings; few stretches do not either."""
    rng = np.random.default_rng(1)
    alike, counts = np.full(2_000, 40.0), rng.negative_binomial(10, 0.2, 2_000).astype(float)
    assert chance(counts, alike, overlap=1) == dispersion(counts, alike)
    few = np.linspace(10, 90, 20)
    assert chance(few, few + 1, overlap=1) == dispersion(few, few + 1)


def test_a_slope_within_its_error_is_no_swing():
    """Counts without swings: of 50 logs few are told to swing by a tenth or more."""
    rng, told = np.random.default_rng(2), 0
    for _ in range(50):
        expected = rng.uniform(5, 60, 400)
        observed = 3.0 * rng.poisson(expected / 3)
        by_chance, whole = chance(observed, expected, overlap=1), dispersion(observed, expected)
        told += Spread.of(dispersion=whole, chance=by_chance, level=float(np.median(expected))).swing > 0.1
    assert told <= 15  # an error of one standard deviation is exceeded in a sixth


def test_bursts_widen_nothing():
    """A tenth of the stretches with ten times their events."""
    rng = np.random.default_rng(3)
    expected = rng.uniform(20, 200, 5_000)
    observed = rng.poisson(expected).astype(float)
    before = dispersion(observed, expected)
    observed[::10] *= 10
    assert dispersion(observed, expected) == pytest.approx(before, rel=0.25)
