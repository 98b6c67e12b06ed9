"""`diagnose inspect`: how a log is read, and how clean it is."""

from __future__ import annotations

from typing import Any

import click

from diagnose.cli import options
from diagnose.cli.options import log_options
from diagnose.cli.sections import Sectioned


@click.command(cls=Sectioned, short_help="How LOG is read and how clean it is, in seconds.")
@log_options
def inspect(
    logs: tuple[str, ...],
    *,
    columns: tuple[str, ...],
    preset: str | None,
    users: str,
    seed: int,
    quiet: bool,
    verbose: bool,
    **engine: Any,
) -> None:
    """Show how LOG... is read and how clean it is, in seconds.

    \b
    diagnose inspect logs.parquet
    diagnose inspect clicks.csv --column item=sku
    diagnose inspect ml-1m/ratings.dat --preset movielens
    """
    from diagnose import pipeline, screen

    with options.progress(quiet=quiet, verbose=verbose) as listener:
        found = pipeline.inspect(
            logs,
            columns=options.columns(columns),
            preset=preset,
            settings=options.settings(users=users, seed=seed),
            listener=listener,
            options=options.engine(**engine),
        )
    screen.tell_inspection(found.mapping.items(), found.log, found.hygiene)
