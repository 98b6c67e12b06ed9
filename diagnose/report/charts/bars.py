"""Shares by class as columns: how deep histories are when a prediction is due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from diagnose.report.svg import Scale, axis_word, drawing, join, line, nice_ticks, percent, rect, text, y_axis

HEIGHT = 230


@dataclass(frozen=True, kw_only=True)
class Bars:
    """A share for each class, in order; classes from `first_marked` on are those that matter."""

    names: Sequence[str]
    shares: Sequence[float]
    first_marked: int
    title: str  # of the axis below


def bars(drawn: Bars, label: str) -> Markup:
    """Columns with their per cent above and their class below."""
    up = Scale(0.0, max(drawn.shares) * 1.12 or 1.0, HEIGHT, flip=True)
    width = 100 / len(drawn.shares)
    ticks = [(value, axis_word(100 * value)) for value in nice_ticks(0.0, up.high, about=3)]
    marks = []
    for place, (name, share) in enumerate(zip(drawn.names, drawn.shares, strict=True)):
        marked = place >= drawn.first_marked
        corner = percent(place * width + width * 0.08), up(share)
        marks.append(
            rect(corner, (percent(width * 0.84), HEIGHT - up(share)), "f-log" if marked else "f-mark")
        )
        middle = percent((place + 0.5) * width)
        marks.append(text((middle, up(share) - 6), f"{100 * share:.0f}", "halo", anchor="middle"))
        low = HEIGHT + 19 if place % 2 == 0 else HEIGHT + 33  # two rows: names have room on a phone
        marks.append(text((middle, low), name, "t", anchor="middle"))
    axis = line((0, HEIGHT), ("100%", HEIGHT), "s-ink3")
    below = text(("100%", HEIGHT + 52), drawn.title, "t", anchor="end")
    return drawing(HEIGHT, label, y_axis(up, ticks), join(marks), axis, below)
