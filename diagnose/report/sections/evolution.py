"""Which interests lead to which: the directed pairs, as arrows and as a table."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup

from diagnose.report import units
from diagnose.report.charts import paths
from diagnose.report.charts.persistence import triples
from diagnose.report.sections import views
from diagnose.report.sections.movement import estimate_of, series_of
from diagnose.report.typeset import isolated
from diagnose.results import Estimate, Result, Series

MOST_DRAWN = 12  # arrows: more are read by nobody


def evolution(result: Result) -> views.Figure | None:
    """The directed pairs of interests, strongest first."""
    lift = series_of(result, "evolution_paths", "path_lift")
    if lift is None:
        return None
    lags = series_of(result, "evolution_paths", "path_lag_days")
    middle = dict(zip(lags.x, triples(lags), strict=True)) if lags else {}
    drawn = [
        paths.Arrow(name=str(name), lift=value, lag=_lag(middle.get(name)))
        for name, value in zip(lift.x, lift.y, strict=True)
    ]
    strongest = drawn[:MOST_DRAWN]
    found = estimate_of(result, "evolution_paths", "paths")
    share = estimate_of(result, "evolution_paths", "directed_share")
    count = int(found.value) if found else len(drawn)
    first = str(lift.x[0])
    rate = views.setting(result, "paths", "false_discovery")
    chance = f" (at most {units.figure(rate, 'share')} of them by chance)" if isinstance(rate, float) else ""
    note = f"{count:,} directed pairs stand out{chance}."
    if len(drawn) > len(strongest):
        note += f" The first {len(strongest)} are drawn, the table has {len(drawn)}."
    if share:
        note += f" They direct {units.whole(share)} of the steps between unlike interests."
    return views.Figure(
        title=Markup("Some paths have a direction: {}").format(isolated(first, widest=60)),
        sub="Pairs followed more often one way than the other. Arrow: median time between the two (log "
        "scale); pale bar: middle half; heavier: greater lift.",
        plot=paths.arrows(strongest, _paths_told(strongest)),
        note=note,
        table=_paths_table(result, lift),
        frame="plot lab thin",
    )


def _lag(numbers: tuple[float, float, float] | None) -> Estimate | None:
    if numbers is None or not math.isfinite(numbers[1]):
        return None
    low, value, high = numbers
    return Estimate(value=value, low=low, high=high, unit="days", level=0.5)


def _paths_told(drawn: Sequence[paths.Arrow]) -> str:
    said = [
        f"{arrow.name}, lift {arrow.lift:.1f}"
        + (f", {units.figure(arrow.lag.value, 'days')}" if arrow.lag else "")
        for arrow in drawn
    ]
    return f"{len(drawn)} strongest paths: " + "; ".join(said)


def _paths_table(result: Result, lift: Series) -> views.Table:
    """All numbers of the paths shown."""
    columns = [
        (head, series_of(result, "evolution_paths", name), decimals)
        for head, name, decimals in (
            ("median days", "path_lag_days", 2),
            ("times", "path_events", 0),
            ("the other way", "path_reverse_events", 0),
            ("users", "path_users", 0),
        )
    ]
    known = [
        (head, dict(zip(each.x, each.y, strict=True)), decimals) for head, each, decimals in columns if each
    ]
    lines = [
        (
            str(name),
            f"{value:.2f}",
            f"{low:.2f} to {high:.2f}",
            *(f"{values.get(name, math.nan):,.{decimals}f}" for _, values, decimals in known),
        )
        for name, (low, value, high) in zip(lift.x, triples(lift), strict=True)
    ]
    return views.Table(
        caption="Evolution paths",
        head=("path", "lift", "90 % interval", *(head for head, _, _ in known)),
        rows=lines,
    )
