"""From scores to findings: arms, contrasts, strata, and whether the trial can be believed at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from diagnose.budgets import BUDGETS
from diagnose.predictors.ranking import auc_per_target, log_loss_per_target
from diagnose.results import Arm, Trial
from diagnose.settings import Settings
from diagnose.trial.assembly import Assembled
from diagnose.trial.calibration import calibration_error, calibration_slope
from diagnose.trial.contrasts import compare
from diagnose.trial.inference import PerUser, Spread, minimal_detectable, per_user, spread, users_needed
from diagnose.trial.strata import strata
from diagnose.trial.task import Split
from diagnose.trial.wording import reason_of, remarks, task_in_words
from diagnose.trial.workers import Outcome

CARRYING = ("dnn", "dnn_decayed", "din", "dien")  # arms whose training a verdict rests on
LAST_QUARTER = 0.75  # of the evaluations: where a curve that still rises tells of too short a schedule
HIDDEN = "dnn_decayed_ties"  # speaks through a contrast only


@dataclass(frozen=True, eq=False)
class Evidence:
    """All that the trial saw. `outcomes`: trained arm -> one outcome a seed."""

    assembled: Assembled
    outcomes: Mapping[str, list[Outcome]]
    settings: Settings
    clock: bool
    half_life: float

    @property
    def test(self) -> Split:
        """The test targets."""
        return self.assembled.task.test

    @cached_property
    def test_scores(self) -> dict[str, NDArray[np.float32]]:
        """arm -> (S, n, C); the floor has one seed."""
        scores = {arm: np.stack([one.test for one in runs]) for arm, runs in self.outcomes.items()}
        return {"floor": self.test.base[None], **scores}

    @cached_property
    def auc(self) -> dict[str, NDArray[np.float64]]:
        """arm -> AUC of each test target and seed, (S, n)."""
        return {arm: _auc(scores, self.test) for arm, scores in self.test_scores.items()}

    @cached_property
    def gauc(self) -> dict[str, PerUser]:
        """arm -> per-user sums of GAUC on the test targets."""
        return {arm: per_user(auc, self.test.user, self.test.weight) for arm, auc in self.auc.items()}

    @cached_property
    def validation(self) -> dict[str, float]:
        """trained arm -> mean over seeds of its best validation GAUC."""
        return {arm: float(np.mean([one.best for one in runs])) for arm, runs in self.outcomes.items()}

    @cached_property
    def falls(self) -> dict[str, float]:
        """arm -> 1 - GAUC on test / GAUC on training targets ranked among candidates of the same kind."""
        sample = self.assembled.task.training_sample
        scores = {arm: np.stack([one.training_sample for one in runs]) for arm, runs in self.outcomes.items()}
        before = {"floor": sample.base[None], **scores}
        return {
            arm: 1
            - float(self.gauc[arm].by_seed().mean())
            / float(per_user(_auc(scores, sample), sample.user, sample.weight).by_seed().mean())
            for arm, scores in before.items()
        }

    def rng(self, *salt: int) -> np.random.Generator:
        """A stream of its own for each use."""
        return np.random.default_rng([self.settings.seed, 5, *salt])


def _auc(scores: NDArray[np.float32], split: Split) -> NDArray[np.float64]:
    return np.stack([auc_per_target(seed, split.mask) for seed in scores])


def conclude(evidence: Evidence) -> Trial:
    """The trial as the report tells it."""
    test, settings = evidence.test, evidence.settings.trial
    contrasts, spreads = compare(evidence.gauc, evidence.validation, rng=evidence.rng(0))
    arms = tuple(_arm(name, evidence) for name in evidence.test_scores if name != HIDDEN)
    lift = spreads.get("lift")
    users_test = len(np.unique(test.user))
    detectable = None if lift is None else minimal_detectable(lift)
    problems = _problems(evidence, arms, detectable)
    needed = None if lift is None else users_needed(lift, users=users_test, lift=settings.minimum_lift)
    return Trial(
        status="not_trustworthy" if problems else "done",
        reason=reason_of(problems, detectable=detectable, delta=settings.minimum_lift, needed=needed),
        task=task_in_words(evidence.settings, clock=evidence.clock, shown=not evidence.assembled.kinds.drawn),
        users_train=len(np.unique(evidence.assembled.task.training.user)),
        users_test=users_test,
        targets_test=len(test),
        seeds=BUDGETS[settings.budget].seeds,
        negatives=settings.negatives,
        candidates="drawn" if evidence.assembled.kinds.drawn else "shown",
        arms=arms,
        contrasts=contrasts,
        strata=strata(test, evidence.test_scores, evidence.assembled.kinds, rng=evidence.rng(3)),
        minimum_worthwhile_lift=settings.minimum_lift,
        minimal_detectable_lift=detectable,
        users_needed=needed,
        problems=tuple(problems),
        notes=tuple(remarks(evidence.assembled, arms, evidence.settings, clock=evidence.clock)),
    )


def _arm(name: str, evidence: Evidence) -> Arm:
    test, scores = evidence.test, evidence.test_scores[name]
    losses = np.stack([log_loss_per_target(seed, test.mask) for seed in scores])
    by_target = {"auc": evidence.auc[name], "log_loss": losses}
    sums = {key: per_user(v, test.user, test.weight, equal_users=False) for key, v in by_target.items()}
    runs = evidence.outcomes.get(name, [])
    fall = evidence.falls[name]
    return Arm(
        name=name,
        auc=spread(sums["auc"], rng=evidence.rng(1)).estimate("AUC"),
        gauc=spread(evidence.gauc[name], rng=evidence.rng(1)).estimate("GAUC"),
        log_loss=spread(sums["log_loss"], rng=evidence.rng(1)).estimate("nats"),
        parameters=runs[0].parameters if runs else 0,
        converged=converged(runs, delta=evidence.settings.trial.minimum_lift),
        overfit=bool(runs) and fall > evidence.settings.trial.overfit_fall,
        fall=fall,
        learning_curve=mean_curve(runs),
        calibration_slope=calibration_slope(scores, test, rng=evidence.rng(1)),
        calibration_error=calibration_error(scores, test, rng=evidence.rng(4)),
    )


def converged(runs: list[Outcome], *, delta: float) -> bool:
    """False where, in most seeds, the best validation GAUC rose by more than delta in the last quarter."""
    rising = [_rise(run.curve) > delta and not run.stopped_early for run in runs]
    return sum(rising) <= len(rising) / 2


def _rise(curve: tuple[float, ...]) -> float:
    cut = max(1, int(len(curve) * LAST_QUARTER))
    return max(curve) - max(curve[:cut])


def mean_curve(runs: list[Outcome]) -> tuple[float, ...]:
    """Mean over seeds at each evaluation; a seed that stopped early stays at its best."""
    longest = max((len(run.curve) for run in runs), default=0)
    filled = [run.curve + (run.best,) * (longest - len(run.curve)) for run in runs]
    return tuple(float(value) for value in np.mean(filled, axis=0)) if runs else ()


def _problems(evidence: Evidence, arms: tuple[Arm, ...], detectable: float | None) -> list[str]:
    """Why no verdict may rest on this trial."""
    settings = evidence.settings.trial
    problems = []
    if detectable is None or detectable > settings.too_small * settings.minimum_lift:
        problems.append("too_small")
    if any(_against_floor(arm, evidence).high < 0 for arm in evidence.outcomes):
        problems.append("below_floor")
    if any(not arm.converged for arm in arms if arm.name in CARRYING):
        problems.append("not_converged")
    return problems


@dataclass(frozen=True)
class _Range:
    low: float
    high: float


def _against_floor(arm: str, evidence: Evidence) -> _Range:
    """Interval of the paired GAUC difference between an arm and the floor."""
    difference: Spread = spread(evidence.gauc[arm].minus(evidence.gauc["floor"]), rng=evidence.rng(2))
    interval = difference.estimate("GAUC")
    return _Range(interval.low, interval.high)
