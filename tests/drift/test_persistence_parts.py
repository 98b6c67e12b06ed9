"""Levels of a category's name, light and heavy users, single categories."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from diagnose import simulate
from diagnose.drift.interest_persistence import measure
from diagnose.drift.persistence_pairs import PairSums
from diagnose.drift.persistence_parts import by_activity, name_levels, top_categories
from diagnose.settings import Settings

DEEP = ("Beauty|Hair|Shampoo", "Beauty|Hair|Comb", "Beauty|Skin|Soap", "Home|Garden|Rake", "Home|Garden|Hose")


def drawn(histories, seed=0):
    probed = measure(histories, settings=Settings(), rng=np.random.default_rng(seed))
    return {series.name: series for series in probed.series}


def named(names, codes):
    """A log of one user whose categories have these names."""
    histories = simulate.histories(users=1, events=len(codes), seed=1)
    return histories.with_categories(np.array(codes, dtype=np.int32), names)


def test_levels_are_prefixes_of_the_names():
    """Departments, shelves, products: 2, 3 and 5 categories, codes alike where prefixes are."""
    levels = name_levels(named(DEEP, [0, 1, 2, 3, 4]), most=4)
    assert list(levels) == ["level 1: 2 categories", "level 2: 3 categories", "level 3: 5 categories"]
    first, second, third = levels.values()
    assert len(set(first[:3])) == len(set(first[3:])) == 1
    assert len(set(second[:2])) == 1
    assert len(set(third)) == 5


def test_levels_that_part_nothing_are_left_out():
    """A level of one category is none, nor one that parts no further; plain names have no levels."""
    assert list(name_levels(named(DEEP, [3, 4, 3]), most=4)) == ["level 3: 2 categories"]
    assert list(name_levels(named(DEEP, [0, 2, 3]), most=4)) == [
        "level 1: 2 categories",
        "level 2: 3 categories",
    ]
    assert name_levels(named(("Books", "Hats"), [0, 1]), most=4) == {}
    assert name_levels(named(("Books", "Hats", "Dogs|Cats"), [0, 1, 2]), most=4) == {}


def test_of_many_levels_the_last_is_kept():
    """Six levels: the first three and the full name."""
    names = tuple(" > ".join(f"{code >> (5 - depth)}" for depth in range(6)) for code in range(64))
    levels = name_levels(named(names, range(64)), most=4)
    assert [name.split(":")[0] for name in levels] == ["level 1", "level 2", "level 3", "level 6"]


def test_thirds_of_users_are_by_events():
    """Nine users of 1 to 9 events: three each; users without a pair are in none; all alike: no thirds."""
    weight = np.ones((10, 2))
    weight[9] = 0
    sums = PairSums(np.arange(20.0).reshape(10, 2), weight, np.array([9, 9]), np.ones((2, 1)))
    thirds = by_activity(sums, np.arange(1, 11))
    assert [part.excess[:, 0].tolist() for part in thirds.values()] == [[0, 2, 4], [6, 8, 10], [12, 14, 16]]
    assert by_activity(sums, np.full(10, 5)) == {}


def test_top_categories_are_met_by_many():
    """By users, not by events; fewer than asked where few users met them."""
    histories = simulate.histories(users=400, events=20, seed=3)
    shown = top_categories(histories, users=50, most=5)
    users = [len(np.unique(histories.user_of_event[histories.category == code])) for code in range(30)]
    assert [users[code] for code in shown] == sorted(users, reverse=True)[:5]
    assert top_categories(histories, users=401, most=5) == ()


def test_departments_may_last_where_products_fade():
    """A department is drawn anew each time from a stable taste, the product in it fades with 3 days: at the
    level of departments nothing fades, at that of products it does.
    """
    departments = simulate.histories(users=1200, events=40, seed=1, categories=6)
    products = simulate.histories(users=1200, events=40, seed=1, categories=8, half_life_days=3.0)
    names = tuple(f"department {d} > product {p}" for d in range(6) for p in range(8))
    both = departments.with_categories(departments.category * 8 + products.category, names)
    series = drawn(both)["drift_share_by_granularity"]
    assert series.x == ("level 1: 6 categories", "level 2: 48 categories")
    assert series.low[0] < 0.05 < series.low[1]
    assert drawn(both)["half_life_days_by_granularity"].x == ("level 2: 48 categories",)


def test_levels_of_a_log_of_positions_are_in_events():
    """Without a clock the half-lives of levels are in events."""
    histories = simulate.histories(users=1000, events=60, seed=1, half_life_events=6)
    names = tuple(f"{code % 10}|{code}" for code in range(30))
    placed = replace(histories, clock=False, time=histories.rank, categories=names)
    series = drawn(placed)["half_life_events_by_granularity"]
    assert len(series.x) == 2
    assert list(series.y) == pytest.approx([6, 6], rel=0.2)


def test_each_segment_finds_what_was_planted():
    """3 days for everyone: so it is in each third of the users and in the largest categories, 3/4 of the
    agreement fades in each, and the intervals hold it in nearly all.
    """
    world = simulate.histories(users=4000, events=30, seed=11, half_life_days=3.0, heavy_tailed=True)
    found = drawn(world)
    lives, shares = found["half_life_days_by_segment"], found["drift_share_by_segment"]
    assert shares.x[:3] == ("light users", "middle users", "heavy users")
    assert set(shares.x[3:]) <= set(world.categories)
    assert len(shares.x) >= 5
    for series, truth in ((lives, 3.0), (shares, 0.75)):
        assert sum(low <= truth <= high for low, high in zip(series.low, series.high, strict=True)) >= 4


def test_a_small_log_shows_no_segments():
    """Under 500 users a segment is not shown."""
    found = drawn(simulate.histories(users=900, events=40, seed=1, half_life_days=3.0, heavy_tailed=True))
    assert not any("segment" in name for name in found)


@pytest.mark.slow
def test_segments_raise_no_false_alarm():
    """Over 15 stable worlds some segment is found to fade in at most 4 (10 % expected at worst, p < .02)."""
    alarms = 0
    for seed in range(15):
        found = drawn(simulate.histories(users=4000, events=30, seed=700 + seed, heavy_tailed=True))
        alarms += max(found["drift_share_by_segment"].low) > 0.05
    assert alarms <= 4
