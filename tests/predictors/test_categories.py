import numpy as np
import pytest

from diagnose.predictors.categories import fold_rare, learn_transitions, transition_feature
from tests.predictors.few import K, knowledge_of, moments_of


def after_last(asked, knowledge, taught):
    """What the last category says of the next one, from the transitions of the taught moments."""
    transitions = learn_transitions(taught.truth, taught.past[:, 0], n_categories=taught.n_categories)
    return transition_feature(asked.truth, asked.past[:, 0], knowledge, transitions)


def test_co_occurrence_spreads_each_target_over_its_past():
    """Category 0 in the past was followed by 1 with weight 1/2 and by 2 with weight 1."""
    moments = moments_of([1, 2], [[0, 1, K], [0, 0, K]])
    together = knowledge_of(moments, smoothing=1e-9).together
    assert together[:, 0] == pytest.approx([0, (1 / 2) / (3 / 2), 1 / (3 / 2)], abs=1e-6)
    assert np.all(together[:, K] == 0)


def test_transitions_follow_the_last_event_only():
    """Without smoothing P(next | last) is the share among targets with that last event."""
    moments = moments_of([1, 1, 2, 0], [[0, 2], [0, 1], [0, 0], [2, 0]])
    knowledge = knowledge_of(moments, smoothing=1e-9)
    found = after_last(moments, knowledge, moments)
    assert found == pytest.approx([2 / 3, 2 / 3, 1 / 3, 1], abs=1e-6)


def test_unseen_transitions_fall_back_and_are_never_impossible():
    """A pair nobody made gets its probability from co-occurrence, and that from popularity."""
    taught = moments_of([1, 1, 0], [[0, K], [0, K], [0, K]])
    knowledge = knowledge_of(taught, smoothing=5.0)
    asked = moments_of([2, 0, 1], [[0, K], [2, K], [2, K]])
    found = after_last(asked, knowledge, taught)
    assert found.min() > 0
    assert found[1:] == pytest.approx(knowledge.popularity.overall[[0, 1]], rel=1e-5)


def test_transitions_to_all_categories_sum_to_one():
    """Asked for each category in turn, the feature is a distribution over categories."""
    rng = np.random.default_rng(0)
    taught = moments_of(rng.integers(0, K, 50), rng.integers(0, K, (50, 4)))
    asked = moments_of([0, 1, 2], [[2, 0, 0, K]] * K)
    assert after_last(asked, knowledge_of(taught, smoothing=5.0), taught).sum() == pytest.approx(1.0)


def test_rare_categories_share_the_last_code():
    """The most frequent come first; all beyond the maximum are one category, "other"."""
    codes, n = fold_rare(np.array([5, 5, 5, 2, 2, 0, 1]), n_categories=7, maximum=2)
    assert codes.tolist() == [0, 0, 0, 1, 1, 2, 2]
    assert n == 3


def test_few_categories_are_only_renumbered():
    """Without too many categories nothing is folded and unused codes are gone."""
    codes, n = fold_rare(np.array([4, 4, 9]), n_categories=12, maximum=2000)
    assert codes.tolist() == [0, 0, 1]
    assert n == 2
