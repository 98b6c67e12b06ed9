"""What may not matter does not: rows, files, units, zones and names; and without order nothing has order."""

from __future__ import annotations

import dataclasses
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from diagnose import engine
from diagnose.drift import family
from diagnose.histories import Histories
from diagnose.results import Measured
from diagnose.settings import Settings
from diagnose.simulate import histories, world
from diagnose.stages import Silent

SETTINGS = Settings()
QUICK = replace(
    SETTINGS,
    order=replace(SETTINGS.order, permutations=2),
    item_order=replace(SETTINGS.item_order, permutations=2),
)


def sample_of(source: object, **columns: str) -> Histories:
    return engine.read(
        source, columns=columns, settings=SETTINGS, listener=Silent(), tallies={}, options=None
    ).sample


def assert_alike(one: Histories, other: Histories) -> None:
    for field in dataclasses.fields(Histories):
        left, right = getattr(one, field.name), getattr(other, field.name)
        assert np.array_equal(left, right), field.name


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    """A small shop as a table of rows, times in UTC."""
    table = world("ecommerce", users=120, seed=3).table.to_pandas()
    name = next(column for column in table if "time" in column)
    return table.rename(columns={name: "timestamp"})


def shuffled_rows(rows: pd.DataFrame, folder: Path) -> Path:
    path = folder / "log.parquet"
    rows.sample(frac=1, random_state=1).to_parquet(path)
    return path


def split_rows(rows: pd.DataFrame, folder: Path) -> Path:
    for number, part in enumerate(np.array_split(np.arange(len(rows)), 3)):
        rows.iloc[part].to_parquet(folder / f"part-{number}.parquet")
    return folder


def in_milliseconds(rows: pd.DataFrame, folder: Path) -> Path:
    path = folder / "log.parquet"
    seconds = rows["timestamp"].astype("datetime64[ms, UTC]").astype(np.int64)
    rows.assign(timestamp=seconds).to_parquet(path)
    return path


def in_another_zone(rows: pd.DataFrame, folder: Path) -> Path:
    path = folder / "log.parquet"
    there = rows["timestamp"].astype("datetime64[us, UTC]").dt.tz_convert("Asia/Tokyo")
    rows.assign(timestamp=there).to_parquet(path)
    return path


@pytest.mark.parametrize("change", [shuffled_rows, split_rows, in_milliseconds, in_another_zone])
def test_how_a_log_is_written_changes_nothing(change, rows, tmp_path):
    """Row order, files, the unit of time and its zone give the same sample, hence the same numbers."""
    plain = tmp_path / "plain"
    plain.mkdir()
    rows.to_parquet(plain / "log.parquet")
    other = tmp_path / "other"
    other.mkdir()
    assert_alike(sample_of(str(plain / "log.parquet")), sample_of(str(change(rows, other))))


@pytest.fixture(scope="module")
def log() -> Histories:
    return histories(users=700, events=50, seed=11, half_life_events=8, directed=0.1)


@pytest.fixture(scope="module")
def measured(log):
    return probed(log)


def probed(log: Histories) -> dict[str, Measured]:
    found = family.measure(log, None, settings=QUICK, threads=1)
    return {each.name: each for each in found if isinstance(each, Measured)}


def test_every_probe_speaks_of_this_log(measured):
    """None is skipped, so what follows tests them all."""
    assert set(measured) == set(family.NAMES)


@pytest.mark.slow
@pytest.mark.parametrize("renamed", ["users", "items", "categories"])
def test_names_move_numbers_within_their_intervals_only(renamed, log, measured):
    """Another name may deal users into other folds and draw other lots: nothing moves beyond its interval."""
    rng = np.random.default_rng(0)
    if renamed == "users":
        other = replace(log, user=rng.permutation(rng.integers(0, 2**64, len(log), dtype=np.uint64)))
    elif renamed == "items":
        other = replace(log, item=rng.permutation(log.n_items)[log.item])
    else:
        code = rng.permutation(log.n_categories).astype(np.int32)
        names = tuple(np.array(log.categories)[np.argsort(code)].tolist())
        other = log.with_categories(code[log.category], names)
    after_all = probed(other)
    for name, before in measured.items():
        after = after_all[name]
        for key, estimate in before.estimates.items():
            width = max(estimate.high - estimate.low, 1e-3 + 0.02 * abs(estimate.value))
            assert after.estimates[key].value == pytest.approx(estimate.value, abs=width), (name, key)


def test_without_order_every_order_probe_is_silent(log):
    """The same users with their events in random order: what was found is gone, probe by probe."""
    rng = np.random.default_rng(5)
    order = np.lexsort((rng.random(log.n_events), log.user_of_event))
    found = probed(replace(log, category=log.category[order], item=log.item[order]))
    assert found["order_information"].estimates["share"].low < SETTINGS.order.floor_share
    assert "history_needed" not in found["order_information"].estimates
    assert found["item_order_information"].estimates["gain"].low < SETTINGS.item_order.floor
    assert found["item_order_information"].estimates["gain_trees"].low < SETTINGS.item_order.floor
    persistence = found["interest_persistence"].estimates["drift_share"]
    assert persistence.low < SETTINGS.persistence.floor_drift_share
    tested = found["exchangeability"].estimates
    for name in ("excess", "excess_sessions", "excess_given_trend", "excess_sessions_given_trend"):
        assert tested[name].low < SETTINGS.guard.floor_excess
    assert tested["moving_users"].low < 0.02
    assert abs(found["evolution_paths"].estimates["asymmetry"].value) < 4
    assert found["evolution_paths"].estimates["directed_share"].high < 0.02
    assert found["turnover"].estimates["turnover"].low < SETTINGS.persistence.floor_drift_share
