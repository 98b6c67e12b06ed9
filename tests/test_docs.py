"""The documentation says what is so, or the tests fail."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from diagnose import __version__
from diagnose.cli import main
from diagnose.settings import Settings

ROOT = Path(__file__).parent.parent
DECISIONS = ROOT / "docs" / "decisions"
METHODS = ROOT / "docs" / "methods"
NAVIGATION = (ROOT / "mkdocs.yml").read_text()


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


def test_the_citation_is_of_this_version():
    """CITATION.cff has what its format asks for, and the version of the package."""
    said = dict(re.findall(r"^([a-z-]+): *(.*)$", (ROOT / "CITATION.cff").read_text(), flags=re.MULTILINE))
    assert said["cff-version"] == "1.2.0"
    assert said["version"] == __version__
    assert {"message", "title", "authors"} <= set(said)


@pytest.mark.parametrize(
    "name", ["CITATION.cff", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "LICENSE"]
)
def test_the_readme_leads_to_what_a_project_has(name):
    """Who looks for how to cite, contribute or report finds it from the first page."""
    assert (ROOT / name).exists()
    assert f"]({name})" in (ROOT / "README.md").read_text()


@pytest.mark.parametrize("page", sorted((ROOT / "docs").rglob("*.md")), ids=lambda page: page.stem)
def test_every_page_is_in_the_navigation(page):
    """The site's navigation has every page; those of decisions are listed by themselves."""
    path = page.relative_to(ROOT / "docs").as_posix()
    assert path.startswith("decisions/") or re.search(rf"[ ]{re.escape(path)}$", NAVIGATION, re.MULTILINE)


@pytest.mark.parametrize("page", sorted(METHODS.glob("*.md")), ids=lambda page: page.stem)
def test_every_method_names_its_references(page):
    """A method ends with the works it rests on, and each of them is in full in references.md."""
    if page.stem in {"README", "references"}:
        return
    entries = (METHODS / "references.md").read_text().split("\n* ")
    named = page.read_text().split("**Reference.**")[1].split("\n\n")[0]
    parts = [part for part in re.split(r";|(?<!al)\. ", named) if re.search(r"\b(?:19|20)\d\d\b", part)]
    assert parts
    for part in parts:
        authors = re.findall(r"[A-Z][a-zé]+", part)
        for year in re.findall(r"\b(?:19|20)\d\d\b", part):
            found = [entry for entry in entries if f"({year})" in entry and any(a in entry for a in authors)]
            assert found, f"{page.name}: {part.strip()}"
