"""What a half-life in logged events is in events as they happened."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.capture.projection import NAME, projected, projected_half_life, why_not
from diagnose.results import Estimate
from diagnose.settings import CaptureSettings, Settings

LOGGED = Estimate(value=2.0, low=1.5, high=3.0, unit="events")


def settings(low=0.2, high=0.4, pattern="events"):
    return Settings(capture=CaptureSettings(declared_low=low, declared_high=high, loss_pattern=pattern))


@given(half_life=st.floats(0.1, 1e4), rate=st.floats(0.01, 1.0))
def test_losing_and_projecting_back_are_inverse(half_life, rate):
    """Persistence over a geometric number of events, projected back, is the persistence of one event."""
    kept = 2 ** (-1 / half_life)
    logged = rate * kept / (1 - (1 - rate) * kept)
    measured = Estimate(
        value=-1 / np.log2(logged), low=-1 / np.log2(logged), high=-1 / np.log2(logged), unit="events"
    )
    found = projected_half_life(measured, low=rate, high=rate)
    assert found.value == pytest.approx(half_life, rel=1e-6)


@given(rate=st.floats(0.01, 1.0), low=st.floats(0.01, 1.0))
def test_ends_stay_in_order_and_a_whole_log_is_itself(rate, low):
    """The interval holds the value whatever range is supplied; at rate 1 nothing changes."""
    found = projected_half_life(LOGGED, low=min(rate, low), high=max(rate, low))
    assert found.low <= found.value <= found.high
    whole = projected_half_life(LOGGED, low=1.0, high=1.0)
    assert (whole.value, whole.low, whole.high) == pytest.approx((2.0, 1.5, 3.0))


@pytest.mark.parametrize("rate", [0.1, 0.3, 0.6])
def test_a_planted_half_life_comes_back_through_the_loss(rate):
    """Chains of half-life 8 events, thinned at random: agreement at logged lag 1 projects back to 8."""
    rng = np.random.default_rng(0)
    renewed = rng.random((2_000, 400)) >= 2 ** (-1 / 8)
    renewed[:, 0] = True
    interest = np.cumsum(renewed.ravel())  # a number of its own each time: agreement is persistence
    user = np.repeat(np.arange(2_000), 400)
    kept = np.flatnonzero(rng.random(len(user)) < rate)
    pair = user[kept[:-1]] == user[kept[1:]]
    persistence = (interest[kept[:-1]] == interest[kept[1:]])[pair].mean()
    logged = -1 / np.log2(persistence)
    found = projected_half_life(replace(LOGGED, value=logged, low=logged, high=logged), low=rate, high=rate)
    assert found.value == pytest.approx(8, rel=0.04)


def test_only_a_supplied_rate_of_single_events_projects():
    """Without a rate, a pattern or a half-life there are words and no number."""
    assert projected(LOGGED, settings=settings())[NAME].value > 2
    assert why_not(LOGGED, settings=settings()) is None
    for bare, word in (
        (settings(pattern="sessions"), "between sessions"),
        (settings(pattern="categories"), "out of sight"),
        (settings(pattern="unknown"), "pattern of loss"),
        (settings(low=None, high=None), "no rate"),
    ):
        assert projected(LOGGED, settings=bare) == {}
        assert word in why_not(LOGGED, settings=bare)
    assert projected(None, settings=settings()) == {}
    assert "no half-life" in why_not(None, settings=settings())
