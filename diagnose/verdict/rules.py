"""The verdict: an ordered list of rules, the first match wins (docs/decisions/0002-verdict-rules.md).

A rule reads evidence and returns a finding, or None where its condition does not hold. Inside a rule that
matched, a *guard* asks whether other evidence contradicts the outcome, or whether a check that it rests on
could not be made. A guard only ever turns a confident outcome into `inconclusive`, never into another one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from diagnose.results import Outcome
from diagnose.verdict.evidence import Evidence
from diagnose.verdict.positions import above, below, pays

Cause = Literal[
    "order_not_in_log",
    "too_few_users",
    "capture_is_low",
    "capture_contradicted",
    "trial_missing",
    "ties_make_the_gain",
    "probes_see_no_order",
    "sequence_pays",
    "recency_carries",
    "order_adds_nothing",
    "trial_missed_the_probe",
    "probes_not_measured",
    "ties_not_checked",
    "times_not_in_log",
    "evidence_disagrees",
    "undecided",
]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a rule concludes, and which of its reasons it is."""

    outcome: Outcome
    cause: Cause
    arm: str | None = None


Rule = Callable[[Evidence], Finding | None]


def judge(evidence: Evidence) -> Finding:
    """The finding of the first rule that matches."""
    for rule in RULES:
        finding = rule(evidence)
        if finding is not None:
            return finding
    return _open("undecided")


def order_not_in_log(evidence: Evidence) -> Finding | None:
    """Rule 1: where the order of behaviour was never recorded, nothing else can be asked."""
    if evidence.measurable:
        return None
    return Finding(outcome="not_measurable", cause="order_not_in_log")


def too_few_users(evidence: Evidence) -> Finding | None:
    """3.1: fewer users with enough history than any interval here is made for."""
    if evidence.users is None or evidence.users >= evidence.limits.minimum_users:
        return None
    return _open("too_few_users")


def capture_is_low(evidence: Evidence) -> Finding | None:
    """Rule 2: interests move, the log is known to hold less than half, and no trusted trial sees a lift."""
    limits = evidence.limits
    if not above(evidence.drift, limits.drift_floor) or evidence.loss_pattern == "categories":
        return None
    if evidence.capture is None or evidence.capture.high >= limits.low_capture:
        return None
    trusted = evidence.trial_done and not trial_too_small(evidence)
    if trusted and above(evidence.lift, limits.delta):  # an under-powered or absent trial blocks nothing
        return None
    if evidence.capture_contradicted:
        return _open("capture_contradicted")
    return Finding(outcome="fix_capture_first", cause="capture_is_low")


def trial_missing(evidence: Evidence) -> Finding | None:
    """Rule 3: no trial, or one that its own checks do not trust."""
    if evidence.trial_done and not trial_too_small(evidence):
        return None
    return _open("trial_missing")


def ties_make_the_gain(evidence: Evidence) -> Finding | None:
    """Rule 4: the order-aware gain is there, and gone once the order inside ties is redrawn."""
    made_by_ties = (
        above(evidence.order_aware_gain, 0)
        and above(evidence.tie_effect, 0)
        and below(evidence.order_aware_gain_redrawn, evidence.limits.delta)
    )
    return Finding(outcome="suspect_artefact", cause="ties_make_the_gain") if made_by_ties else None


def sequence_pays(evidence: Evidence) -> Finding | None:
    """Rule 5: DIEN beats the DNN by more than asked, by order, and beyond what recency gives."""
    delta = evidence.limits.delta
    if not (
        above(evidence.lift, delta)
        and pays(evidence.order_gain, delta)
        and pays(evidence.beyond_recency, delta)
    ):
        return None
    if probes_see_none(evidence):
        return Finding(outcome="suspect_artefact", cause="probes_see_no_order")
    worth_less = below(evidence.order_aware_gain, delta) or below(evidence.order_aware_gain_redrawn, delta)
    return _unchecked(evidence) or (
        _open("evidence_disagrees")
        if worth_less
        else Finding(outcome="use_sequence_model", cause="sequence_pays", arm="dien")
    )


def recency_carries(evidence: Evidence) -> Finding | None:
    """Rule 6: a fading average gains more than asked, and DIEN adds less than asked to it."""
    delta = evidence.limits.delta
    if not (above(evidence.recency_gain, delta) and below(evidence.beyond_recency, delta)):
        return None
    gone_without_ties = above(evidence.order_aware_gain, delta) and below(
        evidence.order_aware_gain_redrawn, delta
    )
    # Told a shuffled past, a model of its size gains a little too. That is no recency: the rest must pay.
    size_not_order = not above(evidence.order_aware_gain, delta)
    disagree = probes_see_none(evidence) or gone_without_ties or size_not_order
    return _unchecked(evidence) or (
        _open("evidence_disagrees")
        if disagree
        else Finding(outcome="recency_is_enough", cause="recency_carries", arm="dnn_decayed")
    )


def order_adds_nothing(evidence: Evidence) -> Finding | None:
    """Rule 7: whatever reads order adds less than asked, and the item probe found no order either."""
    limits = evidence.limits
    if not below(evidence.order_aware_gain, limits.delta):
        return None
    if above(evidence.item_order, limits.item_floor):
        return _open("trial_missed_the_probe")
    if evidence.item_order is None and not below(evidence.order, limits.order_floor):
        return _open("probes_not_measured")  # 2.1b "not found" is a measurement, not a gap
    arm = "din" if above(evidence.attention_gain, 0) else "dnn"
    beaten = arm == "dnn" and above(evidence.recency_gain, limits.delta)
    if beaten or above(evidence.order_gain, limits.delta):
        return _open("evidence_disagrees")
    return Finding(outcome="keep_order_blind_model", cause="order_adds_nothing", arm=arm)


RULES: tuple[Rule, ...] = (
    order_not_in_log,
    too_few_users,
    capture_is_low,
    trial_missing,
    ties_make_the_gain,
    sequence_pays,
    recency_carries,
    order_adds_nothing,
)  # rule 8 is what is left: `undecided`


def trial_too_small(evidence: Evidence) -> bool:
    """Whether the trial could not have seen a lift of a few times the one asked for."""
    detectable = evidence.minimal_detectable
    return detectable is not None and detectable > evidence.limits.too_small * evidence.limits.delta


def probes_see_none(evidence: Evidence) -> bool:
    """Whether 2.1 and 2.1b were both measured, and both lie wholly below their floors."""
    limits = evidence.limits
    return below(evidence.order, limits.order_floor) and below(evidence.item_order, limits.item_floor)


def order_found(evidence: Evidence) -> bool:
    """Whether 2.1 or 2.1b lies wholly above its floor."""
    limits = evidence.limits
    return above(evidence.order, limits.order_floor) or above(evidence.item_order, limits.item_floor)


def _open(cause: Cause) -> Finding:
    return Finding(outcome="inconclusive", cause=cause)


def _unchecked(evidence: Evidence) -> Finding | None:
    """A gain that the checks for artefacts could not be asked about."""
    if not evidence.clock:
        return _open("times_not_in_log")
    if _ties_unchecked(evidence):
        return _open("ties_not_checked")
    silent = [
        probe is None or below(probe, floor)
        for probe, floor in (
            (evidence.order, evidence.limits.order_floor),
            (evidence.item_order, evidence.limits.item_floor),
        )
    ]
    if all(silent) and not probes_see_none(evidence):
        return _open("probes_not_measured")
    return None


def _ties_unchecked(evidence: Evidence) -> bool:
    """Many ties and no arm with ties redrawn; or ties matter, and what is left without them is not known."""
    many = evidence.tie_rate is not None and evidence.tie_rate > evidence.limits.tie_share
    return (many and evidence.tie_effect is None) or (
        above(evidence.tie_effect, 0) and evidence.order_aware_gain_redrawn is None
    )
