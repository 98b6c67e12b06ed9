"""The argument, step by step: what speaks for a sequence model, what against, what is open.

Each step is told under the probe that made it. "Not measured" is always said, with the reason: it is open.
"""

from __future__ import annotations

from collections.abc import Iterator

from diagnose.formatting import percent
from diagnose.results import Estimate, ForOrAgainst, Reason
from diagnose.verdict.case import Case, gain, gauc, held, how_known, quoted, scope, share
from diagnose.verdict.positions import above, below
from diagnose.verdict.rules import order_found, probes_see_none
from diagnose.verdict.settle import LABELS

CONTRASTS = {
    **{name: label[:1].upper() + label[1:] for name, label in LABELS.items()},
    "recency_gain": "What fading adds to the plain average",
    "attention_gain": "What attention without order adds to the DNN",
    "tie_effect": "What DIEN loses when ties are redrawn",
    "order_aware_gain_redrawn": "What order adds to any model with ties redrawn",
}
CARRYING = {  # by cause: the contrasts that decided; elsewhere those of the argument
    "sequence_pays": ("lift", "order_gain", "beyond_recency"),
    "probes_see_no_order": ("lift", "order_gain", "beyond_recency"),
    "recency_carries": ("recency_gain", "beyond_recency"),
    "order_adds_nothing": ("order_aware_gain",),
    "ties_make_the_gain": ("order_aware_gain", "tie_effect", "order_aware_gain_redrawn"),
    "capture_is_low": ("lift",),
}


WHOLE = 0.99  # of the log: a finding that needs so much of it would not hold with less


def reasons(case: Case) -> tuple[Reason, ...]:
    """Conditions first, then order, then the trial, then what disagrees."""
    if not case.evidence.measurable:
        text = quoted(case.hygiene.reason or "the log's times do not say what came after what")
        return (_reason(f"The order of behaviour is not in the log: {text}.", "log_hygiene", "open"),)
    return (
        _moves(case),
        _captured(case),
        *_losing_more(case),
        _order(case),
        _items(case),
        *_without_times(case),
        *_trial(case),
        *_disagreements(case),
    )


def _reason(text: str, probe: str, stance: ForOrAgainst) -> Reason:
    return Reason(text=text, probe=probe, for_or_against=stance)


def _stance(estimate: Estimate | None, threshold: float) -> ForOrAgainst:
    if above(estimate, threshold):
        return "for"
    return "against" if below(estimate, threshold) else "open"


def _missing(case: Case, probe: str, what: str) -> Reason:
    why = case.skipped(probe)
    return _reason(f"{what} was not measured{f': {why}' if why else ''}.", probe, "open")


def _moves(case: Case) -> Reason:
    probe, drift = "interest_persistence", case.evidence.drift
    if drift is None:
        return _missing(case, probe, "Whether interests move")
    stance = _stance(drift, case.evidence.limits.drift_floor)
    start = {"for": "Interests move", "against": "Interests hold still", "open": "Interests may move or not"}
    return _reason(
        f"{start[stance]}: {share(drift)} of what an interest tells fades with time.", probe, stance
    )


def _captured(case: Case) -> Reason:
    known = case.evidence.capture
    if known is None:
        return _reason(_elsewhere(case), "capture", "open")
    if case.evidence.capture_contradicted:
        text = "Statements about capture contradict each other: one below half, one above."
        return _reason(text, "capture", "open")
    half = case.evidence.limits.low_capture
    stance: ForOrAgainst = "against" if known.high < half else "for" if known.low >= half else "open"
    of = "" if known.grade == "declared" else f": {scope(known)}"
    return _reason(f"The log holds {held(known)} ({how_known(known)}){of}.", "capture", stance)


def _elsewhere(case: Case) -> str:
    """What is known of capture where it is not of events or sessions, the units that the rules read."""
    nothing = "Nothing says what share of events or sessions this log holds."
    part = case.part_known
    return f"{nothing} It holds {held(part)} ({how_known(part)}): {scope(part)}." if part else nothing


def _losing_more(case: Case) -> Iterator[Reason]:
    """The robustness statement, where there is a finding that losing more could undo."""
    told = []
    for pattern, lost in (("sessions", "whole sessions lost"), ("events", "single events lost")):
        rate = case.measured("thinning", f"holds_until_{pattern}")
        if rate is not None and rate.value < WHOLE:
            least = "; less was not tried" if rate.low == 0 else ""
            told.append(f"{percent(rate.value, 0)} of these events were logged ({lost}{least})")
    if told:
        text = f"The finding that order informs would still hold if only {', or '.join(told)}"
        yield _reason(f"{text}. That says nothing of what this log has already lost.", "thinning", "open")


def _order(case: Case) -> Reason:
    probe, order = "order_information", case.evidence.order
    if order is None:
        return _missing(case, probe, "What order tells of the next category")
    text = f"Knowing the order of the past saves {share(order)} of the uncertainty about the next category."
    return _reason(text, probe, _order_stance(case, order, case.evidence.limits.order_floor))


def _items(case: Case) -> Reason:
    probe, item = "item_order_information", case.evidence.item_order
    if item is None:
        return _missing(case, probe, "What order adds to ranking the next item")
    text = f"Without a network, order adds {gain(item)} to ranking the next item."
    return _reason(text, probe, _order_stance(case, item, case.evidence.limits.item_floor))


def _order_stance(case: Case, estimate: Estimate, floor: float) -> ForOrAgainst:
    """Order that is found speaks for a sequence model, unless it may be the catalogue's movement."""
    stance = _stance(estimate, floor)
    return "open" if stance == "for" and not case.evidence.clock else stance


def _without_times(case: Case) -> Iterator[Reason]:
    """Order found in a log of positions may be a moving catalogue's, which nothing here can take out."""
    if not case.evidence.clock and order_found(case.evidence):
        text = (
            "The log has positions, no times: that order may be the catalogue’s movement, since the newest "
            "events of a user also tell when the user was there."
        )
        yield _reason(text, "item_order_information", "open")


def _trial(case: Case) -> Iterator[Reason]:
    """The contrasts that decided; where the trial decides nothing, why."""
    if case.finding.cause == "trial_missing":
        why = quoted(
            case.trial.reason or ", ".join(case.trial.problems) or "too small for the lift asked for"
        )
        what = "No trial was run" if case.trial.status == "skipped" else "The trial cannot be trusted"
        yield _reason(f"{what}: {why}.", "trial", "open")
        return
    if case.finding.cause == "too_few_users":
        return
    names = CARRYING.get(case.finding.cause, ("lift", "order_gain", "beyond_recency", "order_aware_gain"))
    for name in names:
        estimate = getattr(case.evidence, name)
        if estimate is not None:
            yield _reason(f"{CONTRASTS[name]}: {gain(estimate)}.", "trial", _contrast_stance(case, name))


def _contrast_stance(case: Case, name: str) -> ForOrAgainst:
    """Gains of recency and ties speak against a sequence model; a gain of order counts from zero up."""
    estimate, delta = getattr(case.evidence, name), case.evidence.limits.delta
    if name in ("recency_gain", "tie_effect"):
        return "against" if above(estimate, delta if name == "recency_gain" else 0) else "open"
    if below(estimate, delta):
        return "against"
    return _stance(estimate, 0 if name in ("order_gain", "beyond_recency") else delta)


def _disagreements(case: Case) -> Iterator[Reason]:
    """Where 2.1 and 2.1b, or the probes and the trial, do not say the same."""
    evidence, limits = case.evidence, case.evidence.limits
    order = _stance(evidence.order, limits.order_floor)
    items = _stance(evidence.item_order, limits.item_floor)
    if {order, items} == {"for", "against"}:
        told, silent = ("categories", "items") if order == "for" else ("items", "categories")
        text = f"The probes disagree: order tells of the next {told}, and not of the next {silent}."
        yield _reason(text, "item_order_information", "open")
    if case.finding.cause == "capture_is_low" and {order, items} == {"for"}:
        text = "What is logged still holds order: only a trial can say whether a model gains from it already."
        yield _reason(text, "order_information", "for")
    if not evidence.trial_done or case.finding.cause == "trial_missing":
        return
    gained = above(evidence.order_aware_gain, limits.delta) or above(evidence.recency_gain, limits.delta)
    if probes_see_none(evidence) and gained:
        text = "Probes and trial disagree: the models gain from order or recency, and no probe finds any."
        yield _reason(text, "trial", "open")
    if "for" in (order, items) and below(evidence.order_aware_gain, limits.delta):
        text = "Probes and trial disagree: a probe finds order, and no model gained as much as asked from it."
        yield _reason(text, "trial", "open")
    if above(evidence.lift, limits.delta) and below(evidence.order_aware_gain, limits.delta):
        text = f"DIEN’s lift is not order: what order adds to any model stays below {gauc(limits.delta)}."
        yield _reason(text, "trial", "against")
