"""The group of commands: the only place where errors meet the user."""

from __future__ import annotations

import errno
import io
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from diagnose.errors import DiagnoseError

EXIT_BUG, EXIT_MATCHED, EXIT_RESOURCES, EXIT_INTERRUPTED, EXIT_TERMINATED = 1, 4, 6, 130, 143


class DiagnoseGroup(click.Group):
    """The only place where errors meet the user."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; end with the error's own exit code."""
        _show_what_can_be_shown()
        asked_to_end = threading.Event()
        try:
            with _ended_by_terminate(asked_to_end):
                return super().invoke(ctx)
        except DiagnoseError as error:
            _end(str(error), error.exit_code, error)
        except MemoryError as error:
            _end("Out of memory.\nTry:   fewer users (--users 5000), or --no-trial.", EXIT_RESOURCES, error)
        except KeyboardInterrupt as error:
            ended = asked_to_end.is_set()
            said = [f"{'Ended' if ended else 'Interrupted'}: no report was written.", *_notes(error)]
            _end("\n".join(said), EXIT_TERMINATED if ended else EXIT_INTERRUPTED, error)
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except Exception as error:
            if isinstance(error, OSError) and error.errno == errno.ENOSPC:
                _end(_FULL, EXIT_RESOURCES, error)
            if os.environ.get("DIAGNOSE_DEBUG"):
                raise
            _end(_bug(error), EXIT_BUG, error)


_FULL = "The disk is full.\nTry:   --temp-dir FOLDER and --out FOLDER on a disk with more room."


@contextmanager
def _ended_by_terminate(asked: threading.Event) -> Iterator[None]:
    """SIGTERM ends a run as Ctrl-C does: what it started ends too, and nothing half-written is left."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(*_: object) -> None:
        asked.set()
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _notes(error: BaseException) -> list[str]:
    """What those who were interrupted had to tell, the innermost first; notes of causes too."""
    notes: list[str] = []
    cause: BaseException | None = error
    while cause is not None:
        notes += getattr(cause, "__notes__", [])
        cause = cause.__cause__
    return notes


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
