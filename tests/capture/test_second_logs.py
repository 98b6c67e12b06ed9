"""Two logs and more of the same events: matched one to one, and what none of them has is estimated."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose import engine, simulate
from diagnose.capture import second_logs
from diagnose.capture.matching import histories_seen, matched
from diagnose.capture.observed import tally
from diagnose.capture.tolerance import settled
from diagnose.errors import LogError
from diagnose.histories import MICROSECONDS_PER_SECOND
from diagnose.results import Skipped
from diagnose.settings import AnchorSettings, Settings

SETTINGS = Settings()


class Quiet:
    def mapping(self, lines): ...
    def forecast(self, text, seconds=None): ...
    def advance(self, text, fraction): ...


def ints(*values):
    return np.array(values, dtype=np.int64)


def measured(*logs, settings=SETTINGS, seed=0):
    lists = [tally(log, settings=settings) for log in logs]
    return second_logs.measure(lists, settings=settings, rng=np.random.default_rng(seed))


def lost(world, rate, rng):
    """The world with each event kept with probability `rate`, one number or one an event."""
    return world.keep_events(rng.random(world.n_events) < rate)


def test_matching_by_hand():
    """Times 0, 10, 30 against 12, 29, 100 within 5: 10 and 30 find theirs; the other key is in one list."""
    partner = matched(ints(1, 1, 1, 2), ints(0, 10, 30, 5), ints(1, 1, 1), ints(100, 12, 29), tolerance=5)
    assert partner.tolist() == [-1, 1, 2, -1]


def test_an_event_has_one_partner():
    """Two records within the tolerance of one: the first takes it, the second has none."""
    assert matched(ints(1, 1), ints(0, 1), ints(1), ints(2), tolerance=5).tolist() == [0, -1]


@given(st.integers(0, 2**32), st.integers(0, 30))
def test_matching_is_one_to_one_symmetric_and_within_the_tolerance(seed, tolerance):
    """Whatever the lists, either way round as many pairs, none used twice, none too far apart."""
    rng = np.random.default_rng(seed)
    one, two = ((rng.integers(0, 4, n), rng.integers(0, 100, n)) for n in rng.integers(0, 40, 2))
    there = matched(*one, *two, tolerance=tolerance)
    back = matched(*two, *one, tolerance=tolerance)
    found = np.flatnonzero(there >= 0)
    assert len(set(there[found])) == len(found) == (back >= 0).sum()
    assert (one[0][found] == two[0][there[found]]).all()
    assert (np.abs(one[1][found] - two[1][there[found]]) <= tolerance).all()


def test_three_lists_join_to_histories():
    """An event of lists 1 and 3, one of 2 and 3, one of 3 alone."""
    _, _, code = histories_seen(
        [ints(1), ints(2), ints(1, 2, 3)], [ints(0), ints(0), ints(1, 1, 1)], tolerance=2
    )
    assert sorted(code.tolist()) == [0b100, 0b101, 0b110]


def test_the_tolerance_is_learnt_from_the_logs():
    """Clocks that differ by up to 2 seconds need no more than 3, though users come back within the minute."""
    rng = np.random.default_rng(0)
    key = np.repeat(np.arange(20_000), 2)
    time = np.repeat(rng.integers(0, 10**12, 20_000), 2) + np.tile([0, 30_000_000], 20_000)
    seen = [rng.random(40_000) < 0.5 for _ in range(2)]
    late = rng.integers(-2_000_000, 2_000_000, 40_000)
    keys, times = [key[s] for s in seen], [time[seen[0]], (time + late)[seen[1]]]
    found = settled(keys, times, step=1, widest=60_000_000, slack=0.01)
    assert 2_000_000 <= found.width <= 10_000_000


@pytest.mark.parametrize("rate", [1.0, 0.6, 0.3, 0.1, 0.03])
def test_the_share_that_was_planted_is_found_by_two_logs(rate):
    """Of 8 worlds with independent lists at most 3 intervals miss the planted share (chance < 1 %)."""
    missed = 0
    for seed in range(8):
        rng = np.random.default_rng(seed)
        world = simulate.histories(users=300, events=30, heavy_tailed=True, seed=seed)
        kept = rng.random(world.n_events) < rate
        share = measured(world.keep_events(kept), lost(world, 0.5, rng)).estimates["second_log_share"]
        missed += not share.low <= kept.mean() <= share.high
    assert missed <= 3


def test_dependence_makes_the_log_look_fuller_than_it_is():
    """Both logs miss the same hard events: two lists say too much, three find the dependence and say less."""
    rng = np.random.default_rng(1)
    world = simulate.histories(users=800, events=40, seed=1)
    easy = rng.random(world.n_events) < 0.5
    rate = np.where(easy, 0.8, 0.2)
    logs = [lost(world, rate, rng), lost(world, rate, rng), lost(world, 0.4, rng)]
    truth = logs[0].n_events / world.n_events
    two, three = measured(*logs[:2]), measured(*logs)
    assert two.estimates["second_log_share"].low > truth + 0.1
    assert abs(three.estimates["second_log_share"].value - truth) < 0.03
    assert three.estimates["share_if_independent"].value > truth + 0.05


def test_strata_see_items_that_every_observer_misses():
    """Rare items are rarely caught by either log: strata of popularity come nearer the truth."""
    rng = np.random.default_rng(2)
    world = simulate.histories(users=800, events=40, seed=2, items_per_category=200)
    events = np.bincount(world.item)[world.item]
    rate = np.where(events > np.median(events), 0.9, 0.3)
    log, other = lost(world, rate, rng), lost(world, rate, rng)
    truth = log.n_events / world.n_events
    found = measured(log, other).estimates
    assert found["pooled_share"].value > found["share_by_item_popularity"].value > truth
    assert found["second_log_share"].low == pytest.approx(found["share_by_item_popularity"].low, rel=0.01)


def test_users_chosen_by_one_log_would_look_better_caught():
    """Users with five events in the log are those it caught well: so no minimum of events chooses them."""
    rng = np.random.default_rng(3)
    world = simulate.histories(users=3_000, events=15, heavy_tailed=True, seed=3)
    log, other = lost(world, 0.2, rng), lost(world, 0.5, rng)
    caught = np.isin(world.user, log.with_history(5).user)
    fair = measured(log, other).estimates["pooled_share"]
    chosen = measured(log.select(caught), other.select(caught)).estimates["pooled_share"]
    assert fair.low <= 0.2 <= fair.high
    assert chosen.low > 0.22


def test_disjoint_logs_are_not_two_lists():
    """Two platforms share users and items but no event: no number, no statement, and the reason why."""
    rng = np.random.default_rng(4)
    world = simulate.histories(users=500, events=40, seed=4)
    here = rng.random(world.n_events) < 0.5
    found = measured(world.keep_events(here), world.keep_events(~here))
    assert isinstance(found, Skipped)
    assert "not lists of the same events" in found.reason
    assert second_logs.statements(found) == ()


def test_clocks_of_two_zones_are_suspected():
    """The same events an hour apart: users and items meet, times do not, and that is what is said."""
    world = simulate.histories(users=300, events=40, seed=5)
    found = measured(world, replace(world, time=world.time + 3_600 * MICROSECONDS_PER_SECOND))
    assert isinstance(found, Skipped)
    assert "time zones may differ" in found.reason


def test_logs_without_times_or_days_in_common_are_skipped(write):
    """Positions are no times; a log of another month has nothing to compare."""
    log = write([[(0, 1, 0)], [(5, 1, 0)]])
    assert "positions" in measured(log, replace(log, clock=False)).reason
    assert "different times" in measured(log, replace(log, time=log.time + 10**12)).reason


def test_only_kinds_of_event_that_all_know_are_compared():
    """The other log knows purchases only: views of this one are no events that it missed."""
    rng = np.random.default_rng(6)
    world = simulate.histories(users=400, events=40, seed=6)
    kind = (rng.random(world.n_events) < 0.4).astype(np.int16)
    world = replace(world, event=kind, events=("view", "purchase"))
    bought = world.keep_events(kind == 1)
    other = replace(bought, event=np.zeros(bought.n_events, dtype=np.int16), events=("purchase",))
    share = measured(lost(world, 0.5, rng), lost(other, 0.5, rng)).estimates["second_log_share"]
    assert share.low <= 0.5 <= share.high


def of_kinds(world, names, *, per_event=None):
    """The world's events as kinds: one name, or by a code for each event."""
    code = np.zeros(world.n_events, dtype=np.int16) if per_event is None else per_event
    return replace(world, event=code.astype(np.int16), events=tuple(names))


def test_logs_without_a_kind_in_common_are_not_compared():
    """Views against PAYMENT gave .998 to 1 of grade A; a third log without kinds changes nothing."""
    world = simulate.histories(users=300, events=30, seed=9)
    views, payments = of_kinds(world, ["view"]), of_kinds(world, ["PAYMENT\x1b[1m"])
    for logs in ((views, payments), (views, payments, of_kinds(world, []))):
        found = measured(*logs)
        assert isinstance(found, Skipped)
        assert "no kind of event in common" in found.reason
        assert "map the names" in found.reason
        assert "\x1b" not in found.reason


def test_the_scope_names_the_kinds_that_were_compared():
    """Of views and buys against buys and refunds only the buys are; none is named where all are common."""
    rng = np.random.default_rng(9)
    world = simulate.histories(users=300, events=60, seed=9)
    code = rng.integers(0, 2, world.n_events)
    first = of_kinds(world, ["buy\x1b", "view"], per_event=code)
    other = of_kinds(world, ["buy\x1b", "refund"], per_event=code)
    found = measured(lost(first, 0.6, rng), lost(other, 0.5, rng))
    share = found.estimates["second_log_share"]
    assert share.low <= 0.6 <= share.high
    (said,) = second_logs.statements(found)
    assert said.scope.startswith(second_logs.SCOPE)
    assert "only: buy" in said.scope
    assert "view" not in said.scope
    assert "\x1b" not in said.scope
    compared = next(each for each in found.series if each.name == second_logs.KINDS)
    assert compared.x == ("buy\x1b",)
    assert 0 < compared.y[0] < (code == 0).sum()
    here, _ = second_logs.statements(measured(lost(first, 0.6, rng), lost(first, 0.5, rng)))
    assert here.scope == second_logs.SCOPE


def test_too_many_observers_are_refused():
    """Models of more lists than the settings allow are not searched."""
    world = simulate.histories(users=100, events=20, seed=7)
    assert "more than" in measured(*[world] * 6).reason


def test_the_statement_says_what_it_rests_on():
    """Grade A, events, the assumption of independence for two logs and another one for three."""
    rng = np.random.default_rng(8)
    world = simulate.histories(users=300, events=30, seed=8)
    logs = [lost(world, rate, rng) for rate in (0.6, 0.5, 0.5)]
    (two, of_all), (three, _) = (second_logs.statements(measured(*logs[:n])) for n in (2, 3))
    assert of_all.whole
    assert not two.whole
    assert (of_all.low, of_all.high) == (0.0, two.high)  # what neither sees makes it less, never more
    assert two.grade == three.grade == "A"
    assert "independently" in two.assumption
    assert two.assumption != three.assumption


def test_the_tally_keeps_the_users_of_smallest_hashes(random_histories):
    """In one batch or three, in any order: the same users, whole, and the span of all."""
    log = random_histories(90, seed=1)
    few = Settings(anchors=AnchorSettings(users=20))
    part = np.random.default_rng(0).integers(0, 3, 90)
    every = tally(log, settings=few)
    a, b, c = (tally(log.select(part == which), settings=few) for which in range(3))
    for merged in (a + b + c, c + (a + b)):
        assert sorted(merged.user) == sorted(every.user) == list(range(20))
        assert (merged.first, merged.last, merged.bound) == (every.first, every.last, every.bound)
        assert sorted(merged.time) == sorted(every.time)


def table(users, items):
    times = [1_700_000_000 + 100 * place for place in range(len(users))]
    return pa.table({"user_id": users, "item_id": items, "timestamp": times})


def test_a_second_log_is_read_as_the_first():
    """Other column names, the same ids: the same hashes; only the tally comes back."""
    first, tallies = table([1, 1, 2], [5, 6, 5]), {"second_log": tally}
    got = engine.read(first, columns={}, settings=SETTINGS, listener=Quiet(), tallies=tallies)
    other = first.rename_columns(["visitor", "product_id", "event_time"])
    again = engine.read_second_log(other, like=got, tally=tally, settings=SETTINGS)
    assert sorted(again.user) == sorted(got.tallies["second_log"].user)
    assert sorted(again.item) == sorted(got.tallies["second_log"].item)


class Told(Quiet):
    def __init__(self):
        self.lines = []

    def mapping(self, lines):
        self.lines += lines


@pytest.mark.parametrize("lost_column", ["bought_of", "kind", "seconds"])
def test_a_second_log_without_an_optional_column_keeps_the_roles_of_the_rest(lost_column):
    """Columns that only the user could tell are read as in the first log, whichever other one is missing."""
    odd = table([1, 1, 2], [5, 6, 5]).rename_columns(["who", "what", "at"])
    for name, values in (("bought_of", ["a", "b", "a"]), ("kind", ["view"] * 3), ("seconds", [1.0] * 3)):
        odd = odd.append_column(name, pa.array(values))
    said = {"user": "who", "item": "what", "timestamp": "at", "category": "bought_of", "event": "kind"}
    said |= {"duration": "seconds"}
    got = engine.read(odd, columns=said, settings=SETTINGS, listener=Quiet(), tallies={"second_log": tally})
    told = Told()
    fewer = odd.drop_columns([lost_column])
    again = engine.read_second_log(fewer, like=got, tally=tally, settings=SETTINGS, listener=told)
    assert sorted(again.user) == sorted(got.tallies["second_log"].user)
    assert sorted(again.item) == sorted(got.tallies["second_log"].item)
    assert again.events == (() if lost_column == "kind" else ("view",))
    assert told.lines[0].startswith("the second log ")
    assert any("user" in line and "who" in line and "as in the first log" in line for line in told.lines)


def test_the_order_of_a_second_logs_rows_is_not_asked(monkeypatch):
    """Nobody looks at it, and it reads the first rows once more."""
    first = table([1, 1, 2], [5, 6, 5])
    got = engine.read(first, columns={}, settings=SETTINGS, listener=Quiet(), tallies={"second_log": tally})

    def refuse(*args, **kwargs):
        raise AssertionError("arrival was computed")

    monkeypatch.setattr("diagnose.engine.duck.log.arrival", refuse)
    engine.read_second_log(first, like=got, tally=tally, settings=SETTINGS)


def test_ids_of_another_form_cannot_meet():
    """Integers here, texts there: it is an error that says which role, not an empty comparison."""
    got = engine.read(table([1, 2], [5, 6]), columns={}, settings=SETTINGS, listener=Quiet(), tallies={})
    with pytest.raises(LogError, match="user ids are not all whole numbers here"):
        engine.read_second_log(table(["1", "x"], [5, 6]), like=got, tally=tally, settings=SETTINGS)
