"""`diagnose analyze`: the whole diagnosis of a log."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from diagnose.cli import completing, options
from diagnose.cli.group import EXIT_MATCHED
from diagnose.cli.options import (
    ENGINE_OPTIONS,
    log_options,
    markdown_option,
    out_option,
    target_option,
    trial_options,
)
from diagnose.cli.sections import Sectioned


@click.command(cls=Sectioned, short_help="A verdict on LOG, an HTML and a JSON report.")
@log_options
@click.option(
    "--sampled-fraction",
    type=click.FloatRange(min=0, min_open=True, max=1),
    default=1.0,
    show_default=True,
    metavar="SHARE",
    help="Share of the platform's users that LOG holds, where it is a sample of whole users.",
)
@target_option
@click.option(
    "--capture-rate", metavar="SHARE|LOW:HIGH", help="Share of behaviour the log holds, if you know it."
)
@click.option(
    "--loss-pattern",
    type=click.Choice(["events", "sessions", "categories", "unknown"]),
    default="unknown",
    show_default=True,
    help="What is lost where the log misses behaviour.",
)
@click.option(
    "--funnel",
    metavar="EVENT,EVENT[,...]",
    help="Steps that want the ones before them, e.g. view,cart,purchase: what is missing was not logged.",
)
@click.option(
    "--handoff",
    "handoffs",
    multiple=True,
    metavar="EVENT",
    help="An event with which users leave for elsewhere, e.g. open_external_app. Can be given again.",
)
@click.option(
    "--panel",
    metavar="FILE",
    shell_complete=completing.paths,
    help="What somebody else counted: a file of users (or segments) and their totals.",
)
@click.option(
    "--second-log",
    "second_logs",
    multiple=True,
    metavar="LOG",
    shell_complete=completing.paths,
    help="The same events as another observer saw them. Can be given again.",
)
@click.option("--trial/--no-trial", default=True, show_default=True, help="Train DIEN against the DNN.")
@trial_options
@out_option
@markdown_option
@click.option("--mlflow", is_flag=True, help="Log the diagnosis to MLflow, where its environment says.")
@click.option(
    "--fail-on",
    metavar="OUTCOME[,OUTCOME]",
    shell_complete=completing.outcomes,
    help="Exit with 4 where the verdict is one of these.",
)
def analyze(
    logs: tuple[str, ...],
    *,
    out: Path,
    markdown: bool,
    fail_on: str | None,
    quiet: bool,
    verbose: bool,
    mlflow: bool,
    **given: Any,
) -> None:
    """Diagnose LOG... (files, folders, globs, URLs, a table) and write an HTML and a JSON report.

    \b
    diagnose analyze logs.parquet
    diagnose analyze s3://bucket/events/
    diagnose analyze shop.duckdb::events
    diagnose analyze 'events/*.csv.gz' --column user=uid --column timestamp=when
    diagnose analyze clicks.parquet --target purchase --capture-rate 0.05:0.2 --budget quick
    diagnose analyze clicks.parquet --funnel view,cart,purchase --panel totals.csv
    diagnose analyze plays.parquet --handoff open_external_app --loss-pattern sessions
    diagnose analyze shop.events --spark-remote sc://cluster:15002
    diagnose analyze logs.parquet --mlflow
    """
    from diagnose import pipeline, screen, tracking

    matched = options.outcomes(fail_on)
    reading = options.engine(**{name: given.pop(name) for name in ENGINE_OPTIONS})
    read = {"columns": options.columns(given.pop("columns")), "preset": given.pop("preset")}
    keep = given.pop("keep")
    settings = options.settings(**given)
    if mlflow:
        tracking.ready()
    with options.progress(quiet=quiet, verbose=verbose) as listener:
        diagnosis = pipeline.analyze(
            logs, **read, settings=settings, listener=listener, options=reading, keep=keep
        )
        written = diagnosis.write(out, options.stem(logs), markdown=markdown)
    screen.tell(diagnosis.result, written)
    if mlflow:
        run = diagnosis.log_to_mlflow(run_name=f"diagnose {options.stem(logs)}")
        click.echo(f"logged to MLflow as run {run}")
    if diagnosis.verdict.outcome in matched:
        raise SystemExit(EXIT_MATCHED)
