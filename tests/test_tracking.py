"""A diagnosis as a run of MLflow: what is logged, where, and what is told where it cannot be."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import os
import subprocess
import sys
import types
from pathlib import Path

import pytest
from click.testing import CliRunner

from diagnose import pipeline, tracking
from diagnose.cli import main
from diagnose.diagnosis import Diagnosis
from diagnose.errors import UsageError
from diagnose.report import parse_json
from diagnose.settings import Settings

ROOT = Path(__file__).parent.parent
EXAMPLE = parse_json((ROOT / "reports" / "example.json").read_text(encoding="utf-8"))


class MlflowException(Exception):  # noqa: N818 - their name
    """What the library raises."""


class Run:
    """One run, and what was logged to it."""

    def __init__(self, name: str = "theirs") -> None:
        self.name, self.ended = name, False
        self.params: dict = {}
        self.metrics: dict = {}
        self.tags: dict = {}
        self.texts: dict = {}
        self.info = types.SimpleNamespace(run_id="run-of-" + name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ended = True


class Fake(types.ModuleType):
    """The part of MLflow that is used, with its rules: a hundred parameters a request, text not endless."""

    MlflowException = MlflowException

    def __init__(self, active: Run | None = None, fault: Exception | None = None) -> None:
        super().__init__("mlflow")
        self.run, self.fault = active, fault
        self.active = active

    def active_run(self):
        return self.active

    def start_run(self, run_name):
        if self.fault:
            raise self.fault
        self.run = Run(run_name)
        return self.run

    def log_params(self, params):
        assert len(params) <= 100
        assert all(isinstance(text, str) and len(text) <= 500 for text in params.values())
        self.run.params |= params

    def log_metrics(self, metrics):
        self.run.metrics |= metrics

    def set_tags(self, tags):
        self.run.tags |= tags

    def log_text(self, text, name):
        self.run.texts[name] = text

    def get_tracking_uri(self):
        return "https://maria:secret@host:5000"

    def MlflowClient(self):
        def search_experiments(max_results):
            if self.fault:
                raise self.fault
            return []

        return types.SimpleNamespace(search_experiments=search_experiments)


@pytest.fixture
def install(monkeypatch):
    """Puts a fake in MLflow's place."""

    def installed(fake):
        monkeypatch.setitem(sys.modules, "mlflow", fake)
        return fake

    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    return installed


def test_a_run_holds_settings_carrying_numbers_outcome_and_both_reports(install):
    """Parameters, metrics, tags and artifacts say what the JSON says, under stable names."""
    fake = install(Fake())
    assert Diagnosis(EXAMPLE).log_to_mlflow(run_name="shop") == "run-of-shop"
    run = fake.run
    assert run.ended
    assert run.params["settings.trial.budget"] == EXAMPLE.settings["trial"]["budget"]
    assert run.params["settings.trial.minimum_lift"] == "0.003"
    assert run.params["settings.target_event"] == "null"
    assert run.params["column.user"] == EXAMPLE.mapping["user"]
    share = EXAMPLE.probe("order_information").estimates["share"]
    told = [run.metrics[f"order_information/share{end}"] for end in ("", "_low", "_high")]
    assert told == [share.value, share.low, share.high]
    lift = next(contrast for contrast in EXAMPLE.trial.contrasts if contrast.name == "lift")
    assert run.metrics["trial/lift_low"] == lift.low
    assert run.metrics["capture/high"] == EXAMPLE.capture.high
    assert run.tags["diagnose.outcome"] == EXAMPLE.verdict.outcome
    assert run.tags["diagnose.fingerprint"] == EXAMPLE.log.fingerprint
    assert run.tags["diagnose.version"] == EXAMPLE.tool.version
    assert parse_json(run.texts["diagnosis.json"]) == EXAMPLE
    assert run.texts["diagnosis.html"].startswith("<!doctype html>")


def test_an_active_run_is_used_and_left_open(install):
    """Inside `with mlflow.start_run():` the diagnosis joins that run."""
    fake = install(Fake(active=Run()))
    assert tracking.log(EXAMPLE) == "run-of-theirs"
    assert fake.run.metrics
    assert not fake.run.ended


def test_numbers_that_are_none_are_not_logged(install):
    """A trial that did not run and an interval without an end leave no metric, not NaN."""
    nothing = dataclasses.replace(EXAMPLE.trial, contrasts=(), arms=(), minimal_detectable_lift=None)
    open_end = dataclasses.replace(EXAMPLE.capture, high=float("inf"))
    metrics = tracking.metrics(dataclasses.replace(EXAMPLE, trial=nothing, capture=open_end))
    assert not [name for name in metrics if name.startswith(("trial/", "arms/"))]
    assert "capture/low" in metrics
    assert "capture/high" not in metrics


def test_words_of_the_log_are_cut_and_cleaned(install):
    """A column's name of a megabyte with a control character is neither endless nor obeyed."""
    hostile = dataclasses.replace(EXAMPLE, mapping={"user": "\x1b[31m" + "x" * 1_000_000})
    fake = install(Fake())
    tracking.log(hostile)
    assert "\x1b" not in fake.run.params["column.user"]


@pytest.mark.parametrize("fault", [MlflowException, OSError])
def test_what_mlflow_refuses_is_told_without_passwords(fault, install):
    """An error of ours that says what MLflow said and what to try, and no login of an address."""
    install(Fake(fault=fault("no answer from https://maria:secret@host:5000/api")))
    for refused in (tracking.ready, lambda: tracking.log(EXAMPLE)):
        with pytest.raises(UsageError, match="no answer") as caught:
            refused()
        assert "secret" not in str(caught.value)
        assert "MLFLOW_TRACKING_URI" in caught.value.attempt


def test_without_mlflow_the_command_ends_before_the_log_is_read(monkeypatch, tmp_path):
    """Exit code 2 and what to install, even where the log is missing too."""
    monkeypatch.setitem(sys.modules, "mlflow", None)
    done = CliRunner().invoke(main, ["analyze", str(tmp_path / "nothing.parquet"), "--mlflow"])
    assert done.exit_code == 2, done.output
    assert 'pip install "scenario-fit[mlflow]"' in done.stderr


def test_the_command_logs_after_the_reports_are_written(install, monkeypatch, tmp_path):
    """--mlflow says which run it was; where MLflow then fails the reports are there all the same."""
    monkeypatch.setattr(pipeline, "analyze", lambda *_, **__: Diagnosis(EXAMPLE))
    command = ["analyze", "logs/shop.parquet", "--mlflow", "--out", str(tmp_path)]
    fake = install(Fake())
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 0, done.output
    assert "logged to MLflow as run run-of-diagnose shop" in done.stdout
    (tmp_path / "shop.json").unlink()
    fake.log_text = lambda *_: (_ for _ in ()).throw(MlflowException("disk full"))
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 2
    assert "disk full" in done.stderr
    assert (tmp_path / "shop.json").exists()


def test_mlflow_is_asked_for_nothing_unless_it_is_wanted(monkeypatch, tmp_path):
    """Without --mlflow the library is not even imported."""
    monkeypatch.setattr(pipeline, "analyze", lambda *_, **__: Diagnosis(EXAMPLE))
    monkeypatch.setitem(sys.modules, "mlflow", None)
    done = CliRunner().invoke(main, ["analyze", "shop.parquet", "--out", str(tmp_path)])
    assert done.exit_code == 0, done.output


def test_secrets_of_second_logs_are_no_settings():
    """The signature behind a URL's question mark stays out of what the report and MLflow repeat."""
    signed = "https://shop.com/export.parquet?X-Amz-Signature=secret"
    settings = Settings.from_options(second_logs=[signed], panel=signed)
    assert "secret" not in json.dumps(pipeline.told(settings))
    assert pipeline.told(settings)["capture"]["second_logs"] == ("export.parquet",)


ROUND_TRIP = """
import sys
from pathlib import Path
from diagnose import tracking
from diagnose.diagnosis import Diagnosis
from diagnose.report import parse_json
result = parse_json(Path(sys.argv[1]).read_text())
tracking.ready()
name = Diagnosis(result).log_to_mlflow()
import mlflow
run = mlflow.get_run(name)
assert run.info.status == "FINISHED"
assert run.data.tags["diagnose.outcome"] == result.verdict.outcome
assert run.data.params == tracking.parameters(result)
assert run.data.metrics == tracking.metrics(result)
kept = mlflow.MlflowClient().list_artifacts(name)
assert {file.path for file in kept} == {"diagnosis.html", "diagnosis.json"}
"""


@pytest.mark.skipif(not importlib.util.find_spec("mlflow"), reason="the extra mlflow is not installed")
def test_mlflow_itself_takes_all_of_it(tmp_path, monkeypatch):
    """In a store of files: what is read back is what was logged, to the last digit."""
    ran = subprocess.run(
        [sys.executable, "-c", ROUND_TRIP, str(ROOT / "reports" / "example.json")],
        env={
            **os.environ,
            "MLFLOW_TRACKING_URI": (tmp_path / "runs").as_uri(),
            "MLFLOW_ALLOW_FILE_STORE": "true",  # all that mlflow-skinny has without a server
        },
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
