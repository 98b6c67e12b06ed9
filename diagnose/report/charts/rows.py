"""Strips for row charts: each fills its row, so zones and hairlines run unbroken through the table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from diagnose.report.svg import Scale, anchor_at, drawing, join, line, percent, rect, text, whisker
from diagnose.results import Flip

MIDDLE = "50%"
_LETTER = 8.0  # pixels of a digit of 12.5 px in the widest of the fallback fonts
Triple = tuple[float, float, float]  # low, value, high


@dataclass(frozen=True, kw_only=True)
class Axis:
    """An axis that the rows of a table share."""

    scale: Scale
    ticks: Sequence[tuple[float, str]]  # labelled in the head row
    lines: Sequence[tuple[float, str]] = ()  # (value, css class) drawn through every row
    zone: tuple[float, float, str] | None = None  # (low, high, css class) shaded through every row
    narrowest: float = 184.0  # pixels that the strip has at the least favourable width of the page


def axis_strip(axis: Axis, label: str) -> Markup:
    """The head row: the axis labels alone, those given first before others where room is short."""
    words = [
        text((percent(axis.scale(value)), "75%"), name, "t", anchor=anchor_at(axis.scale(value), 8, 92))
        for value, name in _apart(axis, lean=(8, 92))
    ]
    return drawing(None, label, *words)


def estimate_strip(axis: Axis, numbers: Triple, css: str, label: str) -> Markup:
    """One estimate on the shared axis."""
    return drawing(None, label, _ground(axis), whisker(axis.scale, numbers, MIDDLE, css))


def bar_strip(axis: Axis, low: float, high: float, label: str) -> Markup:
    """An interval without a point; dashed where it says nothing (0 to 1)."""
    ends = percent(axis.scale(low)), percent(axis.scale(high))
    silent = low <= 0 and high >= 1
    bar = (
        line((ends[0], MIDDLE), (ends[1], MIDDLE), "s-mark", width=2, dash="3 5")
        if silent
        else line((ends[0], MIDDLE), (ends[1], MIDDLE), "round s-log", width=6)
    )
    return drawing(None, label, _ground(axis), bar)


def flip_strip(flip: Flip, label: str) -> Markup:
    """Where a number lies now, and, shaded, where the verdict would change."""
    scale = flip_scale(flip)
    start, end = (flip.threshold, scale.high) if flip.side == "above" else (scale.low, flip.threshold)
    left, right = scale(start), scale(end)
    now = flip.now if flip.now is not None else math.nan
    return drawing(
        None,
        label,
        rect((percent(left), "22%"), (percent(right - left), "56%"), "f-ags"),
        line((0, MIDDLE), ("100%", MIDDLE), "s-rule"),
        line(
            (percent(scale(flip.threshold)), "14%"),
            (percent(scale(flip.threshold)), "86%"),
            "s-ag",
            width=1.6,
        ),
        whisker(scale, (flip.low, now, flip.high), MIDDLE, "log"),
    )


def flip_scale(flip: Flip) -> Scale:
    """The flip's own axis, widened until it holds the number and the threshold."""
    numbers = [flip.axis_low, flip.axis_high, flip.threshold, flip.low, flip.high, flip.now]
    known = [value for value in numbers if value is not None and math.isfinite(value)]
    low, high = min(known, default=0.0), max(known, default=1.0)
    return Scale(low, high) if high > low else Scale(low - 0.5, low + 0.5)


def micro(axis: Axis, numbers: Triple, label: str) -> Markup:
    """The strip under a carrying number: two or three ticks, the one that matters carrying its meaning."""
    scale, marks = axis.scale, [line((0, 12), ("100%", 12), "s-rule")]
    for value, name in _apart(axis, lean=(15, 70)):
        place = scale(value)
        marks.append(line((percent(place), 9), (percent(place), 15), "s-ink3"))
        marks.append(text((percent(place), 29), name, "t", anchor=anchor_at(place)))
    return drawing(32, label, *marks, whisker(scale, numbers, 12, "log"))


def _apart(axis: Axis, *, lean: tuple[float, float]) -> list[tuple[float, str]]:
    """The ticks, first ones first, whose words have room on the narrowest strip."""
    letter = 100 * _LETTER / axis.narrowest
    kept: list[tuple[float, str]] = []
    taken: list[tuple[float, float]] = []
    for value, name in axis.ticks:
        place, width = axis.scale(value), letter * len(name)
        start = place - {"start": 0.0, "middle": width / 2, "end": width}[anchor_at(place, *lean)]
        if all(start > right + letter or start + width < left - letter for left, right in taken):
            kept.append((value, name))
            taken.append((start, start + width))
    return kept


def _ground(axis: Axis) -> Markup:
    parts = []
    if axis.zone is not None:
        left, right = axis.scale(axis.zone[0]), axis.scale(axis.zone[1])
        parts.append(rect((percent(left), 0), (percent(right - left), "100%"), axis.zone[2]))
    parts += [
        line((percent(axis.scale(value)), 0), (percent(axis.scale(value)), "100%"), css)
        for value, css in axis.lines
    ]
    return join(parts)


def spanning(
    numbers: Sequence[float], *, include: Sequence[float] = (), margin: float = 0.06
) -> tuple[float, float]:
    """The ends of an axis that holds all finite numbers, with a margin."""
    known = [value for value in (*numbers, *include) if math.isfinite(value)] or [0.0, 1.0]
    low, high = min(known), max(known)
    pad = (high - low) * margin or max(abs(high) * 0.1, 1e-3)
    return low - pad, high + pad
