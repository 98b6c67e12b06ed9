"""What the user sees while a diagnosis runs: the stage, a bar of the whole, the time left. All on stderr.

The bar moves on a terminal only. How the columns were read and what the run will take are told everywhere,
and with --verbose what each stage took and came to; with --quiet nothing is. Colour follows NO_COLOR and
FORCE_COLOR, as rich does; neither makes anything move where no terminal is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from diagnose.course import Course, roughly
from diagnose.formatting import duration, printable

FRAMES_PER_SECOND = 8
BAR, ROOM_FOR_A_BAR = 20, 70  # columns: of the bar, and of a terminal that has place for one
SECONDS_BETWEEN_LINES = 5.0  # of --verbose, while a stage goes on


class Screen:
    """Tells a person how far a diagnosis has come."""

    def __init__(
        self,
        *,
        quiet: bool = False,
        verbose: bool = False,
        console: Console | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.quiet, self.verbose, self.clock = quiet, verbose, clock
        self.console = console or Console(stderr=True, highlight=False)
        self.course = Course(clock)
        self.text, self._said_at = "Starting", clock()
        self.finished: list[str] = []
        self.spinner = Spinner("dots")
        self.live = Live(
            get_renderable=self.line,
            console=self.console,
            transient=True,
            refresh_per_second=FRAMES_PER_SECOND,
        )

    @property
    def moves(self) -> bool:
        """Whether anything may move: only on a terminal that can, whatever colour is forced."""
        screen = self.console
        return not self.quiet and screen.file.isatty() and screen.is_terminal and not screen.is_dumb_terminal

    def __enter__(self) -> Screen:
        if self.moves:
            self.live.start(refresh=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.live.stop()
        if isinstance(error, KeyboardInterrupt):
            error.add_note(self._so_far())

    def mapping(self, lines: Sequence[str]) -> None:
        """How the columns were read, a line each."""
        for line in lines:
            self._say(line)

    def forecast(self, text: str, seconds: float | None = None) -> None:
        """What the run will take; `seconds`: what the present stage will."""
        if seconds is not None and self.course.stage in self.course.plan:
            self.course.expect({self.course.stage: seconds})
        self._say(text)

    def plan(self, seconds: Mapping[str, float]) -> None:
        """What the stages to come usually take, by their labels."""
        self.course.expect(seconds)

    def stage(self, name: str) -> None:
        """A stage begins."""
        self.course.begin(name)
        self.text = name

    def advance(self, text: str, fraction: float) -> None:
        """The present stage is so far (0 to 1)."""
        self.course.advance(fraction)
        self.text = f"{self.course.stage}: {text}" if self.course.stage else text
        if self.verbose and self.clock() - self._said_at >= SECONDS_BETWEEN_LINES:
            left = self.course.left()
            self._say(f"  {text}" + ("" if left is None else f" ({roughly(left)})"))

    def ended(self, name: str, seconds: float, decided: str) -> None:
        """A stage is over, what it took, and what it came to."""
        self.finished.append(f"{_short(name)} ({_took(seconds)})")
        if self.verbose:
            self._say(f"{name} ({_took(seconds)})" + (f" {decided}" if decided else ""))

    def line(self) -> Table:
        """The moving line: the stage, a bar of the whole run, the time gone and the time left."""
        share, left = self.course.share(), self.course.left()
        behind: list[Text | ProgressBar] = [Text(duration(self.course.elapsed()))]
        behind += [] if left is None else [Text(roughly(left))]
        room = self.console.width - 2 - sum(1 + len(cell) for cell in behind if isinstance(cell, Text))
        if share is not None and self.console.width >= ROOM_FOR_A_BAR:
            behind.insert(0, ProgressBar(total=1.0, completed=share, width=BAR))
            room -= BAR + 1
        stage = Text(printable(self.text))
        stage.truncate(room, overflow="ellipsis")
        table = Table.grid(padding=(0, 1))
        table.add_row(self.spinner, stage, *behind)
        return table

    def _so_far(self) -> str:
        """What an interrupted run had done."""
        done = f"; done before: {', '.join(self.finished)}" if self.finished else ""
        return f"It was at: {_short(self.course.stage) or 'its beginning'}{done}."

    def _say(self, line: str) -> None:
        self._said_at = self.clock()
        if not self.quiet:
            self.console.print(printable(line), markup=False, soft_wrap=True)


def _short(name: str) -> str:
    """A stage's name without the question that it asks."""
    return name.partition(":")[0]


def _took(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 10 else duration(seconds)
