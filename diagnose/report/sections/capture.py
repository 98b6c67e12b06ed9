"""Condition 2: how much of users' behaviour does the log hold, and how clean is it?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from diagnose.formatting import count
from diagnose.report import units, words
from diagnose.report.charts import rows
from diagnose.report.sections import losses, views
from diagnose.report.sections.known import Known
from diagnose.report.sections.known import known as known_of
from diagnose.report.sections.movement import estimate_of
from diagnose.report.sections.numbers import capture_known, captured, setting, told_of_capture
from diagnose.report.sections.probes import Probe, probes
from diagnose.report.svg import Scale
from diagnose.results import Capture, Fault, Hygiene, Result, Statement, Wanted

WHOLE = rows.Axis(
    scale=Scale(0, 1),
    ticks=((0, "0"), (0.25, "25"), (0.5, "50"), (0.75, "75"), (1, "100 %")),
    lines=tuple((share, "s-grid") for share in (0, 0.25, 0.5, 0.75, 1)),
    narrowest=248.0,
)


LONGEST_SCOPE = 40  # letters: a longer one makes no headline


@dataclass(frozen=True, kw_only=True)
class CaptureView:
    """Section 2."""

    title: str
    scope: str  # of a title that has no room for it
    short: str
    arguments: Sequence[views.Argument]
    statements: views.RowChart
    known: Known
    thinning: views.Figure | None
    depth: views.Figure | None
    outages: views.Figure | None
    conflict: bool
    wanted: Sequence[Wanted]
    hygiene: Hygiene
    faults: views.RowChart | None
    probes: Sequence[Probe]


def capture(result: Result) -> CaptureView:
    """Section 2 of a result."""
    told, held = told_of_capture(result), result.capture
    number = captured(result)
    shown = units.between(held.low, held.high, "share", worded=True)
    return CaptureView(
        title=_title(held, shown) if told else "Unknown. A log cannot say by itself what it has missed.",
        scope=held.scope if told and len(held.scope) > LONGEST_SCOPE else "",
        short=shown if capture_known(result) else number.value,
        arguments=views.arguments(result.verdict.reasons, views.CAPTURE),
        statements=_statements(result),
        known=known_of(result),
        thinning=losses.thinning(result),
        depth=losses.depth(result),
        outages=losses.outages(result),
        conflict=held.conflict,
        wanted=held.wanted,
        hygiene=result.hygiene,
        faults=_faults(result),
        probes=probes(result, "capture"),
    )


def _title(held: Capture, shown: str) -> str:
    scope = f" ({held.scope})" if len(held.scope) <= LONGEST_SCOPE else ""
    return f"The log holds {shown} of {held.unit}{scope}."


def _statements(result: Result) -> views.RowChart:
    """Every argument on one axis, and what all of them allow."""
    held = result.capture
    informative = sum(not (s.low <= 0 and s.high >= 1) for s in held.statements)
    title = {0: "Nothing on record says how much is captured", 1: "One argument says how much is captured"}
    return views.RowChart(
        title=title.get(informative, f"{informative} arguments say how much is captured"),
        sub="Share of behaviour that the log holds, joined to a user",
        kind="states",
        label="Statements on capture",
        head=("Grade", "Argument and what it assumes", "captured"),
        axis=rows.axis_strip(WHOLE, "Axis from 0 to 100 percent"),
        rows=[*(_statement(statement) for statement in held.statements), _together(held)],
        note="A: an outside observer. B: an argument from the log’s own structure. C: nothing identifies it. "
        "Behaviour outside the scope named is in none of these.",
        table=_statement_numbers(held.statements),
    )


def _statement(said: Statement) -> views.Row:
    return views.Row(
        name=f"{words.STATEMENTS.get(said.probe, words.label(said.probe))} ({said.unit}; {said.scope})",
        note=said.assumption,
        strip=rows.bar_strip(WHOLE, said.low, said.high, _share(said.low, said.high)),
        value=_held(said.low, said.high),
        code=_grade(said.grade),
    )


def _together(held: Capture) -> views.Row:
    conflict = "The arguments conflict: this is the hull of them all."
    return views.Row(
        name=f"Taken together: {held.unit} ({held.scope})",
        note=conflict if held.conflict else words.GRADES[held.grade],
        strip=rows.bar_strip(WHOLE, held.low, held.high, _share(held.low, held.high)),
        value=_held(held.low, held.high),
        code=_grade(held.grade),
        marked=True,
    )


def _statement_numbers(statements: Sequence[Statement]) -> views.Table | None:
    lines = [
        (words.label(s.probe), s.unit, _share(s.low, s.high), units.figure(s.level, "share"), s.grade)
        for s in statements
    ]
    head = ("statement", "unit", "captured", "level", "grade")
    return views.Table(caption="Capture statements", head=head, rows=lines) if lines else None


def _share(low: float, high: float) -> str:
    return units.between(low, high, "share", worded=True)


def _held(low: float, high: float) -> str:
    return "says nothing" if low <= 0 and high >= 1 else _share(low, high)


def _grade(grade: str) -> str:
    return "–" if grade == "declared" else grade


def _faults(result: Result) -> views.RowChart | None:
    """What was found in the log, and how far each fault could move what order adds without a network."""
    faults = result.hygiene.faults
    if not faults:
        return None
    gain = estimate_of(result, "item_order_information", "gain")
    moving = [bound for f in faults for bound in (f.result_low, f.result_high) if bound is not None]
    asked = setting(result, "item_order", "floor", 0.003)
    now = [gain.value] if gain is not None else []
    low, high = rows.spanning((*moving, *now), include=(0.0, asked))
    axis = rows.Axis(
        scale=Scale(low, high),
        ticks=((asked, units.amount(asked, units.GAIN)), (0.0, "0")),
        lines=((0.0, "s-grid"), (asked, "s-ag")),
    )
    silent = rows.Axis(scale=Scale(0, 1), ticks=(), lines=())
    lines = [_fault(fault, axis if moving else silent, now[0] if now else math.nan) for fault in faults]
    head = f"{units.amount(now[0], units.GAIN)} could become" if moving and now else "could move the result"
    return views.RowChart(
        title="What was found in the log",
        sub="Counted; each line says whether it was set aside or kept"
        + ("; bars: what order adds to ranking, without a network, could become" if moving else ""),
        kind="facts" if moving else "facts bare",
        label="Hygiene",
        head=("Found", "how much", head),
        axis=rows.axis_strip(axis if moving else silent, "Axis: what order adds to ranking, GAUC"),
        rows=lines,
    )


def _fault(fault: Fault, axis: rows.Axis, now: float) -> views.Row:
    low, high = fault.result_low, fault.result_high
    name = words.FAULTS.get(fault.name, words.label(fault.name))
    share = units.figure(fault.share, "share") if fault.count else "none"
    told = units.between(low, high, units.GAIN) if low is not None and high is not None else "not worked out"
    if not fault.count:
        told = ""
    bounds = (low, now, high) if low is not None and high is not None else (math.nan, math.nan, math.nan)
    return views.Row(
        name=name[:1].upper() + name[1:],
        note=fault.note,
        strip=rows.estimate_strip(axis, bounds, "log", f"{name}: {share}. {told}"),
        value=told,
        cells=((share, f"{count(fault.count)} in all" if fault.count else ""),),
    )
