"""What is still open where no rule was met, and how many test users would close it."""

from __future__ import annotations

from dataclasses import dataclass

from diagnose.results import Estimate, Trial
from diagnose.verdict.evidence import Evidence
from diagnose.verdict.positions import above, below

HOPELESS = 100.0  # times the users of this trial: an estimate that close to its threshold settles nothing
LABELS = {
    "lift": "DIEN’s lift over the DNN",
    "order_gain": "what order adds to DIEN",
    "beyond_recency": "what DIEN adds to a fading average",
    "order_aware_gain": "what order adds to any model",
}
SHORT = {
    "lift": "DIEN’s lift",
    "order_gain": "the gain of order",
    "beyond_recency": "DIEN beyond recency",
    "order_aware_gain": "the gain of order",
}


@dataclass(frozen=True)
class Question:
    """A contrast whose interval still holds the threshold that matters."""

    label: str
    short: str
    estimate: Estimate
    threshold: float


def open_question(evidence: Evidence) -> Question | None:
    """The first contrast, in the order of the argument, that could still go either way."""
    delta = evidence.limits.delta
    order = {"lift": delta, "order_gain": 0.0, "beyond_recency": 0.0, "order_aware_gain": delta}
    if below(evidence.lift, delta):
        order = {"order_aware_gain": delta, "beyond_recency": delta}
    for name, threshold in order.items():
        estimate = getattr(evidence, name)
        if estimate is not None and not above(estimate, threshold) and not below(estimate, threshold):
            return Question(LABELS[name], SHORT[name], estimate, threshold)
    return None


def users_needed(question: Question | None, trial: Trial) -> int | None:
    """Test users that would close the question if its value stays; None where nobody can say.

    Of the lift the trial itself says how many it needs.
    The half-width shrinks with the square root of the users, so n (half-width / distance)^2 users bring the
    interval to one side. Two significant digits: the value itself will move.
    """
    about_lift = question is None or question.label == LABELS["lift"]
    if about_lift and trial.users_needed is not None and trial.users_needed > trial.users_test:
        return _two_digits(trial.users_needed)
    if question is None or trial.users_test <= 0:
        return None
    half_width = (question.estimate.high - question.estimate.low) / 2
    distance = abs(question.estimate.value - question.threshold)
    if half_width <= distance or distance * HOPELESS**0.5 < half_width:
        return None
    return _two_digits(trial.users_test * (half_width / distance) ** 2)


def _two_digits(users: float) -> int:
    scale: int = 10 ** max(0, len(str(int(users))) - 2)
    return -(-int(users) // scale) * scale
