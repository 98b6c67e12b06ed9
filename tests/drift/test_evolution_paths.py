"""Which interest leads to which, and what must not look like a path."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from diagnose import simulate
from diagnose.drift import transitions
from diagnose.drift.evolution_paths import ARROW, measure
from diagnose.histories import Histories
from diagnose.results import Measured, Skipped
from diagnose.settings import Settings
from diagnose.simulate.catalogue import SHOP_PATHS
from tests.drift.test_direction import backwards

PLANTED = {f"{source}{ARROW}{target}" for source, target in SHOP_PATHS.items()}


def probe(histories, seed=0, **more):
    return measure(histories, settings=Settings(), rng=np.random.default_rng(seed), **more)


def shop(**knobs):
    """The histories of a simulated shop, as the engine would give them but for the order of users."""
    table = simulate.world("ecommerce", **({"users": 1500, "seed": 7} | knobs)).table
    rows = {name: table[name].to_numpy(zero_copy_only=False) for name in ("user_id", "item_id", "category")}
    time = table["timestamp"].to_numpy().astype("datetime64[us]").astype(np.int64)
    names, category = np.unique(rows["category"].astype(str), return_inverse=True)
    users, user = np.unique(rows["user_id"].astype(str), return_inverse=True)
    order = np.lexsort((time, user))
    return Histories(
        offsets=np.searchsorted(user[order], np.arange(len(users) + 1)),
        user=np.random.default_rng(0).integers(0, 2**63, len(users)).astype(np.uint64),
        item=rows["item_id"][order].astype(np.int64),
        category=category[order].astype(np.int32),
        time=time[order],
        session=np.zeros(len(time), dtype=np.int32),
        event=np.zeros(len(time), dtype=np.int16),
        categories=tuple(names.tolist()),
    )


def series(probed, name):
    return next(one for one in probed.series if one.name == name)


def told(probed):
    return next((set(one.x) for one in probed.series if one.name == "path_lift"), set())


@pytest.fixture(scope="module")
def shopping():
    histories = shop()
    return histories, probe(histories, whole_log=transitions.tally(histories))


def test_the_planted_paths_are_told_and_no_others(shopping):
    """Computers lead to accessories; all eighteen paths of the shop are found, and nothing else is."""
    _, probed = shopping
    assert told(probed) == PLANTED
    assert probed.estimates["paths"].value == len(PLANTED)
    assert probed.estimates["asymmetry"].low > 50
    assert 0.1 < probed.estimates["directed_share"].low < probed.estimates["directed_share"].high < 0.2


def test_a_path_is_told_with_its_strength(shopping):
    """There are more steps there than back, more than chance has, days apart, of many users, for certain."""
    _, probed = shopping
    names = ("lift", "events", "reverse_events", "users", "p_adjusted", "lag_days", "whole_log_lift")
    lift, there, back, users, p, lag, whole = (series(probed, f"path_{name}") for name in names)
    assert len({one.x for one in (lift, there, back, users, p, lag, whole)}) == 1
    assert min(lift.low) > 1
    assert all(one > other for one, other in zip(there.y, back.y, strict=True))
    assert min(users.y) >= 20
    assert max(p.y) < 0.1
    assert all(low < middle < high for low, middle, high in zip(lag.low, lag.y, lag.high, strict=True))
    assert 0.5 < np.median(lag.y) < 3
    assert whole.y == pytest.approx(lift.y, rel=0.02)


def test_read_backwards_every_path_turns_round(shopping):
    """The same log with time reversed: the same pairs, the other way."""
    histories, _ = shopping
    turned = {ARROW.join(reversed(label.split(ARROW))) for label in PLANTED}
    found = probe(backwards(histories))
    assert len(told(found) & turned) >= 17  # back to front a thin flow may lie at the floor
    assert not told(found) & PLANTED


def test_names_and_codes_change_nothing(shopping):
    """Other codes for categories and another order of users: the same paths, as often walked."""
    histories, probed = shopping
    rng = np.random.default_rng(1)
    code = rng.permutation(len(histories.categories)).astype(np.int32)
    names = tuple(np.array(histories.categories)[np.argsort(code)].tolist())
    other = probe(
        histories.with_categories(code[histories.category], names).select(rng.permutation(len(histories)))
    )
    for name in ("path_events", "path_lift"):
        one, two = (dict(zip(s.x, s.y, strict=True)) for s in (series(probed, name), series(other, name)))
        assert two == pytest.approx(one)


def test_without_paths_the_shop_has_none():
    """The same shop where interests lead nowhere, popularity moving or not."""
    for trend in (0.0, 1.0):
        assert told(probe(shop(path_share=0.0, trend=trend))) == set()


def test_a_cycle_is_found_whole_and_its_share_is_unflattered():
    """One step in ten follows a cycle of 30 categories: 30 paths, and a tenth of the steps is theirs."""
    probed = probe(simulate.histories(users=1500, events=40, directed=0.1, seed=2))
    assert probed.estimates["paths"].value == 30
    assert len(told(probed)) == Settings().paths.shown
    share = probed.estimates["directed_share"]
    assert share.value == pytest.approx(0.10, abs=0.01)
    assert share.low < share.value < share.high


@pytest.mark.parametrize(
    "knobs",
    [
        {},
        {"trend": 2.0},
        {"sticky": True, "trend": 1.0},
        {"ties": 0.4},
        {"heavy_tailed": True},
        {"half_life_days": 3.0, "trend": 1.0},
    ],
    ids=str,
)
def test_what_leads_nowhere_has_no_direction(knobs):
    """Neither trends, sessions, ties, heavy users nor interests that come and go make steps one-way."""
    probed = probe(simulate.histories(users=1500, events=40, seed=1, **knobs))
    assert abs(probed.estimates["asymmetry"].value) < 4
    assert probed.estimates["paths"].value == 0
    assert abs(probed.estimates["directed_share"].value) < 0.01


@pytest.mark.slow
@pytest.mark.parametrize(
    "knobs", [{}, {"trend": 2.0}, {"sticky": True}, {"half_life_days": 3.0, "trend": 2.0}], ids=str
)
def test_false_discoveries_stay_at_their_level(knobs):
    """A path where there is none in at most one log of ten: more than 8 of 40 has probability 4 %."""
    alarms = sum(
        probe(simulate.histories(users=1500, events=40, seed=seed, **knobs)).estimates["paths"].value > 0
        for seed in range(40)
    )
    assert alarms <= 8


def test_positions_have_no_lag():
    """A log of positions knows the order and not the days."""
    histories = replace(simulate.histories(users=1000, events=30, directed=0.2, seed=3), clock=False)
    probed = probe(replace(histories, time=histories.rank))
    assert told(probed)
    assert "path_lag_days" not in {one.name for one in probed.series}


def test_few_users_are_skipped():
    """Below 500 users with a step there is nothing to be said."""
    probed = probe(simulate.histories(users=400, events=20, directed=0.2, seed=1))
    assert isinstance(probed, Skipped)
    assert "400 users" in probed.reason


@pytest.mark.parametrize("code", [0, -1])
def test_a_log_of_one_category_or_none_is_skipped(code):
    """A path leads from one category to another."""
    histories = simulate.histories(users=600, events=10, seed=1)
    alike = histories.with_categories(np.full(histories.n_events, code), ("all",) if code == 0 else ())
    assert isinstance(probe(alike), Skipped)


def test_events_without_a_category_are_passed_over():
    """A tenth of the events without a category: the paths are still found."""
    histories = simulate.histories(users=1500, events=40, directed=0.2, seed=2)
    missing = np.random.default_rng(0).random(histories.n_events) < 0.1
    probed = probe(replace(histories, category=np.where(missing, -1, histories.category).astype(np.int32)))
    assert isinstance(probed, Measured)
    assert probed.estimates["paths"].value == 30
