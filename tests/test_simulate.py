"""Worlds: what the truth says was planted is what the log holds."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray

from benchmarks import samples
from diagnose import simulate
from diagnose.errors import UsageError
from diagnose.histories import Histories
from diagnose.simulate import catalogue, chains, oracle

SECONDS_PER_DAY = 86_400


def columns(world: simulate.World, *names: str) -> list[NDArray[np.int64]]:
    """Columns as numbers (text as codes), by user, then time, then row."""
    table = world.table
    seconds = table["timestamp"].cast(pa.timestamp("us")).cast(pa.int64()).to_numpy() // 1_000_000
    user = codes(table, "user_id")
    order = np.lexsort((seconds, user))
    found = {"user": user, "seconds": seconds}
    return [(found[name] if name in found else codes(table, name))[order] for name in names]


def codes(table: pa.Table, name: str) -> NDArray[np.int64]:
    """A column's values as codes in the order of their names; integers as they are, null as -1."""
    column = table[name].combine_chunks()
    if not pa.types.is_string(column.type):
        return column.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    names = sorted(column.unique().to_pylist())
    return pc.index_in(column, pa.array(names)).to_numpy().astype(np.int64)


def match(category: NDArray[np.int64], user: NDArray[np.int64], lag: int) -> float:
    """Share of pairs of one user's events, `lag` apart, that share their category."""
    same = user[lag:] == user[:-lag]
    return float((category[lag:] == category[:-lag])[same].mean())


def matches_at(histories: Histories, lag: int) -> float:
    return match(histories.category.astype(np.int64), histories.user_of_event, lag)


# Histories


@pytest.mark.parametrize("half_life", [4, 8, 16])
def test_match_halves_at_the_planted_half_life(half_life):
    """The match of two events, less what taste alone gives, is 2^(-lag / half-life)."""
    histories = simulate.histories(users=3_000, events=120, half_life_events=half_life, seed=1)
    taste = matches_at(simulate.histories(users=3_000, events=120, seed=1), 1)
    for lag in (1, half_life, 2 * half_life):
        corrected = (matches_at(histories, lag) - taste) / (1 - taste)
        assert corrected == pytest.approx(2 ** (-lag / half_life), abs=0.02)


def test_half_life_in_days_is_kept_on_the_clock():
    """Events three days apart match half as often (less taste) where the half-life is three days."""
    histories = simulate.histories(users=3_000, events=60, half_life_days=3.0, seed=2)
    taste = matches_at(simulate.histories(users=3_000, events=60, seed=2), 1)
    user, days = histories.user_of_event, histories.days
    same, close, all_ = [], 0, 0
    for lag in range(1, 40):
        pair = (user[lag:] == user[:-lag]) & (np.abs(days[lag:] - days[:-lag] - 3.0) < 0.1)
        close += int((histories.category[lag:] == histories.category[:-lag])[pair].sum())
        all_ += int(pair.sum())
    same = (close / all_ - taste) / (1 - taste)
    assert same == pytest.approx(0.5, abs=0.03)


def test_directed_share_is_the_lift_of_one_successor():
    """With a directed share d every category has one successor that follows it with d and more."""
    histories = simulate.histories(users=2_000, events=60, directed=0.3, categories=12, seed=3)
    user, category = histories.user_of_event, histories.category
    inside = user[1:] == user[:-1]
    table = np.zeros((12, 12))
    np.add.at(table, (category[:-1][inside], category[1:][inside]), 1)
    share = table / table.sum(axis=1, keepdims=True)
    successor = (share / share.mean(axis=0)).argmax(axis=1)
    assert sorted(successor) == list(range(12))
    np.testing.assert_array_less(0.3, share[np.arange(12), successor])
    assert (share[successor, np.arange(12)] < 0.3).all()  # one way only


@pytest.mark.parametrize("loss", ["events", "sessions", "categories"])
def test_capture_rate_is_the_share_that_is_left(loss):
    """Loss of any pattern leaves the planted share, and users, items and sessions numbered without gaps."""
    whole = simulate.histories(users=2_000, events=40, categories=60, seed=4)
    left = simulate.histories(users=2_000, events=40, categories=60, capture=0.3, loss=loss, seed=4)
    assert left.n_events / whole.n_events == pytest.approx(0.3, abs=0.06 if loss == "categories" else 0.01)
    assert left.lengths.min() >= 1
    assert np.array_equal(np.unique(left.item), np.arange(left.n_items))
    step = np.diff(left.session)[left.user_of_event[1:] == left.user_of_event[:-1]]
    assert set(np.unique(step)) == {0, 1}
    assert not left.session[left.offsets[:-1]].any()


def test_ties_are_the_planted_share():
    """So many events carry the time of the event before; without the knob no two of a user do."""
    for ties in (0.0, 0.4):
        histories = simulate.histories(users=1_000, events=40, ties=ties, seed=5)
        inside = histories.user_of_event[1:] == histories.user_of_event[:-1]
        gaps = np.diff(histories.time)[inside]
        assert gaps.min() >= 0
        assert (gaps == 0).sum() / histories.n_events == pytest.approx(ties, abs=0.02)


def test_sticky_sessions_hold_one_category_and_are_independent():
    """Sticky: one category a session; between sessions nothing but taste."""
    histories = simulate.histories(users=2_000, events=60, sticky=True, seed=6)
    user, category = histories.user_of_event, histories.category
    same_session = (np.diff(histories.session) == 0) & (user[1:] == user[:-1])
    assert (category[1:] == category[:-1])[same_session].all()
    first = np.append(True, np.diff(user) + np.diff(histories.session) != 0)
    taste = matches_at(simulate.histories(users=2_000, events=60, seed=6), 1)
    assert match(category[first].astype(np.int64), user[first], 1) == pytest.approx(taste, abs=0.015)


def test_a_moving_catalogue_moves_the_mix_and_a_stable_one_does_not():
    """Under a trend the category mix of the first and the last week differ; else they do not."""

    def shift(trend: float) -> float:
        histories = simulate.histories(users=2_000, events=40, trend=trend, seed=7)
        early, late = histories.days < histories.days.min() + 7, histories.days > histories.days.min() + 14
        mixes = [np.bincount(histories.category[part], minlength=30) / part.sum() for part in (early, late)]
        return float(np.abs(mixes[0] - mixes[1]).sum() / 2)

    assert shift(0.0) < 0.06
    assert shift(1.0) > 0.2


def test_bursts_make_one_category_popular_for_a_day_and_move_no_taste():
    """On a few days a category is several times as popular; without them users do the same as ever."""
    histories = simulate.histories(users=3_000, events=40, bursts=2.5, seed=15)
    half_day = ((histories.days - histories.days.min()) * 2).astype(int)
    slots = half_day.max() + 1
    table = np.zeros((slots, 30))
    np.add.at(table, (half_day, histories.category), 1)
    share = table / table.sum(axis=1, keepdims=True)
    usual = np.median(share, axis=0)
    burst = (share > 3 * usual).any(axis=1)
    assert 4 <= burst.sum() <= 32  # at most eight bursts, each in two to four half days
    quiet = table[~burst].sum(axis=0) / table[~burst].sum()
    stable = simulate.histories(users=3_000, events=40, seed=15).category
    np.testing.assert_allclose(quiet, np.bincount(stable, minlength=30) / len(stable), atol=0.01)


def test_favourites_come_back_whenever():
    """Repeats of favourite items are many, and no likelier soon after than long after."""
    histories = simulate.histories(users=2_000, events=40, favourites=0.5, seed=16)
    user = histories.user_of_event
    again = [match(histories.item, user, lag) for lag in (1, 4, 12)]
    assert min(again) > 0.04  # a fifth of a quarter of pairs
    assert max(again) - min(again) < 0.004
    plain = simulate.histories(users=2_000, events=40, seed=16)
    assert match(plain.item, plain.user_of_event, 1) < 0.75 * again[0]


def test_favourites_keep_the_categories_of_their_items():
    """An item is of one category, favourite or not."""
    histories = simulate.histories(users=300, events=40, favourites=0.5, seed=17)
    pairs = np.unique(np.stack([histories.item, histories.category]), axis=1)
    assert pairs.shape[1] == histories.n_items


# The oracle


def test_the_oracle_finds_nothing_where_nothing_is_planted():
    """Without memory or direction its two probabilities are the same."""
    assert simulate.order_value(simulate.planted(users=200, events=20, seed=1)) == 0.0


def test_the_oracle_grows_with_what_is_planted():
    """A longer memory and more direction are worth more bits."""

    def value(**knobs: float) -> float:
        return simulate.order_value(simulate.planted(users=1_000, events=20, seed=2, **knobs))

    by_memory = [value(half_life_events=h) for h in (0.5, 1, 2, 4)]
    by_direction = [value(directed=d) for d in (0.05, 0.2, 0.5)]
    assert by_memory == sorted(by_memory)
    assert by_direction == sorted(by_direction)
    assert min(by_memory + by_direction) > 0.005


@pytest.mark.parametrize(
    "knobs", [{"half_life_events": 4}, {"directed": 0.3}, {"directed": 0.2, "half_life_events": 2}]
)
def test_the_oracle_is_calibrated(knobs):
    """The mean of 1 / P(what came) is the number of categories that can come: P is what they come with."""
    world = simulate.planted(users=3_000, events=30, breadth=200.0, seed=3, **knobs)
    target = np.flatnonzero(world.histories.rank >= 4)
    full, blind = oracle.probabilities(world, target)
    assert (1 / full).mean() == pytest.approx(30, rel=0.03)
    assert np.log2(full).mean() > np.log2(blind).mean()


def test_the_blind_oracle_counts_the_past_by_hand():
    """Three events a, b, a and then b: the bag holds one b in three."""
    plan = simulate.Plan(users=1, events=4, seed=0, categories=2, half_life_events=1.0)
    taste, cycle = np.array([[0.4, 0.6]]), np.array([0, 1])
    seen = replace(
        simulate.histories(users=1, events=4, seed=0, categories=2),
        category=np.array([0, 1, 0, 1], dtype=np.int32),
    )
    full, blind = oracle.probabilities(simulate.Planted(plan, seen, taste, cycle), np.array([3]))
    assert full == pytest.approx(0.5 * 0 + 0.5 * 0.6)
    assert blind == pytest.approx(0.5 * 1 / 3 + 0.5 * 0.6)


def test_the_oracle_refuses_what_it_does_not_know():
    """A moving catalogue or lost events are beyond its probabilities."""
    with pytest.raises(ValueError, match="oracle"):
        simulate.order_value(simulate.planted(users=50, events=20, seed=1, trend=1.0))


def test_times_never_go_back_and_sessions_part_at_the_customary_gap():
    """Within a session pauses are under 30 minutes, between sessions over."""
    histories = simulate.histories(users=500, events=60, heavy_tailed=True, seed=8)
    inside = histories.user_of_event[1:] == histories.user_of_event[:-1]
    pause = np.diff(histories.time)[inside] / 1e6
    parted = np.diff(histories.session)[inside] > 0
    assert pause[~parted].max() < 1_800 < pause[parted].min()
    assert pause.min() >= 1


@pytest.mark.parametrize("knobs", [{"users": 1, "events": 1}, {"users": 2, "events": 1, "capture": 0.01}])
def test_the_smallest_histories_hold_together(knobs):
    """One user with one event, or nobody left at all, is still a Histories."""
    histories = simulate.histories(seed=1, **knobs)
    assert histories.n_events == histories.offsets[-1] == len(histories.category)


def test_an_unknown_knob_is_refused():
    """A knob that does not exist is an error, not a silence."""
    with pytest.raises(TypeError, match="half_live"):
        simulate.histories(users=10, events=5, seed=1, half_live=3)


# Worlds


@pytest.mark.parametrize("scenario", simulate.SCENARIOS)
def test_same_seed_same_bytes(scenario, tmp_path):
    """A world written twice is the same file twice; another seed is another log."""
    worlds = [simulate.world(scenario, users=120, seed=seed) for seed in (3, 3, 4)]
    files = [simulate.write(world, tmp_path / f"{n}.parquet") for n, world in enumerate(worlds)]
    first, again, other = ([path.read_bytes() for path in written] for written in files)
    assert first == again
    assert first[0] != other[0]


@pytest.mark.parametrize("scenario", simulate.SCENARIOS)
def test_rows_are_in_time_order_and_counts_are_true(scenario):
    """A log is in time order, free of nulls in its main columns, and counted rightly in its truth."""
    world = simulate.world(scenario, users=300, seed=1)
    seconds = world.table["timestamp"].cast(pa.timestamp("us")).cast(pa.int64()).to_numpy()
    assert (np.diff(seconds) >= 0).all()
    for name in ("user_id", "item_id", "category", "event_type", "timestamp"):
        assert world.table[name].null_count == 0
    assert world.truth["events"] == world.table.num_rows
    assert world.truth["users"] == len(world.table["user_id"].unique()) <= 300
    assert world.truth["items"] == len(world.table["item_id"].unique())


def test_user_and_item_ids_say_nothing():
    """Neither a user's activity nor an item's category or popularity can be read off the id."""
    world = simulate.world("ecommerce", users=2_000, seed=2)
    user, item, category = columns(world, "user", "item_id", "category")
    activity = np.bincount(user)
    assert abs(np.corrcoef(np.arange(len(activity)), activity)[0, 1]) < 0.08
    names, first, count = np.unique(item, return_index=True, return_counts=True)
    assert abs(np.corrcoef(names, category[first])[0, 1]) < 0.1
    assert abs(np.corrcoef(names, count)[0, 1]) < 0.1


def test_shop_interests_halve_at_the_planted_days():
    """Without paths, two events of a shop's user match at the planted calendar half-life."""
    knobs = {"users": 4_000, "path_share": 0.0, "glances": 0.0, "fixed_length": True, "seed": 3}
    world = simulate.world("ecommerce", half_life_days=3.0, **knobs)
    user, seconds, category = columns(world, "user", "seconds", "category")
    taste = match(*columns(simulate.world("stable", **knobs), "category", "user"), 1)
    for days, expected in ((3.0, 0.5), (6.0, 0.25)):
        close = np.zeros(2)
        for lag in range(1, 40):
            gap = (seconds[lag:] - seconds[:-lag]) / SECONDS_PER_DAY
            pair = (user[lag:] == user[:-lag]) & (np.abs(gap - days) < 0.25)
            close += [(category[lag:] == category[:-lag])[pair].sum(), pair.sum()]
        assert (close[0] / close[1] - taste) / (1 - taste) == pytest.approx(expected, abs=0.04)


def test_shop_paths_lead_one_way():
    """Computers lead to accessories far more often than accessories to computers, as every planted path."""
    world = simulate.world("ecommerce", seed=4)
    user, category = columns(world, "user", "category")
    names = sorted(catalogue.SHOP)
    moved = (user[1:] == user[:-1]) & (category[1:] != category[:-1])
    table = np.zeros((len(names), len(names)))
    np.add.at(table, (category[:-1][moved], category[1:][moved]), 1)
    paths = [(names.index(path["from"]), names.index(path["to"])) for path in world.truth["directed_paths"]]
    there = np.array([table[a, b] for a, b in paths])
    back = np.array([table[b, a] for a, b in paths])
    assert (there > 1.5 * back).all()
    assert there.sum() > 0.8 * world.truth["paths_followed"] * (1 - 0.15) ** 2
    assert world.truth["path_lag_days_median"] > 0.5


def test_shop_items_follow_their_neighbours():
    """Within an interest the next item is mostly one of four; by popularity alone it is spread wider."""

    def concentration(**knobs: float) -> float:
        world = simulate.world("ecommerce", seed=5, users=2_000, glances=0.0, **knobs)
        user, item, category = columns(world, "user", "item_id", "category")
        pair = (user[1:] == user[:-1]) & (category[1:] == category[:-1])
        table = np.zeros((item.max() - item.min() + 1,) * 2)
        np.add.at(table, (item[:-1][pair] - item.min(), item[1:][pair] - item.min()), 1)
        return float(np.sort(table, axis=1)[:, -4:].sum() / table.sum())

    assert concentration() > 0.65  # nearness alone plants 0.7
    assert concentration(near=0.0) < 0.5


@pytest.mark.parametrize("scenario", ["stable", "trend_only", "long_video"])
def test_worlds_without_order_have_no_memory(scenario):
    """Neighbours match no more often than events five apart, where taste and time decide alone."""
    user, category = columns(simulate.world(scenario, users=3_000, seed=6), "user", "category")
    assert match(category, user, 1) == pytest.approx(match(category, user, 3), abs=0.006)


def test_stable_users_do_not_repeat_items_out_of_turn():
    """In a stable shop the last item is looked at again no sooner than an older one."""
    user, item = columns(simulate.world("stable", seed=7), "user", "item_id")
    assert match(item, user, 1) == pytest.approx(match(item, user, 6), abs=0.002)


def test_items_are_born_and_die_under_a_trend():
    """Items of the first week are mostly gone in the last one; in a stable world they are not."""

    def survivors(scenario: str) -> float:
        seconds, item = columns(simulate.world(scenario, seed=8), "seconds", "item_id")
        day = (seconds - seconds.min()) / SECONDS_PER_DAY
        return float(np.isin(item[day > 21], item[day < 7]).mean())

    assert survivors("stable") > 0.98
    assert survivors("trend_only") < 0.4


def test_one_category_a_session():
    """Every session of the sticky world is of one category, and the session column says which is which."""
    session, category = columns(simulate.world("sticky_sessions", seed=9), "session_id", "category")
    pairs = np.unique(session * 100 + category)
    assert len(pairs) == len(np.unique(session))
    assert len(session) > 2 * len(pairs)


def test_a_tenth_of_the_viewing_is_logged_and_hand_offs_are_the_planted_share():
    """Plays are a tenth of what was watched, hand-offs a twentieth of the rest."""
    world = simulate.world("long_video", users=1_500, seed=10)
    events = world.truth["events_before_loss"]
    play = pc.equal(world.table["event_type"], "play").to_numpy()
    assert play.sum() / events == pytest.approx(0.1, abs=0.002)
    assert (~play).sum() / (events - play.sum()) == pytest.approx(0.05, abs=0.002)
    assert world.truth["viewing_time_logged"] == pytest.approx(0.1, abs=0.002)


def test_episodes_advance_and_skip_what_was_seen_elsewhere():
    """Ordinals of a series only grow for a user; with everything logged they grow by one."""
    for capture in (1.0, 0.1):
        world = simulate.world("long_video", users=300, capture=capture, seed=11)
        user, series, ordinal = columns(world, "user", "series", "ordinal")
        order = np.lexsort((np.arange(len(user)), series, user))
        user, series, ordinal = user[order], series[order], ordinal[order]
        again = (user[1:] == user[:-1]) & (series[1:] == series[:-1]) & (series[1:] >= 0)
        steps = np.diff(ordinal)[again]
        assert steps.min() >= 1
        assert (steps.max() == 1) == (capture == 1.0)


def test_a_log_of_dates_hides_the_order():
    """Fewer than one in ten users have five distinct times: here none can."""
    user, seconds = columns(simulate.world("day_only", seed=12), "user", "seconds")
    distinct = np.bincount(np.unique(np.stack([user, seconds]), axis=1)[0])
    enough = np.bincount(user) >= 5
    assert (distinct[enough] >= 5).mean() < 0.1
    assert np.median(distinct[enough]) > 1


@pytest.mark.parametrize("loss", ["events", "sessions", "categories"])
def test_a_shop_can_lose_behaviour_too(loss):
    """The capture knob thins a shop by events, sessions or whole categories."""
    world = simulate.world("ecommerce", users=1_000, capture=0.5, loss=loss, seed=13)
    assert world.table.num_rows / world.truth["events_before_loss"] == pytest.approx(0.5, abs=0.12)
    assert world.truth["categories"] == (12 if loss == "categories" else 24)


def test_prices_belong_to_items():
    """With the price knob every item has one price, above 0."""
    item, price = columns(simulate.world("ecommerce", users=200, prices=True, seed=1), "item_id", "price")
    assert len(np.unique(item * 10**9 + price)) == len(np.unique(item))
    assert price.min() >= 0


@pytest.mark.parametrize(
    "bad", [{"scenario": "shop"}, {"half_live": 3}, {"users": 0}, {"capture": 0.0}, {"events_per_user": -1}]
)
def test_what_cannot_be_simulated_is_said(bad):
    """An unknown scenario or knob, nobody, or nothing captured is a usage error with what was seen."""
    with pytest.raises(UsageError) as error:
        simulate.world(bad.pop("scenario", "stable"), **bad)
    assert error.value.seen


def test_identity_loss_keeps_every_event_under_some_id():
    """Sessions that are not on a user's own id are those of visitors; the totals are of the people."""
    world = simulate.world("ecommerce", users=500, capture=0.3, loss="identity", seed=2)
    whole = simulate.world("ecommerce", users=500, seed=2)
    assert world.table.num_rows == whole.table.num_rows
    own = [user for user in world.table["user_id"].to_pylist() if user.startswith("u")]
    assert len(own) / world.table.num_rows == pytest.approx(0.3, abs=0.05)
    assert sum(world.totals["events"].to_pylist()) == whole.table.num_rows


def test_a_panel_counts_all_that_its_users_did(tmp_path):
    """Beside a log that misses something lies what some users did in all; beside a whole one, nothing."""
    lost = simulate.world("ecommerce", users=300, capture=0.2, seed=4)
    _, _, panel = simulate.write(lost, tmp_path / "lost.parquet")
    lines = [line.split(",") for line in panel.read_text().splitlines()[1:]]
    counted = {user.strip('"'): int(events) for user, events in lines}
    logged = Counter(lost.table["user_id"].to_pylist())
    assert len(counted) == 200
    assert all(logged[user] <= events for user, events in counted.items())
    assert sum(logged[user] for user in counted) / sum(counted.values()) == pytest.approx(0.2, abs=0.02)
    assert sum(lost.totals["events"].to_pylist()) == lost.truth["events_before_loss"]
    whole = simulate.world("ecommerce", users=300, seed=4)
    assert len(simulate.write(whole, tmp_path / "whole.parquet")) == 2


# Files


@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".jsonl"])
def test_every_format_holds_the_same_rows(suffix, tmp_path):
    """Parquet, CSV and JSON lines hold the same events, with truth and panel beside them and nothing else."""
    world = simulate.world("long_video", users=40, seed=1)
    log, truth, _ = simulate.write(world, tmp_path / "deep" / f"w{suffix}")
    assert {path.name for path in log.parent.iterdir()} == {f"w{suffix}", "w.truth.json", "w.panel.csv"}
    assert json.loads(truth.read_text())["scenario"] == "long_video"
    if suffix == ".parquet":
        items = pq.read_table(log)["item_id"].to_pylist()
    elif suffix == ".csv":
        items = [int(line.split(",")[1]) for line in log.read_text().splitlines()[1:]]
    else:
        items = [json.loads(line)["item_id"] for line in log.read_text().splitlines()]
    assert items == world.table["item_id"].to_pylist()


def test_an_unknown_format_is_refused_and_leaves_nothing(tmp_path):
    """A suffix that is not known is a usage error, and no file is left."""
    with pytest.raises(UsageError, match="format"):
        simulate.write(simulate.world("stable", users=5), tmp_path / "w.xlsx")
    assert not list(tmp_path.iterdir())


def test_truth_holds_no_user(tmp_path):
    """No user id leaves the log for the truth file."""
    world = simulate.world("ecommerce", users=50, seed=1)
    text = simulate.write(world, tmp_path / "w.parquet")[1].read_text()
    assert not any(user in text for user in world.table["user_id"].unique().to_pylist())


def test_committed_samples_are_what_the_command_builds(tmp_path):
    """Each committed sample log is under 2 MB and holds the rows and the truth that a rebuild gives."""
    for path in samples.build(tmp_path):
        committed = samples.FOLDER / path.name
        assert committed.stat().st_size < 2_000_000
        if path.suffix == ".parquet":
            assert pq.read_table(committed).equals(pq.read_table(path))
        else:
            assert committed.read_text() == path.read_text()


def test_samples_are_told_in_their_readme():
    """Every sample log has its line in the folder's README, which names the command."""
    text = (samples.FOLDER / "README.md").read_text("utf-8")
    assert "python -m benchmarks.samples" in text
    assert all(f"{scenario}.parquet" in text for scenario in samples.SEEDS)


# Parts


def test_draws_follow_their_row():
    """Draws from each row of a table have that row's probabilities, the last row and zeros included."""
    table = np.array([[0.2, 0.8, 0.0], [0.0, 0.0, 1.0]])
    drawn = chains.draw_rows(table, np.repeat([0, 1], 20_000), rng=np.random.default_rng(0))
    assert np.bincount(drawn[:20_000], minlength=3) / 20_000 == pytest.approx([0.2, 0.8, 0.0], abs=0.01)
    assert (drawn[20_000:] == 2).all()


def test_trending_draws_follow_taste_times_popularity():
    """Rejection gives the product of taste and popularity, renormalised."""
    taste = np.array([[0.5, 0.3, 0.2]])
    weight = np.log(np.array([[1.0, 4.0, 0.5]]))
    zero = np.zeros(60_000, dtype=np.int64)
    drawn = chains.draw_trending(taste, zero, log_weight=weight, moment=zero, rng=np.random.default_rng(0))
    expected = taste[0] * np.exp(weight[0])
    assert np.bincount(drawn) / 60_000 == pytest.approx(expected / expected.sum(), abs=0.01)
