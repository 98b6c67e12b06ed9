"""What is left of order when a part of the log is taken away: one curve for each way of losing it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from diagnose.report.charts.persistence import numeric, triples
from diagnose.report.svg import (
    Scale,
    axis_word,
    band,
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

HEIGHT = 230
NAMES = {"events": "single events lost", "sessions": "whole sessions lost", "categories": "categories lost"}
_STYLES = {
    "events": ("s-log", "log", None),
    "sessions": ("s-ink3", "", None),
    "categories": ("s-mark", "", "5 4"),
}
_MIDDLE = 60.0  # percent of the plot
_APART = 16.0  # pixels between two names
_ROOM = 24.0  # percent of the plot between two rates: half a phone holds four of their words


@dataclass(frozen=True, kw_only=True)
class Thinned:
    """The curves by pattern of loss, shares of the order-blind loss over rates; and the effect floor."""

    curves: Mapping[str, Series]
    floor: float


def thinned(drawn: Thinned, label: str) -> Markup:
    """The curves over the share of the log kept, the floor as a dashed line, each named above its middle."""
    across, up = _scales(drawn)
    ticks = [(value, axis_word(100 * value)) for value in nice_ticks(0.0, up.high, about=4)]
    floor = line((0, up(drawn.floor)), ("100%", up(drawn.floor)), "s-ag", width=1.4, dash="4 3")
    shapes, marks = [], []
    for pattern, curve in drawn.curves.items():
        points = _known(curve)
        css, tone, dash = _STYLES[pattern]
        if pattern == "events":
            low = [(across(x), up(numbers[0])) for x, numbers in points]
            high = [(across(x), up(numbers[2])) for x, numbers in points]
            shapes.append(band(low, high, "f-soft"))
        shapes.append(path([(across(x), up(numbers[1])) for x, numbers in points], css, width=2.2, dash=dash))
        marks += [whisker_up((across, up), x, numbers, tone or "mark") for x, numbers in points]
    named = text(("100%", up(drawn.floor) - 6), "effect floor", "ag halo", anchor="end")
    below = x_axis(across, HEIGHT, _rates(drawn), title="share of this log kept (log scale)")
    return drawing(
        HEIGHT,
        label,
        y_axis(up, ticks),
        stretch(HEIGHT, *shapes),
        floor,
        *marks,
        named,
        *_names(drawn),
        below,
    )


def _known(curve: Series) -> list[tuple[float, tuple[float, float, float]]]:
    both = zip(numeric(curve), triples(curve), strict=True)
    return sorted((x, numbers) for x, numbers in both if math.isfinite(sum(numbers)))


def _scales(drawn: Thinned) -> tuple[Scale, Scale]:
    every = [point for curve in drawn.curves.values() for point in _known(curve)]
    heights = [end for _, numbers in every for end in numbers]
    bottom, top = min(0.0, *heights), max(drawn.floor * 1.5, *heights) * 1.08
    least = min(x for x, _ in every)
    return Scale(min(least, 0.5), 1.0, log=True), Scale(bottom, top, HEIGHT, flip=True)


def _rates(drawn: Thinned) -> list[tuple[float, str]]:
    """The measured rates, the whole log first, as far as their words have room on a phone."""
    across, _ = _scales(drawn)
    kept: list[float] = []
    for rate in sorted({x for curve in drawn.curves.values() for x, _ in _known(curve)}, reverse=True):
        if not kept or across(kept[-1]) - across(rate) > _ROOM:
            kept.append(rate)
    return [(rate, f"{100 * rate:.0f} %") for rate in kept]


def _names(drawn: Thinned) -> Sequence[Markup]:
    """Each curve's name above it, left of a point in the middle: a curve that rises is lower there."""
    across, up = _scales(drawn)
    middle = {
        pattern: min(_known(curve), key=lambda point: abs(across(point[0]) - _MIDDLE))
        for pattern, curve in drawn.curves.items()
    }
    heights = sorted(((up(numbers[2]), pattern) for pattern, (_, numbers) in middle.items()), reverse=True)
    names, last = [], math.inf
    for height, pattern in heights:
        last = min(height - 7, last - _APART)
        at = percent(across(middle[pattern][0]) + 2)
        css = f"{_STYLES[pattern][1]} halo".strip()
        names.append(text((at, last), NAMES[pattern], css, anchor="end"))
    return names
