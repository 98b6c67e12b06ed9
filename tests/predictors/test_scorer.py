import numpy as np
import pytest

from diagnose.predictors.ranking import auc_per_target
from diagnose.predictors.scorer import fit_scorer


def choices(rng, weights, *, n=4000, columns=5):
    """Candidate sets whose true item was chosen by a logit with these weights, brought to column 0."""
    features = rng.normal(size=(n, columns, len(weights)))
    utility = features @ weights + rng.gumbel(size=(n, columns))
    chosen = utility.argmax(axis=1)
    rows = np.arange(n)
    features[rows, 0], features[rows, chosen] = features[rows, chosen].copy(), features[rows, 0].copy()
    return features.astype(np.float32), np.ones((n, columns), dtype=bool)


@pytest.fixture
def rng():
    return np.random.default_rng(1)


def test_planted_weights_are_found(rng):
    """The logit that made the choices is recovered, on features of any scale."""
    features, mask = choices(rng, np.array([1.0, -0.5, 0.0]))
    scales = np.array([10.0, 0.1, 1.0], dtype=np.float32)
    fitted = fit_scorer(features * scales + 3, mask, np.arange(len(features)))
    np.testing.assert_allclose(fitted.weights[0] / fitted.scales[0] * scales, [1.0, -0.5, 0.0], atol=0.08)


def test_each_stratum_has_weights_of_its_own(rng):
    """What helps among repeats may harm among new items."""
    new, mask = choices(rng, np.array([1.0]), n=2000)
    old, _ = choices(rng, np.array([-1.0]), n=2000)
    features, repeat = np.concatenate([new, old]), np.repeat([False, True], 2000)
    mask = np.concatenate([mask, mask])
    fitted = fit_scorer(features, mask, np.arange(4000), repeat=repeat)
    assert fitted.weights[0, 0] > 0.8
    assert fitted.weights[1, 0] < -0.8
    auc = auc_per_target(fitted.score(features, repeat), mask)
    assert auc[repeat].mean() > 0.65
    assert auc[~repeat].mean() > 0.65


def test_a_small_stratum_shares_the_weights_of_all(rng):
    """Twenty repeats cannot carry weights of their own."""
    features, mask = choices(rng, np.array([1.0]), n=1000)
    repeat = np.arange(1000) < 20
    fitted = fit_scorer(features, mask, np.arange(1000), repeat=repeat)
    np.testing.assert_array_equal(fitted.weights[0], fitted.weights[1])


def test_masked_columns_change_nothing(rng):
    """More padding, whatever it holds, leaves weights and scores as they are."""
    features, mask = choices(rng, np.array([1.0, 0.3]), n=500)
    padded = np.concatenate([features, np.full((500, 2, 2), 99, dtype=np.float32)], axis=1)
    padded_mask = np.concatenate([mask, np.zeros((500, 2), dtype=bool)], axis=1)
    plain, wide = fit_scorer(features, mask, np.arange(500)), fit_scorer(padded, padded_mask, np.arange(500))
    np.testing.assert_allclose(plain.weights, wide.weights, rtol=1e-9)
    np.testing.assert_allclose(plain.score(features), wide.score(padded)[:, :5], rtol=1e-5)


def test_a_heavy_user_weighs_as_much_as_a_light_one(rng):
    """Repeating all targets of one user does not move the weights."""
    features, mask = choices(rng, np.array([1.0]), n=400)
    users = np.arange(400)
    often = np.concatenate([users, np.zeros(300, dtype=np.int64)])
    one = fit_scorer(features, mask, users)
    many = fit_scorer(features[often], mask[often], often)
    slopes = [fitted.weights[0, 0] / fitted.scales[0, 0] for fitted in (one, many)]
    assert slopes[0] == pytest.approx(slopes[1], rel=0.02)


def test_a_warm_start_saves_time_and_changes_nothing(rng):
    """Newton's method ends at the same weights from anywhere."""
    features, mask = choices(rng, np.array([2.0, -1.0]), n=1000)
    cold = fit_scorer(features, mask, np.arange(1000))
    other = fit_scorer(features[:500, :, ::-1], mask[:500], np.arange(500))
    warm = fit_scorer(features, mask, np.arange(1000), start=other)
    np.testing.assert_allclose(cold.weights, warm.weights, atol=1e-3)


def test_constant_features_and_no_targets_are_harmless(rng):
    """A feature that never varies gets no weight; without targets all weights are 0."""
    features, mask = choices(rng, np.array([1.0, 0.0]), n=300)
    features[..., 1] = 7
    fitted = fit_scorer(features, mask, np.arange(300))
    assert fitted.weights[0, 1] == pytest.approx(0)
    nothing = fit_scorer(features[:0], mask[:0], np.arange(0))
    assert not nothing.weights.any()
    assert np.isfinite(nothing.score(features)).all()
