"""`diagnose explain`: a word of the report in plain words."""

from __future__ import annotations

import shutil

import click

from diagnose.cli import completing


@click.command(short_help="Any word of a report in plain words.")
@click.argument("term", nargs=-1, metavar="[TERM]", shell_complete=completing.terms)
def explain(term: tuple[str, ...]) -> None:
    """Say in plain words what TERM is: a probe, a number, an outcome, an arm, a fault, a setting ...

    \b
    diagnose explain                          all terms, by group
    diagnose explain order_information
    diagnose explain order_information.share
    diagnose explain half-life
    """
    from diagnose import terms

    width = shutil.get_terminal_size((100, 24)).columns
    if term:
        click.echo(terms.told(terms.find(" ".join(term)), width=width))
    else:
        click.echo(terms.listed(terms.terms(), width=width))
