"""Evolution paths as arrows: as long as the lag from one interest to the next, as heavy as the lift."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from diagnose.report import typeset
from diagnose.report.charts.persistence import lag_ticks
from diagnose.report.svg import Scale, drawing, line, percent, tag, text, x_axis
from diagnose.results import Estimate

ROW = 40
_LONGEST_NAME = 34  # letters beside the arrows; the whole name is in the table


@dataclass(frozen=True, kw_only=True)
class Arrow:
    """A path: how much likelier than chance, and how long it takes (median, low and high the middle half)."""

    name: str
    lift: float
    lag: Estimate | None  # days


def arrows(paths: Sequence[Arrow], label: str) -> Markup:
    """One row a path. Without lags all arrows are of one length."""
    height = ROW * len(paths)
    across = _scale(paths)
    rows = [_row(path, 22 + ROW * place, across) for place, path in enumerate(paths)]
    head = text(("100%", -10), "lift", "t", anchor="end")
    if across is None:
        return drawing(height, label, *rows, head)
    ticks = lag_ticks(across, "days")
    grid = [line((percent(across(day)), -6), (percent(across(day)), height), "s-grid") for day, _ in ticks]
    return drawing(height, label, *grid, *rows, head, x_axis(across, height, ticks))


def _scale(paths: Sequence[Arrow]) -> Scale | None:
    """A log axis that holds every lag, a little wider for the arrows' heads."""
    ends = [end for path in paths if path.lag for end in (path.lag.low, path.lag.value, path.lag.high)]
    known = [max(end, 1e-5) for end in ends if math.isfinite(end)]
    if not known:
        return None
    return Scale(min(known) / 2.5, max(known) * 2.5, log=True)


def _row(path: Arrow, y: float, across: Scale | None) -> Markup:
    width = 1 + min(4.0, max(0.0, 0.8 * (path.lift - 1)))
    tip, span = 50.0, Markup("")
    if across is not None and path.lag is not None:
        tip = across(path.lag.value)
        ends = percent(across(path.lag.low)), percent(across(path.lag.high))
        span = line((ends[0], y), (ends[1], y), "s-rule", width=10)
    head = tag(
        "svg",
        tag("path", d=f"M-3 -{4 + width:.1f}L{8 + width:.1f} 0L-3 {4 + width:.1f}Z", class_="f-log"),
        x=percent(tip),
        y=y,
        width=1,
        height=1,
        viewBox="0 0 1 1",
        class_="ov",
    )
    return (
        text((0, y + 4), typeset.drawn(path.name, widest=_LONGEST_NAME), "rowlab")
        + span
        + line((0, y), (percent(tip), y), "s-log", width=width)
        + head
        + text(("100%", y + 4), f"× {path.lift:.1f}", "b halo", anchor="end")
    )
