"""What to do next: at most three steps, each starts with a verb and names the number to use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from diagnose.formatting import NO_BREAK, count, percent, signed
from diagnose.results import Outcome
from diagnose.verdict.case import Case, fading, gauc, quoted
from diagnose.verdict.evidence import contrast
from diagnose.verdict.positions import above, below
from diagnose.verdict.rules import order_found, trial_too_small
from diagnose.verdict.settle import open_question, users_needed

DECLARE = (
    "Declare at least what share of events the log holds. --capture-rate LOW:HIGH takes a range; without it "
    "the log says nothing of what happens elsewhere."
)


def next_steps(case: Case) -> tuple[str, ...]:
    """The steps of this outcome, the most useful first; where capture is unknown, the last is about it."""
    most, last = case.settings.verdict.most_steps, _about_capture(case)
    own = list(islice(STEPS[case.finding.outcome](case), most - len(last)))
    return (*own, *last)[:most]


def _about_capture(case: Case) -> tuple[str, ...]:
    """What to supply where nobody has said, and nothing in the log says, what it holds."""
    if not case.capture_unknown or case.finding.outcome in ("fix_capture_first", "not_measurable"):
        return ()
    if not case.to_supply:
        return (DECLARE,)
    wanted = case.capture.wanted[0]
    return (
        f"Supply {case.to_supply}. Nothing says what happens elsewhere without it: {quoted(wanted.why)}.",
    )


def _use(case: Case) -> Iterator[str]:
    lift = case.evidence.lift
    expected = f" Expect {signed(lift.value)}{NO_BREAK}GAUC offline." if lift else ""
    yield f"Build DIEN, and test it online against the model you have.{expected}"
    auxiliary = _contrast(case, "auxiliary_gain")
    if auxiliary is not None and auxiliary < 0:
        yield f"Leave its auxiliary loss out. It costs {gauc(-auxiliary)} here."
    half_life = fading(case)
    if half_life:
        weight = f"Weight 2^(−age / {half_life})"
        yield f"Ship a fading average first. {weight} costs what the DNN costs{_brings(case)}."


def _brings(case: Case) -> str:
    """What of the lift is had without a sequence model."""
    gained, beyond = case.evidence.recency_gain, case.evidence.beyond_recency
    if gained is None or beyond is None or gained.low <= 0:
        return ""
    return f" and brings {gain_of(gained.value)}; DIEN adds {gain_of(beyond.value)} to it"


def _recency(case: Case) -> Iterator[str]:
    half_life, gained = fading(case), case.evidence.recency_gain
    weight = f"weight 2^(−age / {half_life})" if half_life else "weights that halve with age"
    gains = f": {signed(gained.value)}{NO_BREAK}GAUC over the plain mean" if gained else ""
    yield f"Ship the fading average. Pool each user’s history with {weight}{gains}."
    beyond = case.evidence.beyond_recency
    if beyond is not None:
        yield (
            f"Ask again when the log or its users change. DIEN adds {gain_of(beyond.value)} "
            f"to the fading average now, and {gauc(case.evidence.limits.delta)} was asked."
        )


def _keep(case: Case) -> Iterator[str]:
    attention = case.evidence.attention_gain
    if case.finding.arm == "din" and attention is not None:
        yield f"Use attention without order (DIN). It adds {gain_of(attention.value)} to the DNN."
    else:
        yield "Keep the DNN, a plain average of the history. Spend on features and candidates, not on order."
    asked, ordered = gauc(case.evidence.limits.delta), case.evidence.order_aware_gain
    now = f", and adds {gain_of(ordered.value)} now" if ordered is not None else ""
    yield f"Ask again when the log or its users change. Order has to add {asked}{now}."


def _fix_capture(case: Case) -> Iterator[str]:
    half = percent(case.evidence.limits.low_capture, 0)
    unit = case.evidence.capture.unit if case.evidence.capture else "events"
    yield f"Log what is missing. From {half} of {unit} on the trial decides, and this verdict falls."
    if case.trial.status == "skipped":
        asked = gauc(case.evidence.limits.delta)
        yield f"Run the trial all the same. A lift surely above {asked} would overturn this verdict."
    if case.evidence.loss_pattern == "unknown":
        yield (
            "Say how behaviour is lost with --loss-pattern. Whole categories out of sight leave the order of "
            "the rest intact; events lost at random destroy it."
        )
    half_life, gained = fading(case), case.evidence.recency_gain
    if half_life and above(gained, 0):
        yield f"Pool the history with weight 2^(−age / {half_life}) until then. It needs no chain."
    yield "Keep the model you have until then. Run the analysis again on the fuller log."


def _artefact(case: Case) -> Iterator[str]:
    if case.finding.cause == "ties_make_the_gain":
        yield (
            "Log finer times. A true order alone (--column position=NAME) can show that the gain goes, not "
            "that it is the users’."
        )
        yield "Check what decides the order inside a tie. An export sorted by item or page is no behaviour."
        return
    yield "Look for a leak. Ask what DIEN’s inputs know of the target that the order-blind arms do not."
    yield "Repeat the trial with another --seed and --budget thorough. A gain that stays needs another cause."


def _open(case: Case) -> Iterator[str]:
    if case.finding.cause == "too_few_users":
        least = count(case.evidence.limits.minimum_users)
        yield f"Collect a longer log. {least} users with enough history are the least."
        return
    if case.finding.cause == "capture_contradicted":
        yield "Settle which statement about capture is right. The verdict turns on it."
    if not case.evidence.clock and order_found(case.evidence):
        yield (
            "Export the times too. Map them with --column timestamp=NAME in place of the position: only they "
            "tell a moving catalogue from moving users."
        )
    if case.trial.status == "skipped" and not case.settings.trial.run:
        yield "Run the trial. Leave --no-trial out; --budget quick takes minutes."
        return
    if case.finding.cause == "ties_not_checked":
        yield "Run the standard budget. It trains the arms with ties redrawn."
    if case.finding.cause == "trial_missing" and not case.trial.problems:
        yield f"Mend what kept the trial from an answer. It says: {quoted(case.trial.reason or 'no reason')}."
    needed = users_needed(open_question(case.evidence), case.trial)
    if needed is not None:
        yield f"Give the trial about {count(needed)} test users. {_where_more_users_are(case)}."
    if "not_converged" in case.trial.problems or "below_floor" in case.trial.problems:
        yield "Train longer with --budget thorough. The models had not learnt what they could."
    elif case.finding.cause == "trial_missed_the_probe":
        yield "Train longer with --budget thorough. A model should learn what a network-free probe sees."
    elif needed is None and (trial_too_small(case.evidence) or case.trial.status != "skipped"):
        yield f"Widen the trial with more users and --budget thorough. {_where_more_users_are(case)}."
    if case.leaning == "recency_is_enough" and (half_life := fading(case)):
        yield f"Try a fading average meanwhile. Weight 2^(−age / {half_life}) costs nothing in scoring."


def _where_more_users_are(case: Case) -> str:
    """A sample can be widened; a log that was looked at whole has no more."""
    sampled, users = case.settings.sample.users, case.evidence.users
    if sampled is None or (users is not None and users <= sampled):
        return "All users of this log were looked at: export more users, or a longer time"
    return "Use --users all, or a longer log"


def _unmeasurable(case: Case) -> Iterator[str]:
    yield "Export the full timestamp. Seconds or minutes will do; a date alone will not."
    yield (
        "Add a sequence number per user where the time may not leave. Mapped with --column position=NAME it "
        "can show that order is worth nothing; that order pays, only times can."
    )
    yield "Check in seconds with diagnose inspect. Run the whole analysis once the order is there."


STEPS: dict[Outcome, Callable[[Case], Iterator[str]]] = {
    "use_sequence_model": _use,
    "recency_is_enough": _recency,
    "keep_order_blind_model": _keep,
    "fix_capture_first": _fix_capture,
    "suspect_artefact": _artefact,
    "inconclusive": _open,
    "not_measurable": _unmeasurable,
}


def gain_of(value: float) -> str:
    """'+0.0070 GAUC'."""
    return f"{signed(value)}{NO_BREAK}GAUC"


def _contrast(case: Case, name: str) -> float | None:
    """A contrast's value where its whole interval lies on one side of zero."""
    made = contrast(case.trial, name)
    return made.value if made is not None and (above(made, 0) or below(made, 0)) else None
