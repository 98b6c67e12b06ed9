"""A bare log does not identify its own capture; statements are intersected, never mixed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.capture.together import BARE, assemble
from diagnose.results import Statement

ORPHANS = Statement(
    probe="orphans",
    unit="events",
    scope="clicks in the shop",
    low=0.7,
    high=0.9,
    level=0.9,
    grade="B",
    assumption="every purchase follows a view",
)


def test_a_bare_log_may_hold_anything():
    """With nothing supplied the interval is (0, 1], grade C, with the reason and what to supply."""
    found = assemble()
    assert (found.low, found.high, found.grade, found.conflict) == (0.0, 1.0, "C", False)
    assert found.statements == (BARE,)
    assert "does not identify" in found.statements[0].assumption


def test_statements_of_one_subject_are_intersected():
    """Two statements about the same events allow only what both allow, at the better grade."""
    outside = replace(ORPHANS, probe="second_log", low=0.8, high=0.95, grade="A")
    found = assemble([ORPHANS, outside])
    assert (found.low, found.high, found.grade, found.conflict) == (0.8, 0.9, "A", False)


def test_statements_that_exclude_each_other_are_a_conflict():
    """An empty intersection is told as the hull of both, marked."""
    found = assemble([ORPHANS, replace(ORPHANS, low=0.1, high=0.2)])
    assert (found.low, found.high, found.conflict) == (0.1, 0.9, True)


@pytest.mark.parametrize("other", [{"unit": "sessions"}, {"scope": "all shops"}])
def test_other_subjects_are_not_mixed_in(other):
    """A statement of another unit or scope neither narrows nor contradicts."""
    found = assemble([ORPHANS, replace(ORPHANS, low=0.1, high=0.2, grade="declared", **other)])
    assert (found.low, found.high, found.unit, found.scope) == (0.7, 0.9, "events", "clicks in the shop")
    assert not found.conflict
    assert len(found.statements) == 3


def test_an_argument_outranks_a_declaration():
    """Grade A before B before declared before C, however narrow the declared range."""
    declared = replace(ORPHANS, probe="anchors", scope="declared", low=0.5, high=0.5, grade="declared")
    assert assemble([declared, ORPHANS]).grade == "B"
    assert assemble([declared]).grade == "declared"


def test_wanted_is_what_is_missing():
    """What is there already is not asked for; the loss pattern is asked for until it is known."""
    everything = " ".join(wanted.supply for wanted in assemble().wanted)
    assert "hand-off" in everything
    assert "--capture-rate" in everything
    assert "--loss-pattern" in everything
    less = assemble(
        [replace(ORPHANS, probe="anchors", grade="declared")],
        loss_pattern="events",
        has_roles={"series", "ordinal"},
    )
    said = " ".join(wanted.supply for wanted in less.wanted)
    assert "--capture-rate" not in said
    assert "--loss-pattern" not in said
    assert "ordinal" not in said
    assert assemble().wanted[0].supply.startswith("a panel:")  # an outside observer first
    assert "--funnel" not in everything  # no kinds of event to put in order
    assert "--funnel" in " ".join(wanted.supply for wanted in assemble(has_roles={"event"}).wanted)


def test_nothing_more_is_wanted_with_an_outside_observer():
    """Grade A leaves only the loss pattern open."""
    found = assemble([replace(ORPHANS, probe="panel", grade="A")])
    assert [wanted.supply[:19] for wanted in found.wanted] == ["the pattern of loss"]


bounds = st.tuples(st.floats(0.01, 1), st.floats(0.01, 1)).map(sorted)


@given(st.lists(bounds, min_size=1, max_size=5))
def test_no_interval_is_narrower_than_the_intersection(intervals):
    """Whatever the statements: without conflict the result lies in each of them, with one it holds each."""
    found = assemble([replace(ORPHANS, low=low, high=high) for low, high in intervals])
    assert found.low <= found.high
    for low, high in intervals:
        if found.conflict:
            assert found.low <= low <= high <= found.high
        else:
            assert low <= found.low <= found.high <= high


def test_of_one_grade_the_least_that_is_held_speaks():
    """A part that is seen well says nothing of the rest: the lower upper end is the headline's."""
    seen = replace(ORPHANS, scope="view events that led to a purchase", low=0.99, high=1.0)
    episodes = replace(ORPHANS, probe="serial_gaps", unit="episodes", scope="of series", low=0.08, high=0.4)
    found = assemble([seen, episodes])
    assert (found.unit, found.low, found.high) == ("episodes", 0.08, 0.4)


def test_a_word_about_everything_comes_before_a_proof_about_a_part():
    """Carts that are missing do not displace a declared rate of all behaviour; an outside observer would."""
    declared = replace(BARE, probe="anchors", grade="declared", low=0.3, high=0.6)
    carts = replace(ORPHANS, scope="carts", low=0.0, high=0.24)
    found = assemble([carts, declared])
    assert (found.grade, found.low, found.high) == ("declared", 0.3, 0.6)
    panel = replace(BARE, probe="panel", grade="A", low=0.35, high=0.5)
    assert (assemble([carts, declared, panel]).grade, assemble([carts, declared, panel]).low) == ("A", 0.35)


def test_an_argument_of_grade_c_never_stands_for_the_log():
    """However narrow a bound of the log's own rhythm, a bare log stays (0, 1]."""
    rhythm = replace(ORPHANS, probe="gap_law", unit="sessions", grade="C", low=0.4, high=1.0)
    found = assemble([rhythm])
    assert (found.grade, found.low, found.high) == ("C", 0.0, 1.0)
    assert rhythm in found.statements
