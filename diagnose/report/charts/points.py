"""Points with intervals on one axis: what a window of events carries, what is new, how a mix moves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from diagnose.report.charts.persistence import numeric, triples
from diagnose.report.svg import (
    Scale,
    Tick,
    axis_word,
    drawing,
    line,
    nice_ticks,
    path,
    percent,
    stretch,
    text,
    whisker_up,
    x_axis,
    y_axis,
)
from diagnose.results import Series

HEIGHT = 210
_APART = 9.0  # percent of the plot between two labels of an axis
_ROUND = (1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)


@dataclass(frozen=True, kw_only=True)
class Points:
    """One series with intervals, joined by a line; beside it, where given, a second one without."""

    series: Series
    title: str  # of the axis below
    log: bool = True
    beside: Series | None = None  # drawn grey and dashed, named at its end
    beside_name: str = ""
    share: bool = False  # heights are labelled in per cent
    mark: float | None = None  # a place on the axis below, dropped from the curve
    mark_name: str = ""


def points(drawn: Points, label: str) -> Markup:
    """The curve, its intervals, and what is marked on it."""
    across, up = _scales(drawn)
    ticks = [
        (value, axis_word(100 * value if drawn.share else value))
        for value in nice_ticks(up.low, up.high, about=4)
    ]
    both = list(zip(numeric(drawn.series), triples(drawn.series), strict=True))
    known = [(x, numbers) for x, numbers in both if math.isfinite(numbers[1])]
    curve = path([(across(x), up(numbers[1])) for x, numbers in known], "s-log", width=2)
    marks = [whisker_up((across, up), x, numbers, "log") for x, numbers in known]
    below = x_axis(across, HEIGHT, _ticks(drawn, across), title=drawn.title)
    beside, name = _beside(drawn, (across, up))
    return drawing(
        HEIGHT,
        label,
        y_axis(up, ticks),
        stretch(HEIGHT, beside, curve),
        *marks,
        name,
        _marked(drawn, (across, up)),
        below,
    )


def _scales(drawn: Points) -> tuple[Scale, Scale]:
    every = [drawn.series, *([drawn.beside] if drawn.beside else [])]
    xs = [x for series in every for x in numeric(series)]
    heights = [v for series in every for triple in triples(series) for v in triple if math.isfinite(v)]
    bottom, top = min(0.0, *heights), max(heights)
    low, high = min(xs), max(xs)
    return (
        Scale(low, high if high > low else low * 2 + 1, log=drawn.log),
        Scale(bottom, (top if top > bottom else bottom + 1) * 1.08, HEIGHT, flip=True),
    )


def _ticks(drawn: Points, across: Scale) -> list[Tick]:
    """Round numbers with room for their words."""
    wanted: Sequence[float] = _ROUND if drawn.log else nice_ticks(across.low, across.high)
    kept: list[Tick] = []
    for value in wanted:
        inside = across.low * 0.999 <= value <= across.high * 1.001
        if inside and (not kept or across(value) - across(kept[-1][0]) > _APART):
            kept.append((value, f"{value:,g}"))
    return kept


def _beside(drawn: Points, scales: tuple[Scale, Scale]) -> tuple[Markup, Markup]:
    """The second series as a dashed line, and its name above both curves, on the right."""
    if drawn.beside is None:
        return Markup(""), Markup("")
    across, up = scales
    places = [
        (across(x), up(y))
        for x, y in zip(numeric(drawn.beside), drawn.beside.y, strict=True)
        if math.isfinite(y)
    ]
    if not places:
        return Markup(""), Markup("")
    own = [(across(x), up(y)) for x, y in zip(numeric(drawn.series), drawn.series.y, strict=True)]
    highest = min(y for x, y in (*own, *places) if x > 45 and math.isfinite(y))  # on its half of the plot
    named = text(("100%", max(highest - 14, 10)), f"dashed: {drawn.beside_name}", "halo", anchor="end")
    return path(places, "s-mark", width=2, dash="4 4"), named


def _marked(drawn: Points, scales: tuple[Scale, Scale]) -> Markup:
    """From the curve at the marked place down to the axis."""
    across, up = scales
    if drawn.mark is None or not across.low <= drawn.mark <= across.high:
        return Markup("")
    xs = numeric(drawn.series)
    nearest = min(range(len(xs)), key=lambda place: abs(xs[place] - (drawn.mark or 0.0)))
    y = up(drawn.series.y[nearest])
    at, lean = across(drawn.mark), "end" if across(drawn.mark) > 60 else "start"
    return line((percent(at), y), (percent(at), HEIGHT), "s-log", width=1.4, dash="2 3") + text(
        (percent(at + (-2 if lean == "end" else 2)), HEIGHT - 10), drawn.mark_name, "log halo", anchor=lean
    )
