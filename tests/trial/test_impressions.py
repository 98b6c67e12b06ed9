from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from diagnose.histories import Exposures
from diagnose.predictors.targets import find_targets
from diagnose.settings import Settings, TrialSettings
from diagnose.trial import run
from diagnose.trial.assembly import Assembler, TooFew
from diagnose.trial.impressions import Impressions, with_shown_items
from diagnose.trial.task import SPLITS
from tests.trial.planted import log, shown_log

QUICK = Settings(trial=TrialSettings(budget="quick", history=12))
TINY = Settings(
    trial=TrialSettings(budget="quick", history=10, epochs=1, validation_targets=100, negatives=3)
)


def assemble(histories, settings=QUICK):
    return Assembler(histories, settings=settings, ties=False).assemble()


def drawn(histories, *, negatives=9):
    targets = find_targets(histories, history=0, minimum_history=1)
    repeat = np.zeros(len(targets), dtype=bool)
    return Impressions.of(histories).draw(
        histories, targets, negatives=negatives, repeat=repeat, rng=np.random.default_rng(0)
    )


def by_hand(request=None, shown_request=None):
    """One user: clicks 1 at 0 s, 2 and 3 at 10 s, 4 at 20 s; shown beside: 7, 8 and 3 at 10 s, 9 at 30 s."""
    one = log(0, users=1, events=4)
    return dataclasses.replace(
        one,
        item=np.array([1, 2, 3, 4]),
        time=np.array([0, 10, 10, 20]),
        request=request,
        exposures=Exposures(
            offsets=np.array([0, 4]),
            item=np.array([7, 8, 3, 9]),
            category=np.zeros(4, dtype=np.int32),
            time=np.array([10, 10, 10, 30]),
            request=shown_request,
        ),
    )


def test_rivals_are_what_was_shown_at_the_same_time_and_not_clicked():
    """Both clicks of an impression have its two rivals; an item that was clicked in it is none, nor is the
    other click; a click beside nothing is dropped and counted."""
    targets, candidates = drawn(by_hand())
    assert targets.event.tolist() == [1, 2]
    assert candidates.item[:, 0].tolist() == [2, 3]
    assert [sorted(row[row >= 0].tolist()) for row in candidates.item[:, 1:]] == [[7, 8], [7, 8]]
    assert candidates.dropped == {"repeat: nothing else was shown": 0, "new: nothing else was shown": 1}


def test_a_request_says_what_belongs_together_whatever_the_time():
    """Clicks come after their request: its number joins them with what was shown; of 0, none, time tells."""
    told = by_hand(np.array([5, 5, 0, 6]), np.array([5, 0, 5, 6]))
    targets, candidates = drawn(told)
    found = {int(row[0]): sorted(int(one) for one in row[1:] if one >= 0) for row in candidates.item}
    assert found == {2: [3, 7], 3: [8], 4: [9]}
    assert targets.event.tolist() == [1, 2, 3]


def test_rivals_are_capped_at_random():
    """Up to as many as are asked for, each at most once, and not always the same ones."""
    histories = shown_log(0, users=100, shown=8, fewest=8)
    _, candidates = drawn(histories, negatives=3)
    rivals = candidates.item[:, 1:]
    assert (rivals >= 0).all()
    assert all(len(set(row)) == 3 for row in rivals.tolist())
    _, everything = drawn(histories, negatives=20)
    place = [list(row).index(one) for row, one in zip(everything.item[:, 1:], rivals[:, 0], strict=True)]
    assert np.bincount(place).min() > 100  # seven places, 2,300 targets


def test_every_window_has_real_impressions():
    """Training, validation, test: each target's rivals were shown beside it, and nothing else was drawn."""
    histories = shown_log(1)
    assembled = assemble(histories)
    assert (assembled.kinds.drawn, assembled.labelled) == (False, True)
    beside = set(zip(histories.exposures.user.tolist(), histories.exposures.item.tolist(), strict=True))
    for name in SPLITS:
        split = getattr(assembled.task, name)
        cells = np.nonzero(split.mask[:, 1:])
        pairs = zip(split.user[cells[0]].tolist(), split.item[:, 1:][cells].tolist(), strict=True)
        assert set(pairs) <= beside
        assert split.mask[:, 1:].sum(axis=1).min() >= 1
    assert assembled.task.test.mask[:, 1:].sum(axis=1).max() == 5
    assert not assembled.kinds.by_category.any()


def test_items_that_nobody_clicked_are_candidates_with_a_category():
    """An item that was only ever shown has a code beyond the events', the zero vector, its own category."""
    histories = shown_log(2)
    shown = histories.exposures
    item = np.where(np.arange(len(shown.item)) % 3 == 0, 200 + shown.category, shown.item)
    histories = dataclasses.replace(histories, exposures=dataclasses.replace(shown, item=item))
    assert with_shown_items(histories).n_items == 210
    assert histories.n_items == 200  # what the probes see
    task = assemble(histories).task
    test = task.test
    only_shown = test.mask & (test.item >= 200)
    assert only_shown.any()
    assert not task.item_embeddings[test.item[only_shown]].any()
    np.testing.assert_array_equal(test.category[only_shown], test.item[only_shown] - 200)
    assert np.isfinite(test.base).all()


def test_what_was_shown_is_no_history():
    """Histories, embeddings and cuts are those of the clicks alone: other exposures change none of them."""
    histories = shown_log(3)
    shown = histories.exposures
    other = dataclasses.replace(shown, item=(shown.item + 7) % 200)
    one, two = (assemble(dataclasses.replace(histories, exposures=some)).task for some in (shown, other))
    np.testing.assert_array_equal(one.item_embeddings, two.item_embeddings)
    np.testing.assert_array_equal(one.test.user, two.test.user)
    np.testing.assert_array_equal(one.test.past_item[0], two.test.past_item[0])


def test_a_log_whose_rows_are_all_clicks_draws_its_candidates_and_says_so():
    """Labels that are all 1 hold no impressions."""
    told, _ = run(
        dataclasses.replace(log(0, users=150, events=12), roles=frozenset({"label"})),
        settings=TINY, half_life_events=None, tie_rate=0.0,
    )  # fmt: skip
    assert told.candidates == "drawn"
    assert any("every row was clicked" in note for note in told.notes)
    assert "real impressions" not in told.task


def test_impressions_that_hang_together_with_no_click_are_told():
    """Where nothing was shown at the time of a click the reason names what would join them."""
    histories = shown_log(4)
    later = dataclasses.replace(histories.exposures, time=histories.exposures.time + 1)
    with pytest.raises(TooFew, match="--column request=NAME"):
        assemble(dataclasses.replace(histories, exposures=later))


def test_a_whole_trial_on_impressions_says_that_they_are_real():
    """The sentence of the task, the notes, the strata; the same numbers again."""
    histories = shown_log(5)
    first, _ = run(histories, settings=TINY, half_life_events=None, tie_rate=0.0)
    again, _ = run(histories, settings=TINY, half_life_events=None, tie_rate=0.0)
    assert first == again
    assert first.candidates == "shown"
    assert "shown beside it and not clicked (real impressions)" in first.task
    assert any("what was not clicked is in no history" in note for note in first.notes)
    assert not [one.name for one in first.strata if one.name.startswith("rivals")]


@pytest.mark.slow
@pytest.mark.parametrize(("follows", "found"), [(0.7, True), (0.0, False)])
def test_clicks_that_follow_the_last_category_are_order(follows, found):
    """Planted: the clicked item's category comes after that of the last click. Without it, no order gain."""
    quick = Settings(trial=TrialSettings(budget="quick"))
    histories = shown_log(6, users=2500, follows=follows)
    told, _ = run(histories, settings=quick, half_life_events=None, tie_rate=0.0)
    gain = next(one for one in told.contrasts if one.name == "order_gain")
    assert (gain.low > 0.02) if found else (gain.low < quick.trial.minimum_lift)
