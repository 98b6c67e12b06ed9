"""The trial alone: the numbers of the whole diagnosis, without the rest of it."""

from __future__ import annotations

import json
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc
import pytest

import diagnose
from diagnose import simulate
from diagnose.settings import Settings, TrialSettings
from tests.light import USERS, light

TINY = light(
    Settings(trial=TrialSettings(budget="quick", history=10, epochs=1, validation_targets=100, negatives=9))
)
WHO, WHAT = "visitor-", "sku-"


@pytest.fixture(scope="module")
def shop():
    """A small shop whose users, items and categories are called by names one would know again."""
    table = simulate.world("ecommerce", users=USERS, seed=1).table
    for column, prefix in (("user_id", WHO), ("item_id", WHAT)):
        spelt = pc.binary_join_element_wise(prefix, table[column].cast(pa.string()), "")
        table = table.set_column(table.column_names.index(column), column, spelt)
    return table


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A folder of finished trainings."""
    return tmp_path_factory.mktemp("kept")


@pytest.fixture(scope="module")
def tried(shop, kept):
    """The trial of the shop, kept."""
    return diagnose.run_trial(shop, settings=TINY, keep=kept)


def test_the_trial_is_that_of_the_whole_diagnosis(shop, kept, tried):
    """To the last digit, timings of arms included, for analyze() finds every training where it was kept."""
    before = {path: path.stat().st_mtime_ns for path in kept.iterdir()}
    whole = json.loads(diagnose.analyze(shop, settings=TINY, keep=kept).to_json())
    alone = json.loads(tried.to_json())
    assert alone["trial"]["status"] in {"done", "not_trustworthy"}
    assert alone["trial"]["device"] == "cpu"
    assert alone["trial"] == whole["trial"]
    assert alone["timings"]["arms"] == whole["timings"]["arms"]
    assert {key: whole[key] for key in ("log", "mapping", "seed", "settings", "schema_version", "tool")} == {
        key: alone[key] for key in ("log", "mapping", "seed", "settings", "schema_version", "tool")
    }
    assert {path: path.stat().st_mtime_ns for path in kept.iterdir()} == before
    assert len(before) == 3 * 15


def test_what_is_kept_names_nobody_and_nothing(shop, kept, tried):
    """Neither users, items nor categories of the log, in no name of a file and in none of them."""
    everything = b"".join(path.name.encode() + path.read_bytes() for path in kept.iterdir())
    names = {WHO, WHAT, *shop["category"].unique().to_pylist()}
    assert len(names) > 5
    assert not [name for name in names if name.encode() in everything]
    assert WHO not in tried.to_json()


def test_where_trainings_are_kept_is_not_in_the_result(kept, tried):
    """A result says nothing of the machine."""
    assert str(kept) not in tried.to_json()


@pytest.mark.parametrize(
    ("world", "users", "reason"),
    [("day_only", 700, "the order of behaviour is not in the log"), ("ecommerce", 12, "a trial needs")],
)
def test_a_log_that_cannot_be_tried_says_why(world, users, reason):
    """No order in the log, or too few targets: skipped, with the reason."""
    tried = diagnose.run_trial(simulate.world(world, users=users, seed=0).table, settings=TINY)
    assert tried.trial.status == "skipped"
    assert reason in tried.trial.reason
    assert tried.timings.arms == {}


def test_a_target_that_is_no_event_is_told(shop):
    """As analyze() does."""
    with pytest.raises(diagnose.UsageError, match="no-such-event"):
        diagnose.run_trial(shop, settings=replace(TINY, target_event="no-such-event"))
