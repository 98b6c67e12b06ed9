"""Drift by capture: where this log lies between 'nothing moves' and 'all of it is on record'."""

from __future__ import annotations

import math
from dataclasses import dataclass

from markupsafe import Markup

from diagnose.report.svg import (
    Scale,
    dot,
    drawing,
    join,
    line,
    percent,
    rect,
    tag,
    text,
    x_axis,
)
from diagnose.results import Estimate

HEIGHT = 306
CORNERS = (
    ("1.5%", 18, "start", "Log more first"),
    ("98.5%", 18, "end", "Worth a trial"),
    ("1.5%", HEIGHT - 10, "start", "Keep it simple"),
    ("98.5%", HEIGHT - 10, "end", "Long-term profile"),
)
_AXIS = {"days": (0.5, 60.0), "events": (1.0, 200.0)}  # the half-lives of logs people build recommenders on
_ROUND = (0.01, 0.03, 0.1, 0.25, 0.5, 1, 3, 8, 20, 60, 200, 600, 2000, 6000)
_NAMES = {0.25: "¼", 0.5: "½"}


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a log lies. `half_life` is None where interests could not be timed."""

    low: float  # capture, shares of 1
    high: float
    identified: bool  # something was said about capture
    half_life: Estimate | None
    still: bool = False  # interests hold still: at the slow end, whatever the clock says


def quadrant(place: Place, label: str) -> Markup:
    """The square with its four corners and this log as a point, a bar or a hatched area."""
    across, down = Scale(0, 1), _half_life_scale(place.half_life)
    ground = [
        line((0, 0), ("100%", 0), "s-grid"),
        line((0, 0), (0, HEIGHT), "s-rule"),
        line(("100%", 0), ("100%", HEIGHT), "s-rule"),
        line(("50%", 0), ("50%", HEIGHT), "s-rule"),
    ]
    corners = [text((x, y), name, "b halo", anchor=lean) for x, y, lean, name in CORNERS]
    ticks = [(value, _NAMES.get(value, f"{value:,g}")) for value in _ROUND if down.low <= value <= down.high]
    sides = [text((-8, down(value) + 4), name, "t", anchor="end") for value, name in ticks]
    axis = x_axis(
        across,
        HEIGHT,
        [(0, "0"), (0.25, "25"), (0.5, "50"), (0.75, "75"), (1, "100 %")],
        title="share of users’ behaviour the log holds",
    )
    return drawing(HEIGHT, label, *ground, _mark(place, across, down), *corners, *sides, axis)


def _half_life_scale(half_life: Estimate | None) -> Scale:
    """A log axis, short half-lives on top, wide enough for this log."""
    low, high = _AXIS.get(half_life.unit if half_life else "days", _AXIS["days"])
    known = [] if half_life is None else [half_life.low, half_life.value, half_life.high]
    seen = [value for value in known if math.isfinite(value) and value > 0]
    return Scale(
        min([low, *(v / 1.4 for v in seen)]), max([high, *(v * 1.4 for v in seen)]), HEIGHT, log=True
    )


def _mark(place: Place, across: Scale, down: Scale) -> Markup:
    """This log: a cross where both numbers are known, else the area in which it must lie."""
    top, middle, bottom = (
        _vertical(place.half_life, down) if not place.still else (HEIGHT - 7, math.nan, HEIGHT)
    )
    left, right = across(place.low), across(place.high)
    timed = place.half_life is not None
    if place.identified and timed and math.isfinite(middle):
        return _cross(left, right, (top, middle, bottom))
    width, height = max(right - left, 1.2), max(bottom - top, 7)
    area = _hatched((percent(left), top), (percent(width), height))
    where = left + width / 2
    lean = "start" if where < 30 else "end" if where > 70 else "middle"
    words = "this log" if place.identified or timed or place.still else "this log: not placed"
    # beside a thin area, inside a tall one; never on the corner words
    above = min(top - 10, HEIGHT - 36)
    y = above if height < 60 and top > 50 else bottom + 20 if height < 60 else HEIGHT / 2 + 4
    point = Markup("")
    if timed and math.isfinite(middle):
        point = line((percent(left), middle), (percent(left + width), middle), "s-log", width=1.5)
    return join([area, point, text((percent(where), y), words, "log halo", anchor=lean)])


def _vertical(half_life: Estimate | None, down: Scale) -> tuple[float, float, float]:
    """Pixels of (shortest, best, longest) half-life; the whole height where it is not known."""
    if half_life is None:
        return 0.0, math.nan, float(HEIGHT)
    low = down(half_life.low) if math.isfinite(half_life.low) else 0.0
    high = down(half_life.high) if math.isfinite(half_life.high) else float(HEIGHT)
    middle = down(half_life.value) if math.isfinite(half_life.value) else math.nan
    return low, middle, high


def _cross(left: float, right: float, heights: tuple[float, float, float]) -> Markup:
    top, middle, bottom = heights
    centre = (left + right) / 2
    lean = "end" if centre > 70 else "start" if centre < 30 else "middle"
    return join(
        [
            line((percent(left), middle), (percent(right), middle), "s-log", width=2.5),
            line((percent(centre), top), (percent(centre), bottom), "s-log", width=2.5),
            dot((percent(centre), middle), "f-log s-paper", radius=7, rim=2),
            text(
                (percent(centre), top - 14 if top > 44 else bottom + 22), "this log", "log halo", anchor=lean
            ),
        ]
    )


def _hatched(corner: tuple[str, float], size: tuple[str, float]) -> Markup:
    stripe = rect((0, 0), (2, 7), "f-log", opacity=0.2)
    pattern = tag(
        "pattern",
        stripe,
        id="hatch",
        width=7,
        height=7,
        patternUnits="userSpaceOnUse",
        patternTransform="rotate(45)",
    )
    area = tag(
        "rect",
        x=corner[0],
        y=corner[1],
        width=size[0],
        height=size[1],
        fill="url(#hatch)",
        class_="s-log",
        stroke_width=1.2,
        stroke_dasharray="5 4",
    )
    return tag("defs", pattern) + area
