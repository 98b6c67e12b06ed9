"""Events an hour over the log's span, with the outages that were found: one path, however long the log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from markupsafe import Markup

from diagnose.report.svg import Scale, drawing, line, percent, rect, stretch, tag, text, x_axis

HEIGHT = 64
_NARROWEST = 0.3  # percent of the width: an outage of an hour in a year is still seen
_TICKS = 4
_NAMED = 3  # outages named above the strip; the table has them all
_APART = 16.0  # percent between two names


@dataclass(frozen=True, kw_only=True)
class Hours:
    """Moments (seconds since 1970) with events an hour, and outages as (start, end) of the same clock."""

    moments: Sequence[float]
    events: Sequence[float]
    outages: Sequence[tuple[float, float]]


def hours(drawn: Hours, label: str) -> Markup:
    """The filled course of events an hour, outages as columns through it, dates below."""
    across = Scale(drawn.moments[0], max(drawn.moments[-1], drawn.moments[0] + 1))
    top = max(drawn.events) or 1.0
    course = "".join(
        f"L{across(moment) * 10:.0f} {HEIGHT - min(1.0, events / top) * HEIGHT:.1f}"
        for moment, events in zip(drawn.moments, drawn.events, strict=True)
    )
    shape = tag("path", d=f"M0 {HEIGHT}{course}L1000 {HEIGHT}Z", class_="f-mark")
    below = x_axis(across, HEIGHT, _dates(across))
    return drawing(
        HEIGHT, label, *_columns(drawn, across), stretch(HEIGHT, shape), *_names(drawn, across), below
    )


def day_of(moment: float) -> str:
    """'23 Mar 2026'."""
    when = datetime.fromtimestamp(moment, UTC)
    return f"{when.day} {when:%b %Y}"


def _columns(drawn: Hours, across: Scale) -> list[Markup]:
    return [
        rect(
            (percent(across(start)), 0),
            (percent(max(_NARROWEST, across(end) - across(start))), HEIGHT),
            "f-ags",
        )
        for start, end in drawn.outages
    ]


def _names(drawn: Hours, across: Scale) -> list[Markup]:
    """The longest outages by name, as far as there is room."""
    longest = sorted(drawn.outages, key=lambda outage: outage[0] - outage[1])[:_NAMED]
    marks: list[Markup] = []
    taken: list[float] = []
    for start, end in longest:
        place = across((start + end) / 2)
        if any(abs(place - other) < _APART for other in taken):
            continue
        taken.append(place)
        lean = "start" if place < 10 else "end" if place > 90 else "middle"
        marks.append(line((percent(place), -6), (percent(place), 0), "s-ag", width=1.5))
        said = f"{day_of(start)}, {(end - start) / 3600:.0f} h"
        marks.append(text((percent(place), -11), said, "ag", anchor=lean))
    return marks


def _dates(across: Scale) -> list[tuple[float, str]]:
    """Days on the axis, evenly; the year where the log has more than one."""
    step = (across.high - across.low) / _TICKS
    moments = [across.low + step * place for place in range(_TICKS + 1)]
    years = len({datetime.fromtimestamp(moment, UTC).year for moment in moments}) > 1
    whens = [(moment, datetime.fromtimestamp(moment, UTC)) for moment in moments]
    return [(moment, f"{when:%b %Y}" if years else f"{when.day} {when:%b}") for moment, when in whens]
