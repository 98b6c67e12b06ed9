"""The numbers of a result that carry a verdict: those that a comparison holds side by side."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping

from diagnose.results import Estimate, Measured, Probed, Result, Skipped, Statement

HALF_LIVES = ("interest_persistence.half_life_days", "interest_persistence.half_life_events")
OF_PROBES = (
    "interest_persistence.drift_share",
    *HALF_LIVES,
    "order_information.share",
    "item_order_information.gain",
)
Found = Estimate | str  # a number, or why there is none


def of_probes(result: Result) -> dict[str, Found]:
    """Name to number, or to the reason why it is missing."""
    return {name: _of_probe(result, name) for name in OF_PROBES}


def _of_probe(result: Result, name: str) -> Found:
    probe, _, estimate = name.partition(".")
    found = _estimate(result.probe(probe), estimate)
    if isinstance(found, Estimate) and not math.isfinite(found.value):
        return "it has no bound"
    if isinstance(found, Estimate) and name == HALF_LIVES[0]:
        return dataclasses.replace(found, unit="days")
    return found


def _estimate(probed: Probed | None, name: str) -> Found:
    match probed:
        case Skipped(reason=reason):
            return reason
        case Measured(estimates=estimates) if name in estimates:
            return estimates[name]
        case Measured():
            return "the probe could not tell it"
    return "the probe did not run"


def of_trial(result: Result) -> dict[str, Found]:
    """Contrast to its difference in GAUC."""
    return {
        f"trial.{contrast.name}": Estimate(
            value=contrast.value,
            low=contrast.low,
            high=contrast.high,
            level=contrast.level,
            unit="GAUC",
        )
        for contrast in result.trial.contrasts
        if contrast.metric.lower() == "gauc" and math.isfinite(contrast.value)
    }


def without_trial(result: Result) -> str:
    """Why a contrast is missing."""
    return result.trial.reason or "the trial has no such contrast"


Said = tuple[str, str, str]  # probe, unit and scope: statements that agree in these speak of one thing


def of_capture(result: Result) -> Mapping[Said, Statement]:
    """What was said of capture, but for what says nothing: 0 to 1."""
    return {
        (said.probe, said.unit, said.scope): said
        for said in result.capture.statements
        if said.low > 0 or said.high < 1
    }


def interval(said: Statement) -> Estimate:
    """A statement as an estimate without a middle."""
    return Estimate(value=math.nan, low=said.low, high=said.high, unit="share", level=said.level)
