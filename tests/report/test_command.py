"""The report names a command, and that command, read by the command line, gives the same settings."""

from __future__ import annotations

import dataclasses
import shlex

from click.testing import CliRunner
from example import recency_is_enough

from diagnose import pipeline
from diagnose.cli import main
from diagnose.report import render_html
from diagnose.report.sections.command import again
from diagnose.settings import Settings

SETTINGS = Settings.from_options(
    users=500,
    sampled_fraction=0.5,
    seed=7,
    target="buy it",
    capture_rate="0.1:0.3",
    loss_pattern="sessions",
    funnel="view,buy it",
    handoffs=["leave; rm -rf"],
    panel="my panel.csv",
    second_logs=["other.csv"],
    trial=False,
    budget="quick",
    minimum_lift=0.01,
    device="cpu",
    repeats="only",
)


def told(settings: Settings):
    log = dataclasses.replace(recency_is_enough().log, sources=("my logs/a.parquet", "b.parquet"))
    return dataclasses.replace(
        recency_is_enough(), log=log, settings=pipeline.told(settings), seed=settings.seed
    )


def test_the_command_gives_the_same_settings(monkeypatch):
    """Every option comes back through the real command line, whatever has to be quoted."""
    asked = {}

    def analyze(logs, *, columns, settings, **others):
        asked.update(logs=logs, columns=columns, settings=settings)
        raise KeyboardInterrupt

    monkeypatch.setattr(pipeline, "analyze", analyze)
    program, *arguments = shlex.split(again(told(SETTINGS)))
    assert program == "diagnose"
    CliRunner().invoke(main, [*arguments, "--quiet"])
    assert asked["logs"] == ("my logs/a.parquet", "b.parquet")
    assert asked["columns"] == recency_is_enough().mapping
    assert asked["settings"] == SETTINGS


def test_what_is_usual_is_not_repeated():
    """With every setting at its default the command names the log and its columns."""
    assert "--users" not in again(told(Settings()))
    assert again(told(Settings())).endswith("user=uid")
    assert again(told(Settings.from_options(users="all"))).endswith("--users all")


def test_a_frame_has_no_command():
    """A log that was handed over in Python came by no command, and the page claims none."""
    result = recency_is_enough()
    frame = dataclasses.replace(result, log=dataclasses.replace(result.log, sources=("a frame",)))
    assert again(frame) == ""
    assert "diagnose analyze" in render_html(result)
    assert "diagnose analyze" not in render_html(frame)
