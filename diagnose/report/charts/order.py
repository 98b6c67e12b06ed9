"""How order's worth splits: the whole loss, the part that order saves, and what that part is made of."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from diagnose.report.svg import drawing, join, line, percent, rect, stretch, tag, text
from diagnose.results import Estimate

HEIGHT = 192
_ROWS = (66, 136)  # y of the two cuts


@dataclass(frozen=True, kw_only=True)
class Part:
    """A named part of a bar."""

    name: str
    estimate: Estimate
    shown: str


@dataclass(frozen=True, kw_only=True)
class Split:
    """What the bar is drawn from: `saved` is a share of 1 of the order-blind loss; no part is negative."""

    saved: float
    ends: tuple[float, float]  # its interval
    saved_shown: str
    loss_shown: str
    cuts: Sequence[tuple[Part, Part]]  # each adds up to what order saves


def order_split(split: Split, label: str) -> Markup:
    """The loss on top; what order saves of it opened below, once or twice."""
    edge = 100 * (1 - split.saved)
    top = [
        text((0, -6), split.loss_shown),
        text(("100%", -6), split.saved_shown, "log", anchor="end"),
        rect((0, 2), (percent(edge), 20), "f-rule"),
        rect((percent(edge), 2), (percent(100 - edge), 20), "f-log"),
        *_interval(split.ends),
        stretch(HEIGHT, tag("path", d=f"M{edge * 10:.0f} 22L1000 22L1000 66L0 66Z", class_="f-faint")),
    ]
    rows = [_cut(parts, y) for parts, y in zip(split.cuts, _ROWS, strict=False)]
    return drawing(_ROWS[len(split.cuts) - 1] + 56, label, *top, *rows)


def _interval(ends: tuple[float, float]) -> list[Markup]:
    """The interval of what is saved, across the edge of grey and colour: light, with a dark rim."""
    if not math.isfinite(sum(ends)):
        return []
    far, near = (percent(100 * (1 - min(1.0, max(0.0, end)))) for end in (ends[1], ends[0]))
    return [
        line((far, 12), (near, 12), "s-ink", width=3),
        line((far, 12), (near, 12), "s-paper", width=1.4),
    ]


def _cut(parts: tuple[Part, Part], y: float) -> Markup:
    """Two parts side by side, named below, with the interval of the cut."""
    first, second = parts
    both = first.estimate.value + second.estimate.value
    share = 100 * first.estimate.value / both if both > 0 else 100.0
    ends = [100 * min(1.0, max(0.0, bound / both)) for bound in (first.estimate.low, first.estimate.high)]
    return join(
        [
            rect((0, y), (percent(share), 34), "f-log"),
            rect((percent(share), y), (percent(100 - share), 34), "f-half"),
            rect((percent(share), y), (2, 34), "f-paper"),
            line((percent(ends[0]), y + 17), (percent(ends[1]), y + 17), "s-paper", width=2),
            text((0, y + 51), f"{first.name}: {first.shown}", "b"),
            text(("100%", y + 51), f"{second.name}: {second.shown}", anchor="end"),
        ]
    )
