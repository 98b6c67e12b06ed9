"""The site: what docs/hooks.py makes of pages that GitHub shows as they are."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def hooks():
    """docs/hooks.py, which is no module of the package."""
    spec = importlib.util.spec_from_file_location("hooks", ROOT / "docs" / "hooks.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("source", "page", "link", "on_the_site"),
    [
        ("docs/faq.md", "faq.md", "[it](methods/trial.md#arms)", "[it](methods/trial.md#arms)"),
        ("docs/settings.md", "settings.md", "[all](decisions/)", "[all](decisions/README.md)"),
        ("docs/faq.md", "faq.md", "[safe](../SECURITY.md)", "[safe](security.md)"),
        ("docs/methods/trial.md", "methods/trial.md", "[log](../../CHANGELOG.md)", "[log](../changelog.md)"),
        ("docs/real_logs.md", "real_logs.md", "[`code`](../benchmarks/real_logs.py)", "`code`"),
        ("CHANGELOG.md", "changelog.md", "[large](docs/engine.md)", "[large](engine.md)"),
        ("CONTRIBUTING.md", "contributing.md", "![p](docs/images/report.png)", "![p](images/report.png)"),
        ("docs/faq.md", "faq.md", "[out](https://example.com/a.md)", "[out](https://example.com/a.md)"),
    ],
)
def test_links_lead_to_the_same_place_on_the_site(source, page, link, on_the_site, hooks):
    """A page's link becomes the site's: to a page of it, or to plain text where the site has no such file."""
    assert hooks.turned(link, source, page) == on_the_site


@pytest.mark.parametrize(
    ("html", "asked"),
    [
        ('<script src="https://cdn.example/a.js"></script>', ["https://cdn.example/a.js"]),
        ('<link rel="stylesheet" href="//fonts.example/css">', ["//fonts.example/css"]),
        ("<img alt=\"x\" src='http://host.example/p.png'>", ["http://host.example/p.png"]),
        ('<a href="https://example.com">to click</a><script src="assets/a.js"></script>', []),
    ],
)
def test_what_a_browser_would_ask_of_other_hosts_is_seen(html, asked, hooks):
    """Scripts, styles and pictures of other hosts are found; links to click and own files are none."""
    assert hooks.outside(html) == asked


def test_lists_and_tables_after_text_stay_lists_and_tables(hooks):
    """A blank line goes before them, outside code and only before the first."""
    page = "Text\n* one\n  more\n* two\n\n```\nText\n* code\n```\nText\n| a |\n|---|\n"
    spaced = "Text\n\n* one\n  more\n* two\n\n```\nText\n* code\n```\nText\n\n| a |\n|---|\n"
    assert hooks.spaced(page) == spaced


def test_the_notebook_becomes_a_page(hooks):
    """Its words as they are, its code as code."""
    page = hooks.notebook((ROOT / "examples" / "first_look.ipynb").read_text(encoding="utf-8"))
    assert page.startswith("# First look")
    assert "```python\ndiagnosis = diagnose.analyze(" in page


def test_every_decision_is_listed(hooks):
    """A new page of docs/decisions is on the list without a line anywhere."""
    pages = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    assert len(pages) > 30
    assert all(f"]({page.name})" in hooks.index() for page in pages)
