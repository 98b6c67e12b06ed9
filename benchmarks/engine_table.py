"""The kept measurement of the engine as Markdown, for docs/engine.md.

python -m benchmarks.engine_table [RESULTS.json]
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.engine_ratios import medians

KEPT = Path(__file__).parent / "results" / "engine.json"
LONGEST_FAULT = 120  # characters of a failed check in the table
Kept = Mapping[str, Any]


def main() -> None:
    """Print the table of a kept measurement."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else KEPT
    print(table(json.loads(path.read_text())))


def table(kept: Kept) -> str:
    """Ratios with their targets, checks, and the costs behind them."""
    return "\n\n".join([_note(kept), _ratios(kept["ratios"]), _checks(kept["checks"]), _costs(kept["runs"])])


def _note(kept: Kept) -> str:
    machine = kept["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in kept["versions"].items())
    return (
        f"Measured {kept['date']} at commit {kept['commit']}: {machine['cores']} cores ({machine['cpu']}), "
        f"{machine['memory_gb']} GB, load {machine['load']} at the start; "
        f"median of {kept['options']['repeats']}. {versions}."
    )


def _ratios(ratios: Iterable[Kept]) -> str:
    return _grid(
        ["ratio", "ids", "million events", "measured", "target", "met"],
        [
            [
                one["name"],
                one["ids"],
                str(one["millions"] or ""),
                f"{one['value']:.2f}",
                _target(one),
                _met(one),
            ]
            for one in ratios
        ],
    )


def _target(ratio: Kept) -> str:
    if ratio["at_most"] is not None:
        return f"at most {ratio['at_most']:g}"
    return f"at least {ratio['at_least']:g}" if ratio["at_least"] is not None else ""


def _met(ratio: Kept) -> str:
    return {True: "yes", False: "**no**", None: ""}[ratio["met"]]


def _checks(checks: Iterable[Kept]) -> str:
    return _grid(
        ["check", "runs", "holds"],
        [
            [one["name"], str(one["runs"]), "yes" if one["passed"] else "**no**: " + _told(one["faults"])]
            for one in checks
        ],
    )


def _costs(runs: Sequence[Kept]) -> str:
    good = [run for run in runs if run["exit_code"] == 0]
    cpu, wall = medians(good, "cpu_seconds"), medians(good, "wall_seconds")
    memory, disk = medians(good, "peak_bytes"), medians(good, "peak_disk_bytes")
    rows = []
    for key in cpu:
        task, ids, millions = key
        costs = (cpu[key], wall[key], memory[key] / 1e9, disk[key] / 1e9)
        rows.append([task, ids, str(millions or ""), *(f"{one:.2f}" for one in costs)])
    return _grid(["task", "ids", "million events", "CPU s", "wall s", "peak GB", "disk GB"], rows)


def _grid(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _told(faults: Sequence[str]) -> str:
    """The first fault in a line's length, and how many there are; the results have them whole."""
    first = faults[0] if len(faults[0]) <= LONGEST_FAULT else faults[0][:LONGEST_FAULT].rstrip() + " ..."
    return first if len(faults) == 1 else f"{first} (and {len(faults) - 1} more)"


if __name__ == "__main__":
    main()
