"""The trial: DIEN against what it would have to beat, on equal inputs, told with its uncertainty.

Question   Does a sequence model rank the true next item better than order-blind models and than recency?
Statistic  GAUC differences between arms (contrasts.py), on targets later than everything that was learnt.
Null       the same network on shuffled histories; the same inputs without order.
Reference  Zhou et al. (2019), DIEN; methods page docs/methods/trial.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from diagnose.budgets import BUDGETS
from diagnose.histories import Histories
from diagnose.results import ArmTiming, Trial
from diagnose.settings import Settings, TrialSettings
from diagnose.trial import device
from diagnose.trial.assembly import Assembler, TooFew
from diagnose.trial.findings import Evidence, conclude
from diagnose.trial.kept import Shelf
from diagnose.trial.task import Task
from diagnose.trial.workers import Job, Outcome, Recipe, train_all

DECAYED_TIES = "dnn_decayed_ties"  # only a contrast speaks of it: what recency is worth on redrawn order
SLOWEST_FIRST = (
    "dien",
    "dien_shuffled",
    "dien_ties",
    "dien_no_auxiliary",
    "din",
    "dnn_decayed",
    DECAYED_TIES,
)
WORK = {"dien": 4.5, "dien_ties": 4.0, "dien_shuffled": 3.5, "dien_no_auxiliary": 3.5}  # of a DNN's [0035]
SETTING_UP = 0.05  # share of the whole time that goes by before the first arm trains, for the progress bar


def run(
    histories: Histories,
    *,
    settings: Settings,
    half_life_events: float | None,
    tie_rate: float,
    progress: Callable[[str, float], None] | None = None,
    keep: Callable[[Task, Recipe], Shelf] | None = None,
) -> tuple[Trial, dict[str, ArmTiming]]:
    """Runs the trial. `half_life_events` is the recency found by order information (2.1), if any.

    `progress` is told what was done, and the share of the whole. Same log, settings, seed and device: same
    numbers, whether trained now or taken over from what `keep` says was kept.
    """
    tell = progress or (lambda text, share: None)
    arms = arms_to_run(settings, tie_rate=tie_rate, clock=histories.clock)
    try:
        assembled = Assembler(histories, settings=settings, ties="dien_ties" in arms).assemble()
    except TooFew as reason:
        minimum = settings.trial.minimum_lift
        return Trial(status="skipped", reason=str(reason), minimum_worthwhile_lift=minimum), {}
    tell("candidates and the order-blind score", SETTING_UP)
    half_life = half_life_events or settings.trial.assumed_half_life
    recipe = Recipe(
        _seen_by_workers(settings.trial),
        half_life=half_life,
        fine_tune=BUDGETS[settings.trial.budget].fine_tune,
        device=device.resolve(settings.trial.device),
    )
    shelf = keep(assembled.task, recipe) if keep else None
    outcomes = _train(assembled.task, arms, recipe=recipe, settings=settings, tell=tell, shelf=shelf)
    evidence = Evidence(assembled, outcomes, settings=settings, clock=histories.clock, half_life=half_life)
    return replace(conclude(evidence), device=recipe.device), timings(outcomes)


def arms_to_run(settings: Settings, *, tie_rate: float, clock: bool) -> tuple[str, ...]:
    """The trained arms of this budget: those on redrawn ties wherever ties could carry the result."""
    arms = [arm for arm in BUDGETS[settings.trial.budget].arms if arm not in ("floor", "dien_ties")]
    asked = "dien_ties" in BUDGETS[settings.trial.budget].arms
    if clock and (asked or tie_rate > settings.trial.tie_share):
        arms += ["dien_ties", DECAYED_TIES]
    return tuple(arms)


def _seen_by_workers(trial: TrialSettings) -> TrialSettings:
    """The settings without those that only conclusions need: what no worker sees changes no training."""
    default = TrialSettings()
    return replace(trial, run=default.run, device=default.device, minimum_lift=default.minimum_lift)


def _train(
    task: Task,
    arms: tuple[str, ...],
    *,
    recipe: Recipe,
    settings: Settings,
    tell: Callable[[str, float], None],
    shelf: Shelf | None,
) -> dict[str, list[Outcome]]:
    order = [arm for arm in SLOWEST_FIRST if arm in arms] + [arm for arm in arms if arm not in SLOWEST_FIRST]
    seeds = [1000 * settings.seed + number for number in range(BUDGETS[settings.trial.budget].seeds)]
    jobs = [Job(arm, seed) for arm in order for seed in seeds]
    outcomes = shelf.taken(jobs) if shelf else {}
    missing = [job for job in jobs if job not in outcomes]
    ended, behind = len(outcomes), sum(map(_work, outcomes))
    if ended:
        tell(f"{ended} of {len(jobs)} trainings taken over", _share(behind, of=jobs))

    def done(job: Job) -> None:
        nonlocal ended, behind
        ended, behind = ended + 1, behind + _work(job)
        text = f"{job.arm}, seed {seeds.index(job.seed) + 1} of {len(seeds)}"
        tell(text, _share(behind, of=jobs))

    try:
        outcomes |= train_all(
            task,
            missing,
            recipe=recipe,
            workers=device.workers(recipe.device, seeds=len(seeds)),
            done=done,
            keep=shelf.keep if shelf else _forget,
        )
    except KeyboardInterrupt as interrupt:
        interrupt.add_note(_so_far(ended, of=len(jobs), shelf=shelf))
        raise
    return {arm: [outcomes[Job(arm, seed)] for seed in seeds] for arm in arms}


def _work(job: Job) -> float:
    """How long a training takes, in trainings of a DNN, roughly."""
    return WORK.get(job.arm, 1.0)


def _share(behind: float, *, of: Sequence[Job]) -> float:
    """The share of the whole trial that is over, by the work of the jobs that ended."""
    return SETTING_UP + (1 - SETTING_UP) * behind / sum(map(_work, of))


def _so_far(ended: int, *, of: int, shelf: Shelf | None) -> str:
    """What an interrupted trial leaves behind, and how to go on."""
    if shelf is None:
        return f"{ended} of {of} trainings had ended; --keep FOLDER would have kept them for the next run."
    return f"Kept in {shelf.folder}: {ended} of {of} trainings; the same command goes on from there."


def _forget(job: Job, outcome: Outcome) -> None:
    """Nothing is kept."""


def timings(outcomes: Mapping[str, list[Outcome]]) -> dict[str, ArmTiming]:
    """Seconds of training over all seeds, and milliseconds to score 100 candidates."""
    return {
        arm: ArmTiming(
            train_seconds=sum(outcome.train_seconds for outcome in of_arm),
            score_ms=float(np.median([outcome.score_ms for outcome in of_arm])),
        )
        for arm, of_arm in outcomes.items()
    }
