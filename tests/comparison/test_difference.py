"""The difference of two separate estimates: by hand, on equal truth, and on a planted one."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from diagnose.comparison.difference import adjusted, bounds_apart, difference
from diagnose.results import Estimate

Z = stats.norm.ppf(0.95)


def estimate(value: float, low: float, high: float) -> Estimate:
    return Estimate(value=value, low=low, high=high, unit="share")


@pytest.mark.parametrize(("one", "other"), [((56, 70), (48, 80)), ((9, 10), (3, 10)), ((0, 10), (0, 20))])
def test_of_proportions_it_is_newcombes_interval(one, other):
    """From two Wilson intervals comes the interval that statsmodels gives as Newcombe's (his method 10)."""
    sides = []
    for hits, of in (other, one):  # statsmodels takes the first minus the second
        low, high = proportion_confint(hits, of, alpha=0.1, method="wilson")
        sides.append(estimate(hits / of, low, high))
    found = difference(*sides)
    wanted = confint_proportions_2indep(*one, *other, method="newcomb", compare="diff", alpha=0.1)
    assert (found.low, found.high) == pytest.approx(wanted, abs=1e-9)


def test_of_symmetric_intervals_it_is_the_normal_one():
    """Two standard errors add as squares, and p is that of the z test."""
    found = difference(estimate(1, 1 - 3 * Z, 1 + 3 * Z), estimate(11, 11 - 4 * Z, 11 + 4 * Z))
    assert (found.value, found.low, found.high) == pytest.approx((10, 10 - 5 * Z, 10 + 5 * Z))
    assert found.p == pytest.approx(2 * stats.norm.sf(10 / 5))


NUMBERS = st.floats(-100, 100)
WIDTHS = st.floats(0.01, 50)


@given(NUMBERS, WIDTHS, WIDTHS, NUMBERS, WIDTHS, WIDTHS)
def test_swapping_the_sides_turns_the_interval_round(a, down, up, b, below, above):
    """B - A is the mirror image of A - B, and p, the interval and zero agree with each other."""
    one, other = estimate(a, a - down, a + up), estimate(b, b - below, b + above)
    found, turned = difference(one, other), difference(other, one)
    assert (turned.value, turned.low, turned.high) == pytest.approx((-found.value, -found.high, -found.low))
    assert turned.p == pytest.approx(found.p)
    if abs(found.p - 0.1) > 1e-6:
        assert (found.p < 0.1) == (found.low > 0 or found.high < 0)


def test_an_open_end_leaves_the_difference_open():
    """Where a side has no bound, neither has the difference on that side, and nothing is above noise."""
    found = difference(estimate(2, 1.9, math.nan), estimate(9, 8.9, 9.1))
    assert math.isnan(found.low)
    assert found.high == pytest.approx(7 + math.hypot(0.1, 0.1))
    assert found.p == 1


def test_a_value_beyond_its_own_interval_lends_no_width():
    """The value of resampled draws may lie outside their quantiles: that side counts as none."""
    found = difference(estimate(1.0, 1.2, 1.4), estimate(1.0, 1.0, 1.0))
    assert found.high == pytest.approx(0)
    assert found.p == 1


def test_exact_numbers_differ_or_do_not():
    """Without any width p is 0 or 1."""
    assert difference(estimate(3, 3, 3), estimate(4, 4, 4)).p == 0
    assert difference(estimate(3, 3, 3), estimate(3, 3, 3)).p == 1


def test_bounds_are_apart_where_they_do_not_meet():
    """Intervals without a middle: p is below a tenth exactly where they do not overlap."""
    for low, apart in ((0.21, True), (0.19, False)):
        found = bounds_apart(estimate(math.nan, 0.1, 0.2), estimate(math.nan, low, 0.6))
        assert (found.p < 0.1) == apart == (found.low > 0)
        assert (found.low, found.high) == pytest.approx((low - 0.2, 0.5))
        assert math.isnan(found.value)


def _drawn(truth: float, errors, rng, *, shape: str) -> list[Estimate]:
    """An estimate for each standard error, drawn around the truth, with the interval its kind has."""
    found = []
    for error in errors:
        if shape == "symmetric":
            value = truth + error * rng.standard_normal()
            found.append(estimate(value, value - Z * error, value + Z * error))
        elif shape == "skewed":  # a half-life: its logarithm is normal
            value, spread = truth * math.exp(error * rng.standard_normal()), math.exp(Z * error)
            found.append(estimate(value, value / spread, value * spread))
        else:  # GAUC over few seeds: Student's t with 8 degrees of freedom
            value = truth + error * rng.standard_normal()
            seen = error * math.sqrt(rng.chisquare(8) / 8)
            found.append(
                estimate(value, value - stats.t.ppf(0.95, 8) * seen, value + stats.t.ppf(0.95, 8) * seen)
            )
    return found


@pytest.mark.parametrize(("shape", "most"), [("symmetric", 0.12), ("skewed", 0.12), ("few seeds", 0.14)])
def test_equal_truth_is_rarely_called_different(shape, most):
    """Two draws of one truth: each interval holds 0 in nine of ten; the family raises an alarm in one of ten.

    Of few seeds somewhat more often: an interval does not tell how heavy the tails beyond it are.
    """
    rng = np.random.default_rng(7)
    runs, held, alarms, numbers = 2000, 0, 0, 8
    for _ in range(runs):
        errors = rng.uniform(0.05, 0.4, (2, numbers))
        one, other = (_drawn(3.0, side, rng, shape=shape) for side in errors)
        found = adjusted([difference(a, b) for a, b in zip(one, other, strict=True)])
        held += sum(each.low <= 0 <= each.high for each in found)
        alarms += any(each.above_noise for each in found)
    coverage, false = held / (runs * numbers), alarms / runs
    assert 0.88 <= coverage <= 0.94  # 0.9 expected; standard error 0.0024
    assert false <= most  # 0.089, 0.081 and 0.118 were found; standard error 0.007


def test_the_same_users_on_both_sides_only_widen_the_interval():
    """Errors that go the same way (two logs of the same users) leave fewer false alarms, not more."""
    rng = np.random.default_rng(8)
    false = {}
    for shared in (0.0, 0.8):
        alarms = 0
        for _ in range(4000):
            common, a, b = rng.standard_normal(3)
            one, other = (math.sqrt(shared) * common + math.sqrt(1 - shared) * own for own in (a, b))
            found = difference(estimate(one, one - Z, one + Z), estimate(other, other - Z, other + Z))
            alarms += found.p < 0.1
        false[shared] = alarms / 4000
    assert false[0.0] == pytest.approx(0.1, abs=0.015)
    assert false[0.8] < 0.01


def test_a_planted_difference_is_found():
    """One of eight numbers moved by five standard errors of the difference is found, as a rule alone."""
    rng = np.random.default_rng(9)
    found_it = alone = 0
    for _ in range(500):
        errors = np.full((2, 8), 0.1)
        one, other = (_drawn(3.0, side, rng, shape="symmetric") for side in errors)
        moved = other[3].value + 5 * 0.1 * math.sqrt(2)
        other[3] = estimate(moved, moved - Z * 0.1, moved + Z * 0.1)
        above = [
            each.above_noise for each in adjusted([difference(a, b) for a, b in zip(one, other, strict=True)])
        ]
        found_it += above[3]
        alone += above[3] and sum(above) == 1
    assert found_it >= 490
    assert alone >= 430
