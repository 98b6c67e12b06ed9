from __future__ import annotations

import numpy as np
import pytest

from diagnose.predictors.candidates import Candidates
from diagnose.trial.rivals import lost_weight, restoring_weight, thin


def candidates(repeat, dropped):
    size = (len(repeat), 3)
    return Candidates(np.zeros(size, dtype=np.int64), np.array(repeat), np.zeros(size, dtype=bool), dropped)


def test_each_kept_target_stands_for_those_its_stratum_lost():
    """Two repeats kept of six, three new items kept of three: 3 and 1."""
    kept = candidates(
        [True, True, False, False, False], {"repeat: not eligible": 3, "repeat: no negatives": 1}
    )
    assert lost_weight(kept).tolist() == [3, 3, 1, 1, 1]


def test_weights_restore_the_shares_before_dropping():
    """Repeats were six of nine; among the chosen they are one of four, so they weigh (2/3) / (1/4)."""
    tried = candidates([True, True, False, False, False], {"repeat: not eligible": 4})
    weights = restoring_weight(np.array([True, False, False, False]), tried)
    assert weights == pytest.approx([8 / 3, 4 / 9, 4 / 9, 4 / 9])
    assert weights.mean() == pytest.approx(1)


def test_thinning_keeps_the_true_item_and_the_kind_of_rivals():
    """Distinct rivals at random: their share from the category stays, rows with few keep all they have."""
    item = np.tile(np.arange(50), (4000, 1))
    item[0, 3:] = -1
    by_category = np.zeros(item.shape, dtype=bool)
    by_category[:, 1:11] = True
    many = Candidates(item, np.zeros(4000, dtype=bool), by_category & (item >= 0), {})
    few = thin(many, negatives=4, rng=np.random.default_rng(0))
    assert (few.item[:, 0] == 0).all()
    assert sorted(few.item[0].tolist()) == [-1, -1, 0, 1, 2]
    assert all(len(set(row)) == 5 for row in few.item[1:])
    assert few.by_category[1:, 1:].mean() == pytest.approx(10 / 49, abs=0.015)
    np.testing.assert_array_equal(few.by_category, (few.item >= 1) & (few.item <= 10))
