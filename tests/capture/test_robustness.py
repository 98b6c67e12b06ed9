"""Down to which rate a finding holds, on curves drawn by hand."""

from __future__ import annotations

import numpy as np
import pytest

from diagnose.capture.robustness import holds_until

RATES = (1.0, 0.6, 0.3, 0.1)


def held(shares, half=0.01, floor=0.05, draws=None):
    shares = np.asarray(shares)
    spread = np.zeros((1, 4)) if draws is None else draws
    return holds_until(RATES, shares, shares - half, shares + spread, floor=floor)


def test_the_lower_end_crosses_between_two_rates():
    """Lower ends .19 .11 .08 .02 and a floor of .05: halfway from .3 to .1 in the logarithm."""
    found = held([0.20, 0.12, 0.09, 0.03])
    assert found.value == pytest.approx(np.sqrt(0.3 * 0.1))
    assert found.low == pytest.approx(found.value)
    assert found.high == pytest.approx(found.value)


def test_a_finding_that_survives_the_lowest_rate_has_no_lower_end():
    """It holds at a tenth, and below that nothing was measured."""
    found = held([0.20, 0.19, 0.18, 0.17])
    assert (found.value, found.low, found.high) == (pytest.approx(0.1), 0.0, pytest.approx(0.1))


def test_what_is_lost_once_is_lost():
    """A curve that comes back above the floor held only until it first fell below."""
    assert held([0.20, 0.03, 0.20, 0.20]).value > 0.6


def test_a_finding_that_fails_on_its_own_targets_holds_nowhere():
    """Where the curve's own whole log is below the floor, all of it is needed."""
    assert held([0.04, 0.03, 0.02, 0.01]).value == 1.0


def test_wider_resamples_widen_the_interval():
    """The interval holds the value and follows the spread of the resamples."""
    noise = np.random.default_rng(0).normal(size=(2_000, 1)) * np.ones((1, 4))
    narrow, wide = (held([0.20, 0.12, 0.09, 0.03], draws=noise * scale) for scale in (0.002, 0.01))
    assert wide.low < narrow.low < narrow.value < narrow.high < wide.high
