"""The end of an analysis on terminals of every width: nothing lost, nothing cut, nothing by colour alone."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from example import OUTCOMES, hostile
from rich.console import Console

from diagnose import screen
from diagnose.report import summary

WRITTEN = [Path("reports/log.html"), Path("reports/log.json")]


def _told(monkeypatch, result, *, width: int, **how) -> str:
    """What is printed on a terminal of that width."""
    console = Console(file=io.StringIO(), width=width, highlight=False, **how)
    monkeypatch.setattr(screen, "_console", lambda: console)
    screen.tell(result, WRITTEN)
    return console.file.getvalue()


def _words(text: str) -> list[str]:
    return re.findall(r"[^\s:;,.()]+", text)


@pytest.mark.parametrize("width", [60, 80, 100])
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_nothing_is_cut_at_any_width(outcome, width, monkeypatch):
    """Headline, outcome, four numbers, flips, steps and files are all there, in lines that fit."""
    result = OUTCOMES[outcome]()
    shown = _told(monkeypatch, result, width=width)
    said = summary(result)
    lines = shown.splitlines()
    assert lines[0] == said.headline
    assert all(len(line) <= width for line in lines[1:])
    assert "…" not in shown
    wanted = [said.outcome, said.meaning, *said.steps, *(text for flip in said.flips for text in flip)]
    wanted += [text for line in said.numbers for text in (line.name, line.value, line.behind, line.glyph)]
    missing = set(_words(" ".join(wanted))) - set(_words(shown))
    assert not missing
    assert shown.rstrip().endswith("wrote reports/log.json")


@pytest.mark.parametrize("width", [60, 100])
def test_colour_is_never_alone(width, monkeypatch):
    """Without colour the same words and glyphs are there; with it they only stand in colour."""
    plain = _told(monkeypatch, OUTCOMES["fix_capture_first"](), width=width)
    coloured = _told(
        monkeypatch,
        OUTCOMES["fix_capture_first"](),
        width=width,
        force_terminal=True,
        color_system="standard",
    )
    assert "\x1b[32m" in coloured
    assert "\x1b[31m" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == plain
    assert "▼" in plain
    assert "against" in plain


def test_a_hostile_result_commands_no_terminal(monkeypatch):
    """No control or direction character of a log comes through."""
    shown = _told(monkeypatch, hostile(), width=80)
    assert not {"\x1b", "\x00", "\u202e", "\x9b"} & set(shown)
