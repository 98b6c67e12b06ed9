"""The few numbers that the rules read, taken from the results by their stable names.

A number that was not measured is None, and so is one whose interval is not one (not finite, or upside
down): "not found" is a measured interval, "not measured" is no interval, and no rule confuses the two.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from diagnose.results import Capture, Estimate, Grade, Hygiene, Measured, Probed, Statement, Trial
from diagnose.settings import LossPattern, Settings

GAUC = "GAUC"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The numbers that decide, out of the settings."""

    delta: float  # GAUC: the least lift worth having
    order_floor: float  # share of the order-blind loss, 2.1
    item_floor: float  # GAUC, 2.1b
    drift_floor: float  # drift share, 2.2
    low_capture: float  # share of events or sessions
    tie_share: float  # above it the check with redrawn ties must have run
    too_small: float  # minimal detectable lift, in delta
    minimum_users: int  # with enough history


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What the rules know. Every estimate is an interval at the tool's level, or None: not measured."""

    limits: Limits
    measurable: bool  # the order of behaviour is in the log
    clock: bool = True  # and its times, which tell a moving catalogue from moving users
    users: int | None = None  # with enough history
    tie_rate: float | None = None  # share of events that share user and time with another
    loss_pattern: LossPattern = "unknown"
    capture: Statement | None = None  # of all events or sessions, the best grade; of one the lowest upper end
    capture_contradicted: bool = False  # another such statement puts it above low_capture
    trial_done: bool = False  # and none of the trial's own problems was told
    minimal_detectable: float | None = None  # GAUC
    order: Estimate | None = None  # order_information.share
    direction: Estimate | None = None  # what led to what, as a share of the order-blind loss
    recency: Estimate | None = None  # likewise
    item_order: Estimate | None = None  # item_order_information.gain
    drift: Estimate | None = None  # interest_persistence.drift_share
    lift: Estimate | None = None  # from here on: contrasts of the trial, GAUC
    order_gain: Estimate | None = None
    beyond_recency: Estimate | None = None
    recency_gain: Estimate | None = None
    attention_gain: Estimate | None = None
    tie_effect: Estimate | None = None
    order_aware_gain: Estimate | None = None
    order_aware_gain_redrawn: Estimate | None = None


CONTRASTS = (
    "lift",
    "order_gain",
    "beyond_recency",
    "recency_gain",
    "attention_gain",
    "tie_effect",
    "order_aware_gain",
    "order_aware_gain_redrawn",
)


def gather(
    *, hygiene: Hygiene, probes: Sequence[Probed], capture: Capture, trial: Trial, settings: Settings
) -> Evidence:
    """The evidence in a set of results."""
    limits = limits_of(settings)
    known = _known_capture(capture, limits.low_capture)
    return Evidence(
        limits=limits,
        measurable=hygiene.passed,
        clock=hygiene.clock,
        users=_users_with_history(probes),
        tie_rate=next((fault.share for fault in hygiene.faults if fault.name == "ties"), None),
        loss_pattern=settings.capture.loss_pattern,
        capture=known,
        capture_contradicted=known is not None and _contradicted(known, capture, limits.low_capture),
        trial_done=trial.status == "done" and not trial.problems,
        minimal_detectable=trial.minimal_detectable_lift,
        order=estimate(probes, "order_information", "share"),
        direction=_share_of_loss(probes, "direction"),
        recency=_share_of_loss(probes, "recency"),
        item_order=estimate(probes, "item_order_information", "gain"),
        drift=estimate(probes, "interest_persistence", "drift_share"),
        **{name: contrast(trial, name) for name in CONTRASTS},
    )


def limits_of(settings: Settings) -> Limits:
    """The limits the rules read, in one place."""
    return Limits(
        delta=settings.trial.minimum_lift,
        order_floor=settings.order.floor_share,
        item_floor=settings.item_order.floor,
        drift_floor=settings.persistence.floor_drift_share,
        low_capture=settings.verdict.low_capture,
        tie_share=settings.trial.tie_share,
        too_small=settings.trial.too_small,
        minimum_users=settings.hygiene.minimum_users,
    )


def estimate(probes: Sequence[Probed], probe: str, name: str) -> Estimate | None:
    """One estimate of one probe; None where it was skipped, not made, or is no interval."""
    for probed in probes:
        if probed.name == probe and isinstance(probed, Measured):
            return _sound(probed.estimates.get(name))
    return None


def contrast(trial: Trial, name: str) -> Estimate | None:
    """One contrast of the trial in GAUC, the metric that decides; None where it was not made."""
    for made in trial.contrasts:
        if made.name == name and made.metric.upper() == GAUC:
            return _sound(
                Estimate(value=made.value, low=made.low, high=made.high, unit=GAUC, level=made.level)
            )
    return None


def _sound(found: Estimate | None) -> Estimate | None:
    if found is None or not all(map(math.isfinite, (found.value, found.low, found.high))):
        return None
    return found if found.low <= found.high else None


def _share_of_loss(probes: Sequence[Probed], part: str) -> Estimate | None:
    """A part of 2.1 (bits) as a share of the order-blind loss, by the scale of total and share."""
    bits = estimate(probes, "order_information", part)
    total = estimate(probes, "order_information", "total")
    share = estimate(probes, "order_information", "share")
    if bits is None or total is None or share is None or total.value * share.value <= 0:
        return None
    scale = share.value / total.value
    return Estimate(
        value=bits.value * scale,
        low=bits.low * scale,
        high=bits.high * scale,
        unit=share.unit,
        level=bits.level,
    )


def _users_with_history(probes: Sequence[Probed]) -> int | None:
    """Users with enough history in the whole log; None where no probe counted them."""
    share = estimate(probes, "identity", "users_with_history_share")
    for probed in probes:
        if probed.name == "identity" and isinstance(probed, Measured) and share is not None:
            return round(probed.users * share.value)
    return None


def _usable(statement: Statement, low_capture: float) -> bool:
    """Whether rule 2 may read it: about all events or sessions, on somebody's evidence or word.

    A part (views behind a purchase, episodes of a series) may be seen badly in a log that sees the rest well.
    """
    return (
        statement.whole
        and statement.unit in ("events", "sessions")
        and statement.grade in ("A", "B", "declared")
        and 0 <= statement.low <= statement.high <= 1
        and (statement.low > 0 or statement.high < low_capture)  # "at most 99 %" tells nothing
    )


_RANK: dict[Grade, int] = {"A": 0, "B": 1, "declared": 2, "C": 3}  # an argument outranks a say-so


def _known_capture(capture: Capture, low_capture: float) -> Statement | None:
    """The statement of the best grade; of one grade, that which leaves least."""
    usable = [statement for statement in capture.statements if _usable(statement, low_capture)]
    return min(usable, key=lambda said: (_RANK[said.grade], said.high), default=None)


def _contradicted(known: Statement, capture: Capture, low_capture: float) -> bool:
    return known.high < low_capture and any(
        other.low >= low_capture and other.unit == known.unit
        for other in capture.statements
        if _usable(other, low_capture)
    )
