"""The half-life curve: how fast two events of one user stop sharing a category."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from diagnose.report.svg import (
    Scale,
    axis_word,
    band,
    dot,
    drawing,
    line,
    nice_ticks,
    path,
    percent,
    rect,
    stretch,
    text,
    whisker_up,
    x_axis,
    y_axis,
)
from diagnose.results import Estimate, Series

HEIGHT = 210
_LAGS = {
    "days": (
        (1 / 1440, "1 min"),
        (1 / 144, "10 min"),
        (1 / 24, "1 h"),
        (0.25, "6 h"),
        (1.0, "1 day"),
        (3.0, "3"),
        (7.0, "7"),
        (30.0, "30"),
        (90.0, "90"),
        (365.0, "1 year"),
        (1000.0, "1,000"),
    ),
    "events": (
        (1.0, "1"),
        (2.0, "2"),
        (5.0, "5"),
        (10.0, "10"),
        (20.0, "20"),
        (50.0, "50"),
        (100.0, "100"),
        (500.0, "500"),
    ),
}


@dataclass(frozen=True, kw_only=True)
class Curve:
    """Agreement by lag: the points, and the fitted line where there is one."""

    points: Series
    fit: Series | None
    half_life: Estimate | None
    unit: str  # "days" | "events"


def half_life(curve: Curve, label: str) -> Markup:
    """Points with intervals, the fitted line with its band, the half-life as a dropped line."""
    scales = _scales(curve)
    across, up = scales
    ticks = [(value, axis_word(value)) for value in nice_ticks(up.low, up.high, about=4)]
    curves = [_fitted(curve.fit, scales)] if curve.fit is not None else []
    wash = _span(curve.half_life, across)
    points = [
        whisker_up(scales, x, numbers, "log")
        for x, numbers in zip(numeric(curve.points), triples(curve.points), strict=True)
        if math.isfinite(numbers[1]) and x > 0
    ]
    title = "time between them (log scale)" if curve.unit == "days" else "events between them (log scale)"
    axis = x_axis(across, HEIGHT, lag_ticks(across, curve.unit), title=title)
    drop = _dropped(curve, scales)
    return drawing(HEIGHT, label, y_axis(up, ticks), wash, *curves, *points, drop, axis)


def numeric(series: Series) -> list[float]:
    """The x of a series as numbers."""
    return [float(x) for x in series.x]


def triples(series: Series) -> list[tuple[float, float, float]]:
    """(low, value, high) of each point; NaN where the series has no interval."""
    missing = (math.nan,) * len(series.y)
    return list(zip(series.low or missing, series.y, series.high or missing, strict=True))


def _scales(curve: Curve) -> tuple[Scale, Scale]:
    drawn = [curve.points, *([curve.fit] if curve.fit is not None else [])]
    lags = [x for series in drawn for x in numeric(series) if x > 0]
    heights = [v for series in drawn for triple in triples(series) for v in triple if math.isfinite(v)]
    bottom, top = min(0.0, *heights), max(0.05, *heights) * 1.08
    low, high = min(lags), max(lags)
    return Scale(low, max(high, low * 2), log=True), Scale(bottom, top, HEIGHT, flip=True)


def lag_ticks(across: Scale, unit: str) -> list[tuple[float, str]]:
    """Round lags on the axis, with room for their words."""
    kept: list[tuple[float, str]] = []
    for value, name in _LAGS[unit]:
        inside = across.low * 0.999 <= value <= across.high * 1.001
        if inside and (not kept or across(value) - across(kept[-1][0]) > 11):
            kept.append((value, name))
    return kept


def _fitted(fit: Series, scales: tuple[Scale, Scale]) -> Markup:
    lags = numeric(fit)
    shapes = []
    if fit.low and fit.high and all(map(math.isfinite, (*fit.low, *fit.high))):
        shapes.append(band(_places(lags, fit.low, scales), _places(lags, fit.high, scales), "f-soft"))
    if all(map(math.isfinite, fit.y)):
        shapes.append(path(_places(lags, fit.y, scales), "s-log", width=2.4))
    return stretch(HEIGHT, *shapes)


def _places(
    lags: Sequence[float], heights: Sequence[float], scales: tuple[Scale, Scale]
) -> list[tuple[float, float]]:
    across, up = scales
    return [(across(x), up(y)) for x, y in zip(lags, heights, strict=True) if x > 0]


def _span(half_life: Estimate | None, across: Scale) -> Markup:
    """The interval of the half-life as a pale column."""
    if half_life is None or not math.isfinite(half_life.low):
        return Markup("")
    left = across(half_life.low)
    right = across(half_life.high) if math.isfinite(half_life.high) else 100.0
    return rect((percent(left), 0), (percent(right - left), HEIGHT), "f-wash")


def _dropped(curve: Curve, scales: tuple[Scale, Scale]) -> Markup:
    """From the curve at the half-life down to the axis."""
    found, across, up = curve.half_life, *scales
    if found is None or curve.fit is None or not across.low <= found.value <= across.high:
        return Markup("")
    lags = numeric(curve.fit)
    nearest = min(range(len(lags)), key=lambda i: abs(lags[i] - found.value))
    if not math.isfinite(curve.fit.y[nearest]):
        return Markup("")
    at, y = percent(across(found.value)), up(curve.fit.y[nearest])
    lean = "end" if across(found.value) > 75 else "start"  # above a falling curve, or below it
    beside = max(y - 14, 14) if lean == "start" else min(y + 26, HEIGHT - 6)
    aside = percent(across(found.value) + (-2 if lean == "end" else 2))
    return (
        line((at, y), (at, HEIGHT), "s-log", width=1.4, dash="2 3")
        + dot((at, y), "f-paper s-log", radius=5, rim=2.4)
        + text((aside, beside), "half-life", "log halo", anchor=lean)
    )
