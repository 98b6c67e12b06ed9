"""`diagnose compare`: what changed between two results."""

from __future__ import annotations

from pathlib import Path

import click

from diagnose.cli.options import results_argument
from diagnose.errors import UsageError


@click.command(short_help="What changed between two results, and whether it is noise.")
@results_argument(2)
@click.option("--markdown", is_flag=True, help="Print it as Markdown, for a pull request.")
@click.option("--json", "as_json", is_flag=True, help="Print it as JSON.")
def compare(results: tuple[Path, Path], *, markdown: bool, as_json: bool) -> None:
    """Say what changed from one result of `diagnose analyze` to another, and whether it is more than noise.

    \b
    diagnose compare before.json after.json
    diagnose compare reports/shop.json reports/streaming.json --markdown
    diagnose compare monday.json friday.json --json
    """
    from diagnose import comparison, report, screen

    if markdown and as_json:
        raise UsageError("--markdown and --json exclude each other.", attempt="one of them")
    found = comparison.compare(*report.read_results(results))
    if as_json:
        click.echo(report.render_json(found), nl=False)
    elif markdown:
        click.echo(report.comparison_markdown(found), nl=False)
    else:
        screen.tell_comparison(found)
