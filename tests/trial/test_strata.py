from __future__ import annotations

import numpy as np
import pytest

from diagnose.trial.strata import Kinds, Tried, strata
from tests.trial.planted import split


def kinds(test, *, drawn=True, seed=0):
    """Kinds at random, a third of the rivals from the category; every fourth tried target was dropped."""
    rng = np.random.default_rng(seed)
    cold_user, cold_item = rng.random(len(test)) < 0.4, rng.random(len(test)) < 0.2
    dropped = np.arange(len(test)) % 4 == 0
    return Kinds(
        cold_user=cold_user,
        cold_item=cold_item,
        by_category=rng.random(test.mask.shape) < 0.33,
        drawn=drawn,
        tried=Tried(repeat=test.repeat, kept=~dropped, cold_user=cold_user, cold_item=cold_item),
    )


def scored(test, *, gain=0.0, where=None, seed=1):
    """dnn and dien of five seeds with noise of their own; dien lowers some rivals by `gain`."""
    rng = np.random.default_rng(seed)
    shape = (5, *test.base.shape)
    scores = {arm: test.base + rng.normal(0, 1, shape).astype(np.float32) for arm in ("dnn", "dien")}
    if where is not None:
        scores["dien"] = scores["dien"] - gain * where.astype(np.float32)
    return scores


def found(test, scores, of, *, seed=2):
    return {one.name: one for one in strata(test, scores, of, rng=np.random.default_rng(seed))}


def test_a_lift_against_rivals_of_one_kind_is_told_of_that_kind_only():
    """DIEN sees through rivals of the same category and nothing else: only that stratum has a lift."""
    test = split(np.random.default_rng(0), n=3000, candidates=9)
    of = kinds(test)
    where = of.by_category & (np.arange(9) > 0) & ~test.repeat[:, None]
    told = found(test, scored(test, gain=0.6, where=where), of)
    assert told["rivals_category"].lift.low > 0.03
    assert told["rivals_category"].p_adjusted < 0.01
    assert told["rivals_popular"].lift.low < 0 < told["rivals_popular"].lift.high
    assert told["new"].lift.low > 0
    assert told["repeat"].lift.low < 0.01


@pytest.mark.parametrize("kind", ["cold_user", "cold_item"])
def test_a_lift_of_cold_targets_is_told_of_them_only(kind):
    """DIEN gains among few-event users (or unseen items) alone; their counterparts show none."""
    test = split(np.random.default_rng(3), n=3000, candidates=9)
    of = kinds(test)
    where = getattr(of, kind)[:, None] & (np.arange(9) > 0)
    told = found(test, scored(test, gain=0.6, where=where), of)
    other = {"cold_user": "warm_user", "cold_item": "known_item"}[kind]
    assert told[kind].lift.low > 0.03
    assert told[other].lift.low < 0.01
    assert told[other].p_adjusted > 0.01


def test_without_a_lift_strata_raise_no_alarm():
    """Forty trials of arms that differ by noise alone: adjusted p values below .1 in at most some of them."""
    alarms = 0
    for seed in range(40):
        test = split(np.random.default_rng(seed), n=400, candidates=6)
        told = found(test, scored(test, seed=seed + 100), kinds(test, seed=seed), seed=seed)
        alarms += any(one.p_adjusted < 0.1 for one in told.values())
    assert alarms <= 9  # 10 % of trials at most by Holm; more than 9 of 40 has probability 1 %


def test_shares_are_of_targets_before_any_was_dropped():
    """A quarter of the tried targets had no candidates: counted as dropped, in the shares all the same."""
    test = split(np.random.default_rng(4), n=400, candidates=6)
    of = kinds(test)
    told = found(test, scored(test), of)
    for one, members in (("repeat", test.repeat), ("cold_user", of.cold_user), ("known_item", ~of.cold_item)):
        assert told[one].share == pytest.approx(members.mean())
        assert told[one].targets == members.sum()
        assert told[one].dropped == (members & (np.arange(400) % 4 == 0)).sum()
    assert told["warm_user"].share == pytest.approx(1 - told["cold_user"].share)


def test_rivals_that_were_shown_are_not_of_two_kinds():
    """Real impressions were not drawn by us: no stratum speaks of how rivals were drawn."""
    test = split(np.random.default_rng(5), n=200, candidates=6)
    assert not [name for name in found(test, scored(test), kinds(test, drawn=False)) if "rivals" in name]


def test_a_stratum_of_one_user_has_no_lift():
    """Nothing varies between users, so nothing is said; other strata are adjusted without it."""
    test = split(np.random.default_rng(6), n=200, candidates=6)
    of = kinds(test)
    of.cold_item[:] = np.arange(200) < 2
    told = found(test, scored(test), of)
    assert told["cold_item"].lift is None
    assert told["cold_item"].p_adjusted is None
    assert told["known_item"].p_adjusted is not None
