"""Whole-log transitions; the counts themselves are checked against an oracle in tests/engine."""

from __future__ import annotations

from diagnose import simulate
from diagnose.drift.transitions import TransitionTally, tally


def test_the_sums_keep_the_names_of_their_codes():
    """A batch without events has no names; whatever it is added to keeps its own."""
    histories = simulate.histories(users=20, events=10, seed=1)
    found = TransitionTally() + tally(histories) + tally(histories)
    assert found.names == histories.categories
    assert (found.observed == 2 * tally(histories).observed).all()
