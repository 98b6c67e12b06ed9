"""Purchases without a view tell of lost views, and what must not look like it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from diagnose.capture.orphan_laws import Moments, capture
from diagnose.capture.orphan_pairs import first_of_items
from diagnose.capture.orphans import measure, scope, statements
from diagnose.errors import UsageError
from diagnose.histories import MICROSECONDS_PER_SECOND, Histories
from diagnose.results import Measured, Skipped
from diagnose.settings import CaptureSettings, OrphanSettings, Settings
from diagnose.simulate.funnels import EVENTS, PURCHASE, VIEW, FunnelPlan, funnels

SETTINGS = Settings(capture=CaptureSettings(funnel=EVENTS, loss_pattern="events"))
UNKNOWN = Settings(capture=CaptureSettings(funnel=EVENTS))
DAY = 86_400


def probe(histories, settings=SETTINGS, seed=0):
    return measure(histories.with_history(5), settings=settings, rng=np.random.default_rng(seed))


def world(seed=1, **knobs):
    return funnels(FunnelPlan(**knobs), rng=np.random.default_rng(seed))


def recorded(histories, pair="1_before_3", settings=SETTINGS):
    return probe(histories, settings).estimates[f"share_recorded_{pair}"]


@pytest.fixture
def shop():
    """Histories from each user's (seconds, item, event) rows."""

    def histories(*users):
        rows = [row for user in users for row in user]
        return Histories(
            offsets=np.cumsum([0, *map(len, users)]).astype(np.int64),
            user=np.arange(len(users), dtype=np.uint64),
            item=np.array([item for _, item, _ in rows], dtype=np.int64),
            category=np.zeros(len(rows), dtype=np.int32),
            time=np.array([seconds for seconds, *_ in rows], dtype=np.int64) * MICROSECONDS_PER_SECOND,
            session=np.zeros(len(rows), dtype=np.int32),
            event=np.array([EVENTS.index(event) for *_, event in rows], dtype=np.int16),
            events=EVENTS,
        )

    return histories


def test_views_are_counted_before_the_first_purchase_of_the_item(shop):
    """Two views before count; one after, of another item or another user does not. A repeat is left out."""
    one = [
        (0, 7, "view"),
        (1, 8, "view"),
        (2, 7, "view"),
        (3, 7, "purchase"),
        (4, 7, "view"),
        (5, 7, "purchase"),
    ]
    other = [(0, 8, "purchase"), (1, 7, "view")]
    pair = first_of_items(shop(one, other), earlier=VIEW, later=PURCHASE)
    assert pair.user.tolist() == [0, 1]
    assert pair.on_record.tolist() == [2, 0]
    assert pair.others.tolist() == [1, 1]


def test_a_view_at_the_same_time_came_before(shop):
    """The funnel says which of two tied events comes first, whatever order the ties were drawn in."""
    pair = first_of_items(shop([(3, 7, "purchase"), (3, 7, "view")]), earlier=VIEW, later=PURCHASE)
    assert pair.on_record.tolist() == [1]


def test_a_user_is_known_by_other_items_only(shop):
    """Days known run from the first event on another item; a view of the item itself makes nobody known."""
    user = [(0, 7, "view"), (2 * DAY, 8, "view"), (5 * DAY, 7, "purchase"), (6 * DAY, 8, "purchase")]
    pair = first_of_items(shop(user), earlier=VIEW, later=PURCHASE)
    assert pair.known_days.tolist() == [3.0, 6.0]


def test_nobody_else_on_record_is_not_known(shop):
    """A user of one item has no days known, so that it counts for nothing."""
    pair = first_of_items(shop([(0, 7, "view"), (DAY, 7, "purchase")]), earlier=VIEW, later=PURCHASE)
    assert (pair.others.tolist(), pair.known_days.tolist()) == ([0], [0.0])


@pytest.mark.parametrize("spread", [0.0, 1.0])
@pytest.mark.parametrize("rate", [1.0, 0.6, 0.3, 0.1])
def test_the_planted_rate_is_found(rate, spread):
    """Views, carts and purchases lost one by one: the interval of views, and of carts, holds the rate."""
    log = world(capture=rate, spread=spread, seed=6)
    for pair in ("1_before_3", "2_before_3"):
        found = recorded(log, pair)
        assert found.low <= rate <= found.high
    assert found.high - found.low < 0.12  # one cart a purchase: no law to be chosen


def test_whole_logs_have_no_orphans():
    """Everything recorded: no orphan, and at least 95 % recorded, not a bare 1."""
    found = probe(world()).estimates
    assert found["orphan_share_1_before_3"].value < 0.01
    assert 0.95 < found["share_recorded_1_before_3"].low < 1
    assert found["share_recorded_1_before_3"].high == 1


def test_direct_purchases_are_one_of_the_scenarios():
    """5 % of purchases needed no view: the interval still holds 1, and without that scenario it does not."""
    log = world(direct=0.05)
    assert recorded(log).high == 1
    strict = replace(SETTINGS, orphans=OrphanSettings(direct_shares=(0.0,)))
    assert probe(log, strict).estimates["share_recorded_1_before_3"].high < 0.99


def test_views_before_the_log_are_no_lost_views():
    """The log starts in the middle: counting a user's first week would find orphans that are none."""
    log = world(lag_days=3.0)
    hasty = replace(SETTINGS, orphans=OrphanSettings(ignored_days=0.0))
    careful = probe(log).estimates["orphan_share_1_before_3"].value
    assert careful < probe(log, hasty).estimates["orphan_share_1_before_3"].value / 2


@pytest.mark.parametrize("rate", [1.0, 0.6, 0.3])
def test_lost_sessions_are_found_between_sessions(rate):
    """Views days before the purchase, whole sessions lost: the interval holds the rate, declared or not."""
    log = world(capture=rate, loss="sessions", seed=4)
    declared = Settings(capture=CaptureSettings(funnel=EVENTS, loss_pattern="sessions"))
    for settings in (UNKNOWN, declared):
        found = recorded(log, settings=settings)
        assert found.low <= rate <= found.high


def test_what_shares_a_session_says_nothing_unless_events_are_lost():
    """Carts lie beside their purchases: if whole sessions may be lost they say nothing, nor does a statement.

    Declared as lost one by one, the same log is complete.
    """
    log = world(capture=0.3, loss="sessions")
    found = recorded(log, "2_before_3", UNKNOWN)
    assert (found.low, found.high) == (0.0, 1.0)
    assert scope("cart", "purchase") not in {statement.scope for statement in statements(probe(log, UNKNOWN))}
    assert recorded(log, "2_before_3").low > 0.95


def test_an_upper_end_holds_whatever_is_lost():
    """Carts lost one by one are missing beside purchases: at most so many are recorded, however lost."""
    found = recorded(world(capture=0.6), "2_before_3", UNKNOWN)
    assert found.low == 0.0
    assert 0.6 < found.high < 0.72


def test_lost_categories_leave_no_orphans():
    """An item out of sight takes its views and its purchases along, so the probe does not speak."""
    assert isinstance(
        probe(world(), Settings(capture=replace(UNKNOWN.capture, loss_pattern="categories"))), Skipped
    )


def test_each_pair_is_a_statement_of_its_own_scope():
    """Three steps make three statements of events, grade B, none above what its estimate says."""
    probed = probe(world(capture=0.6))
    found = statements(probed)
    assert [s.scope for s in found] == [
        scope("view", "cart"),
        scope("view", "purchase"),
        scope("cart", "purchase"),
    ]
    assert {(s.unit, s.grade) for s in found} == {("events", "B")}
    assert found[1].low == probed.estimates["share_recorded_1_before_3"].low


def test_hostile_names_are_made_safe():
    """Event names come from the log: no control character leaves in a scope, and none is endless."""
    assert "\x1b" not in scope("view\x1b[31m", "x" * 1000)
    assert len(scope("view", "x" * 1000)) < 140
    names = ("<script>", "'; DROP", "a\x00")
    log = replace(world(capture=0.6), events=names)
    settings = Settings(capture=replace(SETTINGS.capture, funnel=names))
    plain, odd = probe(world(capture=0.6)), probe(log, settings)
    assert odd.estimates == plain.estimates


def test_long_names_that_read_alike_keep_their_steps():
    """Names cut at the same letter: every pair has its own scope and the numbers of its own steps."""
    names = ("v", "x" * 70 + "a", "x" * 70 + "b")
    log = replace(world(capture=0.6), events=names)
    found = statements(probe(log, Settings(capture=replace(SETTINGS.capture, funnel=names))))
    plain = statements(probe(world(capture=0.6)))
    assert [(s.low, s.high) for s in found] == [(s.low, s.high) for s in plain]
    assert len({s.scope for s in found}) == 3
    assert found[0].scope.endswith("(steps 1 and 2)")
    assert found[1].scope.endswith("(steps 1 and 3)")


@pytest.mark.parametrize("change", ["users", "items", "ties"])
def test_names_and_places_change_nothing(change):
    """Users in another order, items under other codes, events of one time redrawn: the same numbers."""
    log = world(capture=0.6, users=600)
    rng = np.random.default_rng(0)
    pair = first_of_items(log, earlier=VIEW, later=PURCHASE)
    if change == "users":
        other = log.select(rng.permutation(len(log)))
    elif change == "items":
        other = replace(log, item=rng.permutation(log.n_items)[log.item])
    else:
        log = replace(log, time=log.time // (6 * 3_600 * MICROSECONDS_PER_SECOND))
        pair = first_of_items(log, earlier=VIEW, later=PURCHASE)
        order = np.lexsort((rng.random(log.n_events), log.time, log.user_of_event))
        other = replace(log, item=log.item[order], event=log.event[order])
    again = first_of_items(other, earlier=VIEW, later=PURCHASE)
    assert np.sort(again.on_record).tolist() == np.sort(pair.on_record).tolist()
    assert np.sort(again.others).tolist() == np.sort(pair.others).tolist()


def test_the_interval_runs_between_laws_when_none_stands():
    """Numbers between two laws of a coarse list: both are kept, so that the truth lies between them."""
    rng = np.random.default_rng(1)
    wobble = rng.normal(0, 1e-4, 201)
    wobble[0] = 0.0
    q, further, spread = 0.5, 3.0, 0.5
    none = (1 - q) * (1 + q * further * spread) ** (-1 / spread)
    pairs = 2 * q * q * further + (q * further) ** 2 * (1 + spread)
    moments = Moments(none + wobble, q * (1 + further) + wobble, pairs + wobble)
    found = capture(moments, settings=OrphanSettings(spreads=(0.0, 2.0), direct_shares=(0.0,)))
    assert found.low < q < found.high


def test_what_cannot_be_measured_says_why():
    """No funnel, no clock, too few users: a reason each; an unknown step is the user's error."""
    log = world(users=300)
    nothing = measure(log, settings=Settings(), rng=np.random.default_rng(0))
    assert isinstance(nothing, Skipped)
    assert "--funnel" in nothing.reason
    assert isinstance(probe(replace(log, clock=False)), Skipped)
    assert isinstance(probe(log.select(np.arange(50))), Skipped)
    assert statements(nothing) == ()
    with pytest.raises(UsageError, match="no event vew"):
        probe(log, Settings(capture=CaptureSettings(funnel=("vew", "purchase"))))


def test_a_step_that_never_happens_is_left_out():
    """No cart on record: no orphan share of carts' own later events, and every purchase lacks one."""
    log = world()
    probed = probe(log.keep_events(log.event != EVENTS.index("cart")))
    assert isinstance(probed, Measured)
    assert "orphan_share_1_before_2" not in probed.estimates
    assert probed.estimates["orphan_share_2_before_3"].value == 1.0
    nothing = probed.estimates["share_recorded_2_before_3"]
    assert (nothing.low, nothing.high) == (0.0, 1.0)
    assert scope("cart", "purchase") not in {statement.scope for statement in statements(probed)}


@pytest.mark.slow
@pytest.mark.parametrize("rate", [1.0, 0.6, 0.3, 0.1])
def test_the_interval_holds_the_rate_as_often_as_it_says(rate):
    """Of 40 worlds of geometric views at least 33 hold it: fewer has a chance of 4 % at 90 %."""
    held = [
        found.low <= rate <= found.high
        for found in (recorded(world(capture=rate, seed=seed)) for seed in range(100, 140))
    ]
    assert sum(held) >= 33
