"""What ends up on stdout: the verdict and the numbers that carry it, a trial, and how a log is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from diagnose.checks import Check
from diagnose.formatting import count, percent, printable
from diagnose.report import (
    ARM_HEAD,
    CONTRAST_HEAD,
    arm_rows,
    contrast_rows,
    summary_rows,
    trial_facts,
    trial_headline,
    trial_notes,
)
from diagnose.results import ArmTiming, Hygiene, LogFacts, Result, Trial

STATES = {"ok": "green", "note": "yellow", "problem": "bold red"}
WIDTH = 100  # of tables where the output is no terminal


def tell(result: Result, written: Iterable[Path]) -> None:
    """The verdict, the few numbers that carry it, and where the reports are."""
    console = _console()
    console.print(Text(printable(result.verdict.headline)), soft_wrap=True)
    console.print()
    _table(console, "", summary_rows(result))
    _wrote(console, written)


def tell_trial(trial: Trial, timings: Mapping[str, ArmTiming], written: Iterable[Path]) -> None:
    """The lift, then every arm and contrast with its interval, what they rest on and what qualifies them."""
    console = _console()
    console.print(Text(printable(trial_headline(trial))), soft_wrap=True)
    console.print()
    if trial.arms:
        _columns(console, ARM_HEAD, arm_rows(trial, timings))
        _columns(console, CONTRAST_HEAD, contrast_rows(trial))
        _table(console, "", trial_facts(trial))
        for note in trial_notes(trial):
            console.print(Text(printable(note)), soft_wrap=True)
        console.print()
    _wrote(console, written)


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


def tell_checks(checks: Sequence[Check]) -> None:
    """A line for each thing looked at, what to do under those that are not well, and the sum of it."""
    console = _console()
    table = Table(show_header=False, box=None, pad_edge=False)
    for check in checks:
        told = Text(printable(check.told))
        if check.attempt:
            told.append(f"\n{printable(check.attempt)}", style="italic")
        table.add_row(Text(check.state, style=STATES[check.state]), Text(check.name), told)
    console.print(table)
    console.print()
    console.print(Text(_sum(checks)), soft_wrap=True)


def _sum(checks: Sequence[Check]) -> str:
    problems = [check.name for check in checks if check.state == "problem"]
    notes = [check.name for check in checks if check.state == "note"]
    if problems:
        return f"This machine cannot run a diagnosis as it is: {', '.join(problems)}."
    return "This machine can run a diagnosis" + (f"; to note: {', '.join(notes)}." if notes else ".")


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


def _columns(console: Console, head: Iterable[str], rows: Iterable[tuple[str, ...]]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for place, name in enumerate(head):
        table.add_column(name, no_wrap=place == 0)
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    console.print(table)
    console.print()


def _wrote(console: Console, written: Iterable[Path]) -> None:
    for path in written:
        console.print(Text(f"wrote {printable(str(path))}"), soft_wrap=True)


def _console() -> Console:
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=WIDTH)
