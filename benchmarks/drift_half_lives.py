"""Half-lives: in how many worlds does the 90 % interval hold the half-life that was planted?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from benchmarks import drift_measures
from benchmarks.kept import Found, Task
from benchmarks.shares import table, told

NAME = "half_lives"
MEASURE = "interest_persistence"
USERS, SEEDS, FIRST_SEED = 2_000, 200, 20_000
# Long enough that the fading ends inside the log: at least four half-lives of it.
EVENTS: Mapping[int, Mapping[str, Any]] = {
    2: {"events": 40},
    8: {"events": 60},
    30: {"events": 150, "days": 90.0},
    100: {"events": 400, "days": 180.0},
}
DAYS: Mapping[int, Mapping[str, Any]] = {
    2: {"events": 60, "days": 42.0},
    8: {"events": 60, "days": 60.0},
    30: {"events": 60, "days": 180.0},
    100: {"events": 60, "days": 450.0},
}


def tasks(*, smoke: bool, data: object = None) -> list[Task]:
    """Every half-life, in events and in days, so many seeds each."""
    planted = [("events", half_life, plan) for half_life, plan in EVENTS.items()] + [
        ("days", half_life, plan) for half_life, plan in DAYS.items()
    ]
    return [
        Task(
            part=NAME,
            world=f"{half_life} {unit}",
            measure=MEASURE,
            seed=FIRST_SEED + seed,
            plan={"users": USERS, f"half_life_{unit}": float(half_life), **plan},
            modules=drift_measures.modules(MEASURE),
        )
        for unit, half_life, plan in planted
        for seed in range(2 if smoke else SEEDS)
    ]


def run(task: Task) -> dict[str, Any]:
    """What persistence finds in the world of the task."""
    return drift_measures.on_world(task.measure, task.plan, task.seed)


def report(results: Sequence[tuple[Task, Found]]) -> str:
    """A table: coverage of each half-life."""
    cells: dict[str, list[tuple[Task, Found]]] = {}
    for task, kept in results:
        cells.setdefault(task.world, []).append((task, kept["found"]))
    head = ["planted", "events a user", "days", "identified", "interval holds it (86 to 94 % asked)",
            "below it", "above it", "median", "median width / half-life"]  # fmt: skip
    return "\n\n".join(
        [
            f"Worlds of {USERS:,} users. Coverage is of the worlds in which the half-life was identified: "
            "elsewhere the probe gives none.",
            table(head, [_row(world, entries) for world, entries in cells.items()]),
        ]
    )


def _row(world: str, entries: Sequence[tuple[Task, Found]]) -> list[str]:
    truth, unit = float(world.split()[0]), world.split()[1]
    name = f"half_life_{unit}"
    seen = [found[name] for _, found in entries if name in found]
    plan = entries[0][0].plan
    row = [world, str(plan["events"]), f"{plan.get('days', 42.0):.0f}", told(name in f for _, f in entries)]
    if not seen:
        return [*row, *["-"] * 5]
    below, above = (sum(high < truth for *_, high in seen), sum(low > truth for _, low, _ in seen))
    width = median((high - low) / truth for _, low, high in seen)
    holds = told(low <= truth <= high for _, low, high in seen)
    return [*row, holds, str(below), str(above), f"{median(s[0] for s in seen):.3g}", f"{width:.2f}"]
