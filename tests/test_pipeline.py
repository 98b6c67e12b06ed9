"""The whole path, from a log in memory to a verdict, as the Python API takes it."""

from __future__ import annotations

import json
from dataclasses import replace

import polars
import pyarrow.compute as pc
import pyarrow.parquet as parquet
import pytest

import diagnose
from diagnose import simulate
from diagnose.engine import EngineOptions
from diagnose.results import Skipped
from tests.light import USERS, light

NO_TRIAL = light(diagnose.Settings.from_options(trial=False))
ON_DEMAND = {"serial_gaps", "orphans", "hand_offs", "anchors", "panel", "second_log"}


@pytest.fixture(scope="module")
def shop():
    """A small shop as an Arrow table."""
    return simulate.world("ecommerce", users=USERS, seed=1).table


@pytest.fixture(scope="module")
def diagnosis(shop):
    """What two threads find in the shop."""
    return diagnose.analyze(shop, settings=NO_TRIAL, options=EngineOptions(threads=2))


def told(diagnosis, *, without=()):
    """What a diagnosis says, but for its timings."""
    result = json.loads(diagnosis.to_json())
    del result["timings"]
    for name in without:
        assert result["log"].pop(name)
    return result


def test_every_probe_measures_the_shop(diagnosis):
    """None is skipped for want of users, so that what follows tests them all."""
    skipped = {probe.name for probe in diagnosis.result.probes if isinstance(probe, Skipped)}
    assert skipped == ON_DEMAND


def test_frames_of_three_libraries_give_the_same_result(shop, diagnosis, tmp_path):
    """pandas, pyarrow, polars and a file of the same events are the same log."""
    path = tmp_path / "shop.parquet"
    parquet.write_table(shop, path)
    for source in (shop.to_pandas(), polars.from_arrow(shop), path):
        other = diagnose.analyze(source, settings=NO_TRIAL)
        assert told(other, without=["sources"]) == told(diagnosis, without=["sources"])


def test_row_order_changes_nothing(shop, diagnosis):
    """A log is a set of events: reading it backwards gives the same numbers."""
    backwards = diagnose.analyze(shop.take(list(range(shop.num_rows))[::-1]), settings=NO_TRIAL).result
    assert backwards.probes == diagnosis.result.probes
    assert backwards.log == diagnosis.result.log


@pytest.mark.parametrize("threads", [1, 5])
def test_the_number_of_threads_changes_nothing(threads, shop, diagnosis):
    """The same log, settings and seed give the same bytes on any machine."""
    other = diagnose.analyze(shop, settings=NO_TRIAL, options=EngineOptions(threads=threads))
    assert told(other) == told(diagnosis)


def test_a_diagnosis_shows_itself(diagnosis):
    """In a notebook as a page in a frame of its own, or in plain lines; at a prompt as one line."""
    shown = diagnosis._repr_mimebundle_(include=None, exclude=None)
    assert shown["text/html"] == diagnosis._repr_html_()
    assert shown["text/html"].startswith("<iframe")
    assert shown["text/plain"].startswith(diagnosis.verdict.headline)
    assert "A sequence model pays" in shown["text/plain"]
    assert diagnosis.verdict.outcome in repr(diagnosis)
    assert "<h1" in diagnosis.to_html()


def test_positions_skip_what_needs_a_calendar(shop):
    """With order but no time, calendar probes say that they need times; order is still measured."""
    frame = shop.to_pandas().sort_values("timestamp")
    frame["place"] = frame.groupby("user_id").cumcount()
    frame = frame.drop(columns=["timestamp", "session_id"])
    result = diagnose.analyze(frame, columns={"position": "place"}, settings=NO_TRIAL).result
    assert result.log.first_event is None
    assert not result.hygiene.clock
    persistence = result.probe("interest_persistence")
    assert isinstance(persistence, Skipped) or "half_life_days" not in persistence.estimates
    assert not isinstance(result.probe("order_information"), Skipped)


def test_a_log_without_categories_gets_clusters(shop):
    """Interests are derived without order, and the result says which were used."""
    result = diagnose.analyze(shop.drop_columns(["category"]), settings=NO_TRIAL).result
    assert result.log.interest_source == "clusters"
    assert "total" in result.probe("order_information").estimates


def test_dates_over_a_few_days_are_not_measurable():
    """`day_only`: the order of behaviour is not in the log, and nothing is claimed of it."""
    result = diagnose.analyze(simulate.world("day_only", users=700, seed=0).table).result
    assert result.verdict.outcome == "not_measurable"
    assert result.trial.status == "skipped"
    assert isinstance(result.probe("order_information"), Skipped)


@pytest.mark.slow
def test_a_world_without_order_is_never_given_a_sequence_model():
    """A quick trial where nothing moves keeps the order-blind model or does not decide."""
    settings = diagnose.Settings.from_options(budget="quick")
    result = diagnose.analyze(simulate.world("stable", seed=0).table, settings=settings).result
    assert result.verdict.outcome in {"keep_order_blind_model", "inconclusive"}


@pytest.mark.slow
def test_a_streaming_platform_that_sees_a_tenth_is_not_told_to_build():
    """`long_video`: stable interests and a tenth of the viewing never give `use_sequence_model`."""
    settings = diagnose.Settings.from_options(budget="quick", capture_rate="0.05:0.2")
    result = diagnose.analyze(simulate.world("long_video", seed=0).table, settings=settings).result
    assert result.verdict.outcome != "use_sequence_model"


def test_evidence_from_outside_reaches_the_verdict(tmp_path):
    """A tenth of a shop's events and a panel: grade A, capture comes first; the report names no folder."""
    world = simulate.world("ecommerce", users=1_500, events_per_user=100, capture=0.1, seed=2)
    log, _, panel = simulate.write(world, tmp_path / "tenth.parquet")
    settings = light(diagnose.Settings.from_options(trial=False, panel=panel, second_logs=[log]))
    result = diagnose.analyze(log, settings=settings).result
    assert result.verdict.outcome == "fix_capture_first"
    said = {statement.probe: statement for statement in result.capture.statements}
    assert said["panel"].grade == said["second_log"].grade == "A"
    assert said["panel"].low <= 0.1 <= said["panel"].high + 0.01
    assert said["second_log"].high == 1.0  # the log beside itself misses nothing
    assert str(tmp_path) not in json.dumps(result.settings["capture"])
    assert result.settings["capture"]["panel"] == "tenth.panel.csv"


def test_unknown_kinds_of_event_are_told_before_anything_is_measured(shop):
    """A funnel or a hand-off of events that the log lacks ends with their names and those that are near."""
    for options in ({"funnel": "view,purchse"}, {"handoffs": ["open_app"]}):
        settings = diagnose.Settings.from_options(trial=False, **options)
        with pytest.raises(diagnose.errors.UsageError) as error:
            diagnose.analyze(shop, settings=settings)
        assert error.value.seen


def test_faults_say_how_far_they_move_the_gain():
    """Tied events: with their order redrawn the item order gain is told as an interval around what it is."""
    table = simulate.world("ecommerce", users=800, seed=3).table
    real = diagnose.Settings()  # the gain and its reruns as they are, the rest in brief
    thinning = replace(
        NO_TRIAL.thinning,
        rerun_targets=real.thinning.rerun_targets,
        tie_redraws=real.thinning.tie_redraws,
    )
    settings = replace(NO_TRIAL, item_order=real.item_order, thinning=thinning)
    minutes = pc.floor_temporal(table["timestamp"], multiple=10, unit="minute")
    tied = table.set_column(table.column_names.index("timestamp"), "timestamp", minutes)
    result = diagnose.analyze(tied, settings=settings).result
    ties = next(fault for fault in result.hygiene.faults if fault.name == "ties")
    gain = result.probe("item_order_information").estimates["gain"]
    assert ties.count > 0
    assert gain.value - 0.03 < ties.result_low <= ties.result_high < gain.value + 0.03
