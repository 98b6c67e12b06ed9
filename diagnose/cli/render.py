"""`diagnose render`: a kept result drawn again."""

from __future__ import annotations

from pathlib import Path

import click

from diagnose.cli.options import markdown_option, results_argument


@click.command(short_help="A kept result drawn again.")
@results_argument(-1)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder of the pages.  [default: that of each file]",
)
@markdown_option
def render(results: tuple[Path, ...], *, out: Path | None, markdown: bool) -> None:
    """Draw results that `diagnose analyze` wrote as HTML again, without their logs.

    \b
    diagnose render reports/shop.json
    diagnose render kept/*.json --out pages --markdown

    The page is the one that `analyze` wrote, to the last byte. Where a file is faulty, all faulty
    files are named and nothing is written.
    """
    from diagnose import report
    from diagnose.formatting import printable

    for page in report.redraw(results, folder=out, markdown=markdown):
        click.echo(f"wrote {printable(str(page))}")
