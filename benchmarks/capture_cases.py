"""The two cases that the tool was made for: a shop that sees all or a tenth, and a video platform.

A shop whose log holds everything, one that logged a tenth of its events and has a panel of 200 users' totals,
the same without any evidence, and a video platform that saw a tenth of the viewing and logs its hand-offs.
Each is diagnosed whole, trial included. Not wrong is the outcome that is asked for, or `inconclusive` with
the right leaning; how often something was decided is told beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from benchmarks.kept import ROOT, Found, Task
from benchmarks.shares import table, told
from diagnose import pipeline, simulate
from diagnose.settings import Settings

NAME = "cases"
SEEDS, FIRST_SEED, PANEL_USERS = 20, 95_000, 200
BUDGET = "standard"
TRIALS = ROOT / "build" / "cases"  # finished trainings, so that a case cut off goes on where it was


@dataclass(frozen=True, kw_only=True)
class Case:
    """A world, the evidence that such a platform has, and the outcomes that are right."""

    scenario: str
    knobs: Mapping[str, Any] = field(default_factory=dict)
    panel: bool = False
    handoffs: tuple[str, ...] = ()
    right: tuple[str, ...]
    leaning: tuple[str, ...]


CASES: Mapping[str, Case] = {
    "shop, all logged": Case(
        scenario="ecommerce", right=("use_sequence_model",), leaning=("use_sequence_model",)
    ),
    "shop, a tenth of events, panel": Case(
        scenario="ecommerce",
        knobs={"capture": 0.1},
        panel=True,
        right=("fix_capture_first",),
        leaning=("fix_capture_first",),
    ),
    "video, a tenth of viewings, hand-offs": Case(
        scenario="long_video",
        handoffs=("open_external_app",),
        right=("keep_order_blind_model", "fix_capture_first"),
        leaning=("keep_order_blind_model", "fix_capture_first"),
    ),
    "shop, a tenth of events, no evidence": Case(
        scenario="ecommerce", knobs={"capture": 0.1}, right=(), leaning=()
    ),
}
MODULES = ("diagnose.pipeline", "diagnose.simulate.worlds")


def tasks(*, smoke: bool, data: Path | None = None) -> list[Task]:
    """Every case, alone: a trial takes all cores. With and without a panel one world has one trial."""
    return [
        Task(
            part=NAME,
            world=case,
            measure=BUDGET,
            seed=FIRST_SEED + seed,
            modules=MODULES,
            alone=True,
        )
        for seed in range(2 if smoke else SEEDS)
        for case in CASES
    ]


def run(task: Task) -> dict[str, Any]:
    """The verdict on the case's world."""
    case = CASES[task.world]
    world = simulate.world(case.scenario, seed=task.seed, **case.knobs)
    settings = Settings.from_options(budget=task.measure, handoffs=case.handoffs, seed=task.seed)
    with TemporaryDirectory() as folder:
        if case.panel:
            path = Path(folder) / "panel.parquet"
            rows = np.random.default_rng(task.seed).permutation(world.totals.num_rows)[:PANEL_USERS]
            pq.write_table(world.totals.take(rows), path)
            settings = replace(settings, capture=replace(settings.capture, panel=str(path)))
        trainings = TRIALS / f"{case.scenario}-{case.knobs.get('capture', 1)}-{task.seed}"
        result = pipeline.analyze(world.table, settings=settings, keep=trainings).result
    verdict, lift = result.verdict, next((c for c in result.trial.contrasts if c.name == "lift"), None)
    return {
        "outcome": verdict.outcome,
        "leaning": verdict.leaning,
        "headline": verdict.headline,
        "summary": verdict.summary,
        "next_steps": list(verdict.next_steps),
        "capture": [result.capture.grade, result.capture.low, result.capture.high],
        "trial": [result.trial.status, *result.trial.problems],
        "lift": [lift.value, lift.low, lift.high] if lift else None,
    }


def report(results: Sequence[tuple[Task, Found]]) -> str:
    """A table: not wrong, decided, and which outcomes."""
    cells: dict[tuple[str, str], list[Found]] = {}
    for task, kept in results:
        cells.setdefault((task.world, task.measure), []).append(kept["found"])
    head = ["case", "budget", "not wrong", "decided", "outcomes"]
    return "\n\n".join(
        [
            "Asked: at least 19 of 20 not wrong; without evidence, a headline that "
            "says that capture is unknown and what to supply.",
            table(head, [_row(*cell, entries) for cell, entries in cells.items()]),
        ]
    )


def _row(world: str, budget: str, entries: Sequence[Found]) -> list[str]:
    outcomes = [found["outcome"] for found in entries]
    counted = ", ".join(f"{outcomes.count(one)} `{one}`" for one in sorted(set(outcomes)))
    decided = told(one != "inconclusive" for one in outcomes)
    return [world, budget, told(_not_wrong(CASES[world], found) for found in entries), decided, counted]


def _not_wrong(case: Case, found: Found) -> bool:
    if not case.right:  # no evidence: what is not known is said, and what would tell
        still = "nterests hold still" in found["summary"] and "In what is logged" not in found["summary"]
        return "capture unknown" in found["headline"] and "supply" in found["headline"] and not still
    if found["outcome"] == "inconclusive":
        return found["leaning"] in case.leaning
    return found["outcome"] in case.right
