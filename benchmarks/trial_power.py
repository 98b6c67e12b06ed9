"""Power: planted order must be found. Directed chains on 15,000 histories, lasting interests on 45,000.

One network seed a world, so intervals hold users only; the spread between worlds is told beside them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.kept import Found, Task
from benchmarks.shares import table
from benchmarks.shares import told as share
from benchmarks.trial_trying import CARRYING, MODULES, contrasts, spread, told, tried
from diagnose.budgets import BUDGETS
from diagnose.simulate import histories

NAME = "power"
WORLDS, FIRST_SEED = 20, 110_000


@dataclass(frozen=True)
class Planted:
    """Knobs of the world, training histories, and the contrasts of which one must be above 0."""

    plan: Mapping[str, Any]
    training: int
    either: tuple[str, ...]
    asked: str


PLANTED: Mapping[str, Planted] = {
    "30 % directed chains": Planted(
        {"users": 4_000, "events": 50, "directed": 0.3}, 15_000, ("order_gain",), "20 of 20"
    ),
    "interests with a half-life of 8 events": Planted(
        {"users": 6_000, "events": 50, "half_life_events": 8.0},
        45_000,
        ("order_gain", "recency_gain"),
        "18 of 20",
    ),
}


def tasks(*, smoke: bool, data: Path | None = None) -> list[Task]:
    """Twenty worlds of each kind."""
    return [
        Task(
            part=NAME,
            world=world,
            measure="trial",
            seed=FIRST_SEED + seed,
            plan=planted.plan,
            modules=MODULES,
        )
        for world, planted in PLANTED.items()
        for seed in range(2 if smoke else WORLDS)
    ]


def run(task: Task) -> dict[str, Any]:
    """The arms of the quick budget on that many training histories."""
    budget = replace(BUDGETS["quick"], training_targets=PLANTED[task.world].training)
    world = histories(seed=task.seed, **task.plan)
    return told(tried(world, arms=CARRYING, seeds=1, budget=budget, seed=task.seed))


def report(results: Sequence[tuple[Task, Found]]) -> str:
    """Of each kind of world: in how many the gain's interval lies above 0, and how large it is."""
    rows = []
    for world, planted in PLANTED.items():
        found = [kept["found"] for task, kept in results if task.world == world]
        if not found:
            continue
        gained = [[each["contrasts"][name] for name in planted.either] for each in found]
        rows.append(
            [
                world,
                f"{planted.training:,}",
                " or ".join(planted.either),
                planted.asked,
                share(any(value > 0 for value, _, _ in some) for some in gained),
                share(any(low > 0 for _, low, _ in some) for some in gained),
                *(spread([value for value, _, _ in contrasts(found, name)]) for name in SHOWN),
            ]
        )
    head = ["planted", "training histories", "found by", "asked", "above 0", "interval above 0"]
    return table([*head, *SHOWN], rows)


SHOWN = ("lift", "order_gain", "recency_gain", "beyond_recency")
