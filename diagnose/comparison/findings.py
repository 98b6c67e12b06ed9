"""What a comparison of two results states, as frozen records. A is the earlier or the first, B the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from diagnose.results import LEVEL, Estimate, Outcome, Tool

Part = Literal["tool", "log", "columns", "settings", "trial"]


@dataclass(frozen=True, kw_only=True)
class Difference:
    """B minus A. `value` is not a number where the sides are intervals without a middle (capture)."""

    value: float
    low: float
    high: float
    p: float  # two-sided, against no difference
    level: float = LEVEL
    p_adjusted: float = 1.0  # Holm, over all numbers of the comparison
    above_noise: bool = False  # p_adjusted below 1 - level


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One number on both sides; without a difference where it is missing on one or means another thing."""

    name: str  # "interest_persistence.drift_share", "trial.lift", "capture.panel"
    a: Estimate | None
    b: Estimate | None
    difference: Difference | None
    reason: str  # why there is no difference; empty where there is one
    scope: str = ""  # of a statement about capture


@dataclass(frozen=True, kw_only=True)
class Changed:
    """What was not the same and may explain a difference. None: that side does not tell."""

    part: Part
    name: str  # "seed", "trial.budget", "events"
    a: object
    b: object
    verdict_only: bool = False  # it weighs the same numbers otherwise, and changes none


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of the two results."""

    log: str  # what it is called: the last part of its source
    fingerprint: str
    outcome: Outcome
    headline: str
    tool: Tool


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What changed between two results, and whether it is more than noise."""

    a: Side
    b: Side
    headline: str
    outcome_changed: bool
    same_events: bool  # both logs have one fingerprint
    numbers: tuple[Compared, ...]
    changed: tuple[Changed, ...]
    notes: tuple[str, ...]  # what is assumed, and what qualifies the numbers, in sentences
    level: float = LEVEL
