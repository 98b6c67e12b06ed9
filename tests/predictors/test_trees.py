import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from diagnose.predictors.ranking import auc_per_target
from diagnose.predictors.scorer import fit_scorer
from diagnose.predictors.trees import BINS, Choices, boosted, steps_of


def drawn(utility, features, rng):
    """Candidate sets (n, C) whose true item was chosen by these utilities, brought to column 0."""
    chosen, rows = (utility + rng.gumbel(size=utility.shape)).argmax(axis=1), np.arange(len(utility))
    features[rows, 0], features[rows, chosen] = features[rows, chosen].copy(), features[rows, 0].copy()
    return features.astype(np.float32)


def choices_of(n, columns=5):
    """Two targets a user; the first half of the targets weighs, the second is judged."""
    rows = np.arange(n)
    return Choices(
        mask=np.ones((n, columns), dtype=bool),
        user=rows // 2,
        repeat=np.zeros(n, dtype=bool),
        weigh=rows[: n // 2],
        judge=rows[n // 2 :],
    )


def linear(features, choices):
    """The conditional logit's scores of all targets."""
    weigh = choices.weigh
    return fit_scorer(features[weigh], choices.mask[weigh], choices.user[weigh]).score(features)


def scored(features, choices):
    """Scores of the judged targets by logit and trees."""
    steps = steps_of(features.reshape(-1, features.shape[2]))
    return boosted(linear(features, choices), steps, choices)


@pytest.fixture(scope="module")
def interacting():
    """Choices by the product of two features, which no linear score can see."""
    rng = np.random.default_rng(0)
    features = rng.normal(size=(6000, 5, 3))
    return drawn(features[..., 0] * features[..., 1], features, rng), choices_of(6000)


def mean_auc(scores, choices):
    return float(np.mean(auc_per_target(scores, choices.mask[choices.judge])))


def test_a_product_of_features_is_found_that_the_logit_cannot_see(interacting):
    """The logit guesses, the trees rank."""
    features, choices = interacting
    assert mean_auc(linear(features, choices)[choices.judge], choices) < 0.53
    assert mean_auc(scored(features, choices), choices) > 0.68


def test_where_nothing_is_left_the_ranking_stays_that_of_the_logit():
    """Choices by a linear utility: trees cost less than half a point of AUC."""
    rng = np.random.default_rng(1)
    features = rng.normal(size=(6000, 5, 3))
    features = drawn(features @ np.array([1.0, -0.5, 0.0]), features, rng)
    choices = choices_of(6000)
    plain = mean_auc(linear(features, choices)[choices.judge], choices)
    assert plain > 0.7
    assert mean_auc(scored(features, choices), choices) == pytest.approx(plain, abs=0.005)


def test_a_candidate_is_scored_without_a_look_at_the_others(interacting):
    """Other negatives of a judged target leave the score of its true item as it is."""
    features, choices = interacting
    others = features.copy()
    others[choices.judge, 1:] = 0
    steps = steps_of(features.reshape(-1, 3))
    changed = steps.reshape(3, 6000, 5).copy()
    changed[:, choices.judge, 1:] = 0
    before = boosted(linear(features, choices), steps, choices)
    after = boosted(linear(others, choices), changed.reshape(3, -1), choices)
    np.testing.assert_array_equal(before[:, 0], after[:, 0])


def test_halves_share_no_user(interacting):
    """The trees of one half are weighed on users that did not grow them."""
    choices = interacting[1]
    first, second = choices.halves()
    assert not set(choices.user[first]) & set(choices.user[second])
    assert sorted([*first, *second]) == choices.weigh.tolist()


def test_the_number_of_threads_changes_no_bit(interacting):
    """One thread or two, whatever the caller allows."""
    features, choices = interacting
    with threadpool_limits(2):
        two = scored(features, choices)
    with threadpool_limits(1):
        np.testing.assert_array_equal(scored(features, choices), two)


def test_columns_without_a_candidate_change_nothing(interacting):
    """Padding, whatever it holds, moves no score."""
    features, choices = interacting
    padded = np.concatenate([features, np.full((6000, 1, 3), 9, dtype=np.float32)], axis=2 - 1)
    mask = np.concatenate([choices.mask, np.zeros((6000, 1), dtype=bool)], axis=1)
    wide = Choices(mask, choices.user, choices.repeat, choices.weigh, choices.judge)
    scores = linear(features, choices)
    steps = steps_of(features.reshape(-1, 3)).reshape(3, 6000, 5)
    more = np.concatenate([steps, np.full((3, 6000, 1), 7, dtype=np.uint8)], axis=2).reshape(3, -1)
    plain = boosted(scores, steps.reshape(3, -1), choices)
    found = boosted(np.concatenate([scores, padded[..., 5:, 0]], axis=1), more, wide)
    np.testing.assert_allclose(found[:, :5], plain, rtol=1e-5)


def test_too_few_rows_for_a_split_leave_the_logit_alone():
    """Twenty targets grow no trees; the ranking is that of the logit."""
    rng = np.random.default_rng(2)
    features = rng.normal(size=(20, 5, 2))
    features = drawn(features[..., 0] * 2, features, rng)
    choices = choices_of(20)
    plain = linear(features, choices)[choices.judge]
    assert mean_auc(scored(features, choices), choices) == mean_auc(plain, choices)


@given(st.lists(st.floats(-100, 100, width=32), min_size=2, max_size=60), st.integers(0, 2**32 - 1))
@settings(max_examples=50, deadline=None)
def test_steps_keep_the_order_of_values(values, seed):
    """A larger value is on no lower step, equal values share one, the order of rows does not matter."""
    column = np.array(values, dtype=np.float32)
    steps = steps_of(column[:, None])[0]
    assert steps.max() < BINS
    ascending = np.argsort(column, kind="stable")
    assert (np.diff(steps[ascending].astype(int)) >= 0).all()
    assert len({(value, step) for value, step in zip(values, steps.tolist(), strict=True)}) == len(
        set(values)
    )
    other = np.random.default_rng(seed).permutation(len(column))
    np.testing.assert_array_equal(steps_of(column[other, None])[0], steps[other])
