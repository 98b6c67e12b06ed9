"""Do ids last long enough to carry a history?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from diagnose.capture.identity import MOST_POINTS, IdentityTally, measure, tally
from diagnose.results import Measured, Skipped

DAY = 86_400


def test_ids_are_counted_by_their_events(write):
    """One event is an id seen once, five are enough history; users without events are no ids."""
    found = tally(write([[(1, 0, 0)], [(t, 0, 0) for t in range(5)], [], [(1, 0, 0), (2, 0, 0)]]))
    assert (found.users, found.seen_once, found.with_history) == (3, 1, 1)


def test_births_deaths_and_active_ids_by_day(write):
    """An id is born on its first day, dies on its last and is active once on each day it has events."""
    found = tally(write([[(10, 0, 0), (20, 0, 0), (2 * DAY, 0, 0)], [(30, 0, 0)]]))
    assert (found.days.start, found.days.table.tolist()) == (0, [[2, 1, 2], [0, 0, 0], [0, 1, 1]])


def test_first_event_of_the_next_user_on_the_same_day_is_active_too(write):
    """Two users with events on one day are two active ids, though they stand side by side."""
    days = tally(write([[(5, 0, 0)], [(5, 0, 0)]])).days
    assert (days.start, days.table.tolist()) == (0, [[2, 2, 2]])


def test_days_before_1970_are_days(write):
    """Calendar days round down, not towards zero."""
    days = tally(write([[(-1, 0, 0), (1, 0, 0)]])).days
    assert (days.start, days.table.tolist()) == (-1, [[1, 0, 1], [0, 1, 1]])


def test_tallies_of_batches_add_up(random_histories):
    """However the users are cut into batches, the sums are the same."""
    whole = random_histories(60, seed=2)
    merged = sum(
        (tally(whole.select(np.arange(start, start + 15))) for start in (0, 15, 30, 45)), IdentityTally()
    )
    at_once = tally(whole)
    assert merged.days == at_once.days
    assert merged.lifetimes.tolist() == at_once.lifetimes.tolist()
    assert (merged.users, merged.seen_once) == (at_once.users, at_once.seen_once)


def test_median_lifetime_is_the_planted_one(write):
    """Ids that live 10 days have a median life-time of 10 days, to the width of a class."""
    probed = measure(tally(write([[(0, 0, 0), (10 * DAY + k, 0, 0)] for k in range(200)])))
    assert probed.estimates["lifetime_median_days"].value == pytest.approx(10, rel=0.06)


def test_renewed_ids_are_born_as_fast_as_they_die(write):
    """Cookies renewed every 3 days: births match deaths all through the middle of the log."""
    rng = np.random.default_rng(0)
    ids = [[(start * DAY, 0, 0), ((start + 3) * DAY, 0, 0)] for start in rng.integers(0, 57, 2000)]
    found = measure(tally(write(ids))).estimates["births_per_death"]
    assert found.low < 1 < found.high
    assert found.high / found.low < 1.3


def test_lasting_ids_are_neither_born_nor_die_in_the_middle(write):
    """Ids that stay through the log have a birth rate of about 0 in its middle half."""
    ids = [[(day * DAY + k, 0, 0) for day in range(60)] for k in range(50)]
    found = measure(tally(write(ids))).estimates
    assert found["birth_rate"].value == found["death_rate"].value == 0.0
    assert "births_per_death" not in found


def test_positions_have_no_calendar(write):
    """A log of order only keeps the counts and leaves out all that needs a clock."""
    probed = measure(tally(write([[(t, 0, 0) for t in range(6)]] * 3, clock=False)))
    assert isinstance(probed, Measured)
    assert set(probed.estimates) == {"single_visit_share", "users_with_history_share"}
    assert probed.series == ()


def test_long_logs_are_drawn_in_steps(write):
    """Ten years of days are not drawn one by one, and no birth is lost by it."""
    probed = measure(tally(write([[(day * DAY, 0, 0)] for day in range(3650)])))
    births = next(series for series in probed.series if series.name == "births")
    assert len(births.x) <= MOST_POINTS
    assert sum(births.y) == 3650


def test_no_user_is_skipped():
    """An empty log has no identity to speak of."""
    assert isinstance(measure(IdentityTally()), Skipped)
    assert isinstance(measure(replace(IdentityTally(), users=1, seen_once=1)), Measured)
