from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from diagnose import simulate
from diagnose.interests import cluster_items
from diagnose.settings import InterestSettings, Settings, TrialSettings
from diagnose.trial.assembly import Assembler, TooFew
from diagnose.trial.pretraining import padded
from diagnose.trial.task import SPLITS, chronological
from diagnose.trial.windows import TRAINING, VALIDATION
from tests.trial.planted import log

QUICK = Settings(trial=TrialSettings(budget="quick", history=12))


def assemble(histories, settings=QUICK, *, ties=False):
    return Assembler(histories, settings=settings, ties=ties).assemble()


def test_chronological_turns_ages_into_time():
    """Column = age becomes oldest first, the padding moves to the right."""
    past = np.array([[9, 8, 7, -1], [4, -1, -1, -1]])
    expected = [[7, 8, 9, -1], [4, -1, -1, -1]]
    np.testing.assert_array_equal(chronological(past, np.array([3, 1])), expected)


def test_embeddings_have_one_length_and_a_zero_row_at_the_end():
    """Popularity is not in their length; what is unseen stays the zero vector."""
    table = padded(np.array([[3.0, 4.0], [0.0, 0.0], [0.1, 0.0]], dtype=np.float32))
    np.testing.assert_allclose(np.linalg.norm(table, axis=1), [2**0.5, 0, 2**0.5, 0], rtol=1e-6)


def test_the_three_orders_hold_the_same_events():
    """Shuffled and redrawn histories are permutations of the original; the original is in order of time."""
    split = assemble(log(0, tied=True), ties=True).task.test
    for order in (1, 2):
        np.testing.assert_array_equal(np.sort(split.past_item[order]), np.sort(split.past_item[0]))
    assert (split.past_item[1] != split.past_item[0]).any(axis=1).mean() > 0.5
    assert (split.past_item[2] != split.past_item[0]).any(axis=1).mean() > 0.1
    padding = np.arange(split.past_item.shape[2]) >= split.length[:, None]
    assert (split.past_item[0][padding] == 200).all()


def test_redrawn_order_is_the_original_where_nothing_ties():
    """Events more than a minute apart keep their order."""
    histories = log(1)
    split = assemble(histories, ties=True).task.test
    changed = (split.past_item[2] != split.past_item[0]).any(axis=1).mean()
    assert changed < 0.1  # two events within one minute are rare at one a day


def test_strata_are_weighted_back_to_their_shares():
    """With the weights, repeats are the share of test targets that they were before any was dropped."""
    assembled = assemble(log(2))
    test = assembled.task.test
    assert 0 < test.repeat.mean() < 1
    assert np.average(test.repeat, weights=test.weight) != test.repeat.mean()
    assert test.weight.mean() == pytest.approx(1)


def test_nothing_is_learnt_from_the_future():
    """Other items after the training window change nothing in the training split: scores, rivals, vectors."""
    histories = log(3)
    late = np.flatnonzero(
        histories.time >= Assembler(histories, settings=QUICK, ties=False).cuts.until(VALIDATION)
    )
    other, rng = histories.item.copy(), np.random.default_rng(0)
    for category in range(10):
        rows = late[histories.category[late] == category]
        other[rows] = rng.permutation(other[rows])
    assert (other != histories.item).sum() > 100
    before, after = (
        assemble(dataclasses.replace(histories, item=item)).task for item in (histories.item, other)
    )
    np.testing.assert_array_equal(before.item_embeddings, after.item_embeddings)
    for field in dataclasses.fields(before.training):
        one, two = (getattr(task.training, field.name) for task in (before, after))
        np.testing.assert_array_equal(one, two, err_msg=field.name)


def test_targets_are_of_the_event_asked_for():
    """`--target purchase` predicts purchases only; all events stay in the histories."""
    histories = log(4, users=600)
    event = (np.random.default_rng(1).random(histories.n_events) < 0.5).astype(np.int16)
    two = dataclasses.replace(histories, event=event, events=("view", "purchase"))
    settings = dataclasses.replace(QUICK, target_event="purchase")
    asked, everything = assemble(two, settings), assemble(two)
    assert asked.found[TRAINING] == pytest.approx(everything.found[TRAINING] / 2, rel=0.1)


@pytest.mark.parametrize(("repeats", "all_are"), [("exclude", False), ("only", True)])
def test_repeats_can_be_left_out_or_alone(repeats, all_are):
    """`--repeats` decides on the targets of every window; together both kinds are all targets there are."""
    asked = dataclasses.replace(QUICK, trial=dataclasses.replace(QUICK.trial, repeats=repeats))
    assembled, everything = assemble(log(7), asked), assemble(log(7))
    for name in SPLITS:
        assert (getattr(assembled.task, name).repeat == all_are).all()
    assert 0 < assembled.found[TRAINING] < everything.found[TRAINING]
    assert assembled.task.test.length.max() == everything.task.test.length.max()  # histories keep all events


def test_the_two_kinds_of_targets_are_all_of_them():
    """Nothing is both a repeat and new, and nothing is neither."""
    found = []
    for repeats in ("include", "exclude", "only"):
        asked = dataclasses.replace(QUICK, trial=dataclasses.replace(QUICK.trial, repeats=repeats))
        found.append(assemble(log(8), asked).found[TRAINING])
    assert found[0] == found[1] + found[2]


def test_the_kinds_of_targets_are_what_they_are_called():
    """Cold users have fewer than ten earlier events; cold items the zero vector; only new items have rivals
    of their category; what was tried is more than what was kept."""
    histories = log(9)
    assembled = assemble(histories)
    test, kinds = assembled.task.test, assembled.kinds
    np.testing.assert_array_equal(kinds.cold_user, test.length < 10)  # histories of up to 12 here
    zero = ~np.any(assembled.task.item_embeddings[test.item[:, 0]], axis=1)
    np.testing.assert_array_equal(kinds.cold_item, zero)
    assert not kinds.by_category[test.repeat].any()
    assert kinds.by_category[~test.repeat].any()
    of_category = test.category == test.category[:, :1]
    assert of_category[kinds.by_category & test.mask].mean() == 1
    assert len(kinds.tried.kept) > len(test)
    dropped = sum(assembled.dropped.values())
    assert (~kinds.tried.kept).sum() == dropped


def test_too_few_targets_are_no_trial():
    """Twenty users give a reason, not arrays."""
    with pytest.raises(TooFew, match="a trial needs 50"):
        assemble(log(5, users=8))


@pytest.mark.parametrize("clock", [True, False])
def test_shapes_and_codes_are_whole(clock):
    """Every code is a row of its embeddings, the true item is in column 0, masked base scores are finite."""
    task = assemble(log(6, clock=clock, users=900)).task
    for name in SPLITS:
        split = getattr(task, name)
        assert split.item.max() < len(task.item_embeddings)
        assert split.past_category.max() < len(task.category_embeddings)
        assert split.mask[:, 0].all()
        assert split.mask[:, 1:].any(axis=1).all()
        assert np.isfinite(split.base).all()
        assert (split.length >= 4).all()
    assert task.training.item.shape[1] == 5
    assert task.test.item.shape[1] == 50


def test_clusters_of_the_trial_have_not_seen_its_targets():
    """Where interests are clusters, the trial makes its own from the statistics window alone."""
    histories = cluster_items(
        simulate.histories(users=300, events=30, seed=0), settings=InterestSettings(), seed=0
    )
    made = Assembler(histories, settings=Settings(), ties=False)
    late = histories.time >= made.cuts.until(TRAINING)
    scrambled = dataclasses.replace(
        histories, item=np.where(late, np.roll(histories.item, 7), histories.item)
    )
    again = Assembler(scrambled, settings=Settings(), ties=False)
    assert np.array_equal(made.histories.category[~late], again.histories.category[~late])
    assert not np.array_equal(made.histories.category, histories.category)
