"""Condition 1: do interests move, and does the movement help to say what comes next?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from diagnose.report import units, words
from diagnose.report.charts import order, persistence, rows
from diagnose.report.charts.persistence import Curve, numeric, triples
from diagnose.report.sections import evolution, movement, views
from diagnose.report.sections.numbers import half_life_of, moves
from diagnose.report.sections.probes import Probe, probes
from diagnose.report.svg import Scale, axis_word, nice_ticks
from diagnose.results import Estimate, Measured, Result, Series

TITLES = {
    "for": "Yes. Users’ interests move.",
    "against": "No. Users’ interests hold still.",
    "open": "Whether users’ interests move is open.",
}

SHORT = {"for": "Yes", "against": "No", "open": "Open"}


@dataclass(frozen=True, kw_only=True)
class Drift:
    """Section 1."""

    title: str
    short: str
    arguments: Sequence[views.Argument]
    split: views.Figure | None
    window: views.Figure | None
    curves: Sequence[views.Figure]  # two side by side
    parts: views.RowChart | None
    paths: views.Figure | None
    segments: views.RowChart | None
    fading: views.RowChart | None
    turning: Sequence[views.Figure]  # two side by side
    probes: Sequence[Probe]


def drift(result: Result) -> Drift:
    """Section 1 of a result."""
    number = moves(result)
    curves = [curve(result, "days"), curve(result, "events")]
    split = order_split(result)
    turning = [movement.novelty(result), movement.catalogue(result)]
    return Drift(
        title=TITLES[number.stance],
        short=f"{SHORT[number.stance]}: {number.value} {number.unit}".rstrip(),
        arguments=views.arguments(result.verdict.reasons, views.MOVES | views.ORDER),
        split=split,
        window=movement.windows(result),
        curves=[figure for figure in curves if figure is not None],
        parts=None if split is not None else order_parts(result),  # the same numbers
        paths=evolution.evolution(result),
        segments=movement.segments(result),
        fading=movement.fading(result),
        turning=[figure for figure in turning if figure is not None],
        probes=probes(result, "drift"),
    )


def _order_estimates(result: Result) -> Mapping[str, Estimate]:
    probed = result.probe("order_information")
    return probed.estimates if isinstance(probed, Measured) else {}


def order_split(result: Result) -> views.Figure | None:
    """The opened bar, where order saves something and no part of it is negative."""
    found = _order_estimates(result)
    total, share = found.get("total"), found.get("share")
    if total is None or share is None or not (total.low > 0 and 0 < share.value < 1):
        return None
    cuts = [_cut(found, pair) for pair in (("recency", "direction"), ("within_session", "across_sessions"))]
    drawn = [cut for cut in cuts if cut is not None]
    if not drawn:
        return None
    saved = units.value_of(share)
    loss = units.figure(total.value / share.value, "bits/event")
    said = "; ".join(f"{part.name} {part.shown}" for cut in drawn for part in cut)
    label = f"Order saves {saved} of {loss}. {said}."
    split = order.Split(
        saved=share.value,
        ends=(share.low, share.high),
        saved_shown=saved,
        loss_shown=f"Order-blind loss: {loss}",
        cuts=drawn,
    )
    first = drawn[0][0]
    lead = (
        f", {units.figure(round(first.estimate.value / total.value, 2), 'share')} of it {first.name.lower()}"
    )
    return views.Figure(
        title=f"Order saves {saved} of the uncertainty" + (lead if cuts[0] is not None else ""),
        sub="Bits an event saved in predicting the next category. Lines across the cuts: 90 % intervals.",
        plot=order.order_split(split, label),
        note="Every gain is a difference to the same model on order-shuffled histories, so likeness between "
        "categories cannot pose as order." + _subset(found, cuts[1]),
        table=_parts_table(found),
        frame="plot bar",
    )


def _cut(found: Mapping[str, Estimate], names: tuple[str, str]) -> tuple[order.Part, order.Part] | None:
    pair = [found.get(name) for name in names]
    if any(part is None or not math.isfinite(part.value) or part.value < 0 for part in pair):
        return None
    parts = [
        order.Part(name=words.SHORT_PARTS[name], estimate=part, shown=units.amount(part.value, "bits/event"))
        for name, part in zip(names, pair, strict=True)
        if part is not None
    ]
    return (parts[0], parts[1]) if sum(part.estimate.value for part in parts) > 0 else None


def _subset(found: Mapping[str, Estimate], sessions: tuple[order.Part, order.Part] | None) -> str:
    """Sessions are cut only on targets with two earlier ones: said where their sum is another number."""
    if sessions is None:
        return ""
    both, total = sum(part.estimate.value for part in sessions), found["total"].value
    if abs(both - total) < 0.01 * total:
        return ""
    return (
        f" The cut by sessions ({units.figure(both, 'bits/event')}) is of targets with two earlier sessions."
    )


def _parts_table(found: Mapping[str, Estimate]) -> views.Table:
    lines = [
        (words.PARTS[name], units.amount(found[name].value, "bits/event"), units.range_of(found[name]))
        for name in words.PARTS
        if name in found
    ]
    return views.Table(
        caption="Order information, bits an event", head=("part", "bits", "90 % interval"), rows=lines
    )


def order_parts(result: Result) -> views.RowChart | None:
    """All parts on one axis, with the floor below which a gain moves no ranking."""
    found = _order_estimates(result)
    parts = {name: found[name] for name in words.PARTS if name in found}
    if not parts:
        return None
    ends = [bound for part in parts.values() for bound in (part.low, part.value, part.high)]
    low, high = rows.spanning(ends, include=(0.0,))
    scale = Scale(low, high)
    ticks = [(value, axis_word(value)) for value in nice_ticks(low, high)]
    axis = rows.Axis(scale=scale, ticks=ticks, lines=[*((v, "s-grid") for v, _ in ticks), (0.0, "s-ink3")])
    lines = [
        views.Row(
            name=words.PARTS[name],
            note=words.PART_NOTES[name],
            value=units.amount(part.value, part.unit),
            strip=rows.estimate_strip(axis, (part.low, part.value, part.high), "log", units.whole(part)),
            below=units.range_of(part),
            marked=name == "total",
        )
        for name, part in parts.items()
    ]
    total = parts.get("total")
    title = f"Order is worth {units.whole(total)}" if total else "What order is worth, by part"
    return views.RowChart(
        title=title,
        sub="Order information in bits an event, 90 % intervals over users",
        kind="cons",
        label="Order information by part",
        rows=lines,
        head=("Part", "bits an event, 90 % interval"),
        axis=rows.axis_strip(axis, "Axis: bits an event"),
    )


def curve(result: Result, unit: str) -> views.Figure | None:
    """How agreement fades with the lag, by the calendar or by events."""
    probed = result.probe("interest_persistence")
    if not isinstance(probed, Measured):
        return None
    name = "kappa_calendar" if unit == "days" else "kappa_events"
    found = {series.name: series for series in probed.series}
    points = found.get(name)
    if points is None or not any(math.isfinite(y) for y in points.y) or max(numeric(points)) <= 0:
        return None
    half_life = half_life_of(result) if unit == "days" else probed.estimates.get("half_life_events")
    if half_life is not None and half_life.unit != unit:
        half_life = None
    drawn = Curve(points=points, fit=found.get(f"{name}_fit"), half_life=half_life, unit=unit)
    said = f"Half-life {units.whole(half_life)}" if half_life else "No half-life could be told"
    title = f"Half of what can fade has faded after {units.value_of(half_life)}" if half_life else said
    drift_share = probed.estimates.get("drift_share")
    note = (
        f"{units.whole(drift_share)} of an interest fades; the rest is lasting taste." if drift_share else ""
    )
    return views.Figure(
        title=title if unit == "days" else f"In events: {said[:1].lower()}{said[1:]}",
        sub="Chance that two events of a user share a category, beyond coincidence; bars: 90 % intervals",
        plot=persistence.half_life(drawn, f"{said}. {_ends(points)}"),
        note=note
        if unit == "days"
        else "Lost events flatten this curve and leave the one by the calendar unchanged.",
        table=_points_table(points, unit),
    )


def _ends(points: Series) -> str:
    return f"Agreement {points.y[0]:.2f} at the shortest lag, {points.y[-1]:.2f} at the longest."


def _points_table(points: Series, unit: str) -> views.Table:
    lines = [
        (
            units.figure(lag, unit),
            f"{value:.3f}",
            f"{low:.3f} to {high:.3f}" if math.isfinite(low + high) else "",
        )
        for lag, (low, value, high) in zip(numeric(points), triples(points), strict=True)
        if math.isfinite(value)
    ]
    return views.Table(
        caption=f"Agreement by lag, in {unit}",
        head=("lag", "agreement", "90 % interval"),
        rows=views.thinned(lines),
    )
