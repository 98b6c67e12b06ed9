"""A trial as rows for a terminal: what each arm scored, what each step of the model adds."""

from __future__ import annotations

from collections.abc import Mapping

from diagnose.formatting import NO_BREAK, number
from diagnose.report import units, words
from diagnose.report.sections.trial import facts, seconds
from diagnose.results import Arm, ArmTiming, Contrast, Estimate, Trial

ARM_HEAD = ("Arm", "GAUC", "90 % interval", "AUC", "log loss", "trained", "100 scored")
CONTRAST_HEAD = ("Contrast", "", "GAUC", "90 % interval")
COMPARED_WITH_THE_BETTER_OF = ("order_gain", "order_aware_gain", "order_aware_gain_redrawn")


def trial_headline(trial: Trial) -> str:
    """The lift in a sentence, and whether it decides anything; or why there is none."""
    if trial.status == "skipped":
        return f"No trial: {trial.reason}."
    lift = next((contrast for contrast in trial.contrasts if contrast.name == "lift"), None)
    asked = units.amount(trial.minimum_worthwhile_lift, units.GAIN)
    said = [] if lift is None else [f"DIEN against plain DNN: {_difference(lift)}; {asked} was asked for."]
    doubt = [f"Not to be trusted: {trial.reason}."] if trial.status == "not_trustworthy" else []
    return " ".join([*said, *doubt])


def trial_facts(trial: Trial) -> list[tuple[str, str]]:
    """(label, value): users, targets, seeds and device, the least lift that could be found."""
    return facts(trial)


def arm_rows(trial: Trial, timings: Mapping[str, ArmTiming]) -> list[tuple[str, ...]]:
    """One row an arm, in columns of ARM_HEAD."""
    return [_arm(arm, timings.get(arm.name)) for arm in trial.arms]


def contrast_rows(trial: Trial) -> list[tuple[str, ...]]:
    """One row a contrast, in columns of CONTRAST_HEAD."""
    return [
        (
            words.label(contrast.name),
            _against(contrast),
            units.amount(contrast.value, units.GAIN),
            units.between(contrast.low, contrast.high, units.GAIN),
        )
        for contrast in trial.contrasts
    ]


def trial_notes(trial: Trial) -> list[str]:
    """What qualifies the numbers, in sentences: the task, caps, over-fitting, arms that were not done."""
    rising = [words.label(arm.name) for arm in trial.arms if not arm.converged]
    late = [f"Still improving when training ended: {', '.join(rising)}."] if rising else []
    return [*filter(None, [trial.task]), *late, *trial.notes]


def _arm(arm: Arm, timing: ArmTiming | None) -> tuple[str, ...]:
    return (
        words.label(arm.name),
        units.amount(arm.gauc.value, "GAUC"),
        units.between(arm.gauc.low, arm.gauc.high, "GAUC"),
        _value(arm.auc),
        _value(arm.log_loss),
        "" if timing is None else seconds(timing.train_seconds),
        "" if timing is None else f"{number(timing.score_ms, 2)}{NO_BREAK}ms",
    )


def _value(estimate: Estimate) -> str:
    return units.amount(estimate.value, "GAUC")  # four decimals for all three scores


def _difference(contrast: Contrast) -> str:
    value = units.amount(contrast.value, units.GAIN)
    return f"{value} GAUC ({units.between(contrast.low, contrast.high, units.GAIN)})"


def _against(contrast: Contrast) -> str:
    what = words.CONTRASTS.get(contrast.name, ("", ""))[1]
    here = contrast.name in COMPARED_WITH_THE_BETTER_OF
    return f"{what}; here {words.label(contrast.comparator)}" if here else what
