"""Capture and recapture against examples worked by hand."""

from __future__ import annotations

import numpy as np
import pytest

from diagnose.stats.recapture import chapman, chosen, independent, seen_by, total
from diagnose.stats.recapture import fitted as fit

TABLE = np.array([0, 60, 40, 20, 30, 12, 8, 6], dtype=float)  # by code: 1 = first list only, 7 = all three


def test_chapman_by_hand():
    """10 marked, 15 caught, 5 of them marked: 11 x 16 / 6 - 1 = 28.33 animals (the classroom's turtles)."""
    assert chapman(np.array(10.0), np.array(15.0), np.array(5.0)) == pytest.approx(28.3333, abs=1e-4)


def test_chapman_of_lists_that_hold_one_another():
    """Where the second list is a part of the first, the first holds all there is."""
    assert chapman(np.array(80.0), np.array(20.0), np.array(20.0)) == pytest.approx(80.0)


def test_chapman_is_nearly_unbiased_where_petersen_is_not():
    """Few matches: Chapman's mean over many draws is the truth, that of n1 n2 / m is far above it."""
    rng = np.random.default_rng(0)
    m = rng.hypergeometric(60, 200 - 60, 30, 20_000)
    m = m[m > 0]
    found = chapman(np.array(60.0), np.array(30.0), m.astype(float))
    assert found.mean() == pytest.approx(200, rel=0.01)
    assert (60 * 30 / m).mean() > 208


@pytest.mark.parametrize(
    ("pairs", "unseen"),
    [
        (((0, 1),), 30 * (60 + 40 + 20) / (12 + 8 + 6)),  # third list independent of the other two
        (((0, 2), (1, 2)), 60 * 40 / 20),  # first and second independent, given the third
        (((0, 1), (0, 2)), 40 * 30 / 8),  # second and third independent, given the first
        (((0, 1), (0, 2), (1, 2)), 6 * 60 * 40 * 30 / (20 * 12 * 8)),  # no dependence of all three
    ],
)
def test_three_lists_by_the_closed_forms(pairs, unseen):
    """Fitted models give the unseen that Fienberg's (1972) closed forms give by hand."""
    model = fit(TABLE, lists=3, pairs=pairs)
    assert total(TABLE, model) - TABLE.sum() == pytest.approx(unseen, rel=1e-5)


def test_independence_of_three_lists_solves_its_own_equation():
    """Without dependence the total is the root of (N - n1)(N - n2)(N - n3) = N^2 (N - n), Darroch (1958)."""
    every = total(TABLE, independent(TABLE, lists=3))
    sizes = TABLE @ seen_by(3)
    assert np.prod(every - sizes) == pytest.approx(every**2 * (every - TABLE.sum()), rel=1e-4)


def test_the_dependence_that_was_planted_is_chosen():
    """Two lists that miss the same events: the model holds their pair, and the total is right by it alone."""
    rng = np.random.default_rng(3)
    mood = rng.random(40_000) < 0.5
    seen = [rng.random(40_000) < np.where(mood, 0.7, 0.2), rng.random(40_000) < np.where(mood, 0.6, 0.1)]
    seen.append(rng.random(40_000) < 0.4)
    counts = np.bincount(sum(s.astype(int) << place for place, s in enumerate(seen)), minlength=8).astype(
        float
    )
    counts[0] = 0
    model = chosen(counts, lists=3)
    assert (0, 1) in model.pairs
    assert total(counts, model) == pytest.approx(40_000, rel=0.03)
    assert total(counts, independent(counts, lists=3)) < 0.93 * 40_000


def test_lists_that_never_meet_have_no_estimate():
    """Without one event in two lists the total could be anything: no model is taken."""
    assert chosen(np.array([0, 50, 40, 0, 30, 0, 0, 0], dtype=float), lists=3) is None
