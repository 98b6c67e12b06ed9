"""What the probes alone point to, where no trustworthy trial has spoken. Never an outcome by itself."""

from __future__ import annotations

from diagnose.results import Outcome
from diagnose.verdict.evidence import Evidence
from diagnose.verdict.positions import above
from diagnose.verdict.rules import probes_see_none


def lean(evidence: Evidence) -> Outcome | None:
    """The outcome that 2.1 and 2.1b point to together; None where they do not agree, or are not measured.

    Both found: a sequence model where what led to what (direction) is found too; recency where direction is
    measured, not found, and recency is. Both wholly below their floors: the order-blind model. Order that is
    found in a log of positions may be the catalogue's: it leans no way.
    """
    limits = evidence.limits
    if not evidence.measurable:
        return None
    if probes_see_none(evidence):
        return "keep_order_blind_model"
    if not evidence.clock:
        return None
    if not (above(evidence.order, limits.order_floor) and above(evidence.item_order, limits.item_floor)):
        return None
    if above(evidence.direction, limits.order_floor):
        return "use_sequence_model"
    if evidence.direction is not None and above(evidence.recency, limits.order_floor):
        return "recency_is_enough"
    return None
