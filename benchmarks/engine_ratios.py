"""What the measured runs say: ratios with their targets, and checks. Pure functions of the runs.

The machine is shared and noisy, so no time is told alone: each is divided by another of the same session.
Where a run was repeated, its median counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from benchmarks.engine_peers import disagreements

Run = Mapping[str, Any]
Place = tuple[str, int]  # ids and millions of events; ("", 0) where there is no log
Medians = Mapping[tuple[str, str, int], float]  # by task, ids, millions

ROOM = 1_000_000_000  # bytes beyond the engine's limit: Python, a batch and the sample
ENOUGH, SHORT, SHORTER = 4_000_000_000, 512_000_000, 300_000_000  # bytes that the engine may hold
SPILLING = 10  # million events from which a short memory must spill, or the run shows nothing
PEERS = ("pandas", "pandas_tuned", "polars")
HEAVY = ("pandas", "torch", "duckdb")  # what `--help` may not import


@dataclass(frozen=True)
class Wanted:
    """A ratio of two tasks on the same log, and its targets by millions of events."""

    task: str
    over: str
    what: str = "cpu_seconds"
    at_most: Mapping[int, float] = field(default_factory=dict)
    at_least: Mapping[int, float] = field(default_factory=dict)


WANTED = (
    Wanted("ours", "floor", at_most={10: 2.0, 100: 1.75}),
    Wanted("spill", "ours"),
    Wanted("pandas", "ours", at_least={10: 3.0}),
    Wanted("pandas_tuned", "ours"),
    Wanted("polars", "ours"),
    Wanted("spark", "ours"),
    Wanted("analyze", "ours", what="wall_seconds"),
    Wanted("help", "python", what="wall_seconds"),
)
GROWTH_TARGET = 11.0  # ten times the events: a sort grows a little faster than its input


def limit(task: str, millions: int) -> int:
    """Bytes that the engine may hold. Ten million events of integer ids fit half a gigabyte: less there."""
    if task != "spill":
        return ENOUGH
    return SHORT if millions > SPILLING else SHORTER


def ratios(runs: Iterable[Run]) -> list[dict[str, Any]]:
    """Every ratio that the runs allow."""
    good = [run for run in runs if run["exit_code"] == 0]
    return [*_of_tasks(good), *_growth(good), *_memory(good)]


def medians(runs: Iterable[Run], what: str) -> dict[tuple[str, str, int], float]:
    """The median of one cost over the repeats of each task."""
    values = defaultdict(list)
    for run in runs:
        values[run["task"], run["ids"], run["millions"]].append(run[what])
    return {key: median(found) for key, found in values.items()}


def _of_tasks(runs: Sequence[Run]) -> Iterator[dict[str, Any]]:
    for wanted in WANTED:
        found = medians(runs, wanted.what)
        name = f"{wanted.task} / {wanted.over}, {wanted.what.split('_')[0]}"
        for (task, ids, millions), value in found.items():
            over = found.get((wanted.over, ids, millions))
            if task == wanted.task and over:
                yield _told(
                    name,
                    (ids, millions),
                    value / over,
                    at_most=wanted.at_most.get(millions),
                    at_least=wanted.at_least.get(millions),
                )


def _growth(runs: Sequence[Run]) -> Iterator[dict[str, Any]]:
    """How much dearer ten times the events are."""
    found = medians(runs, "cpu_seconds")
    for (task, ids, millions), value in found.items():
        tenth = found.get((task, ids, millions // 10))
        if task in ("ours", "floor") and tenth and millions >= 10:
            target = GROWTH_TARGET if (task, millions) == ("ours", 100) else None
            name = f"{task}, against {millions // 10} million, cpu"
            yield _told(name, (ids, millions), value / tenth, at_most=target)


def _memory(runs: Sequence[Run]) -> Iterator[dict[str, Any]]:
    """Peak of the whole tree against what it was allowed."""
    for (task, ids, millions), value in medians(runs, "peak_bytes").items():
        if task in ("ours", "spill"):
            allowed = limit(task, millions)
            name = f"{task}, peak / ({allowed / 1e9:g} GB + 1 GB)"
            yield _told(name, (ids, millions), value / (allowed + ROOM), at_most=1.0)


def _told(
    name: str, place: Place, value: float, *, at_most: float | None = None, at_least: float | None = None
) -> dict[str, Any]:
    met = None
    if at_most is not None or at_least is not None:
        met = value <= at_most if at_most is not None else value >= (at_least or 0.0)
    return {
        "name": name,
        "ids": place[0],
        "millions": place[1],
        "value": round(value, 3),
        "at_most": at_most,
        "at_least": at_least,
        "met": met,
    }


def checks(runs: Sequence[Run]) -> list[dict[str, Any]]:
    """What must hold besides the costs; what no run speaks of is left out."""
    failed = [
        f"{run['task']} {run['ids']} {run['millions']}: {run['error']}" for run in runs if run["exit_code"]
    ]
    digested = [run for run in runs if "digest" in run]
    counted = [run for run in runs if run.get("statistics")]
    short = [run for run in digested if run["task"] == "spill" and run["millions"] >= SPILLING]
    dry = [f"{run['ids']} {run['millions']} million" for run in short if not run["peak_disk_bytes"]]
    helped = [run for run in runs if "imported" in run]
    found = (
        ("every run ended well", runs, failed),
        ("one digest for every memory, repeat and engine", digested, _digests(digested)),
        ("runs that are short of memory spill", short, dry),
        ("all programs find the same numbers, however ids are spelled", counted, _statistics(counted)),
        (f"--help imports none of {', '.join(HEAVY)}", helped, _imports(helped)),
    )
    return [
        {"name": name, "runs": len(spoke), "passed": not faults, "faults": faults}
        for name, spoke, faults in found
        if spoke
    ]


def _digests(runs: Iterable[Run]) -> list[str]:
    found = defaultdict(set)
    for run in runs:
        found[run["ids"], run["millions"]].add(run["digest"])
    return [
        f"{ids} {millions} million: {len(all_)} digests"
        for (ids, millions), all_ in found.items()
        if len(all_) > 1
    ]


def _statistics(runs: Iterable[Run]) -> list[str]:
    found: dict[int, dict[str, Any]] = defaultdict(dict)
    for run in runs:
        found[run["millions"]][f"{run['task']} ({run['ids']})"] = run["statistics"]
    return [
        f"{millions} million, {fault}" for millions, each in found.items() for fault in disagreements(each)
    ]


def _imports(runs: Iterable[Run]) -> list[str]:
    return sorted({name for run in runs for name in run["imported"]})
