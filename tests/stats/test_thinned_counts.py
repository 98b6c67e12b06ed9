"""How many of some things are on record tells what share of them was recorded, law by law."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.stats.thinned_counts import nothing, pairs_on_record, recorded_share

SPREADS = (0.0, 0.25, 1.0, 2.0)


@pytest.mark.parametrize("spread", SPREADS)
@given(share=st.floats(0.02, 1.0), further=st.floats(0.0, 6.0))
def test_the_law_is_inverted(spread, share, further):
    """Moments worked out from a share and a law give that share back."""
    mean = share * (1 + further)
    none = (1 - share) * nothing(np.array(mean - share), spread=spread)
    assert recorded_share(none, np.array(mean), spread=spread) == pytest.approx(share, abs=1e-3)


@given(none=st.floats(0.0, 1.0), mean=st.floats(0.0, 20.0))
def test_more_unequal_numbers_mean_a_higher_share_and_one_each_the_highest(none, mean):
    """Poisson numbers give the lowest share, 1 - the share without any bounds them all."""
    mean = max(mean, 1 - none)
    shares = [float(recorded_share(np.array(none), np.array(mean), spread=spread)) for spread in SPREADS]
    assert all(low <= high + 1e-9 for low, high in pairwise(shares))
    assert shares[0] >= 0
    assert shares[-1] <= 1 - none + 1e-9 or none == 0


def test_geometric_numbers_have_a_closed_form():
    """With geometric numbers q = 1 - P0 m, m the mean on record of those that have one."""
    found = recorded_share(np.array([0.25, 0.5]), np.array([1.5, 0.6]), spread=1.0)
    assert found.tolist() == pytest.approx([1 - 0.25 * 2.0, 1 - 0.5 * 1.2])


def test_more_without_any_than_the_law_can_give_is_no_share():
    """A mean of 3 on record and half without any: no Poisson law loses that much by chance."""
    assert recorded_share(np.array([0.5]), np.array([3.0]), spread=0.0).tolist() == [0.0]


def test_pairs_are_those_of_drawn_numbers():
    """E X(X - 1) is that of 400,000 thinned draws."""
    rng = np.random.default_rng(3)
    numbers = 1 + rng.poisson(2.0 * rng.gamma(1.5, 1 / 1.5, 400_000))
    seen = rng.binomial(numbers, 0.4)
    expected = pairs_on_record(np.array(0.4), np.array(0.4 * 3.0), spread=2 / 3)
    assert float((seen * (seen - 1.0)).mean()) == pytest.approx(float(expected), rel=0.02)
