"""What ends up on stdout: the verdict and the numbers that carry it, a trial, and how a log is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from diagnose.checks import Check
from diagnose.comparison import Comparison
from diagnose.formatting import count, percent, printable
from diagnose.report import (
    APART_HEAD,
    ARM_HEAD,
    CHANGED_HEAD,
    COMPARED_HEAD,
    CONTRAST_HEAD,
    Summary,
    apart_rows,
    arm_rows,
    changed_rows,
    compared_rows,
    contrast_rows,
    side_rows,
    summary,
    trial_facts,
    trial_headline,
    trial_notes,
)
from diagnose.results import ArmTiming, Hygiene, LogFacts, Result, Trial

STATES = {"ok": "green", "note": "yellow", "problem": "bold red"}
STANCES = {"for": "green", "against": "red"}  # beside the glyph and the word, never alone
NARROW = 76  # columns below which the four numbers are sentences, not a table
WIDTH = 100  # of tables where the output is no terminal


def tell(result: Result, written: Iterable[Path]) -> None:
    """The verdict, the few numbers that carry it, and where the reports are."""
    console, said = _console(), summary(result)
    console.print(Text(printable(said.headline), style="bold"), soft_wrap=True)
    lean = f"; the probes lean to: {said.leaning}" if said.leaning else ""
    console.print(Text(printable(f"Outcome: {said.outcome} ({said.meaning}){lean}.")))
    console.print()
    _carrying(console, said)
    _listed(console, "What would change it", [Text(f"{what}: {then}") for what, then in said.flips])
    _listed(console, "What to do next", [_step(step) for step in said.steps], numbered=True)
    _wrote(console, written)


def _carrying(console: Console, said: Summary) -> None:
    """The four numbers: glyph and word tell how each counts, colour only repeats it."""
    wide = console.width >= NARROW
    table = Table.grid(padding=(0, 2 if wide else 1))
    for line in said.numbers:
        stance = Text(
            f"{line.glyph} {line.stance}" if wide else line.glyph, style=STANCES.get(line.stance, "")
        )
        name, value, behind = (Text(printable(text)) for text in (line.name, line.value, line.behind))
        told = Text.assemble(name, ": ", value, " (", behind, f"), {line.stance}")
        table.add_row(stance, *((name, value, behind) if wide else (told,)))
    for column in table.columns[:3] if wide else ():
        column.no_wrap = True
    console.print(table)
    console.print()


def _listed(console: Console, title: str, entries: Sequence[Text], *, numbered: bool = False) -> None:
    """Entries under a title, each hanging beside its mark; nothing where there are none."""
    if not entries:
        return
    console.print(Text(title, style="bold"))
    table = Table.grid(padding=(0, 1))
    for place, entry in enumerate(entries, start=1):
        table.add_row(Text(f"  {place}." if numbered else "  -"), entry)
    console.print(table)
    console.print()


def _step(step: str) -> Text:
    """A step whose first sentence, what to do, stands out."""
    start, stop, rest = printable(step).partition(". ")
    return Text.assemble((start + stop.rstrip(), "bold"), f" {rest}" if rest else "")


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


def tell_comparison(comparison: Comparison) -> None:
    """What became of the verdict, the numbers side by side, what was not the same, what is assumed."""
    console = _console()
    console.print(Text(printable(comparison.headline)), soft_wrap=True)
    console.print()
    _table(console, "", side_rows(comparison))
    for head, rows in (
        (COMPARED_HEAD, compared_rows(comparison)),
        (APART_HEAD, apart_rows(comparison)),
        (CHANGED_HEAD, changed_rows(comparison)),
    ):
        if rows:
            _columns(console, head, rows, stacked=True)
    for note in comparison.notes:
        console.print(Text(printable(note, longest=2_000)), soft_wrap=True)


def tell_inspection(mapping: Iterable[tuple[str, str]], log: LogFacts, hygiene: Hygiene) -> None:
    """How a log is read, what is in it, and how clean it is."""
    console = _console()
    if log.preset:
        _table(console, f"Preset {log.preset}", ((caveat,) for caveat in log.caveats))
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


def _columns(
    console: Console, head: Iterable[str], rows: Iterable[tuple[str, ...]], *, stacked: bool = False
) -> None:
    """A table under its head. `stacked`: an interval in brackets goes below what it belongs to."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for place, name in enumerate(head):
        table.add_column(name, no_wrap=place == 0 and not stacked)
    for row in rows:
        cells = [Text(printable(cell)) for cell in row]
        table.add_row(*(map(_stacked, cells) if stacked else cells))
    console.print(table)
    console.print()


def _stacked(cell: Text) -> Text:
    """'0.08 GAUC (0.07 to 0.09)' on two lines, so that six columns have room beside one another."""
    value, _, rest = cell.plain.partition(" (")
    if " to " not in rest or not rest.endswith(")"):
        return cell
    return Text.assemble(value, "\n", (rest.removesuffix(")"), "dim"))


def _wrote(console: Console, written: Iterable[Path]) -> None:
    for path in written:
        console.print(Text(f"wrote {printable(str(path))}"), soft_wrap=True)


def _console() -> Console:
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=WIDTH)
