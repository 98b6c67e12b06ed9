"""The group of commands: the only place where errors meet the user."""

from __future__ import annotations

import io
import os
import sys
from typing import Any

import click

from diagnose.errors import DiagnoseError

EXIT_BUG, EXIT_MATCHED, EXIT_RESOURCES, EXIT_INTERRUPTED = 1, 4, 6, 130


class DiagnoseGroup(click.Group):
    """The only place where errors meet the user."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; end with the error's own exit code."""
        _show_what_can_be_shown()
        try:
            return super().invoke(ctx)
        except DiagnoseError as error:
            _end(str(error), error.exit_code, error)
        except MemoryError as error:
            _end("Out of memory.\nTry:   fewer users (--users 5000), or --no-trial.", EXIT_RESOURCES, error)
        except KeyboardInterrupt as error:
            _end("Interrupted: no report was written.", EXIT_INTERRUPTED, error)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            if os.environ.get("DIAGNOSE_DEBUG"):
                raise
            _end(_bug(error), EXIT_BUG, error)


def _show_what_can_be_shown() -> None:
    """A letter that the terminal has no code for becomes a question mark, not an error after minutes."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _end(message: str, code: int, error: BaseException) -> None:
    from diagnose.formatting import printable

    click.echo(printable(message, longest=20_000), err=True)
    raise SystemExit(code) from error


def _bug(error: Exception) -> str:
    return (
        f"This is a bug of ours: {type(error).__name__}: {error}\n"
        "Try:   the same command with DIAGNOSE_DEBUG=1 in the environment shows where; please report it."
    )
