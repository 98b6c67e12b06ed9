"""Anchors: what the log's owner declares about how much of behaviour it holds.

Panels (panel.py, segments.py) and second logs (second_logs.py) are anchors with a sample behind them.

Statistic  A share, or a range of it, as declared with `--capture-rate`.
Null       None. It is asked for, never guessed, and the report repeats it as declared.
Interval   The declared range itself, taken at its word (level 1): no sample stands behind it.
Reference  Manski (2003), Partial Identification of Probability Distributions.
"""

from __future__ import annotations

import math

from diagnose.capture.together import EVERYTHING
from diagnose.errors import UsageError
from diagnose.results import Estimate, Measured, Probed, Skipped, Statement
from diagnose.settings import CaptureSettings, Settings
from diagnose.settings import parse_rate as parse_rate

NAME = "anchors"
QUESTION = "Does anything outside the log say how much of behaviour it holds?"

SCOPE = EVERYTHING
TAKEN_AT_ITS_WORD = 1.0


def measure(settings: Settings) -> Probed:
    """The declared rate as an estimate whose value is the middle of the declared range."""
    declared = _declared(settings.capture)
    if declared is None:
        return Skipped(name=NAME, condition="capture", reason="no capture rate was declared")
    low, high = declared
    middle = (low + high) / 2
    rate = Estimate(value=middle, low=low, high=high, unit="share of events", level=TAKEN_AT_ITS_WORD)
    return Measured(name=NAME, condition="capture", users=0, estimates={"declared_rate": rate})


def statements(settings: Settings) -> tuple[Statement, ...]:
    """What was declared, as a statement about capture; empty where nothing was."""
    declared = _declared(settings.capture)
    if declared is None:
        return ()
    return (
        Statement(
            probe=NAME,
            unit="events",
            scope=SCOPE,
            low=declared[0],
            high=declared[1],
            level=TAKEN_AT_ITS_WORD,
            grade="declared",
            assumption="the declared rate is right, and is of all that these users do; nothing in the log "
            "supports or contradicts it",
            whole=True,
        ),
    )


def _declared(settings: CaptureSettings) -> tuple[float, float] | None:
    """The declared range. Raises UsageError unless 0 < low <= high <= 1; one bound alone is an error too."""
    low, high = settings.declared_low, settings.declared_high
    if low is None and high is None:
        return None
    if low is None or high is None or not (math.isfinite(low) and 0 < low <= high <= 1):
        raise UsageError(
            "A declared capture rate is a share of behaviour, or a range of it, above 0 and at most 1.",
            seen=f"from {low} to {high}",
            attempt="--capture-rate 0.1 or --capture-rate 0.05:0.2",
        )
    return float(low), float(high)
