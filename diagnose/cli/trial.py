"""`diagnose trial`: the trial alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from diagnose.cli import options
from diagnose.cli.options import ENGINE_OPTIONS, log_options, out_option, target_option, trial_options
from diagnose.cli.sections import Sectioned


@click.command(cls=Sectioned, short_help="The trial alone: DIEN against DNN, DIN and recency.")
@log_options
@target_option
@trial_options
@out_option
def trial(
    logs: tuple[str, ...], *, out: Path, keep: Path | None, quiet: bool, verbose: bool, **given: Any
) -> None:
    """Train DIEN against DNN, DIN and recency on LOG..., and nothing else: no probes, no verdict.

    \b
    diagnose trial logs.parquet --budget quick
    diagnose trial clicks.parquet --target purchase --minimum-lift 0.005
    diagnose trial logs.parquet --budget thorough --keep trials     # interrupted? the same again goes on
    diagnose trial logs.parquet --device cpu --seed 1

    Prints every arm and contrast with its interval, and writes them as <log>.trial.json.
    """
    from diagnose import alone, screen

    reading = options.engine(**{name: given.pop(name) for name in ENGINE_OPTIONS})
    read = {"columns": options.columns(given.pop("columns")), "preset": given.pop("preset")}
    settings = options.settings(**given)
    with options.progress(quiet=quiet, verbose=verbose) as listener:
        found = alone.run_trial(
            logs, **read, settings=settings, listener=listener, options=reading, keep=keep
        )
        written = found.write(out, options.stem(logs))
    screen.tell_trial(found.trial, found.timings.arms, [written])
