"""One browser for all tests that look at the report, and its pages on disk."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from pages import PAGES
from poisoned import Poisoned, poisoned

from benchmarks.browsing import CHROMIUM, launched
from diagnose.report import render_html


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """Chromium by Playwright; skipped with a reason where either is missing."""
    pytest.importorskip("playwright.sync_api", reason="the extra `browser` is not installed")
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    with launched() as started:
        yield started


@pytest.fixture(scope="session")
def poisoned_log(tmp_path_factory) -> Poisoned:
    """The outputs of the command on a hostile log, made once."""
    return poisoned(tmp_path_factory.mktemp("poisoned"))


@pytest.fixture(scope="session")
def page_of(tmp_path_factory) -> Callable[[str], Path]:
    """The page of a made-up result by its name, drawn once."""
    folder = tmp_path_factory.mktemp("pages")

    @cache
    def drawn(name: str) -> Path:
        path: Path = folder / f"{name}.html"
        path.write_text(render_html(PAGES[name]()), encoding="utf-8")
        return path

    return drawn
