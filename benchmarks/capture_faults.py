"""Faults of a log: are planted outages and duplicates found, and are clean logs left alone?

Outages are planted into hourly counts, which is all that the search reads: sessions of several events over
three hours, in four kinds of log. The clean ones are the same without an outage. Duplicates are planted into
histories (near) and into rows on their way through the stream (exact).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.capture_fault_worlds import counts_of, hourly, set_aside, with_copies
from benchmarks.kept import Found, Task
from benchmarks.shares import table, told
from diagnose import simulate
from diagnose.capture import hygiene_tally, outages
from diagnose.capture.faults import Evidence, faults
from diagnose.histories import MICROSECONDS_PER_SECOND
from diagnose.settings import Settings
from diagnose.stats.counts import Counts

NAME = "faults"
MODULES = (
    "benchmarks.capture_fault_worlds",
    "diagnose.capture.outages",
    "diagnose.capture.hygiene_tally",
    "diagnose.engine.stream",
)
SEEDS, FIRST_SEED = 200, 50_000
KINDS = ("flat", "weekly", "growing", "bursty")
CLEAN = ((20_000, 56), (200_000, 56), (2_000_000, 56), (100_000, 14), (1_000_000, 365))  # events, days
PLANTED = (  # events, days, hours of the outage, share of its events left
    (20_000, 56, 6, 0.0),
    (20_000, 56, 12, 0.0),
    (20_000, 56, 24, 0.0),
    (20_000, 56, 72, 0.0),
    (20_000, 56, 24, 0.2),
    (200_000, 56, 2, 0.0),
    (200_000, 56, 6, 0.0),
    (200_000, 56, 6, 0.2),
    (200_000, 56, 72, 0.2),
    (2_000_000, 56, 1, 0.0),
    (2_000_000, 56, 6, 0.2),
    (100_000, 14, 6, 0.0),
)
COPIES = ("near", "exact")
COPIED = 0.01  # share of events written down twice
START = 473_352  # hours since 1970: 2024-01-01


def tasks(*, smoke: bool, data: object = None) -> list[Task]:
    """Every cell, so many seeds each."""
    return [
        Task(part=NAME, world=world, measure=measure, seed=FIRST_SEED + seed, plan=plan, modules=MODULES)
        for measure, world, plan in _planned()
        for seed in range(2 if smoke else SEEDS)
    ]


def _planned() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Measure, name and plan of each cell."""
    for kind in KINDS:
        for events, days in CLEAN:
            plan = {"kind": kind, "events": events, "days": days}
            yield "clean", f"{kind}, {events:,} events, {days} days", plan
        for events, days, hours, left in PLANTED:
            plan = {"kind": kind, "events": events, "days": days, "hours": hours, "left": left}
            yield "outage", f"{kind}, {events:,} events, {days} days, {hours} h, {left:.0%} left", plan
    for copies in COPIES:
        for share in (0.0, COPIED):
            yield f"{copies} duplicates", f"{copies}, {share:.0%}", {"copied": share}


def run(task: Task) -> dict[str, Any]:
    """What is found in the world of the task."""
    rng = np.random.default_rng(task.seed)
    if task.measure == "clean":
        counts, _ = hourly(rng, **task.plan)
        return {"flagged": bool(len(_search(counts).start))}
    if task.measure == "outage":
        return _outage(rng, **task.plan)
    return (_near if task.measure.startswith("near") else _exact)(task.plan["copied"], task.seed, rng)


def _search(counts: NDArray[np.int64]) -> outages.Outages:
    hours = Counts(START, counts)
    found = outages.search(hours, quantum_us=MICROSECONDS_PER_SECOND, settings=Settings())
    if isinstance(found, str):
        raise TypeError(found)
    return found


def _outage(
    rng: np.random.Generator, *, kind: str, events: int, days: int, hours: int, left: float
) -> dict[str, Any]:
    """One outage at any hour but the first and last day's."""
    counts, level = hourly(rng, kind=kind, events=events, days=days)
    start = int(rng.integers(24, len(counts) - 24 - hours))
    stretch = slice(start, start + hours)
    counts[stretch] = rng.binomial(counts[stretch], left)
    found = _search(counts)
    flagged = np.zeros(len(counts), dtype=bool)
    for first, stop in zip(found.start - START, found.stop - START, strict=True):
        flagged[first:stop] = True
    inside = int(flagged[stretch].sum())
    return {
        "found": inside > 0,
        "missing": round(float(level[stretch].sum()) * (1 - left), 1),
        "hit_hours": inside / hours,
        "other_hours": int(flagged.sum()) - inside,
    }


def _near(copied: float, seed: int, rng: np.random.Generator) -> dict[str, Any]:
    """Events written down again one or two seconds later."""
    clean = simulate.histories(users=2_000, events=40, seed=seed)
    twice = np.flatnonzero(rng.random(clean.n_events) < copied)
    late = rng.integers(1, 3, len(twice)) * MICROSECONDS_PER_SECOND
    before, after = (hygiene_tally.tally(one) for one in (clean, with_copies(clean, twice, late)))
    told_of = [fault.name for fault in faults(counts_of(after), after, Evidence(), settings=Settings())]
    return {
        "told": "near_duplicates" in told_of,
        "recall": (after.near_duplicates - before.near_duplicates) / max(1, len(twice)),
    }


def _exact(copied: float, seed: int, rng: np.random.Generator) -> dict[str, Any]:
    """Rows that come twice, with the category missing in the copy."""
    clean = simulate.histories(users=2_000, events=40, seed=seed)
    twice = np.flatnonzero(rng.random(clean.n_events) < copied)
    written = with_copies(clean, twice, np.zeros(len(twice), dtype=np.int64))
    before, after = (set_aside(one) for one in (clean, written))
    return {"told": after > 0, "recall": (after - before) / max(1, len(twice))}


def report(results: Sequence[tuple[Task, Found]]) -> str:
    """Three tables: clean logs, planted outages, duplicates."""
    parts = (
        ("Clean logs flagged (at most 5 % asked)", ["log", "flagged"], "clean", _clean_row),
        ("Planted outages found (at least 95 % asked; told beside it: where 60 or more events are missing)",
         ["log and outage", "found", "of those that miss 60 events", "events missing, median",
          "of its hours, flagged", "other hours flagged, mean"], "outage", _outage_row),
        ("Planted duplicates", ["planted", "told", "copies found, least"], "duplicates", _copies_row),
    )  # fmt: skip
    return "\n\n".join(
        f"{title}\n\n{table(head, [row(world, entries) for world, entries in _cells(results, measure)])}"
        for title, head, measure, row in parts
    )


def _cells(results: Sequence[tuple[Task, Found]], measure: str) -> list[tuple[str, list[Found]]]:
    cells: dict[str, list[Found]] = {}
    for task, kept in results:
        if measure in task.measure:
            cells.setdefault(task.world, []).append(kept["found"])
    return list(cells.items())


Row = Callable[[str, list[Found]], list[str]]


def _clean_row(world: str, found: list[Found]) -> list[str]:
    return [world, told(one["flagged"] for one in found)]


def _outage_row(world: str, found: list[Found]) -> list[str]:
    hits = [one["hit_hours"] for one in found if one["found"]]
    return [
        world,
        told(one["found"] for one in found),
        told(one["found"] for one in found if one["missing"] >= 60),
        f"{median(one['missing'] for one in found):.0f}",
        f"{100 * sum(hits) / len(hits):.0f} %" if hits else "-",
        f"{sum(one['other_hours'] for one in found) / len(found):.1f}",
    ]


def _copies_row(world: str, found: list[Found]) -> list[str]:
    return [world, told(one["told"] for one in found), f"{min(one['recall'] for one in found):.3f}"]
