"""Condition 2 in pictures: what losing more would do, how deep histories are, where the log has holes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime

from diagnose.formatting import NO_BREAK, count, percent
from diagnose.report import units
from diagnose.report.charts import bars, hours, thinned
from diagnose.report.charts.persistence import numeric, triples
from diagnose.report.sections import views
from diagnose.report.sections.movement import estimate_of, series_of
from diagnose.report.sections.numbers import setting
from diagnose.results import Result, Series

WHOLE = 0.99  # of the log: a finding that needs so much of it would not hold with less
_ENOUGH = 5  # earlier events, where the result does not repeat the setting
_CLASSES = ((0, 1), (1, 5), (5, 8), (8, 16), (16, 32), (32, 64), (64, math.inf))  # of history lengths


def thinning(result: Result) -> views.Figure | None:
    """The share of order information as the log is thinned on purpose, in three ways."""
    curves = {
        pattern: curve
        for pattern in thinned.NAMES
        if (curve := series_of(result, "thinning", f"thinning by {pattern}")) is not None
        and sum(map(math.isfinite, curve.y)) > 1
    }
    if not curves:
        return None
    floor = setting(result, "order", "floor_share", 0.005)
    told = {pattern: holds(result, pattern) for pattern in curves}
    return views.Figure(
        title=_robust(told),
        sub="Order information, % of the order-blind loss, as this log is thinned on purpose; 90 % intervals",
        plot=thinned.thinned(thinned.Thinned(curves=curves, floor=floor), _curves_said(curves)),
        note=f"{_least_tried(curves)} This says what losing more would do, and nothing of what the log has "
        "already lost. The way of losing decides: a platform that sees few sessions whole keeps the order "
        "inside them, one that sees single events of every session does not.",
        table=_table(curves),
    )


def holds(result: Result, pattern: str) -> str | None:
    """Down to which share of this log the finding holds, in words; None where there is no finding."""
    found = estimate_of(result, "thinning", f"holds_until_{pattern}")
    if found is None:
        return None
    if found.value >= WHOLE:
        return None
    return f"{percent(found.value, 0)}"


def _robust(told: dict[str, str | None]) -> str:
    """The robustness statement."""
    parts = [f"{share} ({thinned.NAMES[pattern]})" for pattern, share in told.items() if share]
    if not parts:
        return "No finding of order that would outlast a loss"
    return f"Order would still be found with {' or '.join(parts[:2])} of this log"


def _least_tried(curves: dict[str, Series]) -> str:
    """Below the lowest rate nothing was tried, and nothing is claimed."""
    least = {pattern: min(numeric(curve)) for pattern, curve in curves.items()}
    if len(set(least.values())) == 1:
        return f"Less than {percent(min(least.values()), 0)} was not tried."
    tried = ", ".join(f"{percent(rate, 0)} ({thinned.NAMES[pattern]})" for pattern, rate in least.items())
    return f"Less was not tried than {tried}."


def _curves_said(curves: dict[str, Series]) -> str:
    said = []
    for pattern, curve in curves.items():
        points = sorted(zip(numeric(curve), curve.y, strict=True), reverse=True)
        numbers = ", ".join(f"{percent(y)} at {percent(x, 0)}" for x, y in points if math.isfinite(y))
        said.append(f"{thinned.NAMES[pattern]}: {numbers}")
    return "Order information as the log is thinned. " + "; ".join(said)


def _table(curves: dict[str, Series]) -> views.Table:
    lines = [
        (thinned.NAMES[pattern], percent(rate, 0), percent(value), f"{100 * low:.1f} to {100 * high:.1f}")
        for pattern, curve in curves.items()
        for rate, (low, value, high) in zip(numeric(curve), triples(curve), strict=True)
        if math.isfinite(value)
    ]
    head = ("what is lost", "kept", "share of the loss", "90 % interval")
    return views.Table(caption="Thinning", head=head, rows=lines)


def depth(result: Result) -> views.Figure | None:
    """How many earlier events are on record when a prediction is due."""
    series = series_of(result, "history_depth", "depth")
    share = estimate_of(result, "history_depth", "share_enough")
    if series is None or share is None:
        return None
    enough = int(setting(result, "capture", "enough_events", _ENOUGH))
    names, shares = _classes(series)
    first = next((place for place, (low, _) in enumerate(_CLASSES) if low >= enough), len(_CLASSES))
    return views.Figure(
        title=f"{units.value_of(share)} have {enough} or more earlier events",
        sub="Share of predictions, %, by the events of the user that came before",
        plot=bars.bars(
            bars.Bars(names=names, shares=shares, first_marked=first, title="earlier events on record"),
            "Share of predictions by earlier events: "
            + ", ".join(f"{name}: {percent(y, 0)}" for name, y in zip(names, shares, strict=True)),
        ),
        frame="plot deep",
        note="Where hardly anything came before, no model of history can help: popularity decides.",
        table=views.Table(
            caption="History depth",
            head=("earlier events", "share of predictions"),
            rows=views.thinned([(str(x), percent(y)) for x, y in zip(series.x, series.y, strict=True)]),
        ),
    )


def _classes(series: Series) -> tuple[list[str], list[float]]:
    """The probe's fine classes joined to those that have room on a phone."""
    shares = [0.0] * len(_CLASSES)
    for label, share in zip(series.x, series.y, strict=True):
        start = int("".join(letter for letter in str(label).split(" ")[0] if letter.isdigit()) or 0)
        place = next(place for place, (low, high) in enumerate(_CLASSES) if low <= start < high)
        shares[place] += share
    names = [
        f"{low}" if high == low + 1 else f"{low}+" if high == math.inf else f"{low}–{high - 1:.0f}"
        for low, high in _CLASSES
    ]
    return names, shares


def outages(result: Result) -> views.Figure | None:
    """Events an hour over the whole log, with what was found missing."""
    course = series_of(result, "outages", "hourly_events")
    if course is None or len(course.y) < 2:
        return None
    found = series_of(result, "outages", "outages")
    spans = _spans(found) if found is not None else []
    lost = sum(end - start for start, end in spans) / 3600
    title = "No hours are missing from the log"
    if spans:
        many = "One outage" if len(spans) == 1 else f"{count(len(spans))} outages"
        title = f"{many}, {count(lost)}{NO_BREAK}hours in all"
    moments = [_moment(str(x)) for x in course.x]
    return views.Figure(
        title=title,
        sub=f"Events an hour, {hours.day_of(moments[0])} to {hours.day_of(moments[-1])} (UTC); "
        f"highest {count(max(course.y))}",
        plot=hours.hours(
            hours.Hours(moments=moments, events=course.y, outages=spans),
            f"Events an hour over the log. {title}.",
        ),
        frame="plot nol out",
        table=_outages_table(spans, found) if spans else _by_day(moments, course.y),
    )


def _by_day(moments: Sequence[float], events: Sequence[float]) -> views.Table:
    """The mean of each day, where no outage is to be listed."""
    days: dict[str, list[float]] = {}
    for moment, value in zip(moments, events, strict=True):
        days.setdefault(datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d"), []).append(value)
    lines = [(day, f"{sum(values) / len(values):,.1f}") for day, values in days.items()]
    return views.Table(
        caption="Events an hour, by day", head=("day (UTC)", "events an hour"), rows=views.thinned(lines)
    )


def _spans(found: Series) -> list[tuple[float, float]]:
    """Start and end of each outage, out of '2024-01-11T00 to 2024-01-11T16'."""
    ends = [str(x).split(" to ") for x in found.x]
    return [(_moment(start), _moment(end)) for start, end in ends]


def _moment(text: str) -> float:
    return datetime.fromisoformat(text.replace("Z", "+00:00")).replace(tzinfo=UTC).timestamp()


def _outages_table(spans: Sequence[tuple[float, float]], found: Series | None) -> views.Table:
    levels = found.y if found is not None else ()
    rows = [
        (
            datetime.fromtimestamp(start, UTC).strftime("%Y-%m-%d %H:%M"),
            f"{(end - start) / 3600:.0f}",
            percent(level, 0),
        )
        for (start, end), level in zip(spans, levels, strict=True)
    ]
    head = ("from (UTC)", "hours", "events that are there")
    return views.Table(caption="Outages", head=head, rows=views.thinned(rows))
