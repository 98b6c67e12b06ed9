"""No false lift: worlds without order, told as they are. The quick budget with its three seeds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.kept import Found, Task
from benchmarks.shares import table
from benchmarks.shares import told as share
from benchmarks.trial_trying import MODULES, contrasts, spread, told, tried
from diagnose.budgets import BUDGETS
from diagnose.settings import Settings
from diagnose.simulate import histories

NAME = "nulls"
WORLDS, FIRST_SEED = 20, 120_000
ARMS = ("dnn", "dnn_decayed", "dien")  # of the lift, and of what recency would claim
PLANS: Mapping[str, Mapping[str, Any]] = {
    "stable": {},
    "trend only": {"trend": 1.0},
    "repeat consumption": {"favourites": 0.4},
}
SIZE = {"users": 4_000, "events": 40}
SHOWN = ("lift", "recency_gain", "beyond_recency")


def tasks(*, smoke: bool, data: Path | None = None) -> list[Task]:
    """Twenty worlds of each kind."""
    return [
        Task(
            part=NAME, world=world, measure="trial", seed=FIRST_SEED + seed, plan=SIZE | plan, modules=MODULES
        )
        for world, plan in PLANS.items()
        for seed in range(2 if smoke else WORLDS)
    ]


def run(task: Task) -> dict[str, Any]:
    """The lift of the quick budget."""
    world = histories(seed=task.seed, **task.plan)
    return told(tried(world, arms=ARMS, seeds=BUDGETS["quick"].seeds, seed=task.seed))


def report(results: Sequence[tuple[Task, Found]]) -> str:
    """Of each kind of world: lifts told above the least worthwhile one, above 0, and their size."""
    delta, rows = Settings().trial.minimum_lift, []
    for world in PLANS:
        found = [kept["found"] for task, kept in results if task.world == world]
        if not found:
            continue
        lifts = contrasts(found, "lift")
        rows.append(
            [
                world,
                share(low > delta for _, low, _ in lifts),
                share(low > 0 for _, low, _ in lifts),
                share(bool(each["problems"]) for each in found),
                *(spread([value for value, _, _ in contrasts(found, name)]) for name in SHOWN),
            ]
        )
    head = ["world", f"lift above {delta:g} (asked: at most 1)", "lift above 0", "not believed", *SHOWN]
    return table(head, rows)
