"""Condition 2 on the page: what was measured is drawn, and every kind of ignorance has its sentence."""

from __future__ import annotations

import dataclasses

import captured
import pytest
from example import fix_capture_first, not_measurable, recency_is_enough

from diagnose.report import render_html
from diagnose.report.charts import hours
from diagnose.report.sections import losses, numbers
from diagnose.report.sections.capture import capture
from diagnose.report.sections.known import NOTHING, known
from diagnose.results import Measured, Result, Statement

SECTIONS = {
    "thinning": (losses.thinning, "thinning"),
    "depth": (losses.depth, "history_depth"),
    "outages": (losses.outages, "outages"),
}


def with_probe(result: Result, probe: Measured) -> Result:
    rest = tuple(each for each in result.probes if each.name != probe.name)
    return dataclasses.replace(result, probes=(*rest, probe))


@pytest.mark.parametrize("name", SECTIONS)
def test_what_was_measured_is_drawn_and_nothing_else(name):
    """Each picture is there with its probe, and gone where all was skipped."""
    draw, probe = SECTIONS[name]
    result = recency_is_enough()
    assert draw(result) is not None
    assert draw(not_measurable()) is None
    gone = dataclasses.replace(result, probes=tuple(each for each in result.probes if each.name != probe))
    assert draw(gone) is None


def test_the_robustness_statement_is_the_title_of_the_curves():
    """Down to which share, by which loss, and what was not tried."""
    title = losses.thinning(recency_is_enough()).title.replace("\N{NO-BREAK SPACE}", " ")
    told = "12 % (single events lost) or 10 % (whole sessions lost)"
    assert title == f"Order would still be found with {told} of this log"
    assert "Less than 10" in losses.thinning(recency_is_enough()).note
    assert "nothing of what the log has already lost" in losses.thinning(recency_is_enough()).note


def test_curves_without_a_finding_say_so():
    """Nothing found, nothing to lose."""
    bare = dataclasses.replace(captured.thinning(), estimates={})
    figure = losses.thinning(with_probe(recency_is_enough(), bare))
    assert figure.title == "No finding of order that would outlast a loss"


def test_depth_classes_keep_every_request():
    """The probe's fine classes are joined, and none is lost on the way."""
    figure = losses.depth(recency_is_enough())
    assert (
        figure.title.replace("\N{NO-BREAK SPACE}", " ") == "71.4 % of requests have 5 or more earlier events"
    )
    names, shares = losses._classes(captured.depth())
    assert sum(shares) == pytest.approx(sum(captured.DEPTHS.values()))
    assert dict(zip(names, shares, strict=True))["1–4"] == pytest.approx(0.226)


def test_outages_are_named_with_their_hours():
    """One outage of 20 hours: in the title, above the strip, in the table."""
    figure = losses.outages(recency_is_enough())
    assert figure.title.replace("\N{NO-BREAK SPACE}", " ") == "One outage, 20 hours in all"
    assert "11 Mar 2026, 20 h" in str(figure.plot)
    assert figure.table.rows[0][:2] == ("2026-03-11 00:00", "20")
    whole = dataclasses.replace(captured.outages(), series=captured.outages().series[:1])
    assert losses.outages(with_probe(recency_is_enough(), whole)).title == "No hours are missing from the log"


def test_a_flat_log_of_one_moment_can_be_drawn():
    """No division by nothing where all hours are alike, or empty."""
    drawn = hours.Hours(moments=(0.0, 3600.0), events=(0.0, 0.0), outages=())
    assert "svg" in str(hours.hours(drawn, "label"))


def test_known_assumed_and_unknowable_each_have_their_sentences():
    """A grade that was measured is known, its assumption is assumed, a declared rate is only assumed."""
    result = recency_is_enough()
    panel = Statement(
        probe="panel",
        unit="events",
        scope="everything the panel counted",
        low=0.7,
        high=0.8,
        level=0.9,
        grade="A",
        assumption="the panel's users are like the others",
    )
    held = dataclasses.replace(result.capture, statements=(panel, *result.capture.statements))
    told = known(dataclasses.replace(result, capture=held))
    assert any("70 to 80\N{NO-BREAK SPACE}% of events" in text for text in told.known)
    assert any("the panel's users are like the others" in text for text in told.assumed)
    assert any("taken at its word" in text for text in told.assumed)
    assert any("How behaviour is lost" in text for text in told.unknown)
    assert any("no event was named as a hand-off" in text for text in told.unknown)


def test_a_bare_log_says_that_nothing_is_known():
    """Without a statement the first list says so, and the last begins with what is in the log."""
    bare = not_measurable()
    told = known(bare)
    assert list(told.known) == [NOTHING]
    assert told.unknown[0].startswith("What share of all behaviour is in this log")


def test_a_part_is_never_the_number_of_the_whole():
    """Views behind a purchase that are missing: the first screen says unknown, and of what the number is."""
    result = recency_is_enough()
    part = dataclasses.replace(result.capture.statements[0], grade="B", scope="carts", low=0.0, high=0.24)
    part = dataclasses.replace(part, whole=False)
    held = dataclasses.replace(
        result.capture, statements=(part,), grade="B", scope="carts", low=0.0, high=0.24
    )
    narrow = dataclasses.replace(result, capture=held)
    assert not numbers.capture_known(narrow)
    assert numbers.capture_known(result)
    shown = numbers.captured(narrow)
    assert shown.value == "unknown"
    assert "of carts it is 0 to 24" in shown.gloss


def test_one_assumption_is_told_once():
    """Pairs of one funnel rest on the same sentence."""
    result = recency_is_enough()
    part = dataclasses.replace(
        result.capture.statements[0], grade="B", assumption="x leads to y", whole=False
    )
    held = dataclasses.replace(
        result.capture,
        statements=(part, dataclasses.replace(part, scope="other"), *result.capture.statements),
    )
    told = known(dataclasses.replace(result, capture=held))
    assert sum("x leads to y" in text for text in told.assumed) == 1
    assert len(told.known) == 2


def test_contradictions_are_told_as_wrong_assumptions():
    """A conflict means that one assumption at least does not hold."""
    told = known(fix_capture_first())
    assert any("At least one of these assumptions is wrong" in text for text in told.assumed)


def test_faults_move_the_gain_without_a_network():
    """The column says what that gain could become, on its own axis."""
    result = recency_is_enough()
    view = capture(result)
    assert view.faults.head[-1].replace("\N{NO-BREAK SPACE}", " ") == "+0.0260 could become"
    assert "What is assumed" in render_html(result)
