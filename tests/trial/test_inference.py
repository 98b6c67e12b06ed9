from __future__ import annotations

import math

import numpy as np
import pytest

from diagnose.trial.contrasts import RULES, compare
from diagnose.trial.inference import (
    PerUser,
    holm,
    minimal_detectable,
    per_user,
    quantile,
    spread,
    users_needed,
)  # fmt: skip


def sums(values):
    """Per-user sums (S, U) of users with one target of weight 1 each."""
    array = np.atleast_2d(np.asarray(values, dtype=float))
    return PerUser(array, np.ones(array.shape[1]))


def test_gauc_is_the_mean_over_users_of_their_mean():
    """Two users, one with two targets: (mean(1, 0) + .8) / 2; by targets it is the plain mean."""
    values, users, weights = np.array([[1.0, 0.0, 0.8]]), np.array([7, 7, 3]), np.ones(3)
    assert per_user(values, users, weights).by_seed() == pytest.approx([0.65])
    assert per_user(values, users, weights, equal_users=False).by_seed() == pytest.approx([0.6])


def test_strata_are_weighted_to_their_shares():
    """Half the repeats were dropped: each kept one counts twice."""
    values, users, weights = np.array([[1.0, 0.0]]), np.array([0, 1]), np.array([2.0, 1.0])
    assert per_user(values, users, weights).by_seed() == pytest.approx([2 / 3])


def test_variances_and_degrees_of_freedom_by_hand():
    """se^2 is the user bootstrap variance plus the seeds' variance over their number; Satterthwaite's df."""
    rng = np.random.default_rng(0)
    base = rng.normal(size=400)
    found = spread(sums([base + 0.1, base, base - 0.1]), rng=rng)
    assert found.value == pytest.approx(base.mean())
    assert found.seed_variance == pytest.approx(0.01 / 3)
    assert found.user_variance == pytest.approx(base.var() / 400, rel=0.15)
    total = found.user_variance + found.seed_variance
    below = found.user_variance**2 / 399 + found.seed_variance**2 / 2
    assert found.freedom == pytest.approx(total**2 / below)
    assert found.error == pytest.approx(math.sqrt(total))


def test_the_interval_covers_a_planted_difference():
    """Of 300 simulated trials about 270 intervals hold the truth (users and seeds both noisy)."""
    rng, covered = np.random.default_rng(1), 0
    for _ in range(300):
        users = rng.normal(0.02, 0.2, 300)
        seeds = rng.normal(0, 0.01, 4)
        interval = spread(sums(users + seeds[:, None]), rng=rng).estimate("GAUC")
        covered += interval.low <= 0.02 <= interval.high
    assert 256 <= covered <= 284  # 270 +- 2.7 standard deviations


def test_a_difference_is_paired_by_user_and_seed():
    """What both arms share leaves no trace in the interval of their difference."""
    rng = np.random.default_rng(2)
    floor = sums(rng.normal(0.6, 0.3, (3, 500)))
    better = PerUser(floor.numerator + 0.01, floor.denominator)
    found = spread(better.minus(floor), rng=rng)
    assert found.value == pytest.approx(0.01)
    assert found.error < 1e-9


def test_holm_by_hand():
    """p = .01, .04, .03 become .03, .06, .06."""
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])


def test_minimal_detectable_lift_is_detected_four_times_in_five():
    """A true lift of that size gives an interval above 0 with probability .8."""
    rng, found = np.random.default_rng(3), 0
    size = minimal_detectable(spread(sums(rng.normal(0, 0.2, 1000)), rng=rng))
    for _ in range(300):
        found += spread(sums(rng.normal(size, 0.2, 1000)), rng=rng).estimate("GAUC").low > 0
    assert 218 <= found <= 262  # 240 +- 3.2 standard deviations


def test_users_needed_shrinks_with_the_square_of_the_lift():
    """Half the lift needs four times the users; at the detectable lift the users at hand suffice."""
    found = spread(sums(np.random.default_rng(4).normal(0, 0.2, 5000)), rng=np.random.default_rng(5))
    many = users_needed(found, users=5000, lift=0.005)
    assert users_needed(found, users=5000, lift=0.0025) == pytest.approx(4 * many, rel=1e-3)
    assert users_needed(found, users=5000, lift=minimal_detectable(found)) == pytest.approx(5000, rel=0.01)


ALL = {"dnn": 0.60, "dnn_decayed": 0.61, "din": 0.62, "dien_no_auxiliary": 0.63, "dien": 0.65,
       "dien_shuffled": 0.615, "dien_ties": 0.64, "dnn_decayed_ties": 0.605}  # fmt: skip


def test_contrasts_are_the_differences_they_say():
    """Every contrast on hand-worked arm values, sides chosen on validation."""
    flat = {arm: sums(np.full(50, value)) for arm, value in ALL.items()}
    found, spreads = compare(flat, ALL, rng=np.random.default_rng(6))
    values = {contrast.name: (contrast.value, contrast.comparator) for contrast in found}
    expected = {
        "lift": (0.05, "dnn"),
        "order_gain": (0.03, "din"),
        "recency_gain": (0.01, "dnn"),
        "beyond_recency": (0.04, "dnn_decayed"),
        "attention_gain": (0.02, "dnn"),
        "auxiliary_gain": (0.02, "dien_no_auxiliary"),
        "tie_effect": (0.01, "dien_ties"),
        "order_aware_gain": (0.03, "din"),
        "order_aware_gain_redrawn": (0.02, "din"),
    }
    assert set(values) == set(expected) == set(RULES) == set(spreads)
    for name, (value, comparator) in expected.items():
        assert values[name] == (pytest.approx(value), comparator)
    assert {c.name for c in found if c.p_adjusted is not None} == {
        "recency_gain", "attention_gain", "auxiliary_gain",
    }  # fmt: skip


def test_the_comparator_is_chosen_on_validation_not_on_test():
    """The arm that validation prefers is subtracted, even where the test set would rather have another."""
    flat = {arm: sums(np.full(50, value)) for arm, value in ALL.items()}
    validation = ALL | {"dien_shuffled": 0.9}
    found, _ = compare(flat, validation, rng=np.random.default_rng(7))
    assert {c.name: c.comparator for c in found}["order_gain"] == "dien_shuffled"


def test_contrasts_of_arms_that_did_not_run_are_absent():
    """The quick budget has no auxiliary gain and, without ties, no tie effect."""
    quick = {arm: ALL[arm] for arm in ("dnn", "dnn_decayed", "din", "dien", "dien_shuffled")}
    found, _ = compare(
        {a: sums(np.full(9, v)) for a, v in quick.items()}, quick, rng=np.random.default_rng(8)
    )
    assert {c.name for c in found} == {
        "lift", "order_gain", "recency_gain", "beyond_recency", "attention_gain", "order_aware_gain",
    }  # fmt: skip


def test_quantiles_are_students():
    """t with 4 degrees of freedom, and the normal where they are infinite."""
    assert quantile(0.95, 4) == pytest.approx(2.1318, abs=1e-4)
    assert quantile(0.95, math.inf) == pytest.approx(1.6449, abs=1e-4)
