"""The arms side by side, and the paired differences that decide."""

from __future__ import annotations

import math

from diagnose.formatting import count, fixed
from diagnose.report import units, words
from diagnose.report.charts import rows
from diagnose.report.sections import views
from diagnose.report.svg import Scale, axis_word, nice_ticks
from diagnose.results import Arm, Contrast, Estimate, Result, Trial


def arms_chart(result: Result) -> views.RowChart | None:
    """Every arm's GAUC with its cost. Overlap of these intervals decides nothing."""
    arms = result.trial.arms
    if not arms:
        return None
    ends = [bound for arm in arms for bound in (arm.gauc.low, arm.gauc.value, arm.gauc.high)]
    scale = Scale(*rows.spanning(ends))
    nice = nice_ticks(scale.low, scale.high)
    decimals = max((len(axis_word(value).partition(".")[2]) for value in nice), default=0)
    ticks = [(value, f"{value:.{decimals}f}".lstrip("0")) for value in nice]
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
        kind="arms",
        label="Arms of the trial with accuracy and cost",
        head=("Arm", "GAUC", "weights", "training, s", "scoring, ms per 100"),
        axis=rows.axis_strip(axis, "GAUC axis"),
        rows=[_arm(arm, axis, result) for arm in arms],
        note="Overlap of these intervals decides nothing: the contrasts below compare arms user by user.",
        table=_arms_table(result),
    )


def _arm(arm: Arm, axis: rows.Axis, result: Result) -> views.Row:
    name, note = words.ARMS.get(arm.name, (words.label(arm.name), ""))
    faults = [
        said for said, true in (("not converged", not arm.converged), ("over-fitted", arm.overfit)) if true
    ]
    cost = _cost(arm, result)
    weights = count(arm.parameters)
    css = (
        "log"
        if arm.name == result.verdict.arm or (result.verdict.arm is None and arm.name == "dien")
        else "mark"
    )
    return views.Row(
        name=name,
        note=", ".join([*([note] if note else []), *faults]),
        strip=rows.estimate_strip(
            axis, (arm.gauc.low, arm.gauc.value, arm.gauc.high), css, units.whole(arm.gauc)
        ),
        value=fixed(arm.gauc.value, 4),
        cells=(("weights", weights), ("train s", cost[0]), ("score ms", cost[1])),
        marked=arm.name == result.verdict.arm,
    )


def _cost(arm: Arm, result: Result) -> tuple[str, str]:
    """Seconds of training over all seeds, milliseconds to score 100 candidates."""
    timing = result.timings.arms.get(arm.name)
    return (f"{timing.train_seconds:,.0f}", f"{timing.score_ms:,.1f}") if timing else ("–", "–")


def _bare(estimate: Estimate | None) -> str:
    """A number whose column says what it is, with its interval; a dash where a result has none."""
    if estimate is None:
        return "–"
    value = units.amount(estimate.value, estimate.unit, among=(estimate.low, estimate.high))
    return f"{value} ({units.between(estimate.low, estimate.high, estimate.unit)})"


def _arms_table(result: Result) -> views.Table:
    head = (
        "arm", "GAUC", "interval", "AUC", "log loss", "calibration slope", "calibration error, %", "weights",
        "training, s", "scoring, ms per 100", "converged", "over-fitted",
    )  # fmt: skip
    lines = [
        (
            words.label(arm.name),
            fixed(arm.gauc.value, 4),
            units.range_of(arm.gauc),
            fixed(arm.auc.value, 4),
            fixed(arm.log_loss.value, 4),
            _bare(arm.calibration_slope),
            _bare(arm.calibration_error),
            count(arm.parameters),
            *_cost(arm, result),
            "yes" if arm.converged else "no",
            "yes" if arm.overfit else "no",
        )
        for arm in result.trial.arms
    ]
    return views.Table(caption="Arms", head=head, rows=lines)


def contrasts_chart(tried: Trial) -> views.RowChart | None:
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
    ticks = [
        (0.0, "0"),
        (asked, "asked"),
        *((v, f"{v:+.3g}".replace("-", "−")) for v in apart if abs(scale(v) - scale(0)) > 10),
    ]
    axis = rows.Axis(
        scale=scale,
        ticks=ticks,
        lines=[*((v, "s-grid") for v in apart), (0.0, "s-ink3"), (asked, "s-mark")],
        zone=(low, asked, "f-wash"),
    )
    least = tried.minimal_detectable_lift
    return views.RowChart(
        title="What each step of the model adds",
        sub="Difference in GAUC, same users, same candidates. Shaded: less than the "
        f"{units.amount(asked, units.GAIN)} you asked for",
        kind="cons",
        label="Contrasts between arms",
        head=("Contrast", "difference, 90 % interval"),
        axis=rows.axis_strip(axis, "Axis: difference in GAUC"),
        rows=[_contrast(c, axis) for c in shown],
        note=f"Smallest difference this trial could have found: {units.amount(least, units.GAIN)} GAUC."
        if least
        else "",
        table=views.Table(
            caption="Contrasts",
            head=("contrast", "metric", "difference", "interval", "against", "p, adjusted"),
            rows=[_contrast_numbers(c) for c in tried.contrasts],
        ),
    )


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
    return (
        words.label(contrast.name),
        contrast.metric,
        units.amount(contrast.value, units.GAIN),
        units.between(contrast.low, contrast.high, units.GAIN),
        words.label(contrast.comparator),
        adjusted,
    )
