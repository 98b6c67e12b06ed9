"""Chart grammar: x in percent of the plot, y in pixels, text that never scales.

One SVG then serves a phone and a desk: the plot stretches, 12.5 px stay 12.5 px. Curves live in a
nested svg that stretches, with strokes that do not. Everything is `Markup`: strings are escaped here.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from diagnose.formatting import MINUS

Coordinate = float | str  # pixels, or "12.5%"
Point = tuple[Coordinate, Coordinate]
Tick = tuple[float, str]


def tag(name: str, *children: Markup | str, **attributes: Coordinate | None) -> Markup:
    """One element: `class_` becomes class, `stroke_width` stroke-width; None leaves an attribute out."""
    shown = (
        Markup(' {}="{}"').format(_literal(key.rstrip("_").replace("_", "-")), _coordinate(value))
        for key, value in attributes.items()
        if value is not None
    )
    return Markup("<{0}{1}>{2}</{0}>").format(_literal(name), join(shown), join(children))


def join(parts: Iterable[Markup | str]) -> Markup:
    """Parts one after the other; plain strings are escaped."""
    return Markup("").join(parts)


def _literal(name: str) -> Markup:
    """A name of an element or attribute, out of this package and never out of a log."""
    return Markup(name)  # noqa: S704


def _coordinate(value: Coordinate) -> str:
    return value if isinstance(value, str) else _short(value, 1)


def _short(value: float, decimals: int) -> str:
    text = f"{value:.{decimals}f}"
    trimmed = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if trimmed == "-0" else trimmed


@dataclass(frozen=True)
class Scale:
    """A value's place: percent of the plot's width, or pixels of its height."""

    low: float
    high: float
    size: float = 100.0
    log: bool = False
    flip: bool = False

    def __call__(self, value: float) -> float:
        """The place of `value`; places beyond the axis are its ends, as are infinities."""
        low, high, at = self._line(self.low), self._line(self.high), self._line(value)
        share = min(1.0, max(0.0, (at - low) / (high - low)))
        return (1 - share if self.flip else share) * self.size

    def _line(self, value: float) -> float:
        return math.log10(max(value, 1e-12)) if self.log else value


def percent(place: float) -> str:
    """A place as an SVG percentage: '12.5%'."""
    return f"{_short(place, 2)}%"


def nice_ticks(low: float, high: float, *, about: int = 4) -> list[float]:
    """Round numbers (1, 2 or 5 times a power of ten) from `low` to `high`, about so many."""
    rough = (high - low) / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [round(number * step, 12) for number in range(first, math.floor(high / step + 1e-9) + 1)]


def axis_word(value: float) -> str:
    """A round number on an axis: no exponent, a real minus sign."""
    shown = f"{value:,.10f}".rstrip("0").rstrip(".")
    return shown.replace("-", MINUS)


def line(start: Point, end: Point, css: str, *, width: float = 1, dash: str | None = None) -> Markup:
    """A straight line; x may be percentages."""
    return tag(
        "line",
        x1=start[0],
        y1=start[1],
        x2=end[0],
        y2=end[1],
        class_=css,
        stroke_width=width,
        stroke_dasharray=dash,
    )


def text(at: Point, content: Markup | str, css: str | None = None, *, anchor: str | None = None) -> Markup:
    """A label, escaped."""
    return tag("text", content, x=at[0], y=at[1], class_=css, text_anchor=anchor)


def dot(at: Point, css: str, *, radius: float = 4.5, rim: float | None = None) -> Markup:
    """A disc; `rim` is the width of its outline."""
    return tag("circle", cx=at[0], cy=at[1], r=radius, class_=css, stroke_width=rim)


def rect(corner: Point, size: Point, css: str, *, opacity: float | None = None) -> Markup:
    """A filled rectangle."""
    fade = None if opacity is None else _short(opacity, 2)
    return tag("rect", x=corner[0], y=corner[1], width=size[0], height=size[1], class_=css, opacity=fade)


def stretch(height: float, *body: Markup) -> Markup:
    """The nested svg in which curves stretch with the page; x runs from 0 to 1000."""
    return tag(
        "svg",
        *body,
        x=0,
        y=0,
        width="100%",
        height=height,
        viewBox=f"0 0 1000 {_short(height, 1)}",
        preserveAspectRatio="none",
    )


def path(
    points: Sequence[tuple[float, float]], css: str, *, width: float = 2, dash: str | None = None
) -> Markup:
    """A curve through points (percent, pixels), for inside `stretch`."""
    return tag(
        "path",
        d=f"M{_steps(points)}",
        class_=f"no ns {css}",
        stroke_width=width,
        stroke_dasharray=dash,
        stroke_linejoin="round",
        stroke_linecap="round",
    )


def band(low: Sequence[tuple[float, float]], high: Sequence[tuple[float, float]], css: str) -> Markup:
    """The area between two curves, for inside `stretch`."""
    return tag("path", d=f"M{_steps([*low, *reversed(high)])}Z", class_=css)


def _steps(points: Sequence[tuple[float, float]]) -> str:
    return "L".join(f"{_short(x * 10, 0)} {_short(y, 1)}" for x, y in points)


def drawing(height: float | None, label: str, *body: Markup) -> Markup:
    """The svg itself. `label` states the numbers for those who do not see it; None fills a strip."""
    width = None if height is None else "100%"
    return tag("svg", *body, width=width, height=height, role="img", aria_label=label)


def x_axis(scale: Scale, height: float, ticks: Sequence[Tick], *, title: str = "") -> Markup:
    """The axis under a plot, labels leaning inwards at both ends."""
    marks = [line((0, height), ("100%", height), "s-ink3")]
    for value, label in ticks:
        place = scale(value)
        marks.append(line((percent(place), height), (percent(place), height + 5), "s-ink3"))
        marks.append(text((percent(place), height + 19), label, "t", anchor=anchor_at(place, 1, 99)))
    if title:
        marks.append(text(("100%", height + 37), title, "t", anchor="end"))
    return join(marks)


def y_axis(scale: Scale, ticks: Sequence[Tick]) -> Markup:
    """Hairlines across a plot, labelled outside its left edge."""
    return join(
        line((0, scale(value)), ("100%", scale(value)), "s-grid")
        + text((-8, scale(value) + 4), label, "t", anchor="end")
        for value, label in ticks
    )


def anchor_at(place: float, start: float = 15, end: float = 70) -> str:
    """How a label leans so that it stays inside: start near the left edge, end near the right."""
    return "start" if place < start else "end" if place > end else "middle"


def whisker(scale: Scale, numbers: tuple[float, float, float], y: Coordinate, css: str) -> Markup:
    """An estimate on a horizontal axis: (low, value, high) as a thick line and a dot with a paper rim."""
    low, value, high = numbers
    marks = []
    if math.isfinite(low) or math.isfinite(high):
        ends = percent(scale(_or(low, scale.low))), percent(scale(_or(high, scale.high)))
        marks.append(line((ends[0], y), (ends[1], y), f"round s-{css}", width=3))
    if math.isfinite(value):
        marks.append(dot((percent(scale(value)), y), f"f-{css} s-paper", radius=5, rim=1.5))
    return join(marks)


def whisker_up(
    scales: tuple[Scale, Scale], x: float, numbers: tuple[float, float, float], css: str
) -> Markup:
    """An estimate on a vertical axis, at x: (low, value, high)."""
    across, up = scales
    low, value, high = numbers
    at = percent(across(x))
    bar = (
        line((at, up(low)), (at, up(high)), f"s-{css}", width=1.4)
        if math.isfinite(low + high)
        else Markup("")
    )
    return bar + dot((at, up(value)), f"f-{css}", radius=3)


def _or(value: float, otherwise: float) -> float:
    return value if math.isfinite(value) else otherwise
