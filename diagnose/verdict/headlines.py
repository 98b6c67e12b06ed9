"""The verdict in one line: "<outcome in plain words>: <cause> <verb> <number>.", at most 100 characters.

Each cause offers its lines from the fullest to the plainest; the first that fits is taken. Unknown capture
is said in the line wherever it leaves room, which the plainest line of every confident outcome does. A line
that says there is nothing to gain says with it what would have to be supplied: a log of a tenth of the
behaviour looks just as still.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from diagnose.formatting import NO_BREAK, count, fixed, percent
from diagnose.results import Estimate, Outcome
from diagnose.verdict.case import Case, between, fading, gauc, held, quoted
from diagnose.verdict.positions import above
from diagnose.verdict.rules import Cause, trial_too_small
from diagnose.verdict.settle import open_question, users_needed

LONGEST = 100  # two lines in print, four on a desk
UNKNOWN = "; capture unknown"
ADVICE = frozenset({"use_sequence_model", "recency_is_enough", "keep_order_blind_model"})  # what to build


def headline(case: Case) -> str:
    """The line above everything else."""
    offered = [line for line in LINES[case.finding.cause](case) if len(line) < LONGEST]
    lines = offered or [PLAINEST[case.finding.outcome]]
    if case.capture_unknown and case.finding.outcome != "not_measurable":
        lines = _with_unknown_capture(lines, case) or lines
    return lines[0] + "."


def _with_unknown_capture(lines: Sequence[str], case: Case) -> list[str]:
    """The lines that leave room to say that capture is unknown, and what to supply, the best first.

    Advice on what to build would rather lose a number than that; other outcomes have their cause to tell.
    Where a part of behaviour is known to be seen badly, that is said in its place.
    """
    supply = f"{UNKNOWN}, supply {case.to_supply}" if case.to_supply else UNKNOWN
    part = case.part_known
    if part is not None and part.high < case.evidence.limits.low_capture:
        supply = f"; only {held(part)} on record"
    if case.finding.outcome not in ADVICE:
        return [line + end for line in lines for end in (supply, UNKNOWN) if len(line) + len(end) < LONGEST]
    lines = [*lines, PLAINEST[case.finding.outcome]]
    ends = (supply, UNKNOWN)
    return [line + end for end in ends for line in lines if len(line) + len(end) < LONGEST]


def _order_not_in_log(case: Case) -> Sequence[str]:
    start, rate = "The order is not in this log", case.evidence.tie_rate
    reason = quoted(case.hygiene.reason or "").split(";")[0]
    told = [f"{start}: {reason}"] if reason else []
    tied = [f"{start}: {percent(rate, 0)} of events tie with another of their user"] if rate else []
    return [*told, *tied, f"{start}: its times do not say what came after what"]


def _too_few_users(case: Case) -> Sequence[str]:
    users, needed = case.evidence.users or 0, case.evidence.limits.minimum_users
    return [f"Too small to say: {count(users)} users have enough history, and {count(needed)} are needed"]


def _capture_is_low(case: Case) -> Sequence[str]:
    known = case.evidence.capture
    if known is None:
        return ["Capture comes first: interests move, but most of the movement is not logged"]
    said = "a declared " if known.grade == "declared" else "the log holds "
    verb = " is logged" if known.grade == "declared" else ""
    return [f"Capture comes first: interests move, but {said}{held(known)}{verb}"]


def _capture_contradicted(case: Case) -> Sequence[str]:
    half = percent(case.evidence.limits.low_capture, 0)
    return [f"Inconclusive: one statement puts capture below {half}, another above"]


def _trial_missing(case: Case) -> Sequence[str]:
    trial, evidence = case.trial, case.evidence
    asked = gauc(evidence.limits.delta)
    if trial.status == "skipped" and not case.settings.trial.run:
        return _probes_alone(case)
    if "below_floor" in trial.problems:
        return ["Inconclusive: the trial’s models rank worse than the score they start from"]
    if trial_too_small(evidence):
        seen = gauc(evidence.minimal_detectable or 0.0)
        short = f"Too small to say: the trial sees no lift under {seen}"
        return [f"Too small to say: the trial can see a lift of {seen}, and {asked} was asked", short]
    if "too_small" in trial.problems:
        return [f"Too small to say: the trial has too few users to see a lift of {asked}"]
    if "not_converged" in trial.problems:
        return ["Inconclusive: the trial ended while its models were still learning"]
    ran = "no trial could be run" if trial.status == "skipped" else "the trial cannot be trusted"
    reason = quoted(trial.reason or "").split(";")[0]
    return [*([f"Inconclusive: {ran}, as {reason}"] if reason else []), f"Inconclusive: {ran}"]


def _probes_alone(case: Case) -> Sequence[str]:
    start, item, order = "From the probes alone", case.evidence.item_order, case.evidence.order
    if item is None:
        seen = f"order saves {percent(order.value)} of the uncertainty" if order else "order was not measured"
        return [f"{start}, nothing is certain: {seen}"]
    adds = f"order adds {gauc(item.value)}"
    if not case.evidence.clock and above(item, case.evidence.limits.item_floor):
        return [
            f"{start}, {adds}, or the catalogue moves: no times tell",
            f"{start}, {adds}, or the catalogue moves",
        ]
    match case.leaning:
        case "use_sequence_model":
            return [f"{start}, a sequence model is worth a trial: {adds}"]
        case "recency_is_enough":
            return [f"{start}, recency looks enough: {adds}"]
        case "keep_order_blind_model":
            return [f"{start}, keep the order-blind model: order adds at most {gauc(item.high)}"]
    return [f"{start}, nothing is certain: order adds {between(item)}{NO_BREAK}GAUC"]


def _ties_make_the_gain(case: Case) -> Sequence[str]:
    left = _high(case.evidence.order_aware_gain_redrawn)
    return [f"Suspect an artefact: with ties redrawn, order adds at most {gauc(left)}"]


def _probes_see_no_order(case: Case) -> Sequence[str]:
    return [f"Suspect an artefact: DIEN gains {gauc(_value(case.evidence.lift))}, yet no probe finds order"]


def _sequence_pays(case: Case) -> Sequence[str]:
    lift, beyond = _value(case.evidence.lift), _value(case.evidence.beyond_recency)
    start = "Build a sequence model"
    if beyond >= lift:
        return [f"{start}: DIEN adds {gauc(lift)}"]
    # What a fading average would not bring is never dropped: it is what the months of work are paid for.
    return [
        f"{start}: DIEN adds {gauc(lift)}, {fixed(beyond, 4)} of it beyond recency",
        f"{start}: {gauc(lift)}, {fixed(beyond, 4)} beyond recency",
    ]


def _recency_carries(case: Case) -> Sequence[str]:
    start, evidence = "Recency is enough: a", case.evidence
    gained, most = _value(evidence.recency_gain), _high(evidence.beyond_recency)
    lines = []
    if above(evidence.lift, 0) and 0 < gained < _value(evidence.lift):
        taken = f"takes {percent(gained / _value(evidence.lift), 0)} of DIEN’s gain"
        lines = [f"{start} fading average {taken}"]
        if half_life := fading(case):
            lines.insert(0, f"{start}n average that halves every {half_life} {taken}")
    more = f"and DIEN at most {fixed(most, 4)} more" if most > 0 else "and DIEN nothing more"
    adds = f"{start} fading average adds {gauc(gained)}"
    return [*lines, f"{adds}, {more}", adds]


def _order_adds_nothing(case: Case) -> Sequence[str]:
    most, asked = _high(case.evidence.order_aware_gain), fixed(case.evidence.limits.delta, 4)
    adds = f"order adds at most {gauc(most)}" if most > 0 else "order adds nothing"
    start = f"Keep the order-blind model: {adds}"
    return [f"{start}, and {asked} was asked", start]


def _trial_missed_the_probe(case: Case) -> Sequence[str]:
    found, learned = _value(case.evidence.item_order), _high(case.evidence.order_aware_gain)
    start = f"Inconclusive: the probe finds {gauc(found)} of order"
    return [f"{start}, the trial {fixed(learned, 4)} at most" if learned > 0 else f"{start}, the trial none"]


def _probes_not_measured(case: Case) -> Sequence[str]:
    if case.evidence.item_order is not None:
        return ["Inconclusive: the trial finds a gain, and the one probe that ran finds no order"]
    return ["Inconclusive: whether items follow an order was not measured by a probe"]


def _ties_not_checked(case: Case) -> Sequence[str]:
    effect, rate = case.evidence.tie_effect, case.evidence.tie_rate
    if effect is not None:
        return [f"Inconclusive: ties carry {gauc(effect.value)} of DIEN’s gain, the rest is not measured"]
    return [
        f"Inconclusive: {percent(rate or 0.0, 0)} of events tie, and no model was trained with ties redrawn"
    ]


def _times_not_in_log(case: Case) -> Sequence[str]:
    lift, recency = _value(case.evidence.lift), _value(case.evidence.recency_gain)
    model, gained = ("DIEN", lift) if lift >= recency else ("a fading average", recency)
    return [f"Inconclusive: {model} adds {gauc(gained)}, or the catalogue moves: no times tell"]


def _evidence_disagrees(case: Case) -> Sequence[str]:
    lift, ordered = case.evidence.lift, case.evidence.order_aware_gain
    plain = "Inconclusive: the trial’s contrasts and the probes contradict each other"
    if lift is None or ordered is None:
        return [plain]
    return [
        f"Inconclusive: DIEN’s lift is {gauc(lift.value)}, what order adds {fixed(ordered.value, 4)}",
        plain,
    ]


def _undecided(case: Case) -> Sequence[str]:
    question = open_question(case.evidence)
    if question is None:
        return ["Inconclusive: the trial’s contrasts meet no rule, for or against a sequence model"]
    needed = users_needed(question, case.trial)
    said = f"Inconclusive: {question.short} is {between(question.estimate)}{NO_BREAK}GAUC"
    return [f"{said}, {count(needed)} users would tell", said] if needed else [said]


PLAINEST: dict[Outcome, str] = {  # where even the numbers do not fit a line
    "use_sequence_model": "Build a sequence model: DIEN adds more than was asked",
    "recency_is_enough": "Recency is enough: a fading average adds more than was asked",
    "keep_order_blind_model": "Keep the order-blind model: order adds too little",
    "fix_capture_first": "Capture comes first: interests move, and most of the movement is not logged",
    "suspect_artefact": "Suspect an artefact: the gain is not one of order",
    "inconclusive": "Inconclusive: nothing that was measured decides it",
    "not_measurable": "The order of behaviour is not in this log",
}
LINES: dict[Cause, Callable[[Case], Sequence[str]]] = {
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


def _value(estimate: Estimate | None) -> float:
    """A number that the rule of this cause has read, so it is there; 0 keeps the types honest."""
    return estimate.value if estimate is not None else 0.0


def _high(estimate: Estimate | None) -> float:
    return estimate.high if estimate is not None else 0.0
