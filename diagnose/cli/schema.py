"""`diagnose schema`: the JSON Schema of a result."""

from __future__ import annotations

import click


@click.command(short_help="The JSON Schema of a result.")
def schema() -> None:
    """Print the JSON Schema (draft 2020-12) of the .json files that `diagnose analyze` writes.

    \b
    diagnose schema > result.schema.json
    """
    from diagnose import report

    click.echo(report.render_schema(), nl=False)
