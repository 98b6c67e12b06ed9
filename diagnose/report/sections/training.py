"""How the trial went beside its contrasts: learning curves, and the lift by kind of target."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from diagnose.formatting import count, fixed
from diagnose.report import units, words
from diagnose.report.charts import rows
from diagnose.report.charts.learning import Learning, panels
from diagnose.report.sections import views
from diagnose.report.svg import Scale, axis_word, nice_ticks
from diagnose.results import Arm, Estimate, Stratum, Trial


@dataclass(frozen=True, kw_only=True)
class Curves:
    """Learning curves as small multiples on one scale."""

    title: str
    sub: str
    panels: Sequence[tuple[str, str, Markup]]  # (arm, what became of it, panel)
    table: views.Table


def curves(tried: Trial) -> Curves | None:
    """The validation GAUC of every arm that was trained, over its schedule."""
    arms = [arm for arm in tried.arms if len(_known(arm)) > 1]
    if not arms:
        return None
    named = [words.label(arm.name) for arm in arms]
    notes = [f"best {fixed(max(_known(arm)), 4)}, {_became(arm)}" for arm in arms]
    labels = [f"{name}: {note}, on validation" for name, note in zip(named, notes, strict=True)]
    curves = [Learning(name=n, values=arm.learning_curve) for n, arm in zip(named, arms, strict=True)]
    every = [value for arm in arms for value in _known(arm)]
    rising = sum(not arm.converged for arm in arms)
    return Curves(
        title="All networks had learnt what they would"
        if not rising
        else f"{count(rising)} of {count(len(arms))} networks were still learning when the budget ended",
        sub="GAUC on validation over the schedule, mean over seeds; all panels from "
        f"{fixed(min(every), 3)} to {fixed(max(every), 3)}; ring: the best point; grey: the other arms",
        panels=list(zip(named, notes, panels(curves, labels), strict=True)),
        table=_steps(named, arms),
    )


def _known(arm: Arm) -> list[float]:
    return [value for value in arm.learning_curve if math.isfinite(value)]


def _became(arm: Arm) -> str:
    return "converged" if arm.converged else "still rising"


def _steps(named: Sequence[str], arms: Sequence[Arm]) -> views.Table:
    """One row an evaluation, one column an arm; arms have schedules of their own."""
    longest = max(len(arm.learning_curve) for arm in arms)
    lines = [
        (
            count(step + 1),
            *(
                fixed(arm.learning_curve[step], 4)
                if step < len(arm.learning_curve) and math.isfinite(arm.learning_curve[step])
                else ""
                for arm in arms
            ),
        )
        for step in range(longest)
    ]
    return views.Table(
        caption="Learning curves, GAUC on validation", head=("evaluation", *named), rows=views.thinned(lines)
    )


def strata(tried: Trial) -> views.RowChart | None:
    """DIEN's lift by kind of target on one axis; none of them decides anything."""
    if not tried.strata:
        return None
    asked = tried.minimum_worthwhile_lift
    ends = [end for each in tried.strata if each.lift for end in (each.lift.low, each.lift.high)]
    low, high = rows.spanning(ends, include=(0.0, asked))
    scale = Scale(low, high)
    nice = [value for value in nice_ticks(low, high) if value and abs(scale(value) - scale(asked)) > 8]
    axis = rows.Axis(
        scale=scale,
        ticks=((0.0, "0"), (asked, "asked"), *((value, axis_word(value)) for value in nice)),
        lines=(*((value, "s-grid") for value in nice), (0.0, "s-ink3"), (asked, "s-mark")),
    )
    return views.RowChart(
        title="Lift by kind of target",
        sub="DIEN against the plain DNN, GAUC, 90 % intervals. Shares are of all targets, none dropped",
        kind="cons",
        label="Lift by kind of target",
        head=("Kind", "lift, 90 % interval"),
        axis=rows.axis_strip(axis, "Axis: difference in GAUC"),
        rows=[_stratum(each, axis) for each in tried.strata],
        note="The whole is weighted to the shares of repeats and new items. No kind decides anything: "
        "p values are adjusted for their number.",
        table=_strata_table(tried.strata),
    )


def _stratum(stratum: Stratum, axis: rows.Axis) -> views.Row:
    name, lift = words.STRATA.get(stratum.name, words.label(stratum.name)), stratum.lift
    ends = (lift.low, lift.value, lift.high) if lift else (math.nan, math.nan, math.nan)
    told = _lift(lift)
    return views.Row(
        name=name[:1].upper() + name[1:],
        note=f"{units.figure(stratum.share, 'share')} of the targets",
        strip=rows.estimate_strip(axis, ends, "log", f"{name}: {told}"),
        value=units.amount(lift.value, units.GAIN) if lift else "not measured",
        below=units.between(lift.low, lift.high, units.GAIN) if lift else "",
    )


def _strata_table(strata: Sequence[Stratum]) -> views.Table:
    lines = [
        (
            words.STRATA.get(stratum.name, words.label(stratum.name)),
            units.figure(stratum.share, "share"),
            count(stratum.targets),
            count(stratum.dropped),
            _lift(stratum.lift),
            "–" if stratum.p_adjusted is None else fixed(stratum.p_adjusted, 3),
        )
        for stratum in strata
    ]
    head = ("kind", "share", "targets", "dropped", "lift, GAUC", "p, adjusted")
    return views.Table(caption="Kinds of targets", head=head, rows=lines)


def _lift(lift: Estimate | None) -> str:
    if lift is None:
        return "not measured"
    return f"{units.amount(lift.value, units.GAIN)} ({units.between(lift.low, lift.high, units.GAIN)})"
