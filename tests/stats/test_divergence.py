"""Jensen-Shannon divergence is a distance of distributions: in [0, 1], symmetric, 0 on itself."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.stats.divergence import jensen_shannon

mixes = st.integers(1, 8).flatmap(
    lambda size: st.tuples(
        *[st.lists(st.floats(0, 100), min_size=size, max_size=size).filter(lambda w: sum(w) > 1e-3)] * 2
    )
)


def apart(one, two):
    return float(jensen_shannon(np.array(one, dtype=float), np.array(two, dtype=float)))


def test_cases_worked_by_hand():
    """Nothing in common is 1 bit; (1, 0) against (1/2, 1/2) is H(3/4) - 1/2 = 0.3113 bits."""
    assert apart([1, 0], [0, 5]) == 1.0
    entropy = -(0.75 * np.log2(0.75) + 0.25 * np.log2(0.25))
    assert apart([1, 0], [1, 1]) == pytest.approx(entropy - 0.5)


@given(mixes)
def test_in_the_unit_interval_symmetric_and_zero_on_itself(pair):
    """For any two mixes, and in whatever unit they are weighed."""
    one, two = pair
    assert 0 <= apart(one, two) <= 1
    assert apart(one, two) == pytest.approx(apart(two, one), abs=1e-12)
    assert apart(one, one) == pytest.approx(0, abs=1e-12)
    assert apart(np.array(one) * 3, two) == pytest.approx(apart(one, two), abs=1e-9)


@given(mixes, st.randoms())
def test_names_of_categories_do_not_matter(pair, random):
    """Relabelling the categories changes nothing."""
    order = list(range(len(pair[0])))
    random.shuffle(order)
    renamed = (np.array(mix)[order] for mix in pair)
    assert apart(*renamed) == pytest.approx(apart(*pair), abs=1e-12)


def test_many_at_once_and_nothing_of_nothing():
    """Along the last axis of any shape; a mix without weight has no divergence."""
    one = np.array([[[1.0, 0.0], [0.0, 0.0]]])
    found = jensen_shannon(one, np.array([[[0.0, 1.0], [1.0, 1.0]]]))
    assert found.shape == (1, 2)
    assert found[0, 0] == 1.0
    assert np.isnan(found[0, 1])
