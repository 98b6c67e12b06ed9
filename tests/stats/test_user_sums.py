"""Intervals over users from sums that add up."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.capture.shares import ratio, ratio_sums
from diagnose.stats.user_sums import UserSums, estimate, user_sums


def _ratio(total):
    return complex(total[0] / total[1])


def test_sums_and_products_by_hand():
    """Two users and one who adds nothing: totals, products, and two users."""
    sums = user_sums(np.array([1, 0, 2]), np.array([3, 0, 4]))
    assert sums == UserSums(users=2, total=(3, 7), products=((5, 11), (11, 25)))


def test_a_ratio_is_the_ratio_estimator():
    """For part over whole it gives what the estimator of shares gives."""
    rng = np.random.default_rng(0)
    whole = rng.integers(1, 40, 200)
    part = rng.binomial(whole, 0.3)
    found, expected = estimate(user_sums(part, whole), _ratio, unit="share"), ratio(ratio_sums(part, whole))
    assert (found.value, found.low, found.high) == pytest.approx(
        (expected.value, expected.low, expected.high), abs=1e-4
    )


@given(st.lists(st.tuples(st.integers(-5, 5), st.integers(0, 9)), max_size=12), st.integers(0, 12))
def test_sums_add_like_their_users(rows, cut):
    """However the users are cut into batches, the sums are the same; nobody adds nothing."""
    columns = np.array(rows, dtype=np.int64).reshape(-1, 2).T
    first, second = columns[:, :cut], columns[:, cut:]
    assert user_sums(*first) + user_sums(*second) == user_sums(*columns)
    assert UserSums() + user_sums(*columns) == user_sums(*columns) == user_sums(*columns) + UserSums()


def test_products_do_not_overflow():
    """A log that calls a number of millions an episode gives exact sums all the same."""
    huge = np.array([2**31, 2**31, 2**31])
    assert user_sums(huge).products == ((3 * 2**62,),)


def test_a_curved_statistic_covers_its_truth():
    """Of a statistic of three columns, 90 % of intervals hold the value over all users."""
    rng, covered = np.random.default_rng(5), 0

    def chao(total):
        return complex(total[0] / (total[0] + total[1] ** 2 / (2 * total[2])))

    population = rng.poisson(rng.gamma(3, 1, (50_000, 1)) * np.array([5.0, 2.0, 1.0]))
    truth = np.real(chao(population.sum(axis=0).astype(complex)))
    for _ in range(400):
        found = estimate(user_sums(*population[rng.integers(0, 50_000, 200)].T), chao, unit="share")
        covered += found.low <= truth <= found.high
    assert 340 <= covered <= 380  # 360 expected, standard deviation 6


def test_one_user_says_no_more_than_the_bounds():
    """Without a second user there is no spread to learn from."""
    found = estimate(user_sums(np.array([1]), np.array([4])), _ratio, unit="share", bounds=(0.0, 1.0))
    assert (found.value, found.low, found.high) == (0.25, 0.0, 1.0)
