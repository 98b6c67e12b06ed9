import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.predictors.mixture import fit_mixture, losses


def drawn_from(weights, n, seed):
    """Outcomes of a mixture of three known predictors of ten outcomes: what each gave to what happened."""
    rng = np.random.default_rng(seed)
    predictors = rng.dirichlet(np.ones(10), size=3)
    outcome = rng.choice(10, size=n, p=weights @ predictors)
    return predictors[:, outcome].astype(np.float32)


def test_the_planted_weights_come_back():
    """With many outcomes the fitted weights are the ones that made them."""
    planted = np.array([0.6, 0.3, 0.1])
    assert fit_mixture(drawn_from(planted, 200_000, 0)) == pytest.approx(planted, abs=0.03)


def test_a_useless_predictor_gets_no_weight():
    """A predictor that is worse for every outcome ends at the edge of the simplex."""
    features = np.array([[0.5, 0.4, 0.6], [0.1, 0.2, 0.3]], dtype=np.float32)
    assert fit_mixture(features) == pytest.approx([1.0, 0.0], abs=1e-4)


@given(st.integers(0, 2**32 - 1))
def test_no_neighbour_is_better(seed):
    """The mixture found is a probability, and moving weight to any single predictor gains nothing."""
    rng = np.random.default_rng(seed)
    features = rng.random((5, 60)).astype(np.float32) ** 4
    features[0] += 0.01
    weights = fit_mixture(features)
    assert weights.sum() == pytest.approx(1.0)
    assert weights.min() >= 0
    best = losses(features, weights).mean()
    for corner in np.eye(5):
        assert losses(features, 0.99 * weights + 0.01 * corner).mean() > best - 1e-4


def test_predictors_that_coincide_are_no_error():
    """Two equal predictors share their weight in some way, and the loss is that of one."""
    features = drawn_from(np.array([0.2, 0.5, 0.3]), 2_000, 1)
    doubled = np.concatenate([features, features[1:2]])
    alone, together = fit_mixture(features), fit_mixture(doubled)
    assert losses(doubled, together).mean() == pytest.approx(losses(features, alone).mean(), abs=2e-5)


def test_a_step_onto_what_rules_an_outcome_out_is_not_taken():
    """A predictor that gave no chance to what happened ends with less than all the weight, silently."""
    features = np.array([[1.0] * 50 + [0.0], [0.5] * 51], dtype=np.float32)
    weights = fit_mixture(features)
    assert 0 < weights[1] < 0.1


def test_the_start_decides_nothing():
    """The likelihood has one maximum, wherever the climb begins."""
    features = drawn_from(np.array([0.2, 0.5, 0.3]), 5_000, 2)
    here = fit_mixture(features, start=np.array([0.98, 0.01, 0.01]))
    there = fit_mixture(features, start=np.array([0.01, 0.01, 0.98]))
    assert losses(features, here).mean() == pytest.approx(losses(features, there).mean(), abs=3e-5)


def test_losses_are_bits():
    """A mixture that gives one half and one quarter costs one bit and two."""
    features = np.array([[0.5, 0.25], [0.0, 0.0]], dtype=np.float32)
    assert losses(features, np.array([1.0, 0.0])) == pytest.approx([1.0, 2.0])
