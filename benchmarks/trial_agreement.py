"""What the trial says of real logs and of worlds of every strength, beside the network-free item probe.

The trial's order-aware gain should rank them as item order information (2.1b) does. Real logs: the sample,
windows and caps of the quick budget, five seeds of every carrying arm; worlds: one seed. The 2-gram rules of
the closest peer (Klenitskiy et al. 2024) stand beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import drift_measures, drift_rules
from benchmarks.drift_peer import strengths
from benchmarks.kept import Found, Task
from benchmarks.real_logs import MAPPINGS, sampled
from benchmarks.shares import table
from benchmarks.trial_recipe import LOGS as SEARCHED
from benchmarks.trial_trying import MODULES, interval, told, tried
from diagnose.drift import order_information
from diagnose.results import Measured
from diagnose.settings import Settings
from diagnose.simulate import histories
from diagnose.trial.assembly import TooFew

NAME = "agreement"
SEED, LOG_SEEDS, DRAWS = 140_000, 5, 2_000
PROBE, RULES = "item_order_information", "rules"
PLANS: Mapping[str, Mapping[str, Any]] = {
    "no order": {},
    "no order, trend": {"trend": 0.7},
    "no order, favourites": {"favourites": 0.3},
    "half-life 32": {"half_life_events": 32.0},
    "half-life 8": {"half_life_events": 8.0},
    "half-life 4": {"half_life_events": 4.0},
    "half-life 1": {"half_life_events": 1.0},
    "half-life .5": {"half_life_events": 0.5},
    "directed 5 %": {"directed": 0.05},
    "directed 10 %": {"directed": 0.1},
    "directed 30 %": {"directed": 0.3},
    "half-life 4, directed 20 %": {"half_life_events": 4.0, "directed": 0.2},
    "half-life 8, a third logged": {"half_life_events": 8.0, "capture": 0.33, "events": 120},
    "directed 30 %, a third logged": {"directed": 0.3, "capture": 0.33, "events": 120},
}
SIZE = {"users": 3_000, "events": 40}
ARMS = ("floor", "dnn", "dnn_decayed", "din", "dien", "dien_shuffled")
SHOWN = ("lift", "order_gain", "beyond_recency", "order_aware_gain")


def tasks(*, smoke: bool, data: Path | None = None) -> list[Task]:
    """Every world and every log."""
    modules = (*MODULES, drift_measures.MEASURES[PROBE].module, "benchmarks.drift_rules")
    worlds = [
        Task(part=NAME, world=world, measure="world", seed=SEED, plan=SIZE | plan, modules=modules)
        for world, plan in PLANS.items()
    ]
    logs = [
        Task(
            part=NAME,
            world=log,
            measure="log",
            seed=0,
            modules=(*modules, "diagnose.interests"),
            place=str(data),
            there=data is not None and (data / f"{log}.parquet").exists(),
        )
        for log in MAPPINGS
    ]
    return (worlds[:1] if smoke else worlds) + (logs[:1] if smoke else logs)


def run(task: Task) -> dict[str, Any]:
    """The trial, the probe and the rules on one log or world."""
    real = task.measure == "log"
    log = sampled(task.place, task.world) if real else histories(seed=task.seed, **task.plan)
    settings = Settings(seed=task.seed)
    found = order_information.recency(log, settings=settings, rng=np.random.default_rng([task.seed, 1]))
    known = found.estimates["recency_half_life"].value if isinstance(found, Measured) else None
    half_life = known or settings.trial.assumed_half_life
    try:
        trial = told(tried(log, seeds=LOG_SEEDS if real else 1, half_life=half_life, seed=task.seed))
    except TooFew as reason:
        trial = {"skipped": str(reason)}
    return {
        "trial": trial,
        PROBE: drift_measures.MEASURES[PROBE](log, seed=task.seed),
        RULES: dict(drift_rules.counts(log, rng=np.random.default_rng(task.seed))),
    }


def report(results: Sequence[tuple[Task, Found]]) -> str:
    """Two tables, logs and worlds, each with its rank correlations."""
    parts = []
    for measure, title in (("log", "Real logs"), ("world", "Worlds")):
        found = {task.world: kept["found"] for task, kept in results if task.measure == measure}
        if found:
            timed = {name: each for name, each in found.items() if "position" not in MAPPINGS.get(name, ())}
            parts += [f"### {title}", _table(found), _correlations(found, "all")]
            if len(timed) < len(found):
                parts.append(_correlations(timed, "those with times"))
    return "\n\n".join(parts)


def _table(found: Mapping[str, Found]) -> str:
    rows = []
    for name, each in sorted(found.items(), key=lambda entry: -_gain(entry[1])):
        trial, mark = each["trial"], " (of the recipe's search)" if name in SEARCHED else ""
        probe = each[PROBE].get("gain")
        rows.append(
            [
                name + mark,
                interval(probe) if probe else "-",
                *(_rounded(trial.get("gauc", {}).get(arm)) for arm in ARMS),
                *(_contrast(trial, contrast) for contrast in SHOWN),
                ", ".join(trial.get("problems", [])) or trial.get("skipped", "") or trial.get("status", ""),
            ]
        )
    return table(["", "item order information", *ARMS, *SHOWN, "told"], rows)


def _gain(each: Found) -> float:
    return float(each[PROBE]["gain"][0]) if "gain" in each[PROBE] else -1.0


def _rounded(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _contrast(trial: Mapping[str, Any], name: str) -> str:
    return interval(trial["contrasts"][name]) if name in trial.get("contrasts", {}) else "-"


def _correlations(found: Mapping[str, Found], which: str) -> str:
    usable = [
        each
        for each in found.values()
        if "order_aware_gain" in each["trial"].get("contrasts", {}) and "gain" in each[PROBE]
    ]
    gains = [each["trial"]["contrasts"]["order_aware_gain"][0] for each in usable]
    ours, rules = [_gain(each) for each in usable], [_rule(each) for each in usable]
    return (
        f"Spearman of the trial's order-aware gain, {which} {len(usable)}: with item order information "
        f"{_spearman(gains, ours)}, with the 2-gram rules of items {_spearman(gains, rules)} "
        "(95 % interval, logs or worlds resampled)."
    )


def _rule(each: Found) -> float:
    measured = strengths({RULES: each[RULES]})
    return float(next(value for name, value in measured.items() if "2-grams of items, relative" in name))


def _spearman(first: Sequence[float], second: Sequence[float]) -> str:
    from scipy.stats import spearmanr

    if len(first) < 4:
        return "-"
    pairs, rng = np.array([first, second]), np.random.default_rng(0)
    draws = [
        float(spearmanr(*pairs[:, rng.integers(len(first), size=len(first))]).statistic) for _ in range(DRAWS)
    ]
    low, high = np.nanquantile(draws, [0.025, 0.975])
    return f"{float(spearmanr(*pairs).statistic):.2f} [{low:.2f}, {high:.2f}]"
