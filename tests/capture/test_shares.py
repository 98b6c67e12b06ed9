"""Intervals from sums that add up."""

from __future__ import annotations

import numpy as np
import pytest

from diagnose.capture.shares import RatioSums, exact, proportion, ratio, ratio_sums


def test_ratio_is_total_part_over_total_whole():
    """A ratio weighs events, not users, and users without events count for nothing."""
    found = ratio(ratio_sums(np.array([1, 9, 0]), np.array([2, 18, 0])))
    assert found.value == 0.5
    assert found.low == found.high == 0.5  # every user has the same share: nothing varies


def test_ratio_interval_covers_the_planted_share():
    """Over many draws of users the 90 % interval holds the true ratio about 90 times of 100."""
    rng, covered = np.random.default_rng(3), 0
    for _ in range(400):
        whole = rng.integers(1, 40, 300)
        part = rng.binomial(whole, rng.beta(2, 3, 300))
        found = ratio(ratio_sums(part, whole))
        covered += found.low <= 0.4 <= found.high
    assert 340 <= covered <= 380  # 360 expected, standard deviation 6


def test_ratio_of_one_user_says_nothing():
    """With one user there is no spread to learn from: the interval is as wide as a share can be."""
    part, whole = np.array([1]), np.array([3])
    found = ratio(ratio_sums(part, whole))
    assert found.value == pytest.approx(1 / 3)
    assert (found.low, found.high) == (0.0, 1.0)


def test_ratio_sums_add_like_their_users():
    """Sums of two batches equal the sums of both at once, beyond 64 bits too."""
    rng = np.random.default_rng(0)
    part, whole = rng.integers(0, 50, 40), rng.integers(0, 90, 40)
    assert ratio_sums(part[:11], whole[:11]) + ratio_sums(part[11:], whole[11:]) == ratio_sums(part, whole)
    giant = RatioSums(1, 2**62, 2**62, 2**62, 2**62, 2**62)
    assert (giant + giant + giant).whole == 3 * 2**62


@pytest.mark.parametrize(("count", "total"), [(0, 10), (10, 10), (3, 10), (300, 1000)])
def test_wilson_stays_inside_and_around_the_share(count, total):
    """Wilson's interval lies in [0, 1], holds the share and has width even at 0 and 1."""
    found = proportion(count, total)
    assert 0 <= found.low <= found.value <= found.high <= 1
    assert found.high > found.low


def test_wilson_known_value():
    """The textbook interval: 90 % for 3 of 10 is 0.127 to 0.558."""
    found = proportion(3, 10)
    assert (found.low, found.high) == pytest.approx((0.1267, 0.5583), abs=5e-4)


def test_exact_has_no_width():
    """A property of the file is not a sample."""
    assert exact(0.25) == exact(0.25)
    assert exact(0.25).low == exact(0.25).high == 0.25
