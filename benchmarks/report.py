"""How large a report is, how long it takes to draw, and how long a browser takes to open it.

    python -m benchmarks.report [--data DIR] [--users N] [--only NAME ...]

Of every sample log, of the example report (the one with a trial) and of every public log in a folder. Each
log is diagnosed without a trial, which would add minutes and one section. What was measured is kept under
benchmarks/results/report/ as it ends, so a run that was cut off goes on; `--fresh` forgets it. The table goes
to docs/report_sizes.md, between its two markers.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import diagnose
from benchmarks.browsing import launched, opened
from benchmarks.machine import circumstances
from benchmarks.real_logs import BEGIN, END, MAPPINGS
from diagnose.report import parse_json, render_html, render_json
from diagnose.results import Measured, Result
from diagnose.settings import Settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parent.parent
KEPT = ROOT / "benchmarks" / "results" / "report"
PAGE = ROOT / "docs" / "report_sizes.md"
EXAMPLE = "example (with its trial)"
TIMES = 15  # of which the least counts: what else the machine did is no property of the report
LIBRARIES = ("jinja2", "playwright")
LOADED = "performance.getEntriesByType('navigation')[0].loadEventEnd"
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


def main() -> None:
    """Measure what is not kept yet, then write the table of all that is."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, help="folder of the public logs")
    parser.add_argument("--users", type=int, default=2_000)
    parser.add_argument("--only", nargs="*", help="names of logs")
    parser.add_argument("--fresh", action="store_true")
    options = parser.parse_args()
    KEPT.mkdir(parents=True, exist_ok=True)
    with launched() as browser:
        for name, log in _logs(options.data):
            kept = KEPT / f"{name.partition(' ')[0]}.json"
            wanted = options.only is None or name in options.only
            if wanted and (options.fresh or not kept.exists()):
                found = _measured(browser, name, _result(name, log, users=options.users))
                kept.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
                print(_row(found), flush=True)
    _write([json.loads(path.read_text(encoding="utf-8")) for path in sorted(KEPT.glob("*.json"))])


def _logs(folder: Path | None) -> Iterator[tuple[str, Path]]:
    yield EXAMPLE, ROOT / "reports" / "example.json"
    yield from ((path.stem, path) for path in sorted((ROOT / "sample_logs").glob("*.parquet")))
    if folder is not None:
        yield from ((name, folder / f"{name}.parquet") for name in sorted(MAPPINGS))


def _result(name: str, log: Path, *, users: int) -> Result:
    if name == EXAMPLE:
        return parse_json(log.read_text(encoding="utf-8"))
    settings = Settings()
    settings = dataclasses.replace(
        settings,
        sample=dataclasses.replace(settings.sample, users=users),
        trial=dataclasses.replace(settings.trial, run=False),
    )
    return diagnose.analyze(log, columns=MAPPINGS.get(name), settings=settings).result


def _measured(browser: Browser, name: str, result: Result) -> dict[str, Any]:
    """Bytes, seconds of drawing and milliseconds of opening, the least of `TIMES`."""
    render_html(result)  # the templates are compiled once
    drawn = []
    for _ in range(TIMES):
        began = time.perf_counter()
        page = render_html(result)
        drawn.append(time.perf_counter() - began)
    loaded, painted = _opening(browser, page)
    return circumstances(LIBRARIES) | {
        "log": name,
        "trial": result.trial.status,
        "outcome": result.verdict.outcome,
        "users": result.log.sampled_users,
        "probes_measured": sum(isinstance(probed, Measured) for probed in result.probes),
        "html_bytes": len(page.encode("utf-8")),
        "json_bytes": len(render_json(result)),
        "render_seconds": round(min(drawn), 4),
        "load_ms": round(loaded, 1),
        "first_paint_ms": round(painted, 1),
    }


def _opening(browser: Browser, text: str) -> tuple[float, float]:
    """Milliseconds from navigation to the end of loading and to the first paint, of a page on disk."""
    loaded, painted = [], []
    with TemporaryDirectory() as folder:
        path = Path(folder) / "report.html"
        path.write_text(text, encoding="utf-8")
        for _ in range(TIMES):
            with opened(browser, path) as watched:
                while (first := watched.page.evaluate(PAINTED)) is None:
                    watched.page.wait_for_timeout(20)  # wait_for_function would be eval: the page forbids it
                painted.append(first)
                loaded.append(watched.page.evaluate(LOADED))
    return min(loaded), min(painted)


HEAD = (
    "| log | outcome | trial | users | HTML, KB | JSON, KB | drawn, s | loaded, ms | first paint, ms |\n"
    "|---|---|---|---|---|---|---|---|---|"
)


def _row(found: Mapping[str, Any]) -> str:
    cells = (
        found["log"],
        f"`{found['outcome']}`",
        "whole" if found["trial"] == "done" else "none",
        f"{found['users']:,}",
        f"{found['html_bytes'] / 1000:.0f}",
        f"{found['json_bytes'] / 1000:.0f}",
        f"{found['render_seconds']:.2f}",
        f"{found['load_ms']:.0f}",
        f"{found['first_paint_ms']:.0f}",
    )
    return f"| {' | '.join(cells)} |"


def _write(found: list[Mapping[str, Any]]) -> None:
    told = sorted(found, key=lambda each: (each["trial"] != "done", each["log"]))
    largest = max(each["html_bytes"] for each in told)
    slowest = max(each["load_ms"] for each in told)
    machine, loads = told[0]["machine"], [each["machine"]["load"] for each in told]
    commits = ", ".join(sorted({each["commit"] for each in told}))
    lines = [
        f"Measured until {max(each['date'] for each in told)} at {commits}: {machine['cores']} cores "
        f"({machine['cpu']}) under a load of {min(loads):.0f} to {max(loads):.0f}; the least of {TIMES} "
        f"times each. The largest page has {largest / 1000:.0f} KB, the slowest is loaded in "
        f"{slowest:.0f} ms.",
        "",
        HEAD,
        *map(_row, told),
    ]
    text = PAGE.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    PAGE.write_text(
        f"{before}{BEGIN}\n" + "\n".join(lines) + f"\n{END}{rest.partition(END)[2]}", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
