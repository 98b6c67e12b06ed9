"""The command line: translates, nothing else.

Results go to stdout, progress and errors to stderr. Nothing heavy is imported before a command runs,
so that `diagnose --help` answers at once.
"""

from __future__ import annotations

import click

from diagnose import __version__
from diagnose.cli.analyze import analyze
from diagnose.cli.compare import compare
from diagnose.cli.completion import completion
from diagnose.cli.doctor import doctor
from diagnose.cli.explain import explain
from diagnose.cli.group import DiagnoseGroup
from diagnose.cli.inspect import inspect
from diagnose.cli.render import render
from diagnose.cli.schema import schema
from diagnose.cli.simulate import simulate
from diagnose.cli.trial import trial


@click.group(
    cls=DiagnoseGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="diagnose")
def main() -> None:
    """Is a sequence model worth building on our log?

    \b
    diagnose analyze logs.parquet          a verdict, and a report under reports/
    diagnose trial logs.parquet            the trial alone: DIEN against DNN, DIN and recency
    diagnose inspect logs.parquet          how the columns are read, how clean the log is
    diagnose simulate ecommerce --out e.parquet    a log with planted truth to try it on
    diagnose compare before.json after.json    what changed, and whether it is more than noise
    diagnose render reports/logs.json      a kept result drawn again
    diagnose explain order_information     any word of a report in plain words
    diagnose schema                        the JSON Schema of a result
    diagnose doctor                        whether this machine can run it
    """


for command in (
    analyze, compare, completion, doctor, explain, inspect, render, schema, simulate, trial,
):  # fmt: skip
    main.add_command(command)
