"""Projection: what a half-life in logged events is in events as they happened, for a *supplied* rate.

Where events are lost at random, each on its own, a step between logged ones spans g events with probability
q (1 - q)^(g - 1). A persistence of lambda an event is then q lambda / (1 - (1 - q) lambda) a logged event:

    lambda = lambda_q / (q + (1 - q) lambda_q),    lambda = 2^(-1 / half-life in events).

Nothing like it holds for whole sessions or categories, and none for the share that order saves: the curve by
events tells what losing more does, and to run it backwards would be to make numbers up.
"""

from __future__ import annotations

import math
from dataclasses import replace

from diagnose.results import Estimate
from diagnose.settings import Settings

NAME = "projected_half_life_events"
UNIT = "events, logged or not"


def projected(half_life: Estimate | None, *, settings: Settings) -> dict[str, Estimate]:
    """The half-life in events as they happened; empty where `why_not` says why."""
    low, high = settings.capture.declared_low, settings.capture.declared_high
    if half_life is None or low is None or high is None or why_not(half_life, settings=settings):
        return {}
    return {NAME: projected_half_life(half_life, low=low, high=high)}


def why_not(half_life: Estimate | None, *, settings: Settings) -> str | None:
    """Why there is no projection to the full log, in words; None where there is one."""
    capture = settings.capture
    if capture.declared_low is None or capture.declared_high is None:
        return "no rate was declared, and a log does not say how much of behaviour it holds"
    match capture.loss_pattern:
        case "unknown":
            return "the pattern of loss was not declared, and it decides what is left of order"
        case "sessions":
            return (
                "whole sessions are lost: steps inside a session are as they were, those between sessions "
                "span an unknown number of events, so one half-life of the log has no one counterpart"
            )
        case "categories":
            return (
                "whole categories are out of sight: what is logged of the others is complete, and of those "
                "out of sight nothing is known"
            )
    return "the log shows no half-life in events" if half_life is None else None


def projected_half_life(estimate: Estimate, *, low: float, high: float) -> Estimate:
    """A half-life in logged events as one in all events, of which between `low` and `high` are logged.

    Its ends take the rate's worse end each: the more is lost, the longer is what a logged event spans.
    """
    return replace(
        estimate,
        value=_all_events(estimate.value, rate=(low + high) / 2),
        low=_all_events(estimate.low, rate=high),
        high=_all_events(estimate.high, rate=low),
        unit=UNIT,
    )


def _all_events(half_life: float, *, rate: float) -> float:
    """The half-life in events of which the share `rate` is logged."""
    if half_life <= 0 or math.isinf(half_life):
        return max(half_life, 0.0)
    # 1 / lambda = 1 + rate (1 / lambda_q - 1), exact also where both are next to 1
    fading = min(
        math.log(2) / half_life, 700.0
    )  # beyond, a double overflows; the half-life is 0 to any digit
    return math.log(2) / math.log1p(rate * math.expm1(fading))
