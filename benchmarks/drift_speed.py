"""Speed: the whole drift family on 20,000 users and two million events.

The machine may be busy, so seconds are told beside a floor of the same run: one sort of the same events by
user and time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from unittest import mock

import numpy as np

from benchmarks.kept import ROOT, Found, Task
from benchmarks.shares import table
from diagnose import conditions, simulate
from diagnose.drift import family
from diagnose.histories import Histories
from diagnose.results import Hygiene, Skipped
from diagnose.settings import Settings

NAME = "speed"
THREADS, RUNS, FIRST_SEED = 2, 3, 50_000
PLAN = {"users": 20_000, "events": 100, "half_life_events": 8, "directed": 0.1}
ASKED_SECONDS = 60


def tasks(*, smoke: bool, data: object = None) -> list[Task]:
    """The same world a few times: by its seed another one, of the same size."""
    drift = tuple(
        f"diagnose.drift.{path.stem}" for path in sorted((ROOT / "diagnose" / "drift").glob("*.py"))
    )
    return [
        Task(
            part=NAME,
            world="20,000 users, 100 events each",
            measure="drift_family",
            seed=FIRST_SEED + seed,
            plan=PLAN,
            modules=drift,
            alone=True,
            timed=True,
        )
        for seed in range(1 if smoke else RUNS)
    ]


def run(task: Task) -> dict[str, Any]:
    """Seconds of the whole family and of the floor, and processor seconds of each probe."""
    sample = simulate.histories(**task.plan, seed=task.seed)
    before, each = _floor(sample, task.seed), dict[str, float]()
    wall, cpu = time.perf_counter(), time.process_time()
    with (
        mock.patch.object(family, "OF_THE_SAMPLE", _timed(family.OF_THE_SAMPLE, each)),
        mock.patch.object(family, "OF_BOTH", _timed(family.OF_BOTH, each)),
    ):
        probed = conditions.moving(
            sample,
            None,
            hygiene=Hygiene(passed=True, reason=None, faults=()),
            settings=Settings(),
            threads=THREADS,
        )
    return {
        "wall_seconds": round(time.perf_counter() - wall, 2),
        "cpu_seconds": round(time.process_time() - cpu, 2),
        "floor_seconds": round((before + _floor(sample, task.seed)) / 2, 3),
        "events": sample.n_events,
        "skipped": [each.name for each in probed if isinstance(each, Skipped)],
        "probes": {name: round(seconds, 2) for name, seconds in each.items()},
    }


Probe = Callable[..., Any]


def _timed(probes: Mapping[str, Probe], seconds: dict[str, float]) -> dict[str, Probe]:
    """The same probes; each notes the processor seconds of its thread."""
    return {name: _noting(name, probe, seconds) for name, probe in probes.items()}


def _noting(name: str, probe: Probe, seconds: dict[str, float]) -> Probe:
    def timed(*arguments: Any, **named: Any) -> Any:
        began = time.thread_time()
        found = probe(*arguments, **named)
        seconds[name] = time.thread_time() - began
        return found

    return timed


def _floor(sample: Histories, seed: int) -> float:
    """Wall seconds of one sort of the events by user and time, from random order."""
    order = np.random.default_rng(seed).permutation(sample.n_events)
    user, moment = sample.user_of_event[order], sample.time[order]
    began = time.perf_counter()
    np.lexsort((moment, user))
    return time.perf_counter() - began


def report(results: Sequence[tuple[Task, Found]]) -> str:
    """A table: the runs, and where their time goes."""
    rows = []
    for _, kept in results:
        found = kept["found"]
        wall, floor = found["wall_seconds"], found["floor_seconds"]
        probes = ", ".join(f"{name} {seconds:.0f}" for name, seconds in found["probes"].items())
        rows.append(
            [f"{found['events']:,}", f"{wall:.0f}", f"{found['cpu_seconds']:.0f}", f"{floor:.2f}",
             f"{wall / floor:.0f}", str(kept["load"]), probes]
        )  # fmt: skip
    head = ["events", "seconds", "processor seconds", "floor, seconds", "seconds / floor", "load before",
            "processor seconds by probe"]  # fmt: skip
    return "\n\n".join(
        [
            f"{THREADS} threads; the floor is one sort of the same events. Asked: at most {ASKED_SECONDS} "
            "seconds on two idle cores.",
            table(head, rows),
        ]
    )
