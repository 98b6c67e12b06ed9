"""The kept measurement of the whole of `analyze` as Markdown, for docs/engine.md.

python -m benchmarks.analyze_table [RESULTS.json]
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.machine import measured_at

KEPT = Path(__file__).parent / "results" / "analyze.json"
WALL_TARGET, HELP_TARGET = 15.0, 0.3  # seconds on two idle cores
Kept = Mapping[str, Any]
Cost = Callable[[str, str, str], float]  # median of runs by task, log and what


def main() -> None:
    """Print the table of a kept measurement."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else KEPT
    print(table(json.loads(path.read_text())))


def checks(runs: Sequence[Kept]) -> list[dict[str, Any]]:
    """What must hold of the runs, with the faults found."""
    failed = [f"{run['task']} {run['log']}: {run['error']}" for run in runs if run["exit_code"]]
    digests: dict[str, set[str]] = {}
    for run in runs:
        if run["task"] in ("analyze", "one thread") and not run["exit_code"]:
            digests.setdefault(run["log"], set()).add(run["digest"])
    other = [f"{log}: {len(found)} results" for log, found in digests.items() if len(found) > 1]
    return [
        {"name": "every run ended well", "runs": len(runs), "faults": failed},
        {"name": "one result a log, on one thread and on two", "runs": len(runs), "faults": other},
    ]


def table(kept: Kept) -> str:
    """Targets, checks, and what each stage and probe took."""
    runs = [run for run in kept["runs"] if not run["exit_code"]]
    logs = list(dict.fromkeys(run["log"] for run in runs if run["log"]))

    def cost(task: str, log: str, what: str) -> float:
        found = [run[what] for run in runs if (run["task"], run["log"]) == (task, log)]
        return median(found) if found else float("nan")

    versions = ", ".join(f"{name} {version}" for name, version in kept["versions"].items())
    note = f"{measured_at(kept)}; median of {kept['options']['repeats']}. {versions}."
    whole = _grid(["whole run", *logs], _whole(cost, logs))
    return "\n\n".join([note, whole, _grid(["CPU s", *logs], _parts(runs, logs)), _told(kept["checks"])])


def _whole(cost: Cost, logs: Sequence[str]) -> Iterator[list[str]]:
    """The run as a user sees it, beside its floor."""
    for name, task, what, unit in (
        ("`analyze --no-trial`, wall s", "analyze", "wall_seconds", 1),
        ("the same, less waiting for a core", "stages", "undisturbed_seconds", 1),
        ("`analyze --no-trial`, CPU s", "analyze", "cpu_seconds", 1),
        ("`analyze --no-trial`, peak GB", "analyze", "peak_bytes", 1e9),
        ("on one thread, wall s", "one thread", "wall_seconds", 1),
        ("on one thread, CPU s", "one thread", "cpu_seconds", 1),
        ("floor: DuckDB's sort, CPU s", "floor", "cpu_seconds", 1),
    ):
        yield [name, *(f"{cost(task, log, what) / unit:.2f}" for log in logs)]
    ratio = [cost("analyze", log, "cpu_seconds") / cost("floor", log, "cpu_seconds") for log in logs]
    yield ["CPU over the floor's", *(f"{one:.0f}" for one in ratio)]
    met = [cost("stages", log, "undisturbed_seconds") <= WALL_TARGET for log in logs]
    yield [f"at most {WALL_TARGET:g} s on idle cores", *("yes" if one else "**no**" for one in met)]
    start = cost("help", "", "wall_seconds")
    met_help = "yes" if start <= HELP_TARGET else "**no**"
    yield [f"`--help`, wall s (at most {HELP_TARGET:g}: {met_help})", f"{start:.2f}", *[""] * (len(logs) - 1)]


def _parts(runs: Sequence[Kept], logs: Sequence[str]) -> Iterator[list[str]]:
    """CPU seconds of stages, and of the probes that run side by side in the stage of drift."""
    staged = [run for run in runs if run["task"] == "stages"]
    for kind, name in _names(staged):
        cells = []
        for log in logs:
            found = [run[kind][name]["cpu_seconds"] for run in staged if run["log"] == log]
            cells.append(f"{median(found):.2f}" if found else "")
        yield [name if kind == "stages" else f"of it `{name}`", *cells]


def _names(staged: Sequence[Kept]) -> Iterator[tuple[str, str]]:
    """Stages that take more than a moment, and the probes after the stage they run in."""
    for stage in staged[0]["stages"] if staged else ():
        if max(run["stages"][stage]["cpu_seconds"] for run in staged) >= 0.01:
            yield "stages", stage
        if stage == "drift":
            yield from (("probes", probe) for probe in staged[0]["probes"])


def _told(found: Iterable[Kept]) -> str:
    return "\n".join(
        f"* {one['name']}: " + ("yes" if not one["faults"] else "**no**: " + "; ".join(one["faults"]))
        for one in found
    )


def _grid(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


if __name__ == "__main__":
    main()
