"""What is said to change the verdict does change it."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from diagnose.results import Estimate, Statement
from diagnose.settings import Settings
from diagnose.verdict.evidence import CONTRASTS, Evidence, gather, limits_of
from diagnose.verdict.flips import QUANTITIES, find_flips
from diagnose.verdict.rules import judge

NUDGE = 1e-8


def moved(evidence, quantity, value):
    """The evidence with one quantity elsewhere: intervals keep their width."""
    if quantity == "minimum_lift":
        return dataclasses.replace(evidence, limits=dataclasses.replace(evidence.limits, delta=value))
    if quantity == "users_with_history":
        return dataclasses.replace(evidence, users=int(value))
    if quantity == "capture":
        known = evidence.capture or Statement(
            probe="-", unit="events", scope="-", low=0, high=1, level=1, grade="declared", assumption=""
        )
        return dataclasses.replace(evidence, capture=dataclasses.replace(known, high=value))
    field = QUANTITIES[quantity]
    old = getattr(evidence, field)
    shift = value - old.value
    new = dataclasses.replace(old, value=value, low=old.low + shift, high=old.high + shift)
    return dataclasses.replace(evidence, **{field: new})


def check(evidence, flips):
    """Just beyond each threshold the named outcome, just short of it the present one."""
    present = judge(evidence).outcome
    for flip in flips:
        outwards = 1 if flip.side == "above" else -1
        nudge = NUDGE if flip.quantity != "users_with_history" else 1
        beyond = judge(moved(evidence, flip.quantity, flip.threshold + outwards * nudge)).outcome
        short = judge(moved(evidence, flip.quantity, flip.threshold - outwards * nudge)).outcome
        assert (beyond, short) == (flip.outcome, present), flip
        assert flip.outcome != present
        assert flip.axis_low <= min(flip.low, flip.threshold)
        assert flip.axis_high >= max(flip.high, flip.threshold)


def test_flips_of_every_world_are_true(world):
    """In each world, every flip is what the rules give when that number is moved."""
    evidence = gather(**world.results())
    check(evidence, find_flips(evidence, most=50))


@st.composite
def evidences(draw):
    """Evidence with intervals anywhere near the thresholds, some of them missing."""

    def interval(scale):
        if draw(st.integers(0, 5)) == 0:
            return None
        value, half = draw(st.floats(-2, 4)) * scale, draw(st.floats(0.05, 2)) * scale
        return Estimate(value=value, low=value - half, high=value + half, unit="GAUC")

    return Evidence(
        limits=limits_of(Settings()),
        measurable=True,
        trial_done=draw(st.integers(0, 4)) > 0,
        tie_rate=draw(st.sampled_from([None, 0.0, 0.5])),
        order=interval(0.005),
        item_order=interval(0.003),
        drift=interval(0.05),
        **{name: interval(0.003) for name in CONTRASTS},
    )


@given(evidences())
@hypothesis_settings(max_examples=150, deadline=None, derandomize=True)
def test_flips_are_true_anywhere(evidence):
    """Wherever the intervals lie, no flip disagrees with the rules."""
    check(evidence, find_flips(evidence, most=50))


@given(
    evidences(), st.sampled_from(["lift", "order_gain", "beyond_recency", "recency_gain", "order_aware_gain"])
)
@hypothesis_settings(max_examples=60, deadline=None, derandomize=True)
def test_no_change_of_outcome_lies_nearer_than_the_flip(evidence, name):
    """Between now and its nearest flips a number changes nothing, on a fine grid."""
    if getattr(evidence, name) is None:
        return
    now = getattr(evidence, name).value
    mine = {flip.side: flip.threshold for flip in find_flips(evidence, most=50) if flip.quantity == name}
    present = judge(evidence).outcome
    for value in np.linspace(
        mine.get("below", now - 0.02) + NUDGE, mine.get("above", now + 0.02) - NUDGE, 200
    ):
        assert judge(moved(evidence, name, value)).outcome == present


def test_unknown_capture_is_a_flip(worlds):
    """Where interests move and no lift stands against it, a low rate would decide, and is told."""
    for name in ("order_blind", "missed", "undecided", "no_trial"):
        (flip,) = [flip for flip in worlds[name].verdict().flips_if if flip.quantity == "capture"]
        assert (flip.side, flip.outcome, flip.now) == ("below", "fix_capture_first", None)
        assert flip.threshold == pytest.approx(0.5)
        assert (flip.low, flip.high) == (0.0, 1.0)


def test_capture_is_no_flip_where_it_cannot_decide(worlds):
    """With a lift above what was asked, or whole categories lost, a low capture rate changes nothing."""
    for world in (worlds["sequence"], worlds["order_blind"].but(pattern="categories")):
        assert "capture" not in {flip.quantity for flip in world.verdict().flips_if}


def test_the_least_lift_asked_for_is_a_flip(worlds):
    """The user's own setting is told as what it is: part of the verdict."""
    flips = [flip for flip in worlds["recency"].verdict().flips_if if flip.quantity == "minimum_lift"]
    assert {(flip.side, round(flip.threshold, 4)) for flip in flips} == {("below", 0.0017), ("above", 0.0035)}


def test_no_flip_lies_where_the_number_cannot(worlds):
    """A share of a whole never has to exceed one, however wide its interval."""
    wide = worlds["capture"].but(drift={"drift_share": (0.1, -2.0, 2.0)})
    evidence = gather(**wide.results())
    assert judge(moved(evidence, "interest_persistence.drift_share", 2.2)).outcome == "fix_capture_first"
    assert "interest_persistence.drift_share" not in {f.quantity for f in find_flips(evidence, most=50)}


def test_flips_are_told_nearest_first_and_few(world):
    """At most as many as the settings say, no quantity twice on one side."""
    flips = world.verdict().flips_if
    assert len(flips) <= Settings().verdict.most_flips
    assert len({(flip.quantity, flip.side) for flip in flips}) == len(flips)
