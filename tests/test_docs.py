"""The documentation says what is so, or the tests fail."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from diagnose.cli import main
from diagnose.settings import Settings

ROOT = Path(__file__).parent.parent
DECISIONS = ROOT / "docs" / "decisions"


def _fields(record: object) -> list[str]:
    names = []
    for field in dataclasses.fields(record):
        value = getattr(record, field.name)
        names += _fields(value) if dataclasses.is_dataclass(value) else [field.name]
    return names


@pytest.mark.parametrize("name", sorted(set(_fields(Settings()))))
def test_every_setting_is_documented(name):
    """docs/settings.md has a line for every number that decides something."""
    assert f"`{name}`" in (ROOT / "docs" / "settings.md").read_text()


def test_settings_cite_decisions_that_exist():
    """A number in brackets beside a setting names a page of docs/decisions."""
    texts = (path.read_text() for path in (ROOT / "diagnose" / "settings").glob("*.py"))
    cited = set(re.findall(r"\[(\d{4})\]", "".join(texts)))
    pages = {path.name[:4] for path in DECISIONS.glob("[0-9]*.md")}
    assert cited
    assert cited <= pages


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_has_an_example(command):
    """--help of every command shows how it is called."""
    shown = CliRunner().invoke(main, [command, "--help"]).output
    assert shown.count(f"diagnose {command}") >= 1


@pytest.mark.parametrize("command", sorted(main.commands))
def test_the_command_line_page_tells_the_help_text(command):
    """docs/command_line.md repeats what --help prints."""
    shown = CliRunner().invoke(main, [command, "--help"], prog_name="diagnose", terminal_width=100).output
    assert shown.strip() in (ROOT / "docs" / "command_line.md").read_text()


@pytest.mark.parametrize(
    "page", sorted(ROOT.glob("*.md")) + sorted((ROOT / "docs").rglob("*.md")), ids=lambda p: p.name
)
def test_links_lead_somewhere(page):
    """Every relative link of the documentation names a file that is there."""
    for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text()):
        assert (page.parent / target).exists(), f"{page.name} -> {target}"
