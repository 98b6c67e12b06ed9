"""What ends up on stdout: the verdict and the numbers that carry it, and how a log is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from diagnose.formatting import count, percent, printable
from diagnose.report import summary_rows
from diagnose.results import Hygiene, LogFacts, Result

WIDTH = 100  # of tables where the output is no terminal


def tell(result: Result, written: Iterable[Path]) -> None:
    """The verdict, the few numbers that carry it, and where the reports are."""
    console = _console()
    console.print(Text(printable(result.verdict.headline)), soft_wrap=True)
    console.print()
    _table(console, "", summary_rows(result))
    for path in written:
        console.print(Text(f"wrote {printable(str(path))}"), soft_wrap=True)


def tell_inspection(mapping: Iterable[tuple[str, str]], log: LogFacts, hygiene: Hygiene) -> None:
    """How a log is read, what is in it, and how clean it is."""
    console = _console()
    _table(console, "Columns", mapping)
    _table(console, "Log", _facts(log))
    _table(console, "Hygiene", _faults(hygiene))
    passed = "Passed: the order of behaviour is in the log."
    console.print(
        Text(passed if hygiene.passed else f"Not measurable: {printable(hygiene.reason or '')}."),
        soft_wrap=True,
    )


def _facts(log: LogFacts) -> Iterator[tuple[str, str]]:
    for name in ("events", "users", "users_with_history", "items", "categories"):
        yield name.replace("_", " "), count(getattr(log, name))
    if log.first_event and log.last_event:
        yield "from", log.first_event
        yield "to", log.last_event


def _faults(hygiene: Hygiene) -> Iterator[tuple[str, str, str, str]]:
    for fault in hygiene.faults:
        yield fault.name.replace("_", " "), count(fault.count), percent(fault.share), fault.note


def _table(console: Console, title: str, rows: Iterable[tuple[str, ...]]) -> None:
    table = Table(title=title or None, title_justify="left", show_header=False, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    console.print(table)
    console.print()


def _console() -> Console:
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=WIDTH)
