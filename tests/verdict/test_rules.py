"""No position of the intervals gives a confident outcome against its own evidence."""

from __future__ import annotations

import dataclasses
import itertools
from collections import Counter

import numpy as np
import pytest

from diagnose.results import Estimate, Statement
from diagnose.settings import Settings
from diagnose.verdict.evidence import CONTRASTS, Evidence, limits_of
from diagnose.verdict.leaning import lean
from diagnose.verdict.rules import judge

LIMITS = limits_of(Settings())
DELTA = LIMITS.delta
OUTCOMES = {
    "use_sequence_model",
    "recency_is_enough",
    "keep_order_blind_model",
    "fix_capture_first",
    "suspect_artefact",
    "inconclusive",
    "not_measurable",
}
DRAWS = 60_000


def at(low, high):
    return Estimate(value=(low + high) / 2, low=low, high=high, unit="GAUC")


def positions(threshold):
    """Below 0, around 0, between 0 and the threshold, around it, around both, above it, on it, absent."""
    t = threshold
    return (
        at(-3 * t, -t), at(-t, t / 2), at(t / 4, t / 2), at(t / 2, 2 * t), at(-t, 2 * t), at(2 * t, 4 * t),
        at(t, 2 * t), at(0.0, t), None,
    )  # fmt: skip


def around(floor):
    """A probe's estimate: wholly below its floor, around it, found, absent."""
    return (at(-floor, floor / 2), at(0.0, 2 * floor), at(2 * floor, 4 * floor), None)


def known(low, high, *, unit="events"):
    return Statement(
        probe="-", unit=unit, scope="-", low=low, high=high, level=1.0, grade="declared", assumption=""
    )


CONTRAST = {name: positions(DELTA) for name in CONTRASTS}
OTHERS = {
    "order": around(LIMITS.order_floor),
    "item_order": around(LIMITS.item_floor),
    "drift": around(LIMITS.drift_floor),
    "direction": around(LIMITS.order_floor),
    "recency": around(LIMITS.order_floor),
    "capture": (None, known(0.05, 0.2), known(0.1, 0.5), known(0.8, 0.9)),
    "capture_contradicted": (False, False, True),
    "loss_pattern": ("unknown", "events", "sessions", "categories"),
    "tie_rate": (None, 0.0, LIMITS.tie_share, 0.4),
    "trial_done": (True, True, True, False),
    "minimal_detectable": (None, DELTA, 10 * DELTA),
    "users": (None, 499, 500, 100_000),
    "measurable": (True, True, True, False),
    "clock": (True, True, False),
}


def drawn(n, *, seed, fixed=()):
    """Random corners of the grid of all positions."""
    rng = np.random.default_rng(seed)
    axes = {**CONTRAST, **OTHERS, **dict(fixed)}
    columns = {name: rng.integers(0, len(values), n) for name, values in axes.items()}
    names = list(axes)
    for row in zip(*(columns[name].tolist() for name in names), strict=True):
        yield Evidence(limits=LIMITS, **{name: axes[name][i] for name, i in zip(names, row, strict=True)})


TRUSTED = {
    "capture": (None,),
    "capture_contradicted": (False,),
    "trial_done": (True,),
    "minimal_detectable": (None,),
    "users": (None,),
    "measurable": (True,),
}  # nothing before rule 4 matches


def low(estimate):
    return -np.inf if estimate is None else estimate.low


def high(estimate):
    return np.inf if estimate is None else estimate.high


def by_the_letter(e):
    """Section 5 of the methods, rule by rule, as written and without the guards."""
    pays = [low(gain) > 0 and high(gain) >= DELTA for gain in (e.order_gain, e.beyond_recency)]
    if not e.measurable:
        return "not_measurable"
    if e.users is not None and e.users < 500:
        return "inconclusive"
    stated = e.capture is not None and e.capture.high < 0.5
    trusted = e.trial_done and not (e.minimal_detectable or 0) > 3 * DELTA
    pays_as_it_is = trusted and low(e.lift) > DELTA  # "an under-powered or absent trial does not block"
    if low(e.drift) > 0.05 and stated and e.loss_pattern != "categories" and not pays_as_it_is:
        return "fix_capture_first"
    if not trusted:
        return "inconclusive"
    if low(e.order_aware_gain) > 0 and low(e.tie_effect) > 0 and high(e.order_aware_gain_redrawn) < DELTA:
        return "suspect_artefact"
    if low(e.lift) > DELTA and all(pays):
        unseen = high(e.order) < 0.005 and high(e.item_order) < 0.003
        return "suspect_artefact" if unseen else "use_sequence_model"
    if low(e.recency_gain) > DELTA and high(e.beyond_recency) < DELTA:
        return "recency_is_enough"
    if high(e.order_aware_gain) < DELTA:
        return "inconclusive" if low(e.item_order) > 0.003 else "keep_order_blind_model"
    return "inconclusive"


def check_not_against_itself(e, finding):
    """What each confident outcome claims must be in its own evidence, and nothing against it."""
    none_seen = high(e.order) < LIMITS.order_floor and high(e.item_order) < LIMITS.item_floor
    match finding.outcome:
        case "use_sequence_model":
            assert finding.arm == "dien"
            assert e.clock
            assert low(e.lift) > DELTA
            assert low(e.order_gain) > 0
            assert low(e.beyond_recency) > 0
            assert min(high(e.order_gain), high(e.beyond_recency)) >= DELTA
            assert not none_seen
            assert not (e.order is None and e.item_order is None)
            assert not high(e.order_aware_gain) < DELTA
            assert not high(e.order_aware_gain_redrawn) < DELTA
            assert not (e.tie_rate is not None and e.tie_rate > LIMITS.tie_share and e.tie_effect is None)
        case "recency_is_enough":
            assert finding.arm == "dnn_decayed"
            assert e.clock
            assert low(e.recency_gain) > DELTA
            assert high(e.beyond_recency) < DELTA
            assert not none_seen
            assert not (e.order is None and e.item_order is None)
            assert low(e.order_aware_gain) > DELTA
            assert not (low(e.order_aware_gain) > DELTA and high(e.order_aware_gain_redrawn) < DELTA)
            assert not (e.tie_rate is not None and e.tie_rate > LIMITS.tie_share and e.tie_effect is None)
        case "keep_order_blind_model":
            assert finding.arm == ("din" if low(e.attention_gain) > 0 else "dnn")
            assert high(e.order_aware_gain) < DELTA
            assert not low(e.item_order) > LIMITS.item_floor
            assert e.item_order is not None or high(e.order) < LIMITS.order_floor
            assert not low(e.order_gain) > DELTA
            assert not (finding.arm == "dnn" and low(e.recency_gain) > DELTA)
        case "fix_capture_first":
            assert low(e.drift) > LIMITS.drift_floor
            assert e.capture is not None
            assert e.capture.high < 0.5
            assert not e.capture_contradicted
            assert e.loss_pattern != "categories"
            trusted = e.trial_done and not (e.minimal_detectable or 0) > 3 * DELTA
            assert not (trusted and low(e.lift) > DELTA)
        case "suspect_artefact":
            ties = low(e.order_aware_gain) > 0 and low(e.tie_effect) > 0
            assert (ties and high(e.order_aware_gain_redrawn) < DELTA) or (low(e.lift) > DELTA and none_seen)
    if finding.outcome not in ("inconclusive", "not_measurable", "fix_capture_first"):
        assert e.trial_done
        assert not (e.minimal_detectable is not None and e.minimal_detectable > 3 * DELTA)
    if finding.outcome not in ("inconclusive", "not_measurable"):
        assert e.users is None or e.users >= 500
    assert (finding.outcome == "not_measurable") == (not e.measurable)
    assert (finding.arm is None) == (
        finding.outcome not in ("use_sequence_model", "recency_is_enough", "keep_order_blind_model")
    )


@pytest.mark.parametrize(("seed", "fixed"), [(0, {}), (1, TRUSTED)])
def test_no_position_decides_against_its_own_evidence(seed, fixed):
    """Wherever the intervals lie, a confident outcome has its conditions met and nothing against it."""
    for evidence in drawn(DRAWS, seed=seed, fixed=fixed.items()):
        check_not_against_itself(evidence, judge(evidence))


@pytest.mark.parametrize(("seed", "fixed"), [(2, {}), (3, TRUSTED)])
def test_rules_are_the_written_ones(seed, fixed):
    """Where the rules leave the letter of the methods, they only ever turn to `inconclusive`."""
    differ = Counter()
    for evidence in drawn(DRAWS // 2, seed=seed, fixed=fixed.items()):
        outcome, written = judge(evidence).outcome, by_the_letter(evidence)
        if outcome != written:
            assert outcome == "inconclusive"
            differ[written] += 1
    assert set(differ) <= {
        "use_sequence_model",
        "recency_is_enough",
        "keep_order_blind_model",
        "fix_capture_first",
    }


def test_rules_of_the_trial_hold_on_their_whole_grid():
    """Rules 5 to 7 keep the written outcome at every position of their contrasts where no guard speaks."""
    names = ("lift", "order_gain", "beyond_recency", "recency_gain", "order_aware_gain")
    grid = itertools.product(*(CONTRAST[name] for name in names))
    seen = Counter()
    for row in grid:
        evidence = Evidence(
            limits=LIMITS,
            measurable=True,
            trial_done=True,
            order=OTHERS["order"][2],
            item_order=OTHERS["item_order"][1],
            **dict(zip(names, row, strict=True)),
        )
        finding = judge(evidence)
        check_not_against_itself(evidence, finding)
        written = by_the_letter(evidence)
        assert finding.outcome in (written, "inconclusive")
        if finding.outcome != written:
            assert finding.cause == "evidence_disagrees"
        seen[finding.outcome] += 1
    assert {"use_sequence_model", "recency_is_enough", "keep_order_blind_model"} <= set(seen)


def test_rules_before_the_trial_hold_on_their_whole_grid():
    """Hygiene, capture and the trial's standing decide in the written order, whatever the contrasts say."""
    names = ("measurable", "users", "drift", "capture", "capture_contradicted", "loss_pattern", "trial_done")
    for row in itertools.product(*(sorted(set(OTHERS[n]), key=str) if n != "drift" and n != "capture"
                                   else OTHERS[n] for n in names), CONTRAST["lift"]):  # fmt: skip
        evidence = Evidence(limits=LIMITS, lift=row[-1], **dict(zip(names, row[:-1], strict=True)))
        finding, written = judge(evidence), by_the_letter(evidence)
        check_not_against_itself(evidence, finding)
        contradicted = written == "fix_capture_first" and evidence.capture_contradicted
        assert finding.outcome == ("inconclusive" if contradicted else written)


def test_every_outcome_can_be_reached():
    """Each of the seven outcomes is the verdict of some position."""
    assert {judge(e).outcome for e in drawn(DRAWS, seed=4)} == OUTCOMES


def test_confident_outcomes_need_their_numbers():
    """Taking away any number that an outcome rests on never leaves that outcome standing on nothing."""
    carrying = {
        "use_sequence_model": ("lift", "order_gain", "beyond_recency"),
        "recency_is_enough": ("recency_gain", "beyond_recency", "order_aware_gain"),
        "keep_order_blind_model": ("order_aware_gain",),
        "fix_capture_first": ("drift", "capture"),
    }
    checked = Counter()
    for evidence in drawn(DRAWS // 4, seed=5):
        outcome = judge(evidence).outcome
        for name in carrying.get(outcome, ()):
            without = judge(dataclasses.replace(evidence, **{name: None}))
            assert without.outcome != outcome
            checked[outcome] += 1
    assert set(checked) == set(carrying)


def test_not_measured_is_not_not_found():
    """Without 2.1b, "keep the order-blind model" needs 2.1 wholly below its floor."""
    nothing = {
        "limits": LIMITS,
        "measurable": True,
        "trial_done": True,
        "order_aware_gain": at(-0.001, 0.001),
    }
    assert judge(Evidence(**nothing)).cause == "probes_not_measured"
    assert judge(Evidence(**nothing, order=at(0.0, 0.01))).outcome == "inconclusive"
    assert judge(Evidence(**nothing, order=at(0.0, 0.004))).outcome == "keep_order_blind_model"
    assert judge(Evidence(**nothing, item_order=at(0.0, 0.004))).outcome == "keep_order_blind_model"


def paying(**changes):
    base = {
        "lift": at(0.010, 0.012),
        "order_gain": at(0.004, 0.006),
        "beyond_recency": at(0.003, 0.005),
        "item_order": at(0.02, 0.03),
    }
    return Evidence(limits=LIMITS, measurable=True, trial_done=True, **(base | changes))


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, "use_sequence_model"),
        ({"clock": False}, "inconclusive"),
        ({"tie_rate": 0.04}, "use_sequence_model"),
        ({"tie_rate": 0.4}, "inconclusive"),
        ({"tie_rate": 0.4, "tie_effect": at(-0.001, 0.001)}, "use_sequence_model"),
        ({"tie_effect": at(0.001, 0.002)}, "inconclusive"),
        ({"tie_effect": at(0.001, 0.002), "order_aware_gain_redrawn": at(0.002, 0.004)},
         "use_sequence_model"),
        ({"order_aware_gain_redrawn": at(-0.001, 0.001)}, "inconclusive"),
        ({"item_order": None}, "inconclusive"),
        ({"item_order": at(0.0, 0.002)}, "inconclusive"),
        ({"item_order": at(0.0, 0.002), "order": at(0.0, 0.001)}, "suspect_artefact"),
        ({"item_order": at(0.0, 0.002), "order": at(0.01, 0.02)}, "use_sequence_model"),
        ({"item_order": None, "order": at(0.01, 0.02)}, "use_sequence_model"),
        ({"order_aware_gain": at(0.001, 0.002)}, "inconclusive"),
        ({"order_gain": at(0.0005, 0.002)}, "inconclusive"),
        ({"beyond_recency": at(0.0005, 0.003)}, "use_sequence_model"),
    ],
)  # fmt: skip
def test_a_sequence_model_is_advised_only_where_its_checks_were_made(changes, outcome):
    """Ties that were not redrawn, silent probes and contradicting contrasts stop the advice."""
    assert judge(paying(**changes)).outcome == outcome


def test_a_fading_average_hardly_better_than_a_shuffled_past_is_not_advised():
    """Being told more helps a little even where there is no recency; the shuffled arm is told as much."""
    numbers = {"recency_gain": at(0.004, 0.01), "beyond_recency": at(-0.001, 0.002), "lift": at(0.004, 0.01)}
    assert judge(paying(**numbers, order_aware_gain=at(0.004, 0.01))).outcome == "recency_is_enough"
    for little in (at(-0.0005, 0.004), at(0.001, 0.008)):
        found = judge(paying(**numbers, order_aware_gain=little))
        assert (found.outcome, found.cause) == ("inconclusive", "evidence_disagrees")


@pytest.mark.parametrize(
    ("numbers", "leaning"),
    [
        ({}, None),
        ({"order": at(0.08, 0.09)}, None),
        ({"order": at(0.08, 0.09), "item_order": at(0.02, 0.03)}, None),
        ({"order": at(0.08, 0.09), "item_order": at(0.02, 0.03), "direction": at(0.01, 0.02)},
         "use_sequence_model"),
        ({"order": at(0.08, 0.09), "item_order": at(0.02, 0.03), "direction": at(0.0, 0.001)}, None),
        ({"order": at(0.08, 0.09), "item_order": at(0.02, 0.03), "direction": at(0.0, 0.001),
          "recency": at(0.07, 0.09)}, "recency_is_enough"),
        ({"order": at(0.08, 0.09), "item_order": at(0.02, 0.03), "recency": at(0.07, 0.09)}, None),
        ({"order": at(0.0, 0.001), "item_order": at(0.0, 0.001)}, "keep_order_blind_model"),
        ({"order": at(0.0, 0.001), "item_order": at(0.0, 0.01)}, None),
        ({"order": at(0.0, 0.001)}, None),
        ({"order": at(0.0, 0.001), "item_order": at(0.02, 0.03)}, None),
    ],
)  # fmt: skip
def test_probes_lean_only_where_both_were_measured_and_agree(numbers, leaning):
    """Neither a missing probe nor an open one makes a leaning."""
    assert lean(Evidence(limits=LIMITS, measurable=True, **numbers)) == leaning
