"""Thinning: is a log thinned to a rate like a log that was lost to it? And curves of real logs, and seconds.

Three kinds of tasks. `lost`: a full simulated log is thinned to q, and another one, of another seed, loses
all but q as it arises; both shares must agree. `real logs`: the three curves. `speed`: at 5,000 users.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import sqrt
from pathlib import Path
from statistics import mean, stdev
from typing import Any

import numpy as np

from benchmarks.drift_measures import SIMULATOR, interval
from benchmarks.kept import Found, Task
from benchmarks.real_logs import MAPPINGS, sampled
from benchmarks.shares import table, told
from diagnose import simulate
from diagnose.capture import reruns, thinning
from diagnose.capture.thinned import PATTERNS
from diagnose.histories import Histories
from diagnose.results import Estimate, Probed, Series, Skipped
from diagnose.settings import Settings

NAME = "thinning"
MODULES = ("diagnose.capture.thinning",)
LOST, REAL, SPEED = "lost", "real logs", "speed"
SEEDS, FIRST_SEED, OTHER_SEED = 20, 60_000, 5_000
WORLD = {"users": 3_000, "events": 100, "half_life_events": 8.0, "directed": 0.1}
RATES = (0.3, 0.1)
BIG = {"users": 5_000, "events": 100, "half_life_events": 8.0, "directed": 0.1, "ties": 0.2}
FAULTS, ASKED_SECONDS, THREADS, RUNS = 3, 60, 2, 3
FEWER_USERS = {"web-browsing-150users": 100}  # whole logs of few users: intervals are wide, curves are curves


def tasks(*, smoke: bool, data: Path | None = None) -> list[Task]:
    """Every pattern and rate, so many seeds each; every log; and the same large world a few times."""
    lost = [
        Task(
            part=NAME,
            world=f"lost to {rate:g}",
            measure=LOST,
            seed=FIRST_SEED + seed,
            plan={**WORLD, "capture": rate},
            modules=(*MODULES, SIMULATOR),
        )
        for rate in RATES
        for seed in range(2 if smoke else SEEDS)
    ]
    real = [
        Task(
            part=NAME,
            world=log,
            measure=REAL,
            seed=0,
            modules=(*MODULES, "diagnose.interests"),
            place=str(data),
            there=data is not None and (data / f"{log}.parquet").exists(),
        )
        for log in MAPPINGS
    ]
    speed = [
        Task(
            part=NAME,
            world="5,000 users, 100 events each",
            measure=SPEED,
            seed=FIRST_SEED + seed,
            plan=BIG,
            modules=(*MODULES, "diagnose.capture.reruns", SIMULATOR),
            alone=True,
            timed=True,
        )
        for seed in range(1 if smoke else RUNS)
    ]
    return [*lost, *real, *speed]


def run(task: Task) -> dict[str, Any]:
    """What the task asks for."""
    kinds: Mapping[str, Callable[[Task], dict[str, Any]]] = {LOST: _lost, REAL: _real, SPEED: _speed}
    return kinds[task.measure](task)


def _thinned(sample: Histories, settings: Settings, seed: int, threads: int = 1) -> Probed:
    return thinning.measure(sample, settings=settings, rng=np.random.default_rng([seed, 26]), threads=threads)


def _with_rates(*rates: float) -> Settings:
    settings = Settings()
    return replace(settings, thinning=replace(settings.thinning, rates=rates))


def _lost(task: Task) -> dict[str, Any]:
    """By pattern: the share of a full log thinned to the rate, and of another log that has lost the rest."""
    full = simulate.histories(**{**task.plan, "capture": 1.0}, seed=task.seed)
    thinned = _thinned(full, _with_rates(1.0, float(task.plan["capture"])), task.seed)
    every = _with_rates(1.0)  # and all targets: a cap would weigh down those who lost least
    every = replace(
        every,
        order=replace(every.order, targets_per_user=10**6),
        thinning=replace(every.thinning, maximum_targets=10**9),
    )
    curves = {each.name: each for each in thinned.series}
    found = {}
    for pattern in PATTERNS:
        curve = curves[f"thinning by {pattern}"]
        arisen = simulate.histories(**task.plan, loss=pattern, seed=task.seed + OTHER_SEED)
        whole = _thinned(arisen, every, task.seed).estimates["share_full"]
        last = Estimate(value=curve.y[-1], low=curve.low[-1], high=curve.high[-1], unit="share")
        found[pattern] = {"thinned": interval(last), "arisen": interval(whole)}
    return found


def _real(task: Task) -> dict[str, Any]:
    """Curves and rates at which the finding ends, of the sampled users of a log."""
    settings, sample = Settings(), sampled(task.place, task.world)
    if task.world in FEWER_USERS:
        fewer = replace(settings.order, minimum_users=FEWER_USERS[task.world])
        few = replace(settings.thinning, draw_users=FEWER_USERS[task.world] // 2)
        settings = replace(settings, order=fewer, thinning=few)
    began, probed = time.process_time(), _thinned(sample, settings, task.seed)
    if isinstance(probed, Skipped):
        return {"skipped": probed.reason}
    return {
        "users": probed.users,
        "cpu_seconds": round(time.process_time() - began, 1),
        "estimates": {name: interval(each) for name, each in probed.estimates.items()},
        "curves": {each.name: _points(each) for each in probed.series if each.low},
    }


def _points(series: Series) -> list[list[float]]:
    columns = zip(series.x, series.y, series.low, series.high, strict=True)
    return [[float(f"{float(number):.4g}") for number in row] for row in columns]


def _speed(task: Task) -> dict[str, Any]:
    """Wall and processor seconds of the curves and of the re-runs of a few faults and of ties."""
    sample = simulate.histories(**task.plan, seed=task.seed)
    rng = np.random.default_rng(task.seed)
    faults = {f"fault {fault}": rng.random(sample.n_events) < 0.01 for fault in range(FAULTS)}
    found: dict[str, Any] = {"events": sample.n_events}
    for name, work in (
        ("curves", lambda: _thinned(sample, Settings(), task.seed, THREADS)),
        ("reruns", lambda: reruns.moved(sample, faults, settings=Settings(), rng=rng, threads=THREADS)),
    ):
        wall, cpu = time.perf_counter(), time.process_time()
        work()
        found[f"{name}_wall"] = round(time.perf_counter() - wall, 1)
        found[f"{name}_cpu"] = round(time.process_time() - cpu, 1)
    return found


def report(results: Sequence[tuple[Task, Found]]) -> str:
    """A table for each kind of task that has results."""
    kinds: dict[str, list[tuple[Task, Found]]] = {}
    for task, kept in results:
        kinds.setdefault(task.measure, []).append((task, kept["found"]))
    told = {LOST: _of_lost, REAL: _of_logs, SPEED: _of_seconds}
    return "\n\n".join(tell(kinds[kind]) for kind, tell in told.items() if kind in kinds)


def _of_lost(results: Sequence[tuple[Task, Found]]) -> str:
    cells: dict[str, list[Found]] = {}
    for task, found in results:
        for pattern in PATTERNS:
            cells.setdefault(f"{pattern} {task.world}", []).append(found[pattern])
    head = ["world", "pairs", "share, thinned", "share, lost as it arose", "mean difference", "its error",
            "thinned interval holds the mean of those lost"]  # fmt: skip
    return "\n\n".join(
        [
            f"Worlds of {WORLD['users']:,} users and {WORLD['events']} events each, half-life 8 events, a "
            "tenth of steps directed. Thinned: the lowest point of the curve of a full log.",
            table(head, [_agreement(world, found) for world, found in sorted(cells.items())]),
        ]
    )


def _agreement(world: str, found: Sequence[Found]) -> list[str]:
    thinned, arisen = ([each[name][0] for each in found] for name in ("thinned", "arisen"))
    apart = [one - other for one, other in zip(thinned, arisen, strict=True)]
    error = stdev(apart) / sqrt(len(apart)) if len(apart) > 1 else float("nan")
    truth = mean(arisen)
    holds = told(each["thinned"][1] <= truth <= each["thinned"][2] for each in found)
    numbers = (mean(thinned), truth, mean(apart), error)
    return [world, str(len(found)), *(f"{number:.4f}" for number in numbers), holds]


def _of_logs(results: Sequence[tuple[Task, Found]]) -> str:
    by = [f"by {pattern}, % at 1 / .6 / .3 / .1" for pattern in PATTERNS]
    head = ["log", "users", "share of the loss, %", *by, "holds until"]
    return table(head, [_row(task.world, found) for task, found in results])


def _row(log: str, found: Found) -> list[str]:
    if "skipped" in found:
        return [log, *["-"] * 5, found["skipped"]]
    estimates, curves = found["estimates"], found["curves"]
    full, low, high = (100 * number for number in estimates["share_full"])
    held = [
        f"{name.removeprefix('holds_until_')} {value:.2f} [{low:.2f}, {high:.2f}]"
        for name, (value, low, high) in estimates.items()
        if name.startswith("holds_until_")
    ]
    told_curves = [_told_curve(curves.get(f"thinning by {pattern}")) for pattern in PATTERNS]
    share = f"{full:.1f} [{low:.1f}, {high:.1f}]"
    return [log, f"{found['users']:,}", share, *told_curves, "; ".join(held) or "not found"]


def _told_curve(points: Sequence[Sequence[float]] | None) -> str:
    return " / ".join(f"{100 * share:.1f}" for _, share, *_ in points) if points else "-"


def _of_seconds(results: Sequence[tuple[Task, Found]]) -> str:
    head = [
        "world",
        "events",
        "curves: seconds",
        "processor seconds",
        "re-runs: seconds",
        "processor seconds",
    ]
    columns = ("curves_wall", "curves_cpu", "reruns_wall", "reruns_cpu")
    rows = [
        [task.world, f"{found['events']:,}", *(str(found[name]) for name in columns)]
        for task, found in results
    ]
    return "\n\n".join(
        [
            f"{THREADS} threads; re-runs of {FAULTS} faults and of ties. Asked of the curves: at most "
            f"{ASKED_SECONDS} seconds on two idle cores.",
            table(head, rows),
        ]
    )
