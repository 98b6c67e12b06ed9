"""Where an interval lies. An interval that was not measured lies nowhere: every answer is then no."""

from __future__ import annotations

from diagnose.results import Estimate


def above(estimate: Estimate | None, threshold: float) -> bool:
    """Wholly above: "found", where the threshold is a floor."""
    return estimate is not None and estimate.low > threshold


def below(estimate: Estimate | None, threshold: float) -> bool:
    """Wholly below."""
    return estimate is not None and estimate.high < threshold


def pays(estimate: Estimate | None, delta: float) -> bool:
    """Surely something, and not surely less than asked."""
    return estimate is not None and estimate.low > 0 and estimate.high >= delta
