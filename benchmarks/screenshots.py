"""Pictures of the example report: at a desk, light and dark, on a phone, and its first printed page.

    python -m benchmarks.screenshots

Draws reports/example.html anew out of reports/example.json and writes docs/images/*.png.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from benchmarks.browsing import launched, opened
from diagnose.report import parse_json, render_html

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "reports" / "example.json"
IMAGES = ROOT / "docs" / "images"
DESK, PHONE, SHEET = 1176, 390, 794  # CSS pixels: a page, a phone, an A4 sheet
LONGEST = 300_000  # bytes of a picture


def main() -> None:
    """Write all four."""
    page = EXAMPLE.with_suffix(".html")
    page.write_text(render_html(parse_json(EXAMPLE.read_text(encoding="utf-8"))), encoding="utf-8")
    IMAGES.mkdir(exist_ok=True)
    with launched() as browser:
        _screen(browser, page, "report", width=DESK)
        _screen(browser, page, "report-dark", width=DESK, scheme="dark")
        _screen(browser, page, "report-phone", width=PHONE, most=1500)
        _print(browser, page, "report-print")


def _screen(
    browser: Browser,
    page: Path,
    name: str,
    *,
    width: int,
    most: int = 1300,
    scheme: Literal["light", "dark"] = "light",
) -> None:
    """The first screen, or so much of it as has room."""
    with opened(browser, page, width=width, color_scheme=scheme) as watched:
        end = watched.page.evaluate("document.querySelector('nav.toc').getBoundingClientRect().top - 8")
        height = min(most, int(end))
        clip = {"x": 0, "y": 0, "width": width, "height": height}
        _keep(name, watched.page.screenshot(full_page=True, clip=clip))


def _print(browser: Browser, page: Path, name: str) -> None:
    """The first printed page, as it is laid out between the margins of A4."""
    with opened(browser, page, width=SHEET) as watched:
        watched.page.emulate_media(media="print")
        watched.page.evaluate("document.body.style.margin = '12mm 14mm 13mm'")
        clip = {"x": 0, "y": 0, "width": SHEET, "height": 1123}
        watched.page.evaluate("document.querySelectorAll('.part, footer').forEach(e => e.remove())")
        watched.page.set_viewport_size({"width": SHEET, "height": 1123})
        _keep(name, watched.page.screenshot(clip=clip))


def _keep(name: str, picture: bytes) -> None:
    if len(picture) > LONGEST:
        raise SystemExit(f"{name}.png has {len(picture):,} bytes; at most {LONGEST:,} are wanted")
    (IMAGES / f"{name}.png").write_bytes(picture)
    print(f"{name}.png: {len(picture):,} bytes")


if __name__ == "__main__":
    main()
