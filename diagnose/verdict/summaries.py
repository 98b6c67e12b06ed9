"""The three or four sentences under the headline: do the conditions hold, what decides, what to do."""

from __future__ import annotations

from collections.abc import Callable

from diagnose.formatting import count, percent
from diagnose.results import Estimate, Outcome
from diagnose.verdict.case import Case, gain, gauc, held, how_known, quoted, share
from diagnose.verdict.positions import above, below
from diagnose.verdict.rules import Cause, trial_too_small
from diagnose.verdict.settle import open_question, users_needed

PROPERTY = "This is a property of the file, not an estimate."
LEANINGS: dict[Outcome, str] = {
    "use_sequence_model": "a sequence model is worth a trial",
    "recency_is_enough": "recency is likely to be enough",
    "keep_order_blind_model": "the order-blind model is likely to be enough",
}


def summary(case: Case) -> str:
    """Conditions, cause, advice. Confidence is told beside it, by whoever shows the verdict."""
    if case.finding.outcome == "not_measurable":
        return " ".join((_decides(case), _advice(case), PROPERTY))
    return " ".join((_conditions(case), _decides(case), _advice(case)))


def _conditions(case: Case) -> str:
    """Both conditions in a sentence, with their numbers."""
    drift, floor = case.evidence.drift, case.evidence.limits.drift_floor
    if drift is None:
        moves = "Whether interests move was not measured"
    elif above(drift, floor):
        moves = f"Interests move: {share(drift)} of what an interest tells fades with time"
    elif below(drift, floor):
        still = "In what is logged, interests hold still" if case.capture_unknown else "Interests hold still"
        moves = f"{still}: {share(drift)} of what an interest tells fades with time"
    else:
        moves = f"Whether interests move is open: {share(drift)} of what an interest tells fades with time"
    return f"{moves}, and {_captured(case)}."


def _captured(case: Case) -> str:
    if case.evidence.capture_contradicted:
        return "statements about what the log holds contradict each other"
    if case.evidence.capture is not None:
        return f"the log holds {held(case.evidence.capture)} ({how_known(case.evidence.capture)})"
    if case.capture_unknown:
        return "what share of behaviour the log holds is unknown"
    return "what share of events or sessions the log holds is unknown"


def _decides(case: Case) -> str:
    return DECIDES[case.finding.cause](case)


def _advice(case: Case) -> str:
    if case.finding.outcome == "inconclusive" and case.leaning is not None:
        return f"The probes alone lean one way: {LEANINGS[case.leaning]}."
    return ADVICE[case.finding.outcome]


ADVICE: dict[Outcome, str] = {
    "use_sequence_model": "So build DIEN, and confirm it online against the model you have.",
    "recency_is_enough": "So weigh recent events more, and keep the model you have.",
    "keep_order_blind_model": "So keep the model you have; a sequence model costs more and ranks no better.",
    "fix_capture_first": "The lever is the log, not the model: see more of the chain before modelling it.",
    "suspect_artefact": "So do not build on this gain before its cause is found.",
    "inconclusive": "The probes alone lean no way, so no advice for or against a sequence model follows.",
    "not_measurable": "This is no judgement on your users or on sequence models: the question was never put.",
}


def _order_not_in_log(case: Case) -> str:
    return (
        f"The order of behaviour is not in the log: {quoted(case.hygiene.reason or 'its times do not tell')}."
    )


def _too_few_users(case: Case) -> str:
    users, needed = count(case.evidence.users or 0), count(case.evidence.limits.minimum_users)
    return f"Only {users} users have enough history, fewer than the {needed} that the intervals are made for."


def _capture_is_low(case: Case) -> str:
    lift = case.evidence.lift if case.evidence.trial_done else None
    seen = f"; in the trial DIEN is {gain(lift)} from the DNN" if lift else ""
    return f"A sequence model learns from chains, and here most links happen unseen{seen}."


def _capture_contradicted(case: Case) -> str:
    return "Of two statements about the same behaviour one must be wrong, and the verdict turns on which."


def _trial_missing(case: Case) -> str:
    trial = case.trial
    if trial.status == "skipped":
        return f"No trial confirms it: {quoted(trial.reason or 'it was skipped')}."
    if trial_too_small(case.evidence):
        detectable, asked = gauc(case.evidence.minimal_detectable or 0.0), gauc(case.evidence.limits.delta)
        return f"The trial is too small: the least lift it can see is {detectable}, and {asked} was asked."
    reason = trial.reason or ", ".join(problem.replace("_", " ") for problem in trial.problems)
    return f"The trial cannot be trusted: {quoted(reason or 'it says so itself')}."


def _ties_make_the_gain(case: Case) -> str:
    gained, left = _told(case.evidence.order_aware_gain), _told(case.evidence.order_aware_gain_redrawn)
    return f"Order seems worth {gained}, but {left} once the order of events at one time is drawn at random."


def _probes_see_no_order(case: Case) -> str:
    lift, item = _told(case.evidence.lift), _told(case.evidence.item_order)
    return f"DIEN’s lift is {lift}, yet the probes find no order to learn from: {item} between items."


def _sequence_pays(case: Case) -> str:
    lift, order, beyond = (
        _told(getattr(case.evidence, name)) for name in ("lift", "order_gain", "beyond_recency")
    )
    return f"DIEN beats the DNN by {lift}; order carries {order}, and {beyond} lies beyond a fading average."


def _recency_carries(case: Case) -> str:
    gained, beyond = _told(case.evidence.recency_gain), _told(case.evidence.beyond_recency)
    return f"A history average that fades gains {gained} over the plain mean, and DIEN only {beyond} on top."


def _order_adds_nothing(case: Case) -> str:
    ordered, asked = _told(case.evidence.order_aware_gain), gauc(case.evidence.limits.delta)
    return f"The best model that reads order is {ordered} from the best that does not; {asked} was asked."


def _trial_missed_the_probe(case: Case) -> str:
    item, ordered = _told(case.evidence.item_order), _told(case.evidence.order_aware_gain)
    return f"The trial did not learn what the probe sees: {item} without a network, {ordered} with one."


def _probes_not_measured(case: Case) -> str:
    return "The outcome that the trial suggests rests on a check by the probes, and that was not measured."


def _ties_not_checked(case: Case) -> str:
    rate = case.evidence.tie_rate
    tied = f" ({percent(rate)} of events tie)" if rate is not None else ""
    return f"Whether the gain survives when the order inside ties is redrawn was not measured{tied}."


def _times_not_in_log(case: Case) -> str:
    ordered = case.evidence.order_aware_gain
    worth = gain(ordered) if ordered else "something"
    return (
        f"Order seems worth {worth} to a model, but the log has positions and no times: the newest events "
        "also tell when a user was there, and so what was popular then."
    )


def _evidence_disagrees(case: Case) -> str:
    ordered = case.evidence.order_aware_gain
    seen = f" what order adds to any model is {gain(ordered)}," if ordered else ""
    return f"The numbers contradict each other:{seen} while single models tell another story."


def _undecided(case: Case) -> str:
    question = open_question(case.evidence)
    if question is None:
        return "The trial’s contrasts meet no rule, for or against a sequence model."
    needed = users_needed(question, case.trial)
    told = (
        f"{question.label[:1].upper()}{question.label[1:]} is {gain(question.estimate)}, too wide to decide"
    )
    if needed is None:
        return f"{told}."
    times = needed / case.trial.users_test if case.trial.users_test else 0
    longer = f", {times:.1f} times what this trial had" if times > 1 else ""
    return f"{told}; about {count(needed)} test users would settle it{longer}."


DECIDES: dict[Cause, Callable[[Case], str]] = {
    "order_not_in_log": _order_not_in_log,
    "too_few_users": _too_few_users,
    "capture_is_low": _capture_is_low,
    "capture_contradicted": _capture_contradicted,
    "trial_missing": _trial_missing,
    "ties_make_the_gain": _ties_make_the_gain,
    "probes_see_no_order": _probes_see_no_order,
    "sequence_pays": _sequence_pays,
    "recency_carries": _recency_carries,
    "order_adds_nothing": _order_adds_nothing,
    "trial_missed_the_probe": _trial_missed_the_probe,
    "probes_not_measured": _probes_not_measured,
    "ties_not_checked": _ties_not_checked,
    "times_not_in_log": _times_not_in_log,
    "evidence_disagrees": _evidence_disagrees,
    "undecided": _undecided,
}


def _told(estimate: Estimate | None) -> str:
    return gain(estimate) if estimate is not None else "not measured"
