"""Learning curves as small multiples: every arm in its own panel, the others grey behind it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from diagnose.report.svg import Scale, dot, drawing, line, path, percent, stretch, text

HEIGHT = 104


@dataclass(frozen=True, kw_only=True)
class Learning:
    """Validation GAUC of one arm, one value an evaluation, evenly over its schedule."""

    name: str
    values: Sequence[float]


def panels(arms: Sequence[Learning], labels: Sequence[str]) -> list[Markup]:
    """One panel an arm, all on one scale: the arm in colour, the others grey; ring: its best point."""
    known = [value for arm in arms for value in arm.values if math.isfinite(value)]
    low, high = min(known), max(known)
    up = Scale(low, high if high > low else low + 0.01, HEIGHT, flip=True)
    curves = [_places(arm.values, up) for arm in arms]
    return [_panel(index, curves, label) for index, label in enumerate(labels)]


def _panel(index: int, curves: Sequence[Sequence[tuple[float, float]]], label: str) -> Markup:
    others = [
        path(curve, "s-rule", width=1) for other, curve in enumerate(curves) if other != index and curve
    ]
    own = path(curves[index], "s-log", width=2.2)
    best = min(curves[index], key=lambda point: point[1])
    return drawing(
        HEIGHT,
        label,
        stretch(HEIGHT, *others, own),
        dot((percent(best[0]), best[1]), "f-paper s-log", radius=4, rim=2),
        line((0, HEIGHT), ("100%", HEIGHT), "s-ink3"),
        text((0, HEIGHT + 15), "start", "t"),
        text(("100%", HEIGHT + 15), "end", "t", anchor="end"),
    )


def _places(values: Sequence[float], up: Scale) -> list[tuple[float, float]]:
    across = Scale(0, max(len(values) - 1, 1))
    return [(across(step), up(value)) for step, value in enumerate(values) if math.isfinite(value)]
