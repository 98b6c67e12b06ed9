"""Against the closest peer: does a measure rank worlds by what their order is worth?

Thirty worlds, drawn once by a fixed seed, differ in memory, direction, breadth of taste, categories, items,
length of histories and of sessions. What order is worth in each is the gain of an oracle that knows the
simulator's own probabilities (diagnose/simulate/oracle.py). Told is Spearman's rank correlation with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks import drift_measures, drift_rules
from benchmarks.kept import Found, Task
from benchmarks.shares import table
from diagnose import simulate

NAME = "peer"
USERS, WORLDS, DRAWN_BY, FIRST_SEED = 1_500, 30, 2_408, 40_000
RANGES: Mapping[str, Sequence[Any]] = {
    "half_life_events": (None, None, 0.5, 1.0, 2.0, 4.0, 8.0, 32.0),
    "directed": (0.0, 0.0, 0.02, 0.05, 0.1, 0.3),
    "breadth": (1.0, 3.0, 10.0),
    "categories": (10, 30, 100),
    "items_per_category": (10, 50),
    "events": (12, 20, 40),
    "session_events": (2.0, 4.0, 8.0),
    "heavy_tailed": (False, True),
}
OURS = ("order_information", "item_order_information")


def plans() -> list[dict[str, Any]]:
    """The worlds, the same every time."""
    rng = np.random.default_rng(DRAWN_BY)
    return [
        {"users": USERS}
        | {knob: choices[int(rng.integers(len(choices)))] for knob, choices in RANGES.items()}
        for _ in range(WORLDS)
    ]


def tasks(*, smoke: bool, data: object = None) -> list[Task]:
    """The oracle, the peer and our measures, in every world."""
    hangs_on = {measure: drift_measures.modules(measure) for measure in OURS} | {
        "oracle": ("diagnose.simulate.oracle",),
        "rules": ("benchmarks.drift_rules", drift_measures.SIMULATOR),
    }
    return [
        Task(
            part=NAME,
            world=f"world {number:02d}",
            measure=measure,
            seed=FIRST_SEED + number,
            plan=plan,
            modules=modules,
        )
        for number, plan in enumerate(plans()[: 8 if smoke else WORLDS])
        for measure, modules in hangs_on.items()
    ]


def run(task: Task) -> dict[str, Any]:
    """What the measure says of the world of the task."""
    if task.measure in OURS:
        return drift_measures.on_world(task.measure, task.plan, task.seed)
    world = simulate.planted(**task.plan, seed=task.seed)
    if task.measure == "oracle":
        return {"order_value": simulate.order_value(world)}
    return dict(drift_rules.counts(world.histories, rng=np.random.default_rng(task.seed)))


def strengths(found: Mapping[str, Found]) -> dict[str, float]:
    """One number a measure: the more, the more order. `found`: by task measure."""
    ours = {
        f"{measure}, {name}": found[measure][name][0]
        for measure, name in (
            ("order_information", "total"),
            ("order_information", "share"),
            ("item_order_information", "gain"),
        )
        if name in found.get(measure, {})
    }
    peer = {}
    for kind, (before, after) in found.get("rules", {}).items():
        peer[f"rules, {kind}, relative change"] = 0.0 - drift_rules.change(before, after)
        peer[f"rules, {kind}, absolute change"] = before - after
    return ours | peer


def report(results: Sequence[tuple[Task, Found]]) -> str:
    """A table: rank correlation of every measure with the oracle's gain."""
    worlds: dict[str, dict[str, Found]] = {}
    for task, kept in results:
        worlds.setdefault(task.world, {})[task.measure] = kept["found"]
    complete = [found for found in worlds.values() if {"oracle", "rules", *OURS} <= set(found)]
    if len(complete) < 3:
        return f"{len(complete)} worlds are complete: too few to rank."
    truth = [found["oracle"]["order_value"] for found in complete]
    measured = [strengths(found) for found in complete]
    names = dict.fromkeys(name for each in measured for name in each)
    rows = [[name, *_correlation(truth, [each.get(name) for each in measured])] for name in names]
    return "\n\n".join(
        [
            f"{len(complete)} of {WORLDS} worlds of {USERS:,} users; the oracle gains {min(truth):.3f} to "
            f"{max(truth):.3f} bits an event from order. Asked: ours at least 0.9, and ahead of every rule.",
            table(["measure", "Spearman", "90 % interval (worlds resampled)", "worlds"], rows),
        ]
    )


def _correlation(truth: Sequence[float], measured: Sequence[float | None]) -> tuple[str, str, str]:
    from scipy.stats import spearmanr

    pairs = np.array([(t, m) for t, m in zip(truth, measured, strict=True) if m is not None])
    rng = np.random.default_rng(0)
    drawn = [_spearman(spearmanr, pairs[rng.integers(0, len(pairs), len(pairs))]) for _ in range(500)]
    low, high = np.nanquantile(drawn, [0.05, 0.95])
    return f"{_spearman(spearmanr, pairs):.3f}", f"{low:.3f} to {high:.3f}", str(len(pairs))


def _spearman(spearmanr: Any, pairs: Iterable[Any]) -> float:
    columns = np.asarray(pairs).T
    if min(np.ptp(column) for column in columns) == 0:
        return float("nan")  # all alike: no ranks
    return float(spearmanr(*columns).statistic)
