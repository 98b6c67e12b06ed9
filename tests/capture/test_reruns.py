"""How far does a fault of the log move the item order gain?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from diagnose.capture.reruns import moved
from diagnose.predictors.candidates import NONE, draw
from diagnose.predictors.eligibility import Stock
from diagnose.predictors.item_rerun import Ranked
from diagnose.predictors.targets import find_targets
from diagnose.settings import Settings
from diagnose.simulate import histories

FEW = replace(
    Settings(),
    item_order=replace(Settings().item_order, minimum_users=200),
    thinning=replace(Settings().thinning, rerun_targets=3_000, tie_redraws=2),
)
DAYS = 7.0


def shifts(log, affected=None, seed=0, settings=FEW, threads=1):
    return moved(log, affected or {}, settings=settings, rng=np.random.default_rng(seed), threads=threads)


def ranked_of(log, history=20):
    found = find_targets(log, history=history, minimum_history=4)
    stock = Stock.of(log, eligible_days=DAYS)
    targets, candidates = draw(log, found, stock=stock, negatives=4, rng=np.random.default_rng(0))
    return Ranked(log, targets, candidates, np.arange(log.n_events), np.arange(len(targets)))


def test_nothing_affected_moves_nothing():
    """An empty mask, and ties where there are none: no shift, and no run."""
    log = histories(users=300, events=15, seed=1)
    assert shifts(log, {"outages": np.zeros(log.n_events, dtype=bool)}) == {
        "outages": (0.0, 0.0),
        "ties": (0.0, 0.0),
    }


def test_too_few_users_are_an_empty_mapping():
    """Below the needed users nothing is said of any fault; a fault that leaves too few is left out."""
    log = histories(users=100, events=15, seed=1)
    assert shifts(log, {"bots": np.ones(log.n_events, dtype=bool)}) == {}
    log = histories(users=300, events=15, seed=1)
    assert "bots" not in shifts(log, {"bots": log.user_of_event < 150})


def test_without_events_that_make_the_order_it_is_gone():
    """Half the users walk a cycle: without the walkers the gain falls, without the others it grows."""
    walking = histories(users=600, events=20, seed=2, directed=0.9, items_per_category=2)
    order = np.lexsort((np.random.default_rng(0).random(walking.n_events), walking.user_of_event))
    mixed_up = walking.user_of_event % 2 == 1
    index = np.where(mixed_up, order, np.arange(walking.n_events))
    log = replace(walking, item=walking.item[index], category=walking.category[index])
    found = shifts(log, {"walkers": ~mixed_up, "others": mixed_up})
    assert found["walkers"][1] < -0.02
    assert found["others"][0] > 0.02


def test_harmless_events_hardly_move_it():
    """One event in two hundred lost at random shifts the gain by less than a hundredth."""
    log = histories(users=600, events=20, seed=3, half_life_events=8)
    low, high = shifts(log, {"some": np.random.default_rng(0).random(log.n_events) < 0.005})["some"]
    assert -0.01 < low <= high < 0.01


def test_ties_without_order_change_nothing():
    """The order inside ties is chance in the log already: the interval holds 0 and is narrow."""
    low, high = shifts(histories(users=600, events=20, seed=4, half_life_events=8, ties=0.3))["ties"]
    assert -0.01 < low <= 0.0015
    assert -0.0015 <= high < 0.01


def test_order_that_lives_in_ties_falls_when_they_are_redrawn():
    """Paths whose steps share a time with the next but one: read from the file's order, they are lost."""
    log = histories(users=800, events=20, seed=5, directed=0.95, items_per_category=2)
    coarse = replace(log, time=log.time[log.offsets[log.user_of_event] + log.rank // 4 * 4])
    assert shifts(coarse)["ties"][1] < -0.02


def test_redrawing_moves_events_inside_their_ties_only():
    """Times stay, each user's events at each time are the same set, and each keeps its identity."""
    ranked = ranked_of(histories(users=50, events=20, seed=6, ties=0.5))
    redrawn = ranked.with_ties_redrawn(rng=np.random.default_rng(1))
    log, moved_log = ranked.histories, redrawn.histories
    assert (moved_log.item == log.item[redrawn.event_id]).all()
    assert (log.time[redrawn.event_id] == log.time).all()
    assert (log.user_of_event[redrawn.event_id] == log.user_of_event).all()
    assert (moved_log.item != log.item).any()


def test_what_is_left_keeps_its_place_and_its_rule():
    """Without some events, targets are the same events, and repeats still rank against earlier items only."""
    log = histories(users=80, events=25, seed=7, items_per_category=4)
    ranked, affected = ranked_of(log), np.random.default_rng(2).random(log.n_events) < 0.2
    left = ranked.without(affected, minimum_history=4, eligible_days=DAYS)
    assert 0 < len(left.targets) < len(ranked.targets)
    assert (left.event_id[left.targets.event] == ranked.targets.event[left.target_id]).all()
    earlier = Stock.of(left.histories, eligible_days=DAYS).earlier
    boundary = left.histories.offsets[left.targets.user] + left.targets.seen
    known = earlier.holds(left.targets.user[:, None], left.candidates.item, boundary[:, None])
    held = left.candidates.item != NONE
    assert (known[held] == np.broadcast_to(left.candidates.repeat[:, None], known.shape)[held]).all()
    assert held[:, 0].all()
    assert held[:, 1:].any(axis=1).all()


def test_shuffles_are_shared():
    """A past that loses an event is shuffled as before: the others keep their order."""
    ranked = ranked_of(histories(users=30, events=25, seed=8))
    affected = np.random.default_rng(3).random(ranked.histories.n_events) < 0.1
    left = ranked.without(affected, minimum_history=4, eligible_days=DAYS)

    def order(some, row):
        age, past = some._shuffled()[0][row], some.targets.past[row]
        return [int(some.event_id[past[column]]) for column in np.argsort(age) if past[column] >= 0]

    row = 5
    before = [event for event in order(ranked, left.target_id[row]) if not affected[event]]
    after = [event for event in order(left, row) if event in set(before)]
    assert after == before


def test_the_same_seed_gives_the_same_shifts_on_any_threads():
    """Everything random comes from the generator."""
    log = histories(users=300, events=15, seed=9, ties=0.2)
    mask = {"some": log.rank == 3}
    assert shifts(log, mask, seed=1) == shifts(log, mask, seed=1, threads=2)


@pytest.mark.slow
def test_positions_are_enough():
    """A log of positions is run again like any other."""
    log = histories(users=400, events=20, seed=10, half_life_events=8)
    bare = replace(log, clock=False, time=log.rank.astype(np.int64))
    assert set(shifts(bare, {"first": bare.rank == 0})) == {"first", "ties"}
