"""The recipe: the same search for every arm, on worlds and logs that no other part reports.

Every configuration trains every arm on every place, one seed; it is judged by how far the kept weights lead
the order-blind score on validation, relative to the best lead that any configuration of that arm had there,
so that no place speaks louder than another. What ships is one recipe for all arms unless an arm loses by it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import fmean
from typing import Any

from benchmarks.kept import Found, Task
from benchmarks.real_logs import sampled
from benchmarks.shares import table
from benchmarks.trial_trying import MODULES, settings_of, trained
from diagnose.simulate import histories
from diagnose.trial.assembly import Assembler
from diagnose.trial.workers import Job, Outcome

NAME = "recipe"
ARMS = ("dnn", "dnn_decayed", "din", "dien")
SHIPPED = "as shipped"
# One thing is changed at a time: what the search started from was close to a ridge already.
CONFIGURATIONS: Mapping[str, Mapping[str, Any]] = {
    SHIPPED: {},
    "rate .002": {"learning_rate": 2e-3},
    "rate .01": {"learning_rate": 1e-2},
    "dropout 0": {"dropout": 0.0},
    "dropout .3": {"dropout": 0.3},
    "weight decay .1": {"weight_decay": 0.1},
    "batch 128": {"batch": 128},
    "batch 512": {"batch": 512},
    "auxiliary .1": {"auxiliary_weight": 0.1},
    "auxiliary 1": {"auxiliary_weight": 1.0},
}
DIEN_ONLY = ("auxiliary .1", "auxiliary 1")
WORLDS: Mapping[str, Mapping[str, Any]] = {
    "lasting interests": {"users": 3_000, "events": 40, "half_life_events": 5.0, "categories": 40},
    "directed and lasting": {"users": 3_000, "events": 40, "half_life_events": 6.0, "directed": 0.2},
    "sticky with favourites": {"users": 3_000, "events": 40, "sticky": True, "favourites": 0.2},
    "trend and directed": {"users": 3_000, "events": 40, "trend": 0.7, "directed": 0.15},
}
LOGS = ("movielens-100k", "trivago-hotels-val100k")  # told apart in the table of real logs
SEED = 130_000


def tasks(*, smoke: bool, data: Path | None = None) -> list[Task]:
    """Every configuration at every place."""
    places = [*WORLDS, *LOGS]
    return [
        Task(
            part=NAME,
            world=place,
            measure=configuration,
            seed=SEED,
            plan=WORLDS.get(place, {}),
            modules=MODULES,
            place=str(data),
            there=place in WORLDS or (data is not None and (data / f"{place}.parquet").exists()),
        )
        for configuration in CONFIGURATIONS
        for place in (places[:1] if smoke else places)
    ]


def run(task: Task) -> dict[str, Any]:
    """Trains every arm once; how far each came on validation, and what it cost."""
    settings = settings_of(SEED)
    log = histories(seed=task.seed, **task.plan) if task.plan else sampled(task.place, task.world)
    split = Assembler(log, settings=settings, ties=False).assemble().task
    settings = replace(settings, trial=replace(settings.trial, **CONFIGURATIONS[task.measure]))
    arms = ("dien",) if task.measure in DIEN_ONLY else ARMS
    return {arm: _told(trained(split, Job(arm, task.seed), settings)) for arm in arms}


def _told(outcome: Outcome) -> dict[str, float]:
    return {
        "floor": outcome.curve[0],
        "best": outcome.best,
        "looks": len(outcome.curve),
        "seconds": round(outcome.train_seconds, 2),
    }


def report(results: Sequence[tuple[Task, Found]]) -> str:
    """Two tables: each configuration's mean share of the best lead, by arm; and the leads themselves."""
    leads: dict[tuple[str, str, str], float] = {}
    for task, kept in results:
        for arm, found in kept["found"].items():
            leads[arm, task.measure, task.world] = found["best"] - found["floor"]
    places = list(dict.fromkeys(task.world for task, _ in results))
    rows = [
        [configuration, *(_share(leads, arm, configuration, places) for arm in ARMS)]
        for configuration in CONFIGURATIONS
    ]
    raw = [
        [configuration, place, *(_lead(leads, arm, configuration, place) for arm in ARMS)]
        for place in places
        for configuration in CONFIGURATIONS
    ]
    return "\n\n".join(
        [
            "Mean over places of the lead over the order-blind score on validation, in % of the best any "
            "configuration of that arm reached there (places where no configuration led by .001 left out).",
            table(["configuration", *ARMS], rows),
            "<details><summary>Leads in GAUC, place by place</summary>\n",
            table(["configuration", "place", *ARMS], raw),
            "</details>",
        ]
    )


Leads = Mapping[tuple[str, str, str], float]
LEAST = 0.001  # GAUC: below it a share of the lead is a share of noise


def _share(leads: Leads, arm: str, configuration: str, places: Sequence[str]) -> str:
    best: Callable[[str], float] = lambda place: max(  # noqa: E731
        (lead for (of, _, at), lead in leads.items() if of == arm and at == place), default=0.0
    )
    shares = [
        leads[arm, configuration, place] / best(place)
        for place in places
        if (arm, configuration, place) in leads and best(place) > LEAST
    ]
    return f"{100 * fmean(shares):.0f}" if shares else "-"


def _lead(leads: Leads, arm: str, configuration: str, place: str) -> str:
    lead = leads.get((arm, configuration, place))
    return "-" if lead is None else f"{lead:+.4f}"
