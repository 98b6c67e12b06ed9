"""A trial in one process, for the parts of `benchmarks.trial`: as many arms and seeds as a part asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from diagnose.budgets import BUDGETS, Budget
from diagnose.histories import Histories
from diagnose.results import Trial
from diagnose.settings import Settings
from diagnose.trial.assembly import Assembler
from diagnose.trial.findings import Evidence, conclude
from diagnose.trial.task import Task
from diagnose.trial.workers import Job, Outcome, Recipe

MODULES = ("diagnose.trial.experiment", "diagnose.trial.jobs", "diagnose.simulate.sequences")
CARRYING = ("dnn", "dnn_decayed", "din", "dien", "dien_shuffled")
HALF_LIFE = 8.0  # events, where the fading of the order-aware arms starts, unless a part says otherwise


def tried(
    histories: Histories,
    *,
    arms: Sequence[str] = CARRYING,
    seeds: int,
    budget: Budget = BUDGETS["quick"],
    half_life: float = HALF_LIFE,
    seed: int = 0,
) -> Trial:
    """The trial of some arms on these histories, trained here, one job after the other."""
    settings = settings_of(seed)
    assembled = Assembler(histories, settings=settings, ties=False, budget=budget).assemble()
    outcomes = {
        arm: [
            trained(assembled.task, Job(arm, 1000 * seed + number), settings, half_life)
            for number in range(seeds)
        ]
        for arm in arms
    }
    return conclude(
        Evidence(assembled, outcomes, settings=settings, clock=histories.clock, half_life=half_life)
    )


def settings_of(seed: int) -> Settings:
    """As they ship, at the quick budget."""
    settings = replace(Settings(), seed=seed)
    return replace(settings, trial=replace(settings.trial, budget="quick"))


def trained(task: Task, job: Job, settings: Settings, half_life: float = HALF_LIFE) -> Outcome:
    """One arm, one seed; one thread."""
    import torch

    from diagnose.trial.jobs import run_job

    torch.set_num_threads(1)
    return run_job(task, job, recipe=Recipe(settings.trial, half_life=half_life, fine_tune=False))


def told(trial: Trial) -> dict[str, Any]:
    """Contrasts with their intervals, arms, and whether the trial is believed; what is kept of it."""
    return {
        "status": trial.status,
        "problems": list(trial.problems),
        "gauc": {arm.name: arm.gauc.value for arm in trial.arms},
        "contrasts": {each.name: [each.value, each.low, each.high] for each in trial.contrasts},
        "detectable": trial.minimal_detectable_lift,
        "users": trial.users_test,
    }


def spread(values: Sequence[float]) -> str:
    """'+0.059 ± 0.005': mean and deviation between worlds."""
    from statistics import fmean, stdev

    deviation = stdev(values) if len(values) > 1 else 0.0
    return f"{fmean(values):+.4f} ± {deviation:.4f}"


def interval(contrast: Sequence[float]) -> str:
    """'+0.012 [0.004, 0.020]'."""
    value, low, high = contrast
    return f"{value:+.4f} [{low:.4f}, {high:.4f}]"


def contrasts(found: Sequence[Mapping[str, Any]], name: str) -> list[Sequence[float]]:
    """One contrast of every world that has it."""
    return [each["contrasts"][name] for each in found if name in each["contrasts"]]
