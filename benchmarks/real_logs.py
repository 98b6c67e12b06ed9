"""Diagnose every public log in a folder and write what was found as one table.

    python -m benchmarks.real_logs DIR [--budget quick] [--only NAME ...]

The logs are not part of the project (their licences allow research use only), so their folder is an
argument. Each log's result is kept under benchmarks/results/real_logs/ as it ends, so a run that was
cut off goes on where it stopped; `--fresh` forgets what was kept. The table goes to docs/real_logs.md,
between its two markers; the reading around it is written by people.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import diagnose
from diagnose import conditions, engine
from diagnose.budgets import BudgetName
from diagnose.histories import Histories
from diagnose.settings import Settings

ROOT = Path(__file__).parent.parent
KEPT = ROOT / "benchmarks" / "results" / "real_logs"
PAGE = ROOT / "docs" / "real_logs.md"
BEGIN, END = "<!-- table: begin -->", "<!-- table: end -->"

_TIMED = {"user": "user_id", "item": "item_id", "timestamp": "timestamp", "event": "event_type"}
_NAMED = _TIMED | {"category": "category"}
_ORDERED = {"user": "user_id", "item": "item_id", "position": "timestamp", "event": "event_type"}

# Which column plays which role, written out for every log. A log without a `category` here has none
# (or one that is null nearly everywhere) and gets order-blind clusters.
MAPPINGS: Mapping[str, Mapping[str, str]] = {
    "taobao-userbehavior-815u": _NAMED,
    "yoochoose-sessions-100k": _TIMED,
    "trivago-hotels-val100k": _NAMED | {"session": "session_id"},
    "uci-online-retail-ii": _TIMED,
    "dunnhumby-completejourney-sample75k": _NAMED,
    "amazon-beauty-5core": _NAMED,
    "yelp-a": _NAMED,
    "foursquare-nyc-checkins": _NAMED,
    "web-browsing-150users": _NAMED,
    "movielens-100k": _NAMED | {"rating": "rating"},
    "order-mind-small-news-5k-impressions": _ORDERED,
    "order-retailrocket-sessions": _ORDERED,
}
ARMS = ("floor", "dnn", "dnn_decayed", "din", "dien", "dien_shuffled")


def sampled(folder: str, name: str) -> Histories:
    """The sample of a log that a diagnosis would look at, with its interests."""
    settings, path = Settings(), str(Path(folder) / f"{name}.parquet")
    with engine.open_log(path, columns=MAPPINGS[name], settings=settings) as log:
        sample = engine.collect(log, {}).sample
    return conditions.with_interests(sample, settings)[0]


def main() -> None:
    """Diagnose the logs that are not kept yet, then write the table of all that are."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--budget", choices=("quick", "standard", "thorough"), default="quick")
    parser.add_argument("--only", nargs="*", default=sorted(MAPPINGS))
    parser.add_argument("--fresh", action="store_true")
    options = parser.parse_args()
    KEPT.mkdir(parents=True, exist_ok=True)
    for name in options.only:
        kept = KEPT / f"{name}.json"
        if options.fresh or not kept.exists():
            found = kept_run(options.folder / f"{name}.parquet", name, MAPPINGS[name], options.budget)
            kept.write_text(json.dumps(found, indent=1) + "\n")
            print(row(found), flush=True)
    found = [json.loads(path.read_text()) for path in sorted(KEPT.glob("*.json"))]
    write_between(PAGE, found, first=head("log"))


def kept_run(source: Any, name: str, columns: Mapping[str, str], budget: BudgetName) -> dict[str, Any]:
    """One log's result, with how it was had."""
    began = time.perf_counter()
    diagnosis = diagnose.analyze(source, columns=columns, settings=Settings.from_options(budget=budget))
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return {
        "name": name,
        "budget": budget,
        "commit": commit.stdout.strip(),
        "seconds": round(time.perf_counter() - began, 1),
        "result": _without_places(json.loads(diagnosis.to_json())),
    }


def _without_places(result: dict[str, Any]) -> dict[str, Any]:
    """The result without the folder the log lay in, which is nobody's business."""
    result["log"]["sources"] = [Path(source).name for source in result["log"]["sources"]]
    return result


def row(kept: Mapping[str, Any]) -> str:
    """One line of the table."""
    result = kept["result"]
    probes = {probe["name"]: probe for probe in result["probes"]}
    contrasts = {contrast["name"]: contrast for contrast in result["trial"]["contrasts"]}
    arms = {arm["name"]: arm for arm in result["trial"]["arms"]}
    cells = [
        kept["name"],
        f"{result['log']['sampled_users']:,}",
        *(_estimate(probes, "order_information", part, 3) for part in ("total", "recency", "direction")),
        _estimate(probes, "order_information", "share", 1, scale=100),
        _estimate(probes, "item_order_information", "gain", 4),
        _estimate(probes, "interest_persistence", "half_life_days", 2),
        _estimate(probes, "log_hygiene", "tie_rate", 3, bare=True),
        result["capture"]["grade"],
        " ".join(f"{arms[arm]['gauc']['value']:.3f}" if arm in arms else "-" for arm in ARMS),
        *(_number(contrasts.get(name), 4) for name in ("lift", "order_gain")),
        f"`{result['verdict']['outcome']}`" + _status(result),
        f"{kept['seconds']:.0f}",
    ]
    return "| " + " | ".join(cells) + " |"


def _status(result: Mapping[str, Any]) -> str:
    trial = result["trial"]
    problems = ", ".join(problem.replace("_", " ") for problem in trial["problems"])
    leaning = result["verdict"]["leaning"]
    return (f" (trial: {problems or trial['status']})" if trial["status"] != "done" else "") + (
        f", leaning `{leaning}`" if leaning else ""
    )


def _estimate(
    probes: Mapping[str, Any], probe: str, part: str, decimals: int, *, scale: float = 1, bare: bool = False
) -> str:
    found = probes.get(probe) or {}
    estimate = (found.get("estimates") or {}).get(part)
    if estimate is None:
        return "-"
    if bare:
        return f"{scale * estimate['value']:.{decimals}f}"
    return _number({key: scale * estimate[key] for key in ("value", "low", "high")}, decimals)


def _number(found: Mapping[str, float] | None, decimals: int) -> str:
    if found is None:
        return "-"
    value, low, high = (f"{found[key]:.{decimals}f}" for key in ("value", "low", "high"))
    return f"{value} [{low}, {high}]"


def head(what: str) -> str:
    """The first two lines of the table."""
    names = [
        what, "users", "order information, bits/event", "recency", "direction", "% of the order-blind loss",
        "item order gain, GAUC", "half-life, days", "tie rate", "capture grade", "GAUC " + " / ".join(ARMS),
        "lift", "order gain", "outcome", "seconds",
    ]  # fmt: skip
    return "| " + " | ".join(names) + " |\n|" + " --- |" * len(names)


def write_between(page: Path, kept: list[dict[str, Any]], *, first: str) -> None:
    """Replace the table between the markers of a page."""
    budgets = ", ".join(sorted({entry["budget"] for entry in kept}))
    commits = ", ".join(sorted({entry["commit"] for entry in kept}))
    note = f"Budget: {budgets}. Commit: {commits}. Seed 0. Intervals are 90 %."
    text = page.read_text() if page.exists() else f"{BEGIN}\n{END}\n"
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    table = "\n".join([first, *map(row, kept)])
    page.write_text(f"{before}{BEGIN}\n{note}\n\n{table}\n{END}{after}")


if __name__ == "__main__":
    main()
