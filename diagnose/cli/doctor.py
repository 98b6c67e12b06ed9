"""`diagnose doctor`: whether this machine can run a diagnosis, and what would slow it."""

from __future__ import annotations

import json
from pathlib import Path

import click

from diagnose.cli.group import EXIT_RESOURCES
from diagnose.cli.options import out_option


@click.command(short_help="Whether this machine can run it, and what would slow it.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for a report of a bug.")
@out_option
def doctor(*, as_json: bool, out: Path) -> None:
    """Look whether this machine can run a diagnosis, and what would slow it. Seconds.

    \b
    diagnose doctor
    diagnose doctor --json > doctor.json     for a report of a bug: no paths, no names in it

    Ends with exit code 6 where something is broken that no run can do without.
    """
    from diagnose import doctor as room
    from diagnose import screen

    checks = room.examine(out)
    if as_json:
        click.echo(json.dumps(room.document(checks), indent=1, sort_keys=True))
    else:
        screen.tell_checks(checks)
    if room.broken(checks):
        raise SystemExit(EXIT_RESOURCES)
