"""What is left of a log at a rate, by hand and for any log."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.capture.thinned import PATTERNS, Behaviour, Loss, losses, nothing_lost
from diagnose.predictors.targets import PADDING, find_targets, look_back
from diagnose.simulate import histories

HISTORY = 6


def behaviour_of(log, *, minimum_history=1):
    return Behaviour(
        histories=log,
        targets=find_targets(log, history=0, minimum_history=minimum_history),
        category=log.category,
        n_categories=log.n_categories,
        history=HISTORY,
        minimum_history=minimum_history,
    )


def past_of(left):
    """The past of every target that is left, by target."""
    rows = left.rows()
    return dict(zip(rows.tolist(), left.past(rows).tolist(), strict=True))


def test_single_events_are_lost_by_their_number(write):
    """Of six events the second and fourth are lost: the last one sees three, the latest first."""
    log = write([[(t, t, 0) for t in range(6)]])
    left = Loss(behaviour_of(log), np.array([0.1, 0.9, 0.2, 0.8, 0.3, 0.7])).at(0.5)
    assert past_of(left)[4] == [4, 2, 0, PADDING, PADDING, PADDING]


def test_a_target_is_no_part_of_its_own_loss(write):
    """An event that is itself lost by number stays a target: somebody who predicts it has logged it."""
    log = write([[(t, t, 0) for t in range(3)]])
    left = Loss(behaviour_of(log), np.array([0.1, 0.2, 0.9])).at(0.5)
    assert past_of(left)[1][:2] == [1, 0]


def test_what_ties_with_a_target_is_in_no_past(write):
    """Two events at one time see neither each other nor count each other."""
    log = write([[(0, 0, 0), (5, 1, 0), (5, 2, 0)]])
    left = nothing_lost(behaviour_of(log)).at(1.0)
    assert [past[0] for past in past_of(left).values()] == [0, 0]


def test_the_session_of_a_target_is_whole(write):
    """Sessions a b c of two events; b is lost: a target in c sees c and a, one in b sees b and a."""
    log = write([[(t, t, 0) for t in range(6)]])
    log = replace(log, session=np.array([0, 0, 1, 1, 2, 2], dtype=np.int32))
    behaviour = behaviour_of(log)
    left = Loss(behaviour, np.array([0.1, 0.1, 0.9, 0.9, 0.2, 0.2]), behaviour.in_session).at(0.5)
    past = past_of(left)  # targets are the events 1 to 5
    assert past[4][:4] == [4, 1, 0, PADDING]
    assert past[2][:4] == [2, 1, 0, PADDING]


def test_a_category_out_of_sight_has_no_targets(write):
    """Categories 0 and 1 in turns, 1 out of sight: targets and pasts are of 0 alone."""
    log = write([[(t, t, t % 2) for t in range(6)]])
    left = Loss(behaviour_of(log), np.where(log.category == 1, 0.9, 0.1), of_categories=True).at(0.5)
    assert past_of(left) == {
        1: [0, PADDING, PADDING, PADDING, PADDING, PADDING],
        3: [2, 0, PADDING, PADDING, PADDING, PADDING],
    }
    assert left.n_categories == 1


@pytest.mark.parametrize("pattern", PATTERNS)
@given(seed=st.integers(0, 10_000))
def test_what_is_kept_at_a_rate_is_kept_at_any_higher_one(pattern, seed):
    """Events, pasts (as sets, however long) and targets are nested, in every draw."""
    log = histories(users=8, events=20, seed=seed, categories=7, ties=0.2)
    behaviour = replace(behaviour_of(log, minimum_history=2), history=100)
    for way in losses(behaviour, pattern=pattern, draws=3, rng=np.random.default_rng(seed)):
        more, less = way.at(0.7), way.at(0.2)
        assert (less.kept <= more.kept).all()
        assert (less.enough <= more.enough).all()
        wide = past_of(more)
        for row, past in past_of(less).items():
            assert set(past) <= set(wide[row]) | {PADDING}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_at_rate_one_everything_is_left(pattern):
    """Nothing is lost at 1: the past is what looking back in the log itself gives."""
    log = histories(users=20, events=15, seed=1, ties=0.2)
    behaviour = behaviour_of(log)
    expected = look_back(log, behaviour.targets, history=HISTORY).past
    for way in losses(behaviour, pattern=pattern, draws=2, rng=np.random.default_rng(0)):
        left = way.at(1.0)
        assert left.enough.all()
        assert left.past(np.arange(len(expected))).tolist() == expected.tolist()


@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_share_kept_is_the_rate(pattern):
    """At .3 three tenths of events, of sessions and of categories are kept."""
    log = histories(users=400, events=40, seed=2)
    for way in losses(behaviour_of(log), pattern=pattern, draws=4, rng=np.random.default_rng(0)):
        left = way.at(0.3)
        if pattern == "categories":
            assert left.n_categories == 9
        else:
            assert left.kept.mean() == pytest.approx(0.3, abs=0.02)


def test_each_category_gets_its_turn():
    """Over ten draws at a tenth every category is in sight exactly once."""
    log = histories(users=300, events=20, seed=3)
    ways = losses(behaviour_of(log), pattern="categories", draws=10, rng=np.random.default_rng(0))
    assert (sum(way.at(0.1).kept.astype(int) for way in ways) == 1).all()


def test_moments_speak_of_what_is_left():
    """Categories are numbered without gaps, and times are of the events that are left."""
    log = histories(users=30, events=30, seed=4)
    way = losses(behaviour_of(log), pattern="categories", draws=1, rng=np.random.default_rng(0))[0]
    left = way.at(0.3)
    rows = left.rows()
    moments, events, codes = left.moments(rows)
    past = left.past(rows)
    assert moments.n_categories == 9
    assert set(codes.tolist()) == set(range(9))
    assert events.n_events == left.kept.sum() == len(codes)
    assert (moments.until == log.time[past[:, 0]]).all()
    lengths = (past >= 0).sum(axis=1)
    assert (moments.since == log.time[past[np.arange(len(rows)), lengths - 1]]).all()
    assert ((moments.past < 9) == (past >= 0)).all()
