"""A declared funnel must show in the log: what passes for one, and what does not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from diagnose import simulate
from diagnose.capture.orphan_order import in_order, orphans_beside_others, orphans_by_chance
from diagnose.capture.orphans import measure, statements
from diagnose.histories import MICROSECONDS_PER_DAY, MICROSECONDS_PER_SECOND, Histories
from diagnose.results import Skipped
from diagnose.settings import CaptureSettings, Settings
from diagnose.simulate.funnels import CART, EVENTS, PURCHASE, VIEW, FunnelPlan, funnels

SETTINGS = Settings(capture=CaptureSettings(funnel=EVENTS))
PAIRS = ((VIEW, CART), (VIEW, PURCHASE), (CART, PURCHASE))


def told(log):
    """Of the three pairs, those that come in order."""
    log = log.with_history(5)
    return [steps for steps in PAIRS if in_order(log, codes=range(3), steps=steps, settings=SETTINGS.orphans)]


def read(table, kept=1.0, seed=0):
    """The events of a simulated shop, a share of them."""
    table = table.filter(np.random.default_rng(seed).random(len(table)) < kept) if kept < 1 else table
    seconds = table["timestamp"].to_numpy().astype("datetime64[s]").astype(np.int64)
    _, user = np.unique(table["user_id"].to_numpy(zero_copy_only=False), return_inverse=True)
    _, item = np.unique(table["item_id"].to_numpy(zero_copy_only=False), return_inverse=True)
    order = np.lexsort((seconds, user))
    events = table["event_type"].to_pylist()
    return shop(user[order], item[order], seconds[order], [EVENTS.index(events[place]) for place in order])


def shop(user, item, seconds, event):
    users = int(max(user)) + 1
    return Histories(
        offsets=np.searchsorted(user, np.arange(users + 1)).astype(np.int64),
        user=np.arange(users, dtype=np.uint64),
        item=np.asarray(item, dtype=np.int64),
        category=np.zeros(len(item), dtype=np.int32),
        time=np.asarray(seconds, dtype=np.int64) * MICROSECONDS_PER_SECOND,
        session=np.zeros(len(item), dtype=np.int32),
        event=np.asarray(event, dtype=np.int16),
        events=EVENTS,
    )


@pytest.mark.parametrize("kept", [1.0, 0.3])
def test_a_shop_without_a_funnel_states_nothing(kept):
    """Kinds fall by chance, whole or thinned: skipped, and the reason names the steps; no statement."""
    log = read(simulate.world("ecommerce", users=1_500, seed=1).table, kept=kept).with_history(5)
    probed = measure(log, settings=SETTINGS, rng=np.random.default_rng(0))
    assert isinstance(probed, Skipped)
    assert "the log shows no sign that" in probed.reason
    assert "a cart comes before a purchase" in probed.reason
    assert statements(probed) == ()


@pytest.mark.parametrize("loss", ["events", "sessions"])
@pytest.mark.parametrize("rate", [1.0, 0.3, 0.1])
def test_a_funnel_shows_however_much_is_lost(rate, loss):
    """Views, carts and purchases in their order: at a tenth of the log it still shows, in 4 of 4 worlds."""
    for seed in range(4):
        log = funnels(FunnelPlan(capture=rate, loss=loss), rng=np.random.default_rng(seed))
        assert told(log) == list(PAIRS)


@pytest.mark.parametrize("ties", [False, True])
def test_shuffled_kinds_are_no_funnel(ties):
    """The kinds of a user's events dealt anew, to the second or to the week: no pair of 10 worlds is told."""
    for seed in range(10):
        rng = np.random.default_rng(seed)
        log = funnels(FunnelPlan(users=800), rng=rng)
        order = np.lexsort((rng.random(log.n_events), log.user_of_event))
        log = replace(log, event=log.event[order])
        if ties:
            log = replace(log, time=log.time // (7 * MICROSECONDS_PER_DAY) * (7 * MICROSECONDS_PER_DAY))
        assert told(log) == []


def test_coming_back_to_what_one_buys_is_no_funnel():
    """Favourites are viewed again and again and bought now and then, in no order: not told."""
    rng = np.random.default_rng(0)
    users, events = 600, 40
    user = np.repeat(np.arange(users), events)
    favourite = rng.random(len(user)) < 0.5
    item = np.where(favourite, 0, rng.integers(1, 2_000, len(user)))
    event = np.where(rng.random(len(user)) < np.where(favourite, 0.3, 0.02), PURCHASE, VIEW)
    log = shop(user, item, np.tile(3_600 * np.arange(events), users), event)
    fewer, spread = orphans_beside_others(log, [VIEW], later=PURCHASE)
    assert fewer.sum() > spread.sum() > 0  # far fewer orphans than among views, and yet
    assert told(log) == []


def test_chances_worked_by_hand():
    """A purchase before two views: a third. Of two and two, one each tied first: a sixth, and no orphan."""
    user, item = [0, 0, 0, 1, 1, 1, 1], [1, 1, 1, 5, 5, 5, 5]
    event = [PURCHASE, VIEW, VIEW, VIEW, PURCHASE, PURCHASE, VIEW]
    log = shop(user, item, [1, 2, 3, 4, 4, 5, 6], event)
    whose, without, chance = orphans_by_chance(log, earlier=VIEW, later=PURCHASE)
    assert whose.tolist() == [0, 1]
    assert without.tolist() == [1.0, 0.0]
    assert chance.tolist() == pytest.approx([1 / 3, 1 / 6])


def test_orphans_beside_views_worked_by_hand():
    """Item 1: view, view, purchase; item 2: view. Of four events two lack a view before them, no purchase."""
    log = shop([0] * 4, [1, 1, 1, 2], [1, 2, 3, 4], [VIEW, VIEW, PURCHASE, VIEW])
    fewer, spread = orphans_beside_others(log, [VIEW], later=PURCHASE)
    assert fewer.tolist() == [0.5]
    assert spread.tolist() == [0.25]
