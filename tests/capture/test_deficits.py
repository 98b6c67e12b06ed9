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


def halves_of(rng, level, *, swing, size, share=0.5):
    """Events of two halves of the users in batches of `size`, about a level that swings for both alike."""
    level = level * np.exp(rng.normal(0, swing, len(level)))
    return size * rng.poisson(np.stack([share * level, (1 - share) * level], axis=1) / size).astype(float)


@pytest.mark.parametrize("share", [0.5, 0.3])
@pytest.mark.parametrize(("swing", "size"), [(0.0, 1.0), (0.2, 2.0), (0.5, 5.0)])
def test_chance_and_swings_are_told_apart(swing, size, share):
    """Batches of events about a level that swings: both are found, however the users fall into halves."""
    rng, level = np.random.default_rng(0), np.full(20_000, 400.0)
    halves = halves_of(rng, level, swing=swing, size=size, share=share)
    by_chance, whole = chance(halves, fallback=9.0), dispersion(halves.sum(axis=1), level)
    assert by_chance == pytest.approx(size, rel=0.1)
    spread = Spread.of(dispersion=max(whole, by_chance), chance=by_chance, level=400.0)
    assert spread.swing == pytest.approx(swing, abs=0.03)


def test_an_outage_is_no_chance():
    """Hours that both halves miss say nothing of how halves differ."""
    rng = np.random.default_rng(1)
    halves = halves_of(rng, np.full(2_000, 60.0), swing=0.3, size=2.0)
    before = chance(halves, fallback=9.0)
    halves[500:900] = 0
    assert chance(halves, fallback=9.0) == pytest.approx(before, rel=0.15)


def test_without_two_halves_all_is_chance():
    """One user, few stretches, hardly an event: the fallback, at least Poisson's."""
    alone = np.stack([np.full(50, 40.0), np.zeros(50)], axis=1)
    assert chance(alone, fallback=7.0) == 7.0
    assert chance(np.full((5, 2), 40.0), fallback=7.0) == 7.0
    assert chance(np.ones((50, 2)), fallback=0.5) == 1.0
    assert Spread.of(dispersion=3.0, chance=7.0, level=40.0) == Spread(chance=3.0, swing=0.0)


def test_bursts_widen_nothing():
    """A tenth of the stretches with ten times their events."""
    rng = np.random.default_rng(3)
    expected = rng.uniform(20, 200, 5_000)
    observed = rng.poisson(expected).astype(float)
    before = dispersion(observed, expected)
    observed[::10] *= 10
    assert dispersion(observed, expected) == pytest.approx(before, rel=0.25)
