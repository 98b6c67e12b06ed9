"""Serial gaps: planted shares found, beside two other estimates, and held under skips and leaving.

The peers are 1 / mean jump, and the geometric law truncated at the end of the series: a jump g with R
episodes left has probability p (1 - p)^(g - 1) / (1 - (1 - p)^R), which takes every follower to go on to the
last episode, and needs to know which that is (here: the highest that anybody has on record).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from benchmarks.kept import Found, Task
from benchmarks.shares import table, told
from diagnose.capture import serial_gaps
from diagnose.histories import Histories
from diagnose.results import Estimate, Skipped
from diagnose.simulate.followers import Followers, followers

NAME = "serial"
MEASURE = "serial_gaps"
MODULES = ("diagnose.capture.serial_gaps", "diagnose.simulate.followers")
USERS, SEEDS, FIRST_SEED = 2_000, 40, 50_000
CAPTURES = (0.1, 0.3, 0.6)
HABITS: Mapping[str, Mapping[str, float]] = {
    "all watched, in order": {},
    "started late": {"late": 0.9},
    "10 % skipped": {"skipped": 0.1},
    "20 % skipped": {"skipped": 0.2},
    "30 % finish elsewhere": {"leaving": 0.3},
    "50 % finish elsewhere": {"leaving": 0.5},
    "30 % stay where they see an episode elsewhere": {"staying": 0.3},
    "10 % skipped, 30 % finish elsewhere": {"skipped": 0.1, "leaving": 0.3},
    "20 % skipped, 30 % stay elsewhere": {"skipped": 0.2, "staying": 0.3},
}


def tasks(*, smoke: bool, data: object = None) -> list[Task]:
    """Every habit at every share, so many seeds each."""
    return [
        Task(
            part=NAME,
            world=f"{capture} {habit}",
            measure=MEASURE,
            seed=FIRST_SEED + seed,
            plan={"users": USERS, "capture": capture, **knobs},
            modules=MODULES,
        )
        for habit, knobs in HABITS.items()
        for capture in CAPTURES
        for seed in range(2 if smoke else SEEDS)
    ]


def run(task: Task) -> dict[str, Any]:
    """What serial gaps find in the world of the task, and the peer beside it."""
    histories = followers(Followers(**task.plan), rng=np.random.default_rng(task.seed))
    found = serial_gaps.measure(serial_gaps.tally(histories))
    if isinstance(found, Skipped):
        return {"skipped": found.reason}
    kept = {name: _three(found.estimates[name]) for name in ("share", "share_sampling_only", "naive")}
    return {**kept, "to_the_end": to_the_end(histories)}


def to_the_end(histories: Histories) -> float:
    """The peer: all followers are taken to go on to the last episode that anybody has on record."""
    assert histories.series is not None
    assert histories.ordinal is not None
    length = np.zeros(int(histories.series.max()) + 1, dtype=np.int64)
    np.maximum.at(length, histories.series, histories.ordinal)
    same = np.diff(histories.user_of_event) == 0
    same &= np.diff(histories.series) == 0  # followers watch one series after another
    jump = np.diff(histories.ordinal)[same].astype(np.int64)
    left = (length[histories.series] - histories.ordinal)[:-1][same]
    return float(f"{_most_likely(jump, left):.6g}")


def _most_likely(jump: NDArray[np.int64], left: NDArray[np.int64]) -> float:
    """The chance of an episode under the geometric law truncated at `left`, both (n,)."""

    def surprise(chance: float) -> float:
        reach = np.log(-np.expm1(left * np.log1p(-chance)))
        return float(-(np.log(chance) + (jump - 1) * np.log1p(-chance) - reach).mean())

    return float(minimize_scalar(surprise, bounds=(1e-4, 1 - 1e-4), method="bounded").x)


def report(results: Sequence[tuple[Task, Found]]) -> str:
    """A table: error and coverage of each habit at each share."""
    cells: dict[str, list[tuple[Task, Found]]] = {}
    for task, kept in results:
        cells.setdefault(task.world, []).append((task, kept["found"]))
    head = ["planted", "worlds", "median", "error", "naive", "to the end", "range holds it (90 % asked)",
            "median range", "sampling alone holds it"]  # fmt: skip
    return "\n\n".join(
        [
            f"Worlds of {USERS:,} followers of two series of 10 to 48 episodes. Error: of the median, "
            "relative. Naive: 1 / mean jump. To the end: the geometric law truncated at the last episode.",
            table(head, [_row(world, entries) for world, entries in cells.items()]),
        ]
    )


def _row(world: str, entries: Sequence[tuple[Task, Found]]) -> list[str]:
    truth = float(world.split()[0])
    seen = [found for _, found in entries if "share" in found]
    row = [world, f"{len(seen)} of {len(entries)}"]
    if not seen:
        return [*row, *["-"] * 7]
    middle = {name: median(found[name][0] for found in seen) for name in ("share", "naive")}
    ends = (median(found["share"][end] for found in seen) for end in (1, 2))
    return [
        *row,
        f"{middle['share']:.3f}",
        f"{100 * (middle['share'] / truth - 1):+.1f} %",
        f"{middle['naive']:.3f}",
        f"{median(found['to_the_end'] for found in seen):.3f}",
        told(found["share"][1] <= truth <= found["share"][2] for found in seen),
        " to ".join(f"{end:.3f}" for end in ends),
        told(found["share_sampling_only"][1] <= truth <= found["share_sampling_only"][2] for found in seen),
    ]


def _three(estimate: Estimate) -> list[float]:
    return [float(f"{number:.6g}") for number in (estimate.value, estimate.low, estimate.high)]
