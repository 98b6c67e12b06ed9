"""Steps between interests, and what of them a moving platform would bring about by itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from diagnose import simulate
from diagnose.drift.direction import steps_between, with_top_categories
from diagnose.histories import MICROSECONDS_PER_DAY, Histories


def histories_of(*users, times=None):
    """Users as strings of one-letter categories, an event a day (or at `times`, in days)."""
    letters = "".join(users)
    names = tuple(sorted(set(letters)))
    lengths = [len(user) for user in users]
    days = [day for n in lengths for day in range(n)] if times is None else times
    zeros = np.zeros(len(letters))
    return Histories(
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        user=np.arange(len(users), dtype=np.uint64),
        item=zeros.astype(np.int64),
        category=np.array([names.index(letter) for letter in letters], dtype=np.int32),
        time=(np.array(days) * MICROSECONDS_PER_DAY).astype(np.int64),
        session=zeros.astype(np.int32),
        event=zeros.astype(np.int16),
        categories=names,
    )


def backwards(histories):
    """The same histories with the last event first."""
    index = np.concatenate([np.arange(part.stop - 1, part.start - 1, -1) for part in histories.per_user()])
    end = (histories.time.max() // MICROSECONDS_PER_DAY + 1) * MICROSECONDS_PER_DAY - 1
    return replace(
        histories,
        category=histories.category[index],
        item=histories.item[index],
        session=histories.session[index],
        time=end - histories.time[index],
    )


def test_steps_are_changes_between_neighbours_of_one_user():
    """aab, ba: a to b once, b to a once; a repeated category and the next user's first are no step."""
    steps = steps_between(histories_of("aab", "ba"))
    assert steps.source.tolist() == [0, 1]
    assert steps.target.tolist() == [1, 0]
    assert steps.user.tolist() == [0, 1]
    assert steps.days.tolist() == [1.0, 1.0]
    assert steps.counts.tolist() == [[0, 1], [1, 0]]


def test_a_tie_has_no_direction_and_is_counted():
    """a at day 0, b and c at day 1, a at day 2: b -> c is left out, and told."""
    steps = steps_between(histories_of("abca", times=[0, 1, 1, 2]))
    assert len(steps) == 2
    assert steps.tied == 1


def test_rare_categories_make_no_steps_and_still_lie_between():
    """With two categories by themselves, a -> x -> b is no step from a to b."""
    folded = with_top_categories(histories_of("aabbaxb", "abab"), 2)
    assert folded.categories == ("a", "b")
    assert steps_between(folded).counts.tolist() == [[0, 3], [2, 0]]


def test_equally_frequent_categories_are_taken_by_name():
    """Which categories stand alone never hangs on how they are coded."""
    histories = histories_of("cab", "bca")
    recoded = histories.with_categories(2 - histories.category, ("c", "b", "a"))
    assert with_top_categories(histories, 2).categories == ("a", "b")
    assert set(with_top_categories(recoded, 2).categories) == {"a", "b"}


def test_to_and_fro_adds_up_to_nothing():
    """A user who goes to b and back has no surplus either way, and no variance to lend."""
    cells = steps_between(histories_of("abababa", "ab")).by_user
    assert cells.user.tolist() == [0, 1]
    assert cells.surplus == pytest.approx([0, 1], abs=0.05)
    assert cells.variance == pytest.approx([0, 1], abs=0.05)


def test_on_a_platform_that_stands_still_a_step_counts_one():
    """Without a trend next to nothing is taken off a step's direction."""
    steps = steps_between(simulate.histories(users=1500, events=30, seed=1))
    assert steps.surplus == pytest.approx(np.ones(len(steps)), abs=0.2)
    assert steps.surplus.std() < 0.03


@pytest.mark.parametrize("knobs", [{"trend": 2.0}, {"trend": 1.0, "half_life_days": 3.0}], ids=str)
def test_a_history_read_backwards_has_its_surplus_reversed(knobs):
    """Forwards and backwards the platform's part is taken out alike: all surpluses change their sign."""
    histories = simulate.histories(users=600, events=30, seed=3, **knobs)
    there, back = (steps_between(one).by_user for one in (histories, backwards(histories)))
    assert (there.pairs == back.pairs).all()
    assert (there.user == back.user).all()
    assert there.surplus == pytest.approx(-back.surplus, abs=0.05)


@pytest.mark.parametrize("half_life", [None, 8])
def test_a_moving_platform_leads_nowhere(half_life):
    """Under a strong trend raw steps have a direction; what is left of it is noise, also where interests
    last: they were taken up under the trend of some time ago.
    """
    histories = simulate.histories(users=3000, events=40, trend=2.0, half_life_events=half_life, seed=5)
    steps = steps_between(histories)
    pairs, raw = steps.by_user, replace(steps, surplus=np.ones(len(steps))).by_user
    totals, by_trend = (np.bincount(one.column, one.surplus) for one in (pairs, raw))
    noise = np.sqrt(np.bincount(pairs.column, np.maximum(pairs.surplus**2, pairs.variance)))
    busy = np.bincount(pairs.column) >= 20
    assert np.mean((by_trend / noise)[busy] ** 2) > 1.5
    assert np.mean((totals / noise)[busy] ** 2) < 1.3
