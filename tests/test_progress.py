"""What is seen while a run goes on: a moving line on a terminal, plain lines elsewhere, nothing if asked."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from diagnose.progress import Screen
from tests.test_course import Clock


class Terminal(io.StringIO):
    """A file that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def _console(*, terminal: bool = True, width: int = 100, **how) -> Console:
    return Console(file=Terminal() if terminal else io.StringIO(), width=width, highlight=False, **how)


def _told(screen: Screen, clock: Clock) -> None:
    """A small run."""
    screen.plan({"Reading": 10.0, "Trial": 100.0})
    screen.mapping(["user = uid", "a [red]name[/] with \x1b[31m in it"])
    screen.forecast("reading takes about 10 s", 10.0)
    screen.stage("Reading")
    clock.now += 12
    screen.ended("Reading", 12.0, "5 events")
    screen.stage("Trial")
    clock.now += 20
    screen.advance("dien, seed 1 of 5", 0.2)


def _drawn(screen: Screen, width: int) -> str:
    canvas = Console(file=io.StringIO(), width=width, force_terminal=False)
    screen.console.width = width
    canvas.print(screen.line())
    return canvas.file.getvalue()


@pytest.mark.parametrize("width", [40, 60, 80, 100])
def test_the_line_holds_one_line_at_any_width(width):
    """Stage, time gone and time left in one line; the bar where there is room for it."""
    clock = Clock()
    screen = Screen(console=_console(width=width), clock=clock)
    _told(screen, clock)
    drawn = _drawn(screen, width)
    assert len(drawn.rstrip("\n").splitlines()) == 1
    assert max(map(len, drawn.splitlines())) <= width
    assert "32 s" in drawn
    assert "left" in drawn
    assert ("━" in drawn) == (width >= 70)


def test_quiet_says_nothing():
    """No mapping, no forecast, no stage, on a terminal or not."""
    for terminal in (True, False):
        clock = Clock()
        console = _console(terminal=terminal)
        with Screen(quiet=True, console=console, clock=clock) as screen:
            _told(screen, clock)
        assert console.file.getvalue() == ""


def test_verbose_tells_stages_also_where_no_terminal_is():
    """What each stage took and came to, and how far the trial is, as plain lines."""
    clock = Clock()
    console = _console(terminal=False)
    with Screen(verbose=True, console=console, clock=clock) as screen:
        _told(screen, clock)
    said = console.file.getvalue()
    assert "Reading (12 s) 5 events" in said
    assert "dien, seed 1 of 5 (about" in said
    assert "\x1b" not in said


def test_without_verbose_stages_are_not_told():
    """Lines of stages are for those who ask; how columns were read is for everybody."""
    clock = Clock()
    console = _console(terminal=False)
    with Screen(console=console, clock=clock) as screen:
        _told(screen, clock)
    said = console.file.getvalue()
    assert "user = uid" in said
    assert "5 events" not in said


@pytest.mark.parametrize(
    ("terminal", "environment", "moves"),
    [
        (True, {"TERM": "xterm"}, True),
        (True, {"TERM": "xterm", "NO_COLOR": "1"}, True),
        (True, {"TERM": "dumb"}, False),
        (False, {"TERM": "xterm"}, False),
        (False, {"TERM": "xterm", "FORCE_COLOR": "1"}, False),
    ],
)
def test_nothing_moves_where_no_terminal_can(terminal, environment, moves, monkeypatch):
    """Colour may be forced into a file; a moving line may not, nor on a dumb terminal."""
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    clock = Clock()
    console = _console(terminal=terminal)
    with Screen(console=console, clock=clock) as screen:
        assert screen.moves == moves
        _told(screen, clock)
    assert ("\x1b[2K" in console.file.getvalue() or "\x1b[?25l" in console.file.getvalue()) == moves


def test_no_colour_where_none_is_wanted(monkeypatch):
    """NO_COLOR takes the colours out of the moving line."""
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    clock = Clock()
    console = _console()
    with Screen(console=console, clock=clock) as screen:
        _told(screen, clock)
    assert "\x1b[38" not in console.file.getvalue()
    assert "\x1b[3" not in console.file.getvalue().replace("\x1b[3m", "")


def test_an_interrupted_run_says_how_far_it_was():
    """The stages that had ended and the one it was at, as a note of the interruption."""
    clock = Clock()
    console = _console(terminal=False)

    def interrupted() -> None:
        with Screen(quiet=True, console=console, clock=clock) as screen:
            _told(screen, clock)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        interrupted()
    assert caught.value.__notes__ == ["It was at: Trial; done before: Reading (12 s)."]
