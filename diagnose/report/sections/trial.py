"""The trial: does a sequence model pay on this log?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from diagnose.formatting import count, duration
from diagnose.report import units, words
from diagnose.report.sections import training, views
from diagnose.report.sections.comparisons import arms_chart, contrasts_chart
from diagnose.report.sections.numbers import deciding
from diagnose.results import Result, Trial

PROBLEMS = {
    "too_small": "too small: the least lift it could find is far above the lift asked for",
    "below_floor": "below the floor: an arm ranks worse than the network-free score it starts from",
    "not_converged": "not converged: validation still rose when the budget ended",
}


@dataclass(frozen=True, kw_only=True)
class TrialView:
    """Section 3."""

    title: str
    short: str
    arguments: Sequence[views.Argument]
    status: str
    reason: str
    task: str
    facts: Sequence[tuple[str, str]]
    arms: views.RowChart | None
    contrasts: views.RowChart | None
    strata: views.RowChart | None
    curves: training.Curves | None
    problems: Sequence[str]
    notes: Sequence[str]


def trial(result: Result) -> TrialView:
    """Section 3 of a result."""
    tried = result.trial
    title, short = _title(result)
    return TrialView(
        title=title,
        short=short,
        arguments=views.arguments(result.verdict.reasons, views.TRIAL),
        status=tried.status,
        reason=tried.reason or "",
        task=tried.task,
        facts=facts(tried),
        arms=arms_chart(result),
        contrasts=contrasts_chart(tried),
        strata=training.strata(tried),
        curves=training.curves(tried),
        problems=[PROBLEMS.get(problem, words.label(problem)) for problem in tried.problems],
        notes=tried.notes,
    )


def _title(result: Result) -> tuple[str, str]:
    tried, contrast = result.trial, deciding(result)
    if tried.status == "skipped":
        return "No trial was run.", "no trial"
    if tried.status == "not_trustworthy" or contrast is None:
        return "The trial cannot be trusted, so it decides nothing.", "not trustworthy"
    gain, asked = (
        units.amount(contrast.value, units.GAIN),
        units.amount(tried.minimum_worthwhile_lift, units.GAIN),
    )
    what = words.CONTRASTS[contrast.name][1]
    said = f"{what[:1].upper()}{what[1:]}: {gain} GAUC, and {asked} was asked for."
    stance = views.stance(result.verdict, views.TRIAL)
    head = {"for": "Yes.", "against": "No.", "open": "Not settled."}[stance]
    return f"{head} {said}", f"{head.rstrip('.')}: {gain} GAUC"


def facts(tried: Trial) -> list[tuple[str, str]]:
    """What a trial rested on: users, targets, seeds, device, the least lift it could find."""
    if tried.status == "skipped" and not tried.arms:
        return []
    rivals = "items shown beside it" if tried.candidates == "shown" else "other items"
    facts = [
        ("Users", f"{count(tried.users_train)} to train, {count(tried.users_test)} to test"),
        (
            "Test targets",
            f"{count(tried.targets_test)}, each against up to {count(tried.negatives)} {rivals}",
        ),
        ("Seeds", f"{count(tried.seeds)} for each network, on {tried.device}"),
        ("Lift asked for", f"{units.amount(tried.minimum_worthwhile_lift, units.GAIN)} GAUC"),
    ]
    if tried.minimal_detectable_lift is not None:
        facts.append(
            ("Least lift it could find", f"{units.amount(tried.minimal_detectable_lift, units.GAIN)} GAUC")
        )
    if tried.users_needed is not None:
        facts.append(("Test users needed", f"about {count(tried.users_needed)} to find the lift asked for"))
    return facts


def seconds(value: float) -> str:
    """A time as people say it; tenths below ten seconds."""
    return f"{value:.1f} s" if value < 10 else duration(value)
