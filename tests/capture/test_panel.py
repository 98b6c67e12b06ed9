"""A panel's totals against the log: the share is found, ids never leave, conflicts are told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from diagnose import engine, simulate
from diagnose.capture import panel
from diagnose.capture.active_time import active_time
from diagnose.errors import LogError
from diagnose.histories import MICROSECONDS_PER_SECOND
from diagnose.results import Skipped
from diagnose.schema.panel import UserPanel
from diagnose.settings import AnchorSettings, CaptureSettings, SampleSettings, Settings

SETTINGS = Settings()


class Quiet:
    def mapping(self, lines): ...
    def forecast(self, text, seconds=None): ...
    def advance(self, text, fraction): ...


def of(histories, total, *, measure="events"):
    """A panel of all users of some histories."""
    order = np.argsort(histories.user)
    return UserPanel(histories.user[order], order, np.asarray(total, dtype=float), measure, "")


def measured(counted, histories, *, settings=SETTINGS, seed=0):
    held = panel.PanelTally.of(counted)(histories, settings=settings)
    return panel.measure(counted, held, settings=settings, rng=np.random.default_rng(seed))


def some_of(world, rng, users=200):
    """A panel of some users' true totals."""
    chosen = rng.choice(len(world), users, replace=False)
    return of(world.select(np.sort(chosen)), world.lengths[np.sort(chosen)])


def test_sums_by_hand(write):
    """Two sessions of 10 and 0 seconds, three events; whom the panel does not know is not looked at."""
    log = write([[(0, 1, 0), (10, 2, 0), (9_000, 1, 0)], [(5, 1, 0)]])
    log = replace(log, session=np.array([0, 0, 1, 0], dtype=np.int32))
    held = panel.PanelTally(np.array([0, 7], dtype=np.uint64), np.array([1, 0]), 2)(log, settings=SETTINGS)
    assert held.events.tolist() == [0, 3]
    assert held.open_ended.tolist() == [0, 2]
    assert held.microseconds.tolist() == [0, 10 * MICROSECONDS_PER_SECOND]
    both = held + held
    assert both.events.tolist() == [0, 6]


def test_what_leads_elsewhere_is_not_counted(write):
    """A launch of another app is no viewing: the panel did not count it, so the log's side does not."""
    log = write([[(0, 1, 0), (10, 2, 0), (20, 3, 0)]])
    log = replace(log, event=np.array([0, 1, 0], dtype=np.int16), events=("play", "open_external_app"))
    tally = panel.PanelTally(np.array([0], dtype=np.uint64), np.array([0]), 1)
    leaving = replace(SETTINGS, capture=CaptureSettings(handoffs=("open_external_app",)))
    assert tally(log, settings=SETTINGS).events.tolist() == [3]
    assert tally(log, settings=leaving).events.tolist() == [2]


def test_batches_add_up(random_histories):
    """Whole users in two batches tally to the same sums as in one."""
    log = random_histories(60, seed=1)
    tally = panel.PanelTally.of(of(log, log.lengths))
    half = np.arange(60) < 25
    one, two = (tally(log.select(part), settings=SETTINGS) for part in (half, ~half))
    every = tally(log, settings=SETTINGS)
    for name in ("events", "microseconds", "open_ended", "cut"):
        np.testing.assert_array_equal(getattr(one + two, name), getattr(every, name))


def test_what_lies_elsewhere_is_no_time_here(write):
    """Play, leave, return within one session: the minute before the leave is time here, the rest is not."""
    log = write([[(0, 1, 0), (60, 2, 0), (1_800, 1, 0)]])
    log = replace(log, event=np.array([0, 1, 0], dtype=np.int16), events=("play", "leave"))
    leaving = replace(SETTINGS, capture=CaptureSettings(handoffs=("leave",)))
    held = panel.PanelTally(np.array([0], dtype=np.uint64), np.array([0]), 1)(log, settings=leaving)
    assert held.microseconds.tolist() == [60 * MICROSECONDS_PER_SECOND]
    assert (held.events.tolist(), held.open_ended.tolist()) == ([2], [1])


def test_a_runaway_is_one_by_all_its_events(write):
    """The history was cut before any hand-off is left out, so its whole length tells."""
    log = write([[(second, 1, 0) for second in range(6)]])
    log = replace(log, event=np.array([0, 1, 0, 0, 0, 0], dtype=np.int16), events=("play", "leave"))
    few = Settings(
        sample=SampleSettings(maximum_events_per_user=6), capture=CaptureSettings(handoffs=("leave",))
    )
    held = panel.PanelTally(np.array([0], dtype=np.uint64), np.array([0]), 1)(log, settings=few)
    assert held.cut.tolist() == [1]


def test_overlapping_durations_are_not_added_up(write):
    """A duration ends at the next event, however long it says; a missing one falls back to the gap."""
    log = write([[(0, 1, 0), (10, 2, 0), (30, 2, 0)]])
    timed = replace(log, duration=np.array([1e20, np.nan, 2.5], dtype=np.float32))
    held = panel.PanelTally(np.array([0], dtype=np.uint64), np.array([0]), 1)(timed, settings=SETTINGS)
    assert held.microseconds.tolist() == [32_500_000]
    assert held.open_ended.tolist() == [0]


@pytest.mark.parametrize("rate", [1.0, 0.6, 0.1])
def test_the_share_that_was_planted_is_found(rate):
    """In 12 worlds at most 4 intervals miss the share of events that the log was left with (chance < 1 %)."""
    missed = 0
    for seed in range(12):
        rng = np.random.default_rng(seed)
        world = simulate.histories(users=600, events=40, heavy_tailed=True, seed=seed)
        kept = rng.random(world.n_events) < rate
        share = measured(some_of(world, rng), world.keep_events(kept)).estimates["panel_share"]
        missed += not share.low <= kept.mean() <= share.high
    assert missed <= 4


def test_a_whole_log_is_never_proved_whole():
    """Nobody lost anything: the value is 1, the lower end leaves room for users unlike these."""
    world = simulate.histories(users=100, events=20, seed=1)
    share = measured(of(world, world.lengths), world).estimates["panel_share"]
    assert (share.value, share.high) == (1.0, 1.0)
    assert 0.95 < share.low < 1.0


def test_nearly_nobody_lost_anything_is_no_proof_either():
    """199 users with a fifth more on record than counted, one with a little less: the surplus is told.

    So much the panel missed where the log shows it; the lower end leaves room for as much elsewhere.
    """
    world = simulate.histories(users=200, events=20, seed=1)
    found = measured(of(world, world.lengths / np.append(0.99, np.full(199, 1.2))), world)
    share, surplus = found.estimates["panel_share"], found.estimates["surplus"]
    assert surplus.value == pytest.approx(0.2, abs=0.01)
    assert (share.value, share.high) == (1.0, 1.0)
    assert 0.80 < share.low < 0.85


def test_users_who_are_all_alike_prove_nothing_of_others():
    """Every user holds exactly half: the interval still has a width."""
    world = simulate.histories(users=200, events=20, seed=1)
    share = measured(of(world, 2 * world.lengths), world).estimates["panel_share"]
    assert share.low < share.value == 0.5 < share.high < 0.51


def test_time_that_the_log_does_not_tell_is_no_share():
    """A panel of minutes against a log of positions: a reason, not a share of 0."""
    world = replace(simulate.histories(users=200, events=20, seed=1), clock=False)
    found = measured(of(world, world.lengths, measure="time"), world)
    assert isinstance(found, Skipped)
    assert "counted time" in found.reason


def test_users_that_the_log_lacks_count_as_nothing_held():
    """Half of the panel's users have no event in the log: the share halves, and it is told that they lack."""
    world = simulate.histories(users=200, events=20, seed=2)
    log = world.select(np.arange(100))
    found = measured(of(world, world.lengths), log)
    assert found.estimates["panel_share"].value == pytest.approx(log.n_events / world.n_events)
    assert found.estimates["users_seen"].value == 0.5


def test_strangers_are_told():
    """Where hardly a user of the panel is in the log there is no share, and the ids are suspected."""
    world = simulate.histories(users=200, events=20, seed=2)
    found = measured(of(world, world.lengths), world.select(np.arange(3)))
    assert isinstance(found, Skipped)
    assert "ids are probably not" in found.reason
    assert panel.statements(found) == ()


def test_more_on_record_than_counted_is_a_conflict():
    """A panel that counted half of what the log holds did not count the same thing."""
    world = simulate.histories(users=200, events=20, seed=2)
    found = measured(of(world, world.lengths / 2), world)
    assert isinstance(found, Skipped)
    assert "2.00 times" in found.reason


def test_time_from_gaps_leaves_room_for_the_last_event():
    """Without durations the interval reaches from gaps alone to gaps and one more for each session."""
    world = simulate.histories(users=300, events=40, seed=3)
    took = panel.per_user(world, active_time(world, settings=SETTINGS).microseconds)
    gaps = world.n_events - int(world.opens_session.sum())
    truth = took / MICROSECONDS_PER_SECOND + np.bincount(world.user_of_event, world.opens_session) * (
        took.sum() / MICROSECONDS_PER_SECOND / gaps
    )
    share = measured(of(world, truth, measure="time"), world).estimates["panel_share"]
    assert share.value < 0.95
    assert share.high == pytest.approx(1.0, abs=0.01)
    assert share.unit == "share of time"


def test_the_statement_is_of_grade_a():
    """A panel is an outside observer; the statement carries the interval and its assumption."""
    world = simulate.histories(users=200, events=20, seed=2)
    found = measured(of(world, 2 * world.lengths), world)
    (said,) = panel.statements(found)
    share = found.estimates["panel_share"]
    assert (said.low, said.high, said.grade, said.unit) == (share.low, share.high, "A", "events")


def read(tmp_path, text, *, name="panel.csv", settings=SETTINGS):
    (tmp_path / name).write_text(text)
    return engine.read_panel(tmp_path / name, settings=settings)


LOG = {
    "whole": [7, 8, 8],
    "text": ["7", "anna", "anna"],
}


@pytest.mark.parametrize("form", sorted(LOG))
@pytest.mark.parametrize("spelled", ["{0}", "{0}.0"])
def test_ids_meet_however_they_are_spelled(tmp_path, form, spelled):
    """7 in the panel is 7 in a log of integers and '7' in a log of texts, also as 7.0."""
    log = pa.table(
        {"user_id": LOG[form], "item_id": [1, 2, 3], "timestamp": [1_700_000_000 + k for k in range(3)]}
    )
    counted = read(tmp_path, f"user,events\n{spelled.format(7)},4\n")
    got = engine.read(
        log, columns={}, settings=SETTINGS, listener=Quiet(), tallies={"panel": panel.PanelTally.of(counted)}
    )
    assert got.tallies["panel"].events.tolist() == [1]


def test_leading_zeros_are_another_id(tmp_path):
    """'007' and '7' are two users; nothing of them is kept but hashes."""
    counted = read(tmp_path, "uid,total_count\n007,4\n7,5\n")
    assert len(counted.total) == 2
    assert len(counted.hashes) == 3  # 7 has the integer's hash and the text's


def test_minutes_and_hours_are_seconds(tmp_path):
    """The unit of time is in the column's name, and it is said how the file was read."""
    assert read(tmp_path, "user;watch_minutes\na;2\n").total.tolist() == [120.0]
    hours = read(tmp_path, '{"user": "a", "totalHours": 1.5}\n', name="panel.jsonl")
    assert (hours.total.tolist(), hours.measure) == ([5400.0], "time")
    assert "3600 seconds" in hours.note


def test_segments_are_read_with_their_users(tmp_path):
    """A column of categories makes a panel of segments; its size is one number on all rows."""
    counted = read(tmp_path, "category,events,panel_users\nbooks,4,30\ngames,5,30\n")
    assert (counted.names, counted.key, counted.users) == (("books", "games"), "category", 30)
    with pytest.raises(LogError, match="panel's size"):
        read(tmp_path, "category,events,panel_users\nbooks,4,30\ngames,5,20\n")


def test_all_faults_of_the_columns_at_once(tmp_path):
    """No key and two totals: both are said, with the columns that are there."""
    with pytest.raises(LogError) as caught:
        read(tmp_path, "who,events,minutes\na,1,2\n")
    assert "no column names users" in str(caught.value)
    assert "2 columns could be the totals" in str(caught.value)
    assert "who" in str(caught.value)


def test_all_faults_of_the_rows_at_once(tmp_path):
    """Missing ids, senseless totals and repeated users are counted in one message that names no user."""
    with pytest.raises(LogError) as caught:
        read(tmp_path, "user,events\nanna,-1\nanna,2\n,3\nbert,many\ncarl,inf\n")
    told = str(caught.value)
    for fault in (
        "1 totals below zero",
        "1 users with more",
        "1 rows without a user",
        "2 totals that are missing",
    ):
        assert fault in told
    assert "anna" not in told


@pytest.mark.parametrize("text", ["user,events\n", "user,events\na,0\n", ""])
def test_a_panel_of_nothing_is_an_error(tmp_path, text):
    """No rows, no bytes, or totals of zero."""
    with pytest.raises(LogError):
        read(tmp_path, text)


def test_hostile_names_are_columns_and_nothing_more(tmp_path):
    """Quotes and SQL in names and ids are text."""
    counted = read(tmp_path, 'user,"events"";--"\n"a\'; SELECT 1",3\n')
    assert counted.total.tolist() == [3.0]


def test_a_log_is_no_panel(tmp_path):
    """A file of very many rows is one of events."""
    few = Settings(anchors=AnchorSettings(most_panel_rows=2))
    with pytest.raises(LogError, match="--second-log"):
        read(tmp_path, "user,events\na,1\nb,1\nc,1\n", settings=few)
