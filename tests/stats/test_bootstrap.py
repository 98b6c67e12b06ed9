"""Every interval of the tool resamples whole users."""

from __future__ import annotations

import numpy as np
import pytest

from diagnose.stats.bootstrap import bootstrap, bootstrap_mean, quantile_interval, resample_sums, user_sums


def test_user_sums_add_each_users_rows():
    """Rows of one user are added, users without rows have 0, columns stay apart."""
    sums = user_sums(np.array([[1.0, 10.0], [2.0, 20.0], [4.0, 40.0]]), np.array([0, 2, 0]), 4)
    assert sums.tolist() == [[5.0, 50.0], [0.0, 0.0], [2.0, 20.0], [0.0, 0.0]]
    assert user_sums(np.array([1.0, 2.0]), np.array([1, 1]), 2).tolist() == [[0.0], [3.0]]


def test_resamples_draw_as_many_users_as_there_are():
    """Each draw has the same number of users, drawn with replacement."""
    totals = resample_sums(np.ones((7, 1)), rng=np.random.default_rng(0), draws=20)
    assert (totals == 7).all()
    spread = resample_sums(np.eye(7), rng=np.random.default_rng(0), draws=200)
    assert spread.max() > 1  # some user is drawn twice
    assert (spread.sum(axis=1) == 7).all()


def test_interval_covers_a_planted_mean():
    """Users of unequal size and correlated events: the 90 % interval holds the truth about 9 times of 10."""
    rng, covered = np.random.default_rng(7), 0
    for _ in range(100):
        sizes = rng.integers(1, 20, 120)
        users = np.repeat(np.arange(120), sizes)
        values = 0.3 + rng.normal(0, 1, 120)[users] + rng.normal(0, 1, len(users))
        found = bootstrap_mean(values, users, unit="x", rng=rng, draws=200)
        covered += found.low <= 0.3 <= found.high
    assert 81 <= covered <= 98  # 90 expected, standard deviation 3


def test_an_event_wise_interval_would_be_too_narrow():
    """Copies of an event teach nothing: the interval over users does not shrink with them."""
    rng = np.random.default_rng(1)
    values, users = rng.normal(size=100), np.arange(100)
    once = bootstrap_mean(values, users, unit="x", rng=np.random.default_rng(2))
    often = bootstrap_mean(np.repeat(values, 9), np.repeat(users, 9), unit="x", rng=np.random.default_rng(2))
    assert often.low == pytest.approx(once.low)
    assert often.high == pytest.approx(once.high)


def test_ratio_of_sums_covers_the_planted_ratio():
    """A ratio of column totals has the interval of the ratio, not of the mean of users' ratios."""
    rng, covered = np.random.default_rng(11), 0
    for _ in range(100):
        whole = rng.integers(1, 60, 150)
        part = rng.binomial(whole, np.clip(0.2 + 0.005 * whole, 0, 1))  # large users have larger shares
        sums = np.stack([part, whole], axis=1).astype(float)
        found = bootstrap(sums, lambda t: t[:, 0] / t[:, 1], unit="share", rng=rng, draws=200)
        sizes = np.arange(1, 60)
        truth = (sizes * (0.2 + 0.005 * sizes)).sum() / sizes.sum()
        covered += found.low <= truth <= found.high
    assert 81 <= covered <= 98


def test_value_is_the_statistic_of_the_sample():
    """The estimate is the statistic itself, not the middle of the draws."""
    sums = np.array([[1.0, 2.0], [5.0, 4.0]])
    found = bootstrap(sums, lambda t: t[:, 0] / t[:, 1], unit="share", rng=np.random.default_rng(0))
    assert found.value == 1.0


def test_same_seed_same_interval():
    """The only source of chance is the generator that is handed in."""
    values, users = np.random.default_rng(0).normal(size=50), np.arange(50) % 20
    one, two, other = (
        bootstrap_mean(values, users, unit="x", rng=np.random.default_rng(seed), draws=100)
        for seed in (5, 5, 6)
    )
    assert one == two
    assert one != other


def test_labels_of_users_do_not_matter():
    """Users may be any integers: the interval is that of their ranks."""
    values, users = np.random.default_rng(0).normal(size=60), np.arange(60) % 15
    plain, renamed = (
        bootstrap_mean(values, labels, unit="x", rng=np.random.default_rng(5), draws=100)
        for labels in (users, users * 1_000 - 7)
    )
    assert plain == renamed


def test_draws_that_are_not_numbers_are_left_out():
    """An empty denominator in one draw does not spoil the interval."""
    assert quantile_interval(np.array([np.nan, 1.0, np.inf, 1.0])) == (1.0, 1.0)


def test_level_sets_the_width():
    """A 50 % interval lies inside the 90 % interval."""
    draws = np.random.default_rng(0).normal(size=1000)
    (low50, high50), (low90, high90) = quantile_interval(draws, 0.5), quantile_interval(draws, 0.9)
    assert low90 < low50 < high50 < high90
