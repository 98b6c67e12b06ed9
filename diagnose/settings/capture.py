"""What the probes of condition 2 read: numbers with their reason; the page of evidence in brackets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

LossPattern = Literal["events", "sessions", "categories", "unknown"]


@dataclass(frozen=True, kw_only=True)
class HygieneSettings:
    """The gate of 3.1."""

    minimum_users: int = 500  # fewer with enough history is "too small", not unmeasurable [0004]
    distinct_times: int = 5  # a user whose order is known has at least so many distinct times [0004]
    ordered_share: float = 0.10  # fewer than one in ten such users: order is not in the log [0004]
    coarse_seconds: float = 60.0  # a step of the clock from which it is told: a minute holds a sitting [0004]


@dataclass(frozen=True, kw_only=True)
class CaptureSettings:
    """What is said about capture by the user of the tool, and what files say."""

    declared_low: float | None = None  # --capture-rate 0.05:0.2 [0009]
    declared_high: float | None = None  # the same, its upper end [0009]
    loss_pattern: LossPattern = "unknown"  # asked, never guessed [0009]
    enough_events: int = 5  # prior events at a request for a sequence model to have a sequence [0003]
    funnel: tuple[str, ...] = ()  # --funnel view,cart,purchase: each step wants the ones before it [0027]
    handoffs: tuple[str, ...] = ()  # --handoff EVENT: what leads elsewhere [0028]
    panel: str | None = None  # --panel FILE: totals of users or segments, counted by somebody else [0029]
    second_logs: tuple[str, ...] = ()  # --second-log FILE: the same events, seen by another observer [0029]


@dataclass(frozen=True, kw_only=True)
class SerialGapSettings:
    """Serial gaps, 3.4."""


@dataclass(frozen=True, kw_only=True)
class OrphanSettings:
    """Orphans, 3.5."""


@dataclass(frozen=True, kw_only=True)
class HandOffSettings:
    """Hand-offs, 3.6."""


@dataclass(frozen=True, kw_only=True)
class GapLawSettings:
    """The gap law, 3.7."""


@dataclass(frozen=True, kw_only=True)
class ThinningSettings:
    """Thinning curves and re-runs, 3.8 and 3.1."""

    rates: tuple[float, ...] = (1.0, 0.6, 0.3, 0.1)  # of what is logged now; each about half the one before [0030]
    users: int = 5_000  # drawn from the sample: narrow enough, and half a minute of one core [0030]
    maximum_targets: int = 100_000  # as many a user as that allows, at most those of 2.1 [0030]
    permutations: int = 2  # of the four of 2.1: users differ far more than shuffles do [0030]
    category_draws: int = 10  # which categories stay is chance: at a tenth each of them stays once [0030]
    minimum_categories: int = 3  # that stay: of two, the other one follows from the first [0030]
    draw_users: int = 100  # with targets in a draw of categories: fewer teach nothing [0030]
    rerun_users: int = 3_000  # drawn for re-runs: what is counted anew for each fault grows with them [0030]
    rerun_targets: int = 9_000  # of all of them, for each fault: two seconds of one core at most [0030]
    tie_redraws: int = 3  # orders of ties: they differ by less than users do [0030]


@dataclass(frozen=True, kw_only=True)
class AnchorSettings:
    """Outside anchors, 3.9."""
