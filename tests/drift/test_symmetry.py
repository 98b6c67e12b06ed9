"""Is a step as likely as the step back?"""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest

from diagnose.drift.direction import Steps
from diagnose.drift.symmetry import NORMAL_95, asymmetry, bowker, pair_tests


def steps_of(user, source, target, *, names=("a", "b", "c"), surplus=None):
    count = len(user)
    return Steps(
        user=np.array(user, dtype=np.int64),
        source=np.array(source, dtype=np.int64),
        target=np.array(target, dtype=np.int64),
        surplus=np.ones(count) if surplus is None else np.array(surplus, dtype=np.float64),
        days=np.ones(count),
        users=max(user) + 1,
        names=names,
        tied=0,
    )


def drawn(users, steps, seed):
    rng = np.random.default_rng(seed)
    source = rng.integers(0, 3, users * steps)
    target = (source + rng.integers(1, 3, users * steps)) % 3
    return steps_of(np.repeat(np.arange(users), steps).tolist(), source, target)


def test_bowker_by_hand():
    """(10 - 4)^2 / 14 + (3 - 3)^2 / 6, two pairs met of three."""
    table = np.array([[9, 10, 3], [4, 9, 0], [3, 0, 9]])
    assert bowker(table) == (pytest.approx(36 / 14), 2)


def test_the_pair_is_tested_over_users_not_steps():
    """25 users step from a to b once, one user goes to and fro 500 times: z is that of 25 users."""
    once = list(range(25))
    steps = steps_of([*once, *[25] * 1000], [0] * 25 + [0, 1] * 500, [1] * 25 + [1, 0] * 500)
    tests = pair_tests(steps, minimum_users=20)
    assert (tests.source[0], tests.target[0]) == (0, 1)
    assert tests.z[0] == pytest.approx(5.0)
    assert tests.surplus[0] == 25
    assert tests.p_adjusted[0] == pytest.approx(5.7e-7, rel=0.01)


def test_pairs_of_few_users_are_not_tested():
    """Nineteen users are not enough where twenty are asked for."""
    steps = steps_of(list(range(19)), [0] * 19, [1] * 19)
    assert len(pair_tests(steps, minimum_users=20).z) == 0
    assert len(pair_tests(steps, minimum_users=19).z) == 1


def test_users_who_all_go_with_the_trend_are_no_proof():
    """Where the trend favours an order by 9 to 1, twenty who all take it are no surprise (0.9^20 = 0.12)."""
    steps = steps_of(list(range(20)), [0] * 20, [1] * 20, surplus=[1 - 0.8] * 20)
    assert pair_tests(steps, minimum_users=20).z[0] < 1.8


def test_the_discovery_rate_is_that_of_benjamini_and_hochberg():
    """p in rising order times tests over rank, made monotone."""
    from scipy import stats

    tests = pair_tests(drawn(60, 9, seed=1), minimum_users=20)
    p = 2 * stats.norm.sf(tests.z)
    order = np.argsort(p)
    stepped = np.minimum.accumulate((p[order] * len(p) / np.arange(1, len(p) + 1))[::-1])[::-1]
    assert tests.p_adjusted[order] == pytest.approx(stepped)


def test_asymmetry_agrees_with_all_turns_of_users():
    """Eight users: mean and deviation of the statistic over all 256 ways to turn histories round."""
    steps = drawn(8, 6, seed=2)
    both = steps.counts + steps.counts.T

    def statistic(signs):
        turned = np.array(signs)[steps.user]
        net = np.zeros((3, 3))
        np.add.at(net, (steps.source, steps.target), turned)
        return ((net - net.T)[np.triu(both, 1) > 0] ** 2 / both[np.triu(both, 1) > 0]).sum()

    turns = np.array([statistic(signs) for signs in product((-1, 1), repeat=8)])
    estimate = asymmetry(steps)
    assert estimate.value == pytest.approx((statistic([1] * 8) - turns.mean()) / turns.std())
    assert estimate.high - estimate.low == pytest.approx(2 * NORMAL_95)


def test_turning_every_history_changes_no_statistic():
    """Backwards the same pairs are as certain, in the other direction."""
    steps = drawn(60, 9, seed=3)
    turned = replace(steps, source=steps.target, target=steps.source)
    there, back = (pair_tests(one, minimum_users=20) for one in (steps, turned))
    assert (there.source == back.target).all()
    assert there.z == pytest.approx(back.z)
    assert asymmetry(steps).value == pytest.approx(asymmetry(turned).value)


def test_nothing_to_turn_is_no_asymmetry():
    """A single step looks as sure either way: its square never changes, so there is no spread to compare."""
    assert asymmetry(steps_of([0], [0], [1])).value == 0.0


@pytest.mark.parametrize("seed", range(3))
def test_undirected_steps_are_symmetric(seed):
    """Random steps raise no alarm: asymmetry within four deviations of nothing."""
    assert abs(asymmetry(drawn(400, 10, seed=seed)).value) < 4
