"""`diagnose simulate`: a log with planted truth."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from diagnose.cli import completing


@click.command(short_help="A log with planted truth, to try things on.")
@click.argument("scenario", shell_complete=completing.scenarios)
@click.option(
    "--out",
    required=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help=".parquet, .csv or .jsonl file.",
)
@click.option("--users", type=click.IntRange(min=2), help="Users of the world.")
@click.option("--seed", default=0, show_default=True, type=click.IntRange(min=0), help="Seed of every draw.")
@click.option(
    "--capture",
    type=click.FloatRange(min=0, min_open=True, max=1),
    metavar="SHARE",
    help="Share of behaviour that the log holds; a panel of user totals is written beside it.",
)
@click.option(
    "--loss",
    type=click.Choice(["events", "sessions", "categories", "identity"]),
    help="What is lost of the rest.",
)
def simulate(scenario: str, *, out: Path, users: int | None, seed: int, **lost: Any) -> None:
    """Write a log with planted truth, and the truth as JSON beside it.

    \b
    Scenarios: ecommerce, long_video, trend_only, stable, sticky_sessions, day_only.
    diagnose simulate ecommerce --out shop.parquet
    diagnose simulate stable --users 500 --seed 3 --out small.csv
    diagnose simulate ecommerce --capture 0.1 --loss sessions --out tenth.parquet
    """
    from diagnose import simulate as worlds

    for path in worlds.write(worlds.world(scenario, users=users, seed=seed, **lost), out):
        click.echo(f"wrote {path}")
