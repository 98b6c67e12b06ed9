"""The trial: does a sequence model pay on this log?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from diagnose.formatting import count, duration, fixed
from diagnose.report import units, words
from diagnose.report.charts import rows
from diagnose.report.charts.learning import Learning, panels
from diagnose.report.sections import views
from diagnose.report.sections.first import deciding
from diagnose.report.svg import Scale, nice_ticks
from diagnose.results import Arm, Contrast, Estimate, Result, Trial

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
    strata: views.Table | None
    curves: Sequence[tuple[str, str, Markup]]  # (arm, what became of it, panel)
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
        facts=_facts(tried),
        arms=_arms(result),
        contrasts=_contrasts(tried),
        strata=_strata(tried),
        curves=_curves(tried),
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
    said = f"{words.CONTRASTS[contrast.name][1]}: {gain} GAUC, and {asked} was asked for."
    stance = views.stance(result.verdict, views.TRIAL)
    head = {"for": "Yes.", "against": "No.", "open": "Not settled."}[stance]
    return f"{head} {said}", f"{head.rstrip('.')}: {gain} GAUC"


def _facts(tried: Trial) -> list[tuple[str, str]]:
    if tried.status == "skipped" and not tried.arms:
        return []
    facts = [
        ("Users", f"{count(tried.users_train)} to train, {count(tried.users_test)} to test"),
        (
            "Test targets",
            f"{count(tried.targets_test)}, each against up to {count(tried.negatives)} other items",
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


def _arms(result: Result) -> views.RowChart | None:
    """Every arm's GAUC with its cost. Overlap of these intervals decides nothing."""
    arms = result.trial.arms
    if not arms:
        return None
    ends = [bound for arm in arms for bound in (arm.gauc.low, arm.gauc.value, arm.gauc.high)]
    scale = Scale(*rows.spanning(ends))
    ticks = [(value, f"{value:.3g}".lstrip("0")) for value in nice_ticks(scale.low, scale.high)]
    floor = next((arm.gauc.value for arm in arms if arm.name == "floor"), math.nan)
    drawn = [(value, "s-grid") for value, _ in ticks] + (
        [(floor, "s-mark dashed")] if math.isfinite(floor) else []
    )
    axis = rows.Axis(scale=scale, ticks=ticks, lines=drawn)
    best = max(arms, key=lambda arm: arm.gauc.value if math.isfinite(arm.gauc.value) else -math.inf)
    named = words.ARMS.get(best.name, (best.name, ""))[0]
    return views.RowChart(
        title=f"{named} ranks best, at {fixed(best.gauc.value, 4)} GAUC",
        sub="GAUC with 90 % intervals over users and seeds; dashed: the network-free floor",
        kind="arms", label="Arms of the trial with accuracy and cost",
        head=("Arm", "GAUC", "weights", "training, s", "scoring, ms per 100"),
        axis=rows.axis_strip(axis, "GAUC axis"), rows=[_arm(arm, axis, result) for arm in arms],
        note="Overlap of these intervals decides nothing: the contrasts below compare arms user by user.",
        table=_arms_table(arms),
    )  # fmt: skip


def _arm(arm: Arm, axis: rows.Axis, result: Result) -> views.Row:
    name, note = words.ARMS.get(arm.name, (words.label(arm.name), ""))
    faults = [
        said for said, true in (("not converged", not arm.converged), ("over-fitted", arm.overfit)) if true
    ]
    timing = result.timings.arms.get(arm.name)
    cost = (f"{timing.train_seconds:,.0f}", f"{timing.score_ms:,.1f}") if timing else ("–", "–")
    weights = count(arm.parameters)
    css = (
        "log"
        if arm.name == result.verdict.arm or (result.verdict.arm is None and arm.name == "dien")
        else "mark"
    )
    return views.Row(
        name=name, note=", ".join([*([note] if note else []), *faults]),
        strip=rows.estimate_strip(axis, (arm.gauc.low, arm.gauc.value, arm.gauc.high), css, units.whole(arm.gauc)),
        value=fixed(arm.gauc.value, 4),
        cells=(("weights", weights), ("train s", cost[0]), ("score ms", cost[1])),
        marked=arm.name == result.verdict.arm,
    )  # fmt: skip


def _arms_table(arms: Sequence[Arm]) -> views.Table:
    head = ("arm", "GAUC", "interval", "AUC", "log loss", "weights", "converged", "over-fitted")
    lines = [
        (words.label(arm.name), fixed(arm.gauc.value, 4), units.range_of(arm.gauc), fixed(arm.auc.value, 4),
         fixed(arm.log_loss.value, 4), count(arm.parameters), "yes" if arm.converged else "no",
         "yes" if arm.overfit else "no")
        for arm in arms
    ]  # fmt: skip
    return views.Table(caption="Arms", head=head, rows=lines)


def _contrasts(tried: Trial) -> views.RowChart | None:
    """Paired differences on one axis, with the lift asked for."""
    shown = [contrast for contrast in tried.contrasts if contrast.metric.lower() == "gauc"]
    if not shown:
        return None
    asked = tried.minimum_worthwhile_lift
    low, high = rows.spanning(
        [b for c in shown for b in (c.low, c.value, c.high)], include=(-asked / 3, asked * 1.5)
    )
    scale = Scale(low, high)
    apart = [v for v in nice_ticks(low, high) if abs(scale(v) - scale(asked)) > 22 and v != 0]
    ticks = [(0.0, "0"), (asked, f"{units.amount(asked, units.GAIN)} asked"),
             *((v, f"{v:+.3g}".replace("-", "−")) for v in apart if abs(scale(v) - scale(0)) > 10)]  # fmt: skip
    axis = rows.Axis(scale=scale, ticks=ticks, lines=[*((v, "s-grid") for v in apart), (0.0, "s-ink3"), (asked, "s-mark")],
                     zone=(low, asked, "f-wash"))  # fmt: skip
    least = tried.minimal_detectable_lift
    return views.RowChart(
        title="What each step of the model adds",
        sub="Same users, same candidates. Shaded: less than the lift you asked for",
        kind="cons", label="Contrasts between arms", head=("Contrast", "difference, 90 % interval"),
        axis=rows.axis_strip(axis, "Axis: difference in GAUC"), rows=[_contrast(c, axis) for c in shown],
        note=f"Smallest difference this trial could have found: {units.amount(least, units.GAIN)} GAUC." if least else "",
        table=views.Table(
            caption="Contrasts", head=("contrast", "metric", "difference", "interval", "against", "p, adjusted"),
            rows=[_contrast_numbers(c) for c in tried.contrasts],
        ),
    )  # fmt: skip


def _contrast(contrast: Contrast, axis: rows.Axis) -> views.Row:
    name, note = words.CONTRASTS.get(contrast.name, (words.label(contrast.name), ""))
    told = units.between(contrast.low, contrast.high, units.GAIN)
    value = units.amount(contrast.value, units.GAIN)
    if contrast.name in ("order_gain", "order_aware_gain"):
        note = f"{note}; here {words.label(contrast.comparator)}"
    strip = rows.estimate_strip(
        axis, (contrast.low, contrast.value, contrast.high), "log", f"{name}: {value}, {told}"
    )
    return views.Row(name=name, note=note, strip=strip, value=value, below=told)


def _contrast_numbers(contrast: Contrast) -> tuple[str, ...]:
    adjusted = "" if contrast.p_adjusted is None else fixed(contrast.p_adjusted, 3)
    return (words.label(contrast.name), contrast.metric, units.amount(contrast.value, units.GAIN),
            units.between(contrast.low, contrast.high, units.GAIN), words.label(contrast.comparator), adjusted)  # fmt: skip


def _strata(tried: Trial) -> views.Table | None:
    if not tried.strata:
        return None
    lines = [
        (stratum.name.replace("_", " "), units.figure(stratum.share, "share"), count(stratum.targets),
         count(stratum.dropped), _lift(stratum.lift))
        for stratum in tried.strata
    ]  # fmt: skip
    return views.Table(
        caption="Kinds of targets", head=("kind", "share", "targets", "dropped", "lift, GAUC"), rows=lines
    )


def _lift(lift: Estimate | None) -> str:
    if lift is None:
        return "not measured"
    return f"{units.amount(lift.value, units.GAIN)} ({units.between(lift.low, lift.high, units.GAIN)})"


def _curves(tried: Trial) -> list[tuple[str, str, Markup]]:
    arms = [arm for arm in tried.arms if sum(map(math.isfinite, arm.learning_curve)) > 1]
    if not arms:
        return []
    named = [words.label(arm.name) for arm in arms]
    peaks = [max(value for value in arm.learning_curve if math.isfinite(value)) for arm in arms]
    became = ["converged" if arm.converged else "still rising" for arm in arms]
    labels = [
        f"{n}: best {fixed(p, 4)} on validation, {b}" for n, p, b in zip(named, peaks, became, strict=True)
    ]
    drawn = panels(
        [Learning(name=n, values=arm.learning_curve) for n, arm in zip(named, arms, strict=True)], labels
    )
    notes = [f"best {fixed(p, 4)}, {b}" for p, b in zip(peaks, became, strict=True)]
    return list(zip(named, notes, drawn, strict=True))


def seconds(value: float) -> str:
    """A time as people say it; tenths below ten seconds."""
    return f"{value:.1f} s" if value < 10 else duration(value)
