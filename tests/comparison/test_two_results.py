"""Two whole results: what is compared, what is not and why, and the sentence that says it."""

from __future__ import annotations

import dataclasses
import json

import pytest
from example import (
    OUTCOMES,
    estimate,
    fix_capture_first,
    inconclusive,
    keep_order_blind_model,
    not_measurable,
    recency_is_enough,
    use_sequence_model,
)

from diagnose.comparison import Comparison, compare
from diagnose.report import render_json
from diagnose.results import Measured, Result, Statement, Trial


def elsewhere(result: Result, **facts: object) -> Result:
    """The same result of another log."""
    return dataclasses.replace(result, log=dataclasses.replace(result.log, fingerprint="another", **facts))


def with_estimate(result: Result, probe: str, name: str, found) -> Result:
    """The same with one number of a probe replaced."""
    probes = tuple(
        dataclasses.replace(each, estimates={**each.estimates, name: found})
        if each.name == probe and isinstance(each, Measured)
        else each
        for each in result.probes
    )
    return dataclasses.replace(result, probes=probes)


def with_settings(result: Result, **rooms: object) -> Result:
    return dataclasses.replace(result, settings={**result.settings, **rooms})


def named(comparison: Comparison) -> dict:
    return {number.name: number for number in comparison.numbers}


@pytest.mark.parametrize("make", OUTCOMES.values(), ids=OUTCOMES)
def test_a_result_does_not_differ_from_itself(make):
    """Nothing is above noise, nothing changed, and the headline says so."""
    found = compare(make(), make())
    assert not found.outcome_changed
    assert found.same_events
    assert found.changed == ()
    assert not any(number.difference and number.difference.above_noise for number in found.numbers)
    assert found.headline.startswith(f"The verdict stays {make().verdict.outcome}; ")


def test_every_carrying_number_is_held_against_its_like():
    """Drift share, half-life, order information, item gain and each contrast in GAUC, on both sides."""
    a = recency_is_enough()
    found = named(compare(a, elsewhere(a)))
    assert set(found) == {
        "interest_persistence.drift_share",
        "interest_persistence.half_life_days",
        "order_information.share",
        "item_order_information.gain",
        "capture.anchors",
        *(f"trial.{contrast.name}" for contrast in a.trial.contrasts),
    }
    assert found["capture.anchors"].reason == "declared, not measured"
    assert all(number.difference for name, number in found.items() if name != "capture.anchors")


def test_a_moved_number_is_named_and_others_are_not():
    """One number moved far beyond its interval: the headline names it alone."""
    a = recency_is_enough()
    b = elsewhere(with_estimate(a, "order_information", "share", estimate(0.15, 0.003, "share")))
    found = compare(a, b)
    moved = [number.name for number in found.numbers if number.difference and number.difference.above_noise]
    assert moved == ["order_information.share"]
    assert found.headline == (
        "The verdict stays recency_is_enough; 1 of 12 numbers compared differs by more than noise: "
        "order information."
    )
    moved = named(found)["order_information.share"].difference
    assert moved.value == pytest.approx(0.15 - 0.311 / 3.42)


def test_an_interval_without_zero_that_is_within_noise_is_explained():
    """Twelve numbers are looked at: what one alone would show may be chance, and a note says so."""
    a = recency_is_enough()
    b = elsewhere(with_estimate(a, "order_information", "share", estimate(0.0969, 0.003, "share")))
    found = compare(a, b)
    difference = named(found)["order_information.share"].difference
    assert difference.low > 0
    assert not difference.above_noise
    assert any("12 numbers are compared at once" in note for note in found.notes)
    assert not any("at once" in note for note in compare(a, elsewhere(a)).notes)


def test_a_verdict_may_turn_on_noise_and_it_is_said_so():
    """Another outcome without a moved number is told as such; so is another least lift."""
    a = recency_is_enough()
    b = elsewhere(dataclasses.replace(a, verdict=use_sequence_model().verdict))
    found = compare(a, b)
    assert found.outcome_changed
    assert "none of 12 numbers compared differs" in found.headline
    assert any("no more than noise" in note for note in found.notes)
    weighed = compare(a, with_settings(b, trial={"minimum_lift": 0.0001}))
    assert any("weighed otherwise (trial.minimum_lift)" in note for note in weighed.notes)
    (change,) = (change for change in weighed.changed if change.name == "trial.minimum_lift")
    assert change.verdict_only
    assert all(number.difference for number in weighed.numbers if number.name.startswith("trial."))


@pytest.mark.parametrize(
    ("settings", "rooms"),
    [
        ({"target_event": "purchase"}, {"order_information", "item_order_information", "trial"}),
        ({"trial": {"repeats": "exclude"}}, {"trial"}),
        ({"trial": {"negatives": 9}}, {"trial"}),
        ({"item_order": {"negatives": 9}}, {"item_order_information"}),
        ({"order": {"history": 20}}, {"order_information"}),
    ],
)
def test_another_question_is_not_compared(settings, rooms):
    """Where a number means another thing it is shown on both sides, with the reason and no difference."""
    base = {
        "target_event": None,
        "order": {"history": 50},
        "item_order": {"negatives": 4},
        "trial": {"repeats": "include", "negatives": 49},
    }
    a = with_settings(recency_is_enough(), **base)
    b = elsewhere(with_settings(recency_is_enough(), **{**base, **settings}))
    for number in compare(a, b).numbers:
        if number.name.partition(".")[0] in rooms:
            assert number.difference is None
            assert number.reason
            assert number.a
            assert number.b
        elif not number.name.startswith("capture"):
            assert number.difference, number.name


def test_a_setting_that_one_side_does_not_tell_stops_nothing():
    """Older results lack settings: what is not told is taken as the same."""
    a = recency_is_enough()
    b = with_settings(elsewhere(a), trial={"repeats": "include"})
    assert named(compare(a, b))["trial.lift"].difference


def test_clusters_are_not_held_against_categories():
    """Numbers about interests are not compared where an interest is another thing; those about items are."""
    a = recency_is_enough()
    found = named(compare(a, elsewhere(a, interest_source="clusters")))
    for name in ("interest_persistence.drift_share", "order_information.share"):
        assert "clusters" in found[name].reason
    assert found["item_order_information.gain"].difference
    assert found["trial.lift"].difference


def test_real_impressions_are_not_held_against_drawn_rivals():
    """A trial among what was shown is another task; so is one without a clock."""
    a = recency_is_enough()
    shown = dataclasses.replace(a, trial=dataclasses.replace(a.trial, candidates="shown"))
    assert "impressions" in named(compare(a, elsewhere(shown)))["trial.lift"].reason
    assert "in time" in named(compare(a, elsewhere(a, first_event=None)))["trial.lift"].reason


def test_half_lives_are_compared_in_the_unit_that_both_have():
    """Days where both have a clock, else events."""
    a, b = recency_is_enough(), inconclusive()
    assert "interest_persistence.half_life_days" in named(compare(a, elsewhere(a)))
    other = dataclasses.replace(b, log=dataclasses.replace(b.log, interest_source="category"))
    found = named(compare(a, elsewhere(other)))
    assert found["interest_persistence.half_life_events"].difference
    assert "interest_persistence.half_life_days" not in found


def test_what_is_missing_on_one_side_is_told_with_its_reason():
    """A probe or trial that was skipped is named with the side and why; what neither has is left out."""
    found = named(compare(recency_is_enough(), elsewhere(not_measurable())))
    assert found["order_information.share"].b is None
    assert found["order_information.share"].a.value == pytest.approx(0.311 / 3.42)
    assert found["order_information.share"].reason == (
        "not in B: order is not in the log (order_information)"
    )
    assert found["trial.lift"].reason == "not in B: order is not in the log"
    assert compare(not_measurable(), elsewhere(not_measurable())).numbers == ()
    assert "no number could be compared" in compare(not_measurable(), recency_is_enough()).headline


def _said(low: float, high: float, grade: str = "A", scope: str = "all clicks") -> Statement:
    return Statement(
        probe="panel",
        unit="events",
        scope=scope,
        low=low,
        high=high,
        level=0.9,
        grade=grade,
        assumption="",
    )


def _capture(result: Result, *said: Statement) -> Result:
    return dataclasses.replace(result, capture=dataclasses.replace(result.capture, statements=said))


@pytest.mark.parametrize(("low", "high", "above"), [(0.8, 0.9, True), (0.25, 0.6, False)])
def test_capture_statements_of_one_thing_are_held_end_by_end(low, high, above):
    """Better logging shows where the two intervals lie far apart; where they meet it does not."""
    a = _capture(recency_is_enough(), _said(0.2, 0.3))
    b = _capture(elsewhere(recency_is_enough()), _said(low, high))
    found = named(compare(a, b))["capture.panel"]
    assert found.difference.above_noise == above
    assert (found.difference.low, found.difference.high) == pytest.approx((low - 0.3, high - 0.2))


def test_statements_of_other_things_are_not_compared():
    """Another scope is another statement: both are told as being on one side alone."""
    a = _capture(recency_is_enough(), _said(0.2, 0.3))
    b = _capture(elsewhere(recency_is_enough()), _said(0.8, 0.9, scope="all views"))
    told = [number for number in compare(a, b).numbers if number.name == "capture.panel"]
    assert [number.difference for number in told] == [None, None]
    assert {number.reason[:8] for number in told} == {"not in A", "not in B"}


def test_an_assumption_is_always_said():
    """Other events: independent samples; the same events: the same users, or others of them."""
    a = recency_is_enough()
    assert "independent samples of users" in compare(a, elsewhere(a)).notes[0]
    assert "the same events and the same users" in compare(a, a).notes[0]
    seeded = dataclasses.replace(a, seed=1)
    assert "through other users" in compare(a, seeded).notes[0]


def test_settings_versions_and_facts_that_differ_are_listed():
    """Seed, budget, users, columns and version stand in the list, and what is the same does not."""
    a = recency_is_enough()
    b = dataclasses.replace(
        elsewhere(with_settings(a, trial={"minimum_lift": 0.003, "budget": "quick"}), sampled_users=900),
        seed=3,
        mapping={**a.mapping, "user": "visitor"},
        tool=dataclasses.replace(a.tool, version="9"),
    )
    found = compare(a, b)
    assert {(change.part, change.name) for change in found.changed} == {
        ("tool", "version"),
        ("log", "fingerprint"),
        ("log", "sampled_users"),
        ("columns", "user"),
        ("settings", "trial.budget"),
        ("settings", "seed"),
    }
    assert any("Version 0.0.test made A and 9 made B" in note for note in found.notes)
    assert any("20,000 users were looked at in A and 900 in B" in note for note in found.notes)


def test_a_doubtful_trial_is_told():
    """A trial that is not to be trusted is compared, and the doubt is said."""
    a, b = recency_is_enough(), inconclusive()
    assert any(note.startswith("The trial of B is not to be trusted") for note in compare(a, b).notes)


def test_levels_and_units_must_agree():
    """Intervals of another level, or numbers in another unit, are not subtracted."""
    a = recency_is_enough()
    for odd, word in (
        (dataclasses.replace(estimate(0.1, 0.01, "share"), level=0.95), "levels"),
        (estimate(0.1, 0.01, "bits/event"), "units"),
    ):
        b = elsewhere(with_estimate(a, "order_information", "share", odd))
        assert word in named(compare(a, b))["order_information.share"].reason


@pytest.mark.parametrize(
    ("one", "other"),
    [(recency_is_enough, keep_order_blind_model), (fix_capture_first, use_sequence_model)],
)
def test_the_comparison_goes_to_json(one, other):
    """Any comparison is written without NaN, and sides are swapped by swapping the files."""
    document = json.loads(render_json(compare(one(), other())), parse_constant=pytest.fail)
    turned = json.loads(render_json(compare(other(), one())))
    assert document["a"] == turned["b"]
    assert document["outcome_changed"]


def test_the_trial_alone_may_be_missing():
    """Without any trial the probes are compared all the same."""
    a = dataclasses.replace(recency_is_enough(), trial=Trial(status="skipped", reason="not asked for"))
    assert not [number for number in compare(a, elsewhere(a)).numbers if number.name.startswith("trial.")]
