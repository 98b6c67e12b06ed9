"""The first screen: verdict, place, the four carrying numbers, what flips it, what to do next."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from diagnose.formatting import NO_BREAK
from diagnose.report import units, words
from diagnose.report.charts import rows
from diagnose.report.charts.quadrant import Place, quadrant
from diagnose.report.sections import views
from diagnose.report.svg import Scale
from diagnose.results import Contrast, Estimate, Flip, Measured, Result, Skipped

CARRYING = {"recency_is_enough": "beyond_recency", "suspect_artefact": "tie_effect"}  # else the lift


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


@dataclass(frozen=True, kw_only=True)
class First:
    """Everything on the first screen."""

    name: str
    facts: Sequence[str]
    place: views.Figure
    numbers: Sequence[Number]
    flips: Sequence[views.Row]
    steps: Sequence[tuple[str, str]]
    leaning: str


def first(result: Result) -> First:
    """The first screen of a result."""
    leaning = result.verdict.leaning
    return First(
        name=views.log_name(result),
        facts=_facts(result),
        place=_place(result),
        numbers=[moves(result), captured(result), order_informs(result), model_pays(result)],
        flips=[_flip(flip) for flip in result.verdict.flips_if],
        steps=[_head(step) for step in result.verdict.next_steps],
        leaning=words.OUTCOMES.get(leaning, leaning) if leaning else "",
    )


def _facts(result: Result) -> list[str]:
    log = result.log
    named = [
        (log.events, "events"),
        (log.users, "users"),
        (log.items, "items"),
        (log.categories, "categories"),
    ]
    facts = [f"{value:,}{NO_BREAK}{noun}" for value, noun in named]
    if log.first_event and log.last_event:
        facts.append(f"{log.first_event[:10]} to {log.last_event[:10]}")
    return facts


def _head(step: str) -> tuple[str, str]:
    """A step's first sentence, which is set bold, and the rest."""
    start, full_stop, rest = step.partition(". ")
    return (start + full_stop.strip(), rest) if full_stop else (step, "")


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
    """Whether anything at all was said about capture."""
    return result.capture.grade != "C" and (result.capture.low > 0 or result.capture.high < 1)


def _place(result: Result) -> views.Figure:
    """Where this log lies. No reference worlds exist, so none are drawn and no border between corners is."""
    capture, half_life, known = result.capture, half_life_of(result), capture_known(result)
    held = units.between(capture.low, capture.high, "share", worded=True) if known else "unknown"
    timed = units.whole(half_life) if half_life else "not measured"
    unit = half_life.unit if half_life else "days"
    titles = {
        (
            True,
            True,
        ): f"This log: {units.value_of(half_life) if half_life else ''} of half-life, {held} on record",
        (True, False): f"{held} is on record; how fast interests move is not known",
        (False, True): "How much behaviour is on record is not known",
        (False, False): "This log cannot be placed",
    }
    still = half_life is None and views.stance(result.verdict, views.MOVES) == "against"
    title = "Interests hold still in this log" if still else titles[known, half_life is not None]
    label = f"Capture against interest half-life. Capture: {held}. Half-life: {timed}."
    place = Place(low=capture.low if known else 0.0, high=capture.high if known else 1.0, identified=known,
                  half_life=half_life, still=still)  # fmt: skip
    area = "" if known and half_life else "Hatched: where this log may lie. "
    return views.Figure(
        title=title,
        sub=f"Interest half-life in {unit} (fast on top), against capture",
        plot=quadrant(place, label),
        note=area
        + "Only the half is marked: the reference worlds that would place borders do not exist yet.",
        table=views.Table(
            caption="This log", head=("number", "value"), rows=(("capture", held), ("half-life", timed))
        ),
    )


def moves(result: Result) -> Number:
    """Do interests move: the half-life, else the share that moves."""
    probed, half_life = result.probe("interest_persistence"), half_life_of(result)
    stance = views.stance(result.verdict, views.MOVES)
    if not isinstance(probed, Measured):
        return _missing("Interests move", stance, _reason(probed))
    drift = probed.estimates.get("drift_share")
    share = f" {units.whole(drift)} of an interest fades; the rest lasts." if drift else ""
    if half_life is None or not math.isfinite(half_life.value):
        if drift is None:
            return _missing("Interests move", stance, "no half-life could be told from this log")
        ticks = [
            (_floor(result, "persistence", "floor_drift_share", 0.05), "too little"),
            (1.0, "100 %"),
            (0.0, "0"),
        ]
        return _estimated("Interests move", stance, drift, below="of an interest fades", gloss="How soon is not known.",
                          scale=Scale(min(0.0, drift.low), max(1.0, drift.high)), ticks=ticks)  # fmt: skip
    axis = {"days": (0.5, 60.0), "events": (1.0, 200.0)}[half_life.unit]
    known = [v for v in (half_life.low, half_life.value, half_life.high) if math.isfinite(v) and v > 0]
    scale = Scale(min(axis[0], *known), max(axis[1], *known), log=True)
    ticks = [(value, f"{value:,.3g}{NO_BREAK}{half_life.unit}") for value in (scale.low, scale.high)]
    gloss = f"After {units.value_of(half_life)} half of what can fade in an interest has faded.{share}"
    return _estimated(
        "Interests move", stance, half_life, below="half-life", gloss=gloss, scale=scale, ticks=ticks
    )


def captured(result: Result) -> Number:
    """How much of users' behaviour the log holds."""
    capture, stance = result.capture, views.stance(result.verdict, views.CAPTURE)
    if not capture_known(result):
        return _missing("The log sees it", stance, "a log cannot say by itself what share of behaviour it holds",
                        value="unknown")  # fmt: skip
    flip = next((flip for flip in result.verdict.flips_if if flip.quantity == "capture"), None)
    ticks = [
        *([(flip.threshold, f"{100 * flip.threshold:.0f}: flips")] if flip else []),
        (0.0, "0"),
        (1.0, "100 %"),
    ]
    shown = units.between(capture.low, capture.high, "share")
    grade = "declared" if capture.grade == "declared" else f"grade {capture.grade}"
    return Number(
        name="The log sees it", stance=stance, glyph=words.STANCES[stance][0], value=shown, unit="%",
        below=f"of {capture.unit}, {grade}",
        strip=rows.micro(Scale(0, 1), (capture.low, math.nan, capture.high), ticks, f"Capture {shown} percent"),
        gloss=f"The share of {capture.unit} that is on record and joined to its user ({capture.scope}).",
    )  # fmt: skip


def order_informs(result: Result) -> Number:
    """What the order of the past is worth: the share of the uncertainty it saves, else the item gain."""
    stance = views.stance(result.verdict, views.ORDER)
    category, item = result.probe("order_information"), result.probe("item_order_information")
    gain = item.estimates.get("gain") if isinstance(item, Measured) else None
    items = f" On items it gains {units.whole(_signed(gain))}." if gain else ""
    share = category.estimates.get("share") if isinstance(category, Measured) else None
    if share is not None:
        floor = _floor(result, "order", "floor_share", 0.005)
        low, high = min(0.0, share.low), max(share.high * 1.15, 4 * floor)
        ticks = [(floor, f"{100 * floor:.1f}: floor"), (high, f"{100 * high:.0f} %"), (0.0, "0")]
        gloss = f"Knowing the order of a user’s past takes so much off the uncertainty of the next category.{items}"
        return _estimated("Past order informs", stance, share, below="of the uncertainty", gloss=gloss,
                          scale=Scale(low, high), ticks=ticks)  # fmt: skip
    if gain is not None:
        floor = _floor(result, "item_order", "floor", 0.003)
        return _estimated("Past order informs", stance, _signed(gain), below="on the next item",
                          gloss="What knowing the order of the past adds to a ranking of items.",
                          scale=Scale(min(0.0, gain.low), max(gain.high, 2 * floor)),
                          ticks=[(floor, units.amount(floor, units.GAIN)), (0.0, "0")])  # fmt: skip
    return _missing("Past order informs", stance, _reason(category))


def model_pays(result: Result) -> Number:
    """The contrast that carries the verdict."""
    trial, stance = result.trial, views.stance(result.verdict, views.TRIAL)
    wanted = CARRYING.get(result.verdict.outcome, "lift")
    contrast = deciding(result)
    name = "A sequence model pays" if wanted == "lift" else words.label(wanted)
    if contrast is None:
        return _missing(name, stance, trial.reason or "the trial has no such contrast")
    asked = trial.minimum_worthwhile_lift
    estimate = Estimate(value=contrast.value, low=contrast.low, high=contrast.high, unit=units.GAIN)
    low, high = rows.spanning((contrast.low, contrast.high), include=(0.0, asked * 1.3))
    against = words.CONTRASTS.get(contrast.name, ("", ""))[1]
    doubt = " The trial is not to be trusted." if trial.status != "done" else ""
    return _estimated(name, stance, estimate, below="", scale=Scale(low, high),
                      gloss=f"{against}. You asked for at least {units.amount(asked, units.GAIN)}.{doubt}",
                      ticks=[(asked, f"{units.amount(asked, units.GAIN)} asked"), (0.0, "0")])  # fmt: skip


def deciding(result: Result) -> Contrast | None:
    """The contrast on which this outcome rests."""
    wanted = CARRYING.get(result.verdict.outcome, "lift")
    return next((c for c in result.trial.contrasts if c.name == wanted and c.metric.lower() == "gauc"), None)


def _signed(gain: Estimate) -> Estimate:
    return Estimate(value=gain.value, low=gain.low, high=gain.high, unit=units.GAIN, level=gain.level)


def _reason(probed: object) -> str:
    return probed.reason if isinstance(probed, Skipped) else "the probe did not run"


def _floor(result: Result, room: str, name: str, otherwise: float) -> float:
    found = views.setting(result, room, name)
    return float(found) if isinstance(found, (int, float)) and math.isfinite(found) else otherwise


def _missing(name: str, stance: str, reason: str, *, value: str = "not measured") -> Number:
    return Number(name=name, stance=stance, glyph=words.STANCES[stance][0], value=value, unit="", below="",
                  strip=None, gloss=reason[:1].upper() + reason[1:] + ("" if reason.endswith(".") else "."),
                  measured=False)  # fmt: skip


def _estimated(
    name: str, stance: str, estimate: Estimate, *, below: str, gloss: str, scale: Scale,
    ticks: Sequence[tuple[float, str]],
) -> Number:  # fmt: skip
    shown = units.amount(estimate.value, estimate.unit, among=(estimate.low, estimate.high))
    interval = units.range_of(estimate)
    numbers = (estimate.low, estimate.value, estimate.high)
    return Number(
        name=name, stance=stance, glyph=words.STANCES[stance][0], value=shown, unit=units.word(estimate.unit),
        below=f"{below}, {interval}" if below else interval,
        strip=rows.micro(scale, numbers, ticks, f"{name}: {units.whole(estimate)}"), gloss=gloss,
    )  # fmt: skip


def _flip(flip: Flip) -> views.Row:
    unit = units.GAIN if flip.unit in ("GAUC", "gauc") else flip.unit
    interval = units.between(flip.low, flip.high, unit)
    if flip.now is None:
        now = units.between(flip.low, flip.high, unit, worded=True)
    elif flip.low == flip.high:
        now = units.figure(flip.now, unit)
    else:
        now = f"{units.figure(flip.now, unit, among=(flip.low, flip.high))} ({interval})"
    threshold = units.figure(flip.threshold, unit)
    name = words.label(flip.quantity)
    return views.Row(
        name=name[:1].upper() + name[1:],
        note=now,
        strip=rows.flip_strip(flip, f"{name}: now {now}; flips {flip.side} {threshold}"),
        value=f"{flip.side} {threshold}",
        below=words.OUTCOMES[flip.outcome],
        code=flip.outcome,
    )
