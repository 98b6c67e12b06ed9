"""Condition 1 in depth on the page: what was measured is drawn with its numbers, what was not is left out."""

from __future__ import annotations

import dataclasses

import pytest
from example import not_measurable, recency_is_enough, shown

from diagnose.report import render_html
from diagnose.report.sections import evolution, movement
from diagnose.report.sections.probes import probes
from diagnose.results import Measured, Result

SECTIONS = {
    "windows": (movement.windows, "order_information"),
    "segments": (movement.segments, "order_information"),
    "fading": (movement.fading, "interest_persistence"),
    "novelty": (movement.novelty, "turnover"),
    "catalogue": (movement.catalogue, "catalogue_trend"),
    "evolution": (evolution.evolution, "evolution_paths"),
}


def without(result: Result, probe: str) -> Result:
    return dataclasses.replace(result, probes=tuple(each for each in result.probes if each.name != probe))


@pytest.mark.parametrize("name", SECTIONS)
def test_what_was_measured_is_drawn_and_nothing_else(name):
    """Each part of the section is there with its probe, and gone without it or where all was skipped."""
    draw, probe = SECTIONS[name]
    assert draw(recency_is_enough()) is not None
    assert draw(without(recency_is_enough(), probe)) is None
    assert draw(not_measurable()) is None


def test_the_window_says_how_much_history_is_needed():
    """The title names the number of events, the curve has a table with one row a window."""
    figure = movement.windows(recency_is_enough())
    assert figure.title == "The latest 8 events carry nine tenths of what order is worth"
    assert [row[0] for row in figure.table.rows] == ["1", "2", "3", "5", "8", "13", "21", "34", "50"]


def test_paths_tell_lift_lag_and_both_directions():
    """The table of the paths holds what the arrows show, and how often it went the other way."""
    figure = evolution.evolution(recency_is_enough())
    assert figure.title.striptags().endswith("Computers → Keyboards & mice")
    assert figure.table.rows[0] == (
        "Computers → Keyboards & mice",
        "4.80",
        "4.50 to 5.10",
        "1.90",
        "8,100",
        "1,900",
    )


def test_a_path_of_a_hostile_log_is_text():
    """Markup in the names of categories arrives as characters, in the drawing and in its table."""
    name = "<script>alert(1)</script> → </svg><img src=x>"

    def renamed(probed: Measured) -> Measured:
        series = tuple(
            dataclasses.replace(each, x=(name,), y=each.y[:1], low=each.low[:1], high=each.high[:1])
            for each in probed.series
        )
        return dataclasses.replace(probed, series=series)

    result = recency_is_enough()
    probes = tuple(renamed(p) if p.name == "evolution_paths" else p for p in result.probes)
    page = render_html(dataclasses.replace(result, probes=probes))
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page


def test_segments_count_those_above_the_floor():
    """Six of seven parts have their lower end above half a per cent."""
    chart = movement.segments(recency_is_enough())
    assert chart.title == "Order informs in 6 of 7 parts of the log"
    assert [row.name for row in chart.rows][:2] == ["Light users", "Middle users"]


def test_many_parts_are_drawn_in_part_and_told_whole():
    """Of thirty categories the chart has the largest and all others together; the table has every one."""
    result = recency_is_enough()
    names = {f"category {place}": 0.1 for place in range(30)} | {"other categories": 0.05}

    def widened(probed: Measured) -> Measured:
        kept = [each for each in probed.series if not each.name.endswith("by category")]
        more = [
            shown(f"{what} by category", names, half, "share")
            for what, half in (("order information", 0.01), ("targets", 0))
        ]
        return dataclasses.replace(probed, series=(*kept, *more))

    widened_probes = tuple(widened(p) if p.name == "order_information" else p for p in result.probes)
    chart = movement.segments(dataclasses.replace(result, probes=widened_probes))
    assert len(chart.rows) == movement.MOST_PARTS
    assert chart.rows[-1].name == "Other categories"
    assert len(chart.table.rows) == 3 + 31
    assert f"{34 - movement.MOST_PARTS} smaller ones" in chart.note


def test_probes_skipped_for_one_reason_are_told_once():
    """Questions with the same reason share a row; each is still named."""
    result = not_measurable()
    one = tuple(dataclasses.replace(probe, reason="no order") for probe in result.probes)
    rows = probes(dataclasses.replace(result, probes=one), "drift")
    assert len(rows) == 1
    assert {name for _, name in rows[0].asked} == {p.name for p in one if p.condition == "drift"}
