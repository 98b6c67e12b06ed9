import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from diagnose.predictors.ranking import auc_per_target, gauc, log_loss_per_target


def test_ties_count_one_half_and_masked_columns_nothing():
    """Of three negatives one is beaten, one ties and one wins; a fourth column holds nothing."""
    scores = np.array([[2.0, 1.0, 2.0, 3.0, -9.0]])
    assert auc_per_target(scores, np.array([[True, True, True, True, False]])).tolist() == [0.5]


def test_a_target_without_negatives_has_no_auc():
    """Nothing to rank against gives NaN, not a number that would enter a mean."""
    assert np.isnan(auc_per_target(np.array([[1.0, 2.0]]), np.array([[True, False]])))


@given(st.lists(st.integers(-3, 3), min_size=2, max_size=8))
def test_auc_is_that_of_the_library(values):
    """One positive among negatives: the same number as scikit-learn's area under the curve."""
    scores = np.array([values], dtype=np.float64)
    labels = [1] + [0] * (len(values) - 1)
    assert auc_per_target(scores, np.ones_like(scores, dtype=bool))[0] == pytest.approx(
        roc_auc_score(labels, values)
    )


def test_every_user_has_the_same_voice():
    """A user with three targets counts as much as a user with one."""
    ids, means = gauc(np.array([1.0, 1.0, 1.0, 0.0]), np.array([7, 7, 7, 3]))
    assert ids.tolist() == [3, 7]
    assert means.tolist() == [0.0, 1.0]


def test_log_loss_is_the_softmax_share_of_the_true_item():
    """Three equal scores cost log 3; a masked fourth changes nothing; large scores do not overflow."""
    mask = np.array([[True, True, True, False]])
    assert log_loss_per_target(np.zeros((1, 4)), mask)[0] == pytest.approx(np.log(3))
    huge = np.array([[1e4, 0.0, 0.0, 9e9]])
    assert log_loss_per_target(huge, mask)[0] == pytest.approx(0)
