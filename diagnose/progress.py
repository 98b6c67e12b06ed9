"""What the user sees while a diagnosis runs: stages, a bar for the trial, the time left. All on stderr.

Stages and bars show on a terminal only; how the columns were read and what the run will take are
told everywhere, unless the user asked for quiet. Colour follows NO_COLOR, as rich does.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from diagnose.formatting import printable


class Screen:
    """Tells a person at a terminal how far a diagnosis has come."""

    def __init__(self, *, quiet: bool, console: Console | None = None) -> None:
        self.quiet = quiet
        self.console = console or Console(stderr=True, highlight=False)
        self.bars = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=self.console,
            disable=quiet or not self.console.is_terminal,
            transient=True,
        )
        self.task = self.bars.add_task("Starting", total=None)

    def __enter__(self) -> Screen:
        self.bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.bars.stop()

    def mapping(self, lines: Sequence[str]) -> None:
        """How the columns were read, a line each."""
        for line in lines:
            self._say(line)

    def forecast(self, text: str) -> None:
        """What the run will take."""
        self._say(text)

    def stage(self, name: str) -> None:
        """A stage begins: a bar without an end until it tells how far it is."""
        self.bars.reset(self.task, description=escape(printable(name)), total=None)

    def advance(self, text: str, fraction: float) -> None:
        """The present stage is so far (0 to 1)."""
        self.bars.update(self.task, description=escape(printable(text)), total=1.0, completed=fraction)

    def _say(self, line: str) -> None:
        if not self.quiet:
            self.console.print(printable(line), markup=False, soft_wrap=True)
