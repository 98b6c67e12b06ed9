"""The four numbers that carry a verdict, in the order of its argument.

Interests move; the log sees it; past order informs; a sequence model pays. Each with its interval, its
place on a strip, what the verdict made of it, and one sentence that anybody can repeat.
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass

from markupsafe import Markup

from diagnose.formatting import NO_BREAK
from diagnose.report import units, words
from diagnose.report.charts import rows
from diagnose.report.sections import views
from diagnose.report.svg import Scale
from diagnose.results import Contrast, Estimate, Measured, Result, Skipped

CARRYING = {  # the contrast on which an outcome rests, where it is not the lift
    "recency_is_enough": "beyond_recency",
    "keep_order_blind_model": "order_aware_gain",
    "suspect_artefact": "order_aware_gain",
}


@dataclass(frozen=True, kw_only=True)
class Number:
    """One of the four carrying numbers."""

    name: str
    stance: str
    glyph: str
    value: str
    unit: str
    below: str  # the interval
    strip: Markup | None
    gloss: str
    measured: bool = True


def half_life_of(result: Result) -> Estimate | None:
    """The half-life in days, or in events where the log has no clock."""
    probed = result.probe("interest_persistence")
    if not isinstance(probed, Measured):
        return None
    days, events = (probed.estimates.get(f"half_life_{unit}") for unit in ("days", "events"))
    for estimate, unit in ((days, "days"), (events, "events")):
        if estimate is not None and any(map(math.isfinite, (estimate.value, estimate.low, estimate.high))):
            return Estimate(value=estimate.value, low=estimate.low, high=estimate.high, unit=unit)
    return None


def capture_known(result: Result) -> bool:
    """Whether anything was said of all behaviour: of a part, nothing follows for the rest."""
    held = result.capture
    return told_of_capture(result) and any(
        said.whole and (said.unit, said.scope) == (held.unit, held.scope) for said in held.statements
    )


def told_of_capture(result: Result) -> bool:
    """Whether anything was said about capture at all, be it of a part."""
    return result.capture.grade != "C" and (result.capture.low > 0 or result.capture.high < 1)


def moves(result: Result) -> Number:
    """Do interests move: the half-life, else the share that moves."""
    probed, half_life = result.probe("interest_persistence"), half_life_of(result)
    named = ("Interests move", views.stance(result.verdict, views.MOVES))
    if not isinstance(probed, Measured):
        return _missing(*named, _reason(probed))
    drift = probed.estimates.get("drift_share")
    if half_life is not None and math.isfinite(half_life.value):
        share = f" {units.whole(drift)} of an interest fades; the rest lasts." if drift else ""
        gloss = f"After {units.value_of(half_life)} half of what can fade in an interest has faded.{share}"
        return _estimated(named, half_life, said=("half-life", gloss), axis=_half_life_axis(half_life))
    if drift is None:
        return _missing(*named, "no half-life could be told from this log")
    floor = setting(result, "persistence", "floor_drift_share", 0.05)
    axis = rows.Axis(
        scale=Scale(min(0.0, drift.low), max(1.0, drift.high)),
        ticks=((floor, "too little"), (1.0, "100 %"), (0.0, "0")),
    )
    later = f" The half-life is {units.range_of(half_life)} {half_life.unit}." if half_life else ""
    gloss = f"The rest is lasting taste.{later}" if later else "How soon it fades could not be told."
    return _estimated(named, drift, said=("of an interest fades", gloss), axis=axis)


def _half_life_axis(half_life: Estimate) -> rows.Axis:
    usual = {"days": (0.5, 60.0), "events": (1.0, 200.0)}[half_life.unit]
    known = [v for v in (half_life.low, half_life.value, half_life.high) if math.isfinite(v) and v > 0]
    ends = min(usual[0], *known), max(usual[1], *known)
    ticks = [(value, f"{value:,.3g}{NO_BREAK}{half_life.unit}") for value in usual]
    return rows.Axis(scale=Scale(*ends, log=True), ticks=ticks)


def captured(result: Result) -> Number:
    """How much of users' behaviour the log holds."""
    capture, stance = result.capture, views.stance(result.verdict, views.CAPTURE)
    if not capture_known(result):
        part = units.between(capture.low, capture.high, "share", worded=True)
        why = (
            f"nothing says what share of all behaviour is here; of {capture.scope} it is {part}"
            if told_of_capture(result)
            else "a log cannot say by itself what share of behaviour it holds"
        )
        return _missing("The log sees it", stance, why, value="unknown")
    flip = next((flip for flip in result.verdict.flips_if if flip.quantity == "capture"), None)
    ticks = [
        *([(flip.threshold, f"{100 * flip.threshold:.0f}: flips")] if flip else []),
        (0.0, "0"),
        (1.0, "100 %"),
    ]
    shown = units.between(capture.low, capture.high, "share")
    grade = "declared" if capture.grade == "declared" else f"grade {capture.grade}"
    return Number(
        name="The log sees it",
        stance=stance,
        glyph=words.STANCES[stance][0],
        value=shown,
        unit="%",
        below=f"of {capture.unit}, {grade}",
        strip=rows.micro(
            rows.Axis(scale=Scale(0, 1), ticks=ticks),
            (capture.low, math.nan, capture.high),
            f"Capture {shown} percent",
        ),
        gloss=f"The share of {capture.unit} that is on record and joined to its user ({capture.scope}).",
    )


def order_informs(result: Result) -> Number:
    """What the order of the past is worth: the share of the uncertainty it saves, else the item gain."""
    named = ("Past order informs", views.stance(result.verdict, views.ORDER))
    category, item = result.probe("order_information"), result.probe("item_order_information")
    found = item.estimates.get("gain") if isinstance(item, Measured) else None
    gain = dataclasses.replace(found, unit=units.GAIN) if found is not None else None
    share = category.estimates.get("share") if isinstance(category, Measured) else None
    if share is not None:
        floor = setting(result, "order", "floor_share", 0.005)
        low, high = rows.spanning((share.low, share.high), include=(0.0, 4 * floor))
        ticks = [(floor, f"{100 * floor:.1f}: floor"), (high, f"{100 * high:.0f} %"), (0.0, "0")]
        items = f" On items it gains {units.whole(gain)}." if gain else ""
        gloss = f"What the order of a user’s past takes off the uncertainty of the next category.{items}"
        axis = rows.Axis(scale=Scale(low, high), ticks=ticks)
        return _estimated(named, share, said=("of the uncertainty", gloss), axis=axis)
    if gain is not None:
        floor = setting(result, "item_order", "floor", 0.003)
        low, high = rows.spanning((gain.low, gain.high), include=(0.0, 2 * floor))
        ticks = [(floor, units.amount(floor, units.GAIN)), (0.0, "0")]
        gloss = "What the order of a user’s past adds to a ranking of items."
        axis = rows.Axis(scale=Scale(low, high), ticks=ticks)
        return _estimated(named, gain, said=("on the next item", gloss), axis=axis)
    return _missing(*named, _reason(category))


def model_pays(result: Result) -> Number:
    """The contrast that carries the verdict."""
    trial, contrast = result.trial, deciding(result)
    wanted = contrast.name if contrast is not None else "lift"
    name = "A sequence model pays" if wanted == "lift" else words.label(wanted)
    named = (name, views.stance(result.verdict, views.TRIAL))
    if contrast is None:
        return _missing(*named, trial.reason or "the trial has no such contrast")
    asked = trial.minimum_worthwhile_lift
    estimate = Estimate(value=contrast.value, low=contrast.low, high=contrast.high, unit=units.GAIN)
    low, high = rows.spanning((contrast.low, contrast.high), include=(0.0, asked * 1.3))
    doubt = " The trial is not to be trusted." if trial.status != "done" else ""
    least = units.amount(asked, units.GAIN)
    against = words.CONTRASTS[wanted][1]
    gloss = f"{against[:1].upper()}{against[1:]}. You asked for at least {least}.{doubt}"
    axis = rows.Axis(scale=Scale(low, high), ticks=((asked, f"{least} asked"), (0.0, "0")))
    return _estimated(named, estimate, said=("", gloss), axis=axis)


def deciding(result: Result) -> Contrast | None:
    """The contrast on which this outcome rests; the lift where the trial has no such contrast."""
    found = {c.name: c for c in result.trial.contrasts if c.metric.lower() == "gauc"}
    wanted = CARRYING.get(result.verdict.outcome, "lift")
    return found.get(wanted, found.get("lift"))


def _reason(probed: object) -> str:
    return probed.reason if isinstance(probed, Skipped) else "the probe did not run"


def setting(result: Result, room: str, name: str, otherwise: float) -> float:
    """A number of the settings that the result repeats; `otherwise` where it does not."""
    found = views.setting(result, room, name)
    return float(found) if isinstance(found, (int, float)) and math.isfinite(found) else otherwise


def _missing(name: str, stance: str, reason: str, *, value: str = "not measured") -> Number:
    return Number(
        name=name,
        stance=stance,
        glyph=words.STANCES[stance][0],
        value=value,
        unit="",
        below="",
        strip=None,
        gloss=reason[:1].upper() + reason[1:] + ("" if reason.endswith(".") else "."),
        measured=False,
    )


def _estimated(
    named: tuple[str, str], estimate: Estimate, *, said: tuple[str, str], axis: rows.Axis
) -> Number:
    """A measured number. `named`: its name and stance; `said`: what stands under it, and its gloss."""
    (name, stance), (below, gloss) = named, said
    interval = units.range_of(estimate)
    numbers = (estimate.low, estimate.value, estimate.high)
    return Number(
        name=name,
        stance=stance,
        glyph=words.STANCES[stance][0],
        value=units.amount(estimate.value, estimate.unit, among=(estimate.low, estimate.high)),
        unit=units.word(estimate.unit),
        below=f"{below}, {interval}" if below else interval,
        strip=rows.micro(axis, numbers, f"{name}: {units.whole(estimate)}"),
        gloss=gloss,
    )
