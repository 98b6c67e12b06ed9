"""Condition 1 in depth: how much history carries order, who brings it, how interests and catalogue turn."""

from __future__ import annotations

import math
from collections.abc import Sequence

from diagnose.report import units, words
from diagnose.report.charts import points, rows
from diagnose.report.charts.persistence import numeric, triples
from diagnose.report.sections import views
from diagnose.report.svg import Scale, nice_ticks
from diagnose.results import Estimate, Measured, Result, Series

MOST_PARTS = 12  # rows of a chart: more are read by nobody, and the table has them


def series_of(result: Result, probe: str, name: str) -> Series | None:
    """One series of one probe, where it was measured and has points."""
    probed = result.probe(probe)
    if not isinstance(probed, Measured):
        return None
    return next((each for each in probed.series if each.name == name and each.y), None)


def estimate_of(result: Result, probe: str, name: str) -> Estimate | None:
    """One estimate of one probe, where it was measured."""
    probed = result.probe(probe)
    return probed.estimates.get(name) if isinstance(probed, Measured) else None


def windows(result: Result) -> views.Figure | None:
    """How many recent events carry what order is worth."""
    curve = series_of(result, "order_information", "order information by window")
    needed = estimate_of(result, "order_information", "history_needed")
    if curve is None or needed is None:
        return None
    events = f"{needed.value:.0f} events"
    return views.Figure(
        title=f"The latest {events} carry nine tenths of what order is worth"
        if needed.value > 1
        else "The latest event alone carries nine tenths of what order is worth",
        sub="Bits an event saved when only the latest events keep their order; bars: 90 % intervals",
        plot=points.points(
            points.Points(
                series=curve,
                title="latest events kept in order (log scale)",
                mark=needed.value,
                mark_name="nine tenths",
            ),
            f"Nine tenths of the gain with {events}. {_told(curve)}",
        ),
        note="That is the history a model needs: longer ones cost memory and time, and bring little.",
        table=_table(curve, head=("latest events", "bits an event", "90 % interval"), decimals=4),
    )


def novelty(result: Result) -> views.Figure | None:
    """How often users take up categories that are new to them, beside what chance alone would give."""
    seen = series_of(result, "turnover", "new_category_share")
    chance = series_of(result, "turnover", "new_category_share_by_chance")
    if seen is None:
        return None
    late = estimate_of(result, "turnover", "late_novelty")
    turned = estimate_of(result, "turnover", "turnover")
    title = (
        f"{units.whole(turned)} of a repertoire is replaced" if turned else "How often something new begins"
    )
    return views.Figure(
        title=title,
        sub="Share of events in categories new to the user, %, session by session; bars: 90 % intervals",
        plot=points.points(
            points.Points(
                series=seen,
                title="the user’s sessions, numbered (log scale)",
                share=True,
                beside=chance,
                beside_name="if order were chance",
            ),
            f"Share of events in new categories. {_told(seen)}",
        ),
        note=f"In the later half of histories it is {units.whole(late)} more than chance." if late else "",
        table=_table(seen, head=("session", "share new", "90 % interval"), decimals=3),
    )


def catalogue(result: Result) -> views.Figure | None:
    """How fast the platform's own mix of categories moves."""
    moved = series_of(result, "catalogue_trend", "mix_moved")
    weekly = estimate_of(result, "catalogue_trend", "per_week")
    if moved is None or weekly is None or len(moved.y) < 2:
        return None
    return views.Figure(
        title=f"The platform’s own mix moves by {units.whole(weekly)}",
        sub="Jensen–Shannon divergence of the mix from one step to the next, noise taken out; 90 % intervals",
        plot=points.points(
            points.Points(series=moved, title="days since the log began", log=False),
            f"Movement of the platform’s mix: {units.whole(weekly)}. {_told(moved)}",
        ),
        note="What everybody takes up at once is the platform’s movement, not the users’.",
        table=_table(moved, head=("day", "bits", "90 % interval"), decimals=4),
    )


def segments(result: Result) -> views.RowChart | None:
    """Who brings the order gain: by activity and by category, on one axis, with the floor."""
    parts = [
        (series_of(result, "order_information", f"order information by {kind}"), _sizes(result, kind))
        for kind in ("activity", "category")
    ]
    known = [(series, sizes) for series, sizes in parts if series is not None]
    if not known:
        return None
    floor = views.setting(result, "order", "floor_share")
    least = float(floor) if isinstance(floor, (int, float)) else 0.005
    entries = [
        (str(name), numbers, sizes.get(str(name)))
        for series, sizes in known
        for name, numbers in zip(series.x, triples(series), strict=True)
    ]
    shown = _most_telling(entries)
    left = len(entries) - len(shown)
    axis = _axis([end for _, numbers, _ in entries for end in numbers], least)
    found = sum(low > least for _, (low, _, _), _ in entries)
    return views.RowChart(
        title=f"Order informs in {found} of {len(entries)} parts of the log",
        sub="Share of the order-blind loss that order saves; 90 % intervals, for all rows of a kind at once",
        kind="cons",
        label="Order information by part of the log",
        head=("Part", "share of the loss saved"),
        axis=rows.axis_strip(axis, "Axis: share of the loss saved"),
        rows=[_row(axis, *entry) for entry in shown],
        note="Users by their number of events, in thirds; then by the category a user was in last."
        + (f" {left} smaller ones are in the table alone." if left else "")
        + f" Orange: the effect floor, {units.figure(least, 'share')}.",
        table=_parts_table(entries, "share of the loss saved"),
    )


def _sizes(result: Result, kind: str) -> dict[str, float]:
    sizes = series_of(result, "order_information", f"targets by {kind}")
    return {str(name): share for name, share in zip(sizes.x, sizes.y, strict=True)} if sizes else {}


def fading(result: Result) -> views.RowChart | None:
    """How much of an interest moves, by kinds of users, by category and by level of the categories' names."""
    entries = [
        (str(name), numbers, None)
        for kind in ("segment", "granularity")
        if (series := series_of(result, "interest_persistence", f"drift_share_by_{kind}")) is not None
        for name, numbers in zip(series.x, triples(series), strict=True)
    ]
    if not entries:
        return None
    floor = views.setting(result, "persistence", "floor_drift_share")
    least = float(floor) if isinstance(floor, (int, float)) else 0.05
    axis = _axis([end for _, numbers, _ in entries for end in numbers], least)
    found = sum(low > least for _, (low, _, _), _ in entries)
    return views.RowChart(
        title=f"Interests move in {found} of {len(entries)} parts of the log",
        sub="Share of an interest that fades; 90 % intervals that hold for all rows of a kind at once",
        kind="cons",
        label="Fading of interests by part of the log",
        head=("Part", "share that fades"),
        axis=rows.axis_strip(axis, "Axis: share that fades"),
        rows=[_row(axis, *entry) for entry in entries],
        note="Users by their number of events, in thirds; the most common interests; and, where the names of "
        f"categories have levels, each level by itself. Orange: the floor, {units.figure(least, 'share')}.",
        table=_parts_table(entries, "share that fades"),
    )


Entry = tuple[str, rows.Triple, float | None]  # a part of the log: name, numbers, share of the predictions


def _most_telling(entries: Sequence[Entry]) -> list[Entry]:
    """Few enough to read: whole kinds where all fit, else the largest, in the order they were given."""
    if len(entries) <= MOST_PARTS + 1:
        return list(entries)
    last = entries[-1:] if entries[-1][0] in words.PARTS_OF_LOG else []  # all other categories together
    return [*entries[: MOST_PARTS - len(last)], *last]


def _parts_table(entries: Sequence[Entry], what: str) -> views.Table:
    lines = [
        (
            words.PARTS_OF_LOG.get(name, name),
            units.figure(value, "share", among=(low, high)),
            units.between(low, high, "share"),
            "" if size is None else units.figure(round(size, 3), "share"),
        )
        for name, (low, value, high), size in entries
    ]
    head = ("part", what, "90 % interval", "of the predictions")
    sized = any(size is not None for _, _, size in entries)
    shown = len(head) if sized else len(head) - 1
    return views.Table(caption=what, head=head[:shown], rows=[line[:shown] for line in lines])


def _axis(ends: Sequence[float], floor: float) -> rows.Axis:
    """An axis of shares with the floor on it."""
    low, high = rows.spanning(ends, include=(0.0, floor))
    ticks = [(value, units.figure(value, "share")) for value in nice_ticks(low, high)]
    lines = [*((value, "s-grid") for value, _ in ticks), (0.0, "s-ink3"), (floor, "s-ag")]
    return rows.Axis(scale=Scale(low, high), ticks=ticks, lines=lines)


def _row(axis: rows.Axis, name: str, numbers: rows.Triple, size: float | None) -> views.Row:
    low, value, high = numbers
    shown = units.figure(value, "share", among=(low, high))
    return views.Row(
        name=words.PARTS_OF_LOG.get(name, name),
        note="" if size is None else f"{units.figure(round(size, 3), 'share')} of the predictions",
        value=shown,
        strip=rows.estimate_strip(axis, numbers, "log", f"{name}: {shown}"),
        below=units.between(low, high, "share"),
    )


def _told(series: Series) -> str:
    return f"{series.y[0]:.3f} at {series.x[0]:g}, {series.y[-1]:.3f} at {series.x[-1]:g}."


def _table(series: Series, *, head: tuple[str, str, str], decimals: int) -> views.Table:
    lines = [
        (
            f"{x:,g}",
            f"{value:.{decimals}f}",
            f"{low:.{decimals}f} to {high:.{decimals}f}" if math.isfinite(low + high) else "",
        )
        for x, (low, value, high) in zip(numeric(series), triples(series), strict=True)
    ]
    return views.Table(caption=head[1], head=head, rows=views.thinned(lines))
