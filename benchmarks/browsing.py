"""A browser for tests, pictures and timings of the report: Debian's Chromium, driven by Playwright.

The product needs neither. `playwright install` is not used: the browser is the machine's own.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Route

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
QUIET = (  # it asks nobody for anything, not even for its own sake
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass
class Watched:
    """A page, and what it said and asked for while it was open."""

    page: Page
    said: list[str] = field(default_factory=list)  # to the console, as an error, in a dialog
    asked: list[str] = field(default_factory=list)  # addresses beside its own


@contextmanager
def launched() -> Iterator[Browser]:
    """One browser with a profile of its own, closed at the end."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(browser: Browser, file: Path, *, width: int = 1280, **looks: Any) -> Iterator[Watched]:
    """A file in a window of its own, offline; every request but for the file itself is refused and kept.

    `looks` go to Playwright's `new_context`: color_scheme, java_script_enabled, device_scale_factor ...
    """
    context = browser.new_context(viewport={"width": width, "height": 900}, offline=True, **looks)
    try:
        watched = Watched(context.new_page())
        _watch(watched, file.as_uri())
        watched.page.goto(file.as_uri())
        yield watched
    finally:
        context.close()


def _watch(watched: Watched, own: str) -> None:
    page = watched.page

    def refuse(route: Route) -> None:
        if route.request.url == own:
            route.continue_()
        else:
            watched.asked.append(route.request.url)
            route.abort()

    def note(request: Request) -> None:
        if request.url != own:
            watched.asked.append(request.url)

    def hear(message: ConsoleMessage) -> None:
        watched.said.append(f"{message.type}: {message.text}")

    page.route("**/*", refuse)
    page.on("request", note)
    page.on("console", hear)
    page.on("pageerror", lambda error: watched.said.append(f"error: {error}"))
    page.on("dialog", lambda dialog: (watched.said.append(f"dialog: {dialog.message}"), dialog.dismiss()))
