"""Which events are paired, and whose pairs carry a curve."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose import simulate
from diagnose.drift.fading import curve_of, fading_of
from diagnose.drift.interest_persistence import measure
from diagnose.drift.persistence_pairs import (
    PairSums,
    event_lags,
    in_events,
    in_time,
    lag_points,
    pair_sums,
    targets,
)
from diagnose.drift.platform_mix import platform_mix
from diagnose.histories import Histories
from diagnose.settings import Settings

LIMITS = Settings().persistence
HOUR = 3_600_000_000


def histories(lengths, *, hours, session):
    """Hand-written users of one category each."""
    events = sum(lengths)
    return Histories(
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        user=np.arange(len(lengths), dtype=np.uint64),
        item=np.arange(events),
        category=np.zeros(events, dtype=np.int32),
        time=np.array(hours, dtype=np.int64) * HOUR,
        session=np.array(session, dtype=np.int32),
        event=np.zeros(events, dtype=np.int16),
    )


def together(*worlds):
    """Several groups of users in one log."""
    offsets = [np.zeros(1, dtype=np.int64)]
    for world in worlds:
        offsets.append(world.offsets[1:] + offsets[-1][-1])
    joined = {
        name: np.concatenate([getattr(world, name) for world in worlds])
        for name in ("user", "item", "category", "time", "session", "event")
    }
    return replace(worlds[0], offsets=np.concatenate(offsets), **joined)


def test_pairs_lie_in_different_sessions_and_at_different_times():
    """Events 0 1 | 2 3 | 4 of one user, 3 and 4 tied: one back only 1-2 is a pair."""
    one = histories([5], hours=[0, 1, 5, 6, 6], session=[0, 0, 1, 1, 2])
    later = targets(one, 50)
    first, second = in_events(one, later, np.array([1, 2]))
    assert list(zip(first.first, first.second, strict=True)) == [(1, 2)]
    assert list(zip(second.first, second.second, strict=True)) == [(0, 2), (1, 3), (2, 4)]
    assert second.lag.tolist() == [2.0, 2.0, 2.0]


def test_no_pair_crosses_users():
    """The first events of a user have nobody before them."""
    two = histories([2, 2], hours=[0, 5, 7, 9], session=[0, 1, 0, 1])
    (pairs,) = in_events(two, targets(two, 50), np.array([1]))
    assert pairs.first.tolist() == [0, 2]
    assert pairs.user.tolist() == [0, 1]
    for each in in_time(two, targets(two, 50), 3):
        assert (two.user_of_event[each.first] == two.user_of_event[each.second]).all()


@given(st.integers(1, 60), st.integers(1, 12))
def test_targets_are_few_and_spread(length, most):
    """At most so many later events a user, each once, in order."""
    one = histories([length], hours=np.arange(length), session=np.arange(length))
    later = targets(one, most)
    assert len(later) == min(length, most)
    assert (np.diff(later) > 0).all()


def test_event_lags_grow_with_the_histories():
    """Long histories get long lags, at most 14, each once; what fewer than 500 users have is not reached."""
    short, long = (simulate.histories(users=600, events=events, seed=1) for events in (20, 500))
    for world, longest in ((short, 16), (long, 400)):
        lags = event_lags(world, LIMITS, users=500)
        assert lags[0] == 1
        assert lags[-1] == longest
        assert len(lags) <= LIMITS.bins_events
        assert (np.diff(lags) > 0).all()
    few_long = together(short, long.select(np.arange(400)))
    assert event_lags(few_long, LIMITS, users=500)[-1] == 16
    assert event_lags(short, LIMITS, users=601).tolist() == [1]


def test_points_stand_for_a_class_of_lags():
    """Their mean fading is that of the lags they stand for; the fading at the mean lag is not."""
    lags = np.geomspace(1, 10, 5_000)
    fading = (2.0**-lags).mean()
    assert (2.0 ** -lag_points(lags)).mean() == pytest.approx(fading, rel=0.01)
    assert 2.0 ** -lags.mean() < 0.7 * fading


def test_relabelling_users_moves_no_sum():
    """Another order of the users gives the same sums in that order (chance aside: folds are of users)."""
    world = simulate.histories(users=300, events=20, seed=2, half_life_events=5)
    order = np.random.default_rng(0).permutation(300)
    one, two = (
        pair_sums(300, platform_mix(h), in_events(h, targets(h, 50), np.array([1, 4])))[0]
        for h in (world, world.select(order))
    )
    assert two.pairs.tolist() == one.pairs.tolist()
    assert two.excess.sum() == pytest.approx(one.excess.sum(), rel=0.02)


def survivors(short_breadth, long_breadth):
    """Users who stay for 6 days and users who stay for 42, of other breadth; nobody's taste moves."""
    return together(
        *(
            simulate.histories(users=900, events=24, seed=seed, days=days, breadth=breadth)
            for seed, days, breadth in ((1, 6.0, short_breadth), (2, 42.0, long_breadth))
        )
    )


@pytest.mark.parametrize(("short", "long"), [(0.4, 8.0), (8.0, 0.4)], ids=["falls", "rises"])
def test_who_stays_is_not_how_interests_fade(short, long):
    """Short-lived users of other breadth bend the pooled curve; with users held fixed it is flat, and so is
    the curve of the cohort.
    """
    world = survivors(short, long)
    mix = platform_mix(world)
    sums = pair_sums(len(world), mix, in_time(world, targets(world, 50), LIMITS.bins))[0].with_pairs(200)
    pooled = sums.excess.sum(axis=0) / sums.weight.sum(axis=0)
    probed = measure(world, settings=Settings(), rng=np.random.default_rng(0))
    held = next(series for series in probed.series if series.name == "kappa_calendar")
    cohort = next(series for series in probed.series if series.name == "kappa_calendar_cohort")
    assert abs(pooled[0] - pooled[-1]) > 0.2
    assert abs(held.y[1] - held.y[-1]) < 0.05
    assert abs(cohort.y[1] - cohort.y[-1]) < 0.05
    assert probed.estimates["drift_share"].low < LIMITS.floor_drift_share


def test_the_cohort_is_those_who_stayed():
    """Its level is that of the long-lived users alone, not that of all."""
    world = survivors(0.4, 8.0)
    probed = measure(world, settings=Settings(), rng=np.random.default_rng(0))
    drawn = {series.name: series for series in probed.series}
    assert np.mean(drawn["kappa_calendar_cohort"].y) < np.mean(drawn["kappa_calendar"].y) - 0.1
    assert np.mean(drawn["kappa_calendar_cohort"].y) == pytest.approx(1 / (1 + 8), abs=0.04)


def test_too_few_lags_or_no_agreement_say_nothing():
    """Four lags make no curve; nor do users who agree with themselves no more than with strangers."""
    rng = np.random.default_rng(0)
    weight = np.ones((600, 6))
    lag = np.arange(1.0, 7.0)[:, None]
    nothing = PairSums(rng.normal(0, 0.3, weight.shape), weight, np.full(6, 600), lag)
    some = PairSums(0.5 + nothing.excess, weight, np.full(6, 600), lag)
    few = some.at_lags(np.arange(6) < 4)
    say = {"unit": "events", "limits": LIMITS, "rng": rng}
    assert fading_of(nothing, **say) is None
    assert fading_of(few, **say) is None
    assert fading_of(some, **say) is not None
    assert curve_of(some, rng=rng, draws=100).kappa == pytest.approx(0.5, abs=0.05)
