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
    near_seconds: float = 2.0  # the same again so soon is a double click, not a second choice [0026]
    near_share: float = 0.001  # of events beyond chance, from which it is told: fewer move nothing [0026]
    batch_events: int = 10  # of a user at one time: nobody does ten things at once, an import does [0026]
    import_share: float = 0.01  # of sampled users on one stamp: of clean logs, none comes near [0026]
    import_ratio: float = 20.0  # such a stamp against the median one: ten for a sale, so twice that [0026]
    arrival_rows: int = 300_000  # first rows that are read in the order of the file: a second's work [0026]
    truncation_share: float = 0.05  # of users cut by an end of the log, from which it is told [0026]
    truncation_stretch: float = 0.10  # of the days, at either end: those active then mostly show there [0026]


@dataclass(frozen=True, kw_only=True)
class OutageSettings:
    """Hours with too few events, 3.1."""

    level: float = 0.05  # chance that a clean log is flagged at all, over all its hours and lengths [0026]
    depth: float = 0.5  # of the expected events: more than half left is a quiet day, not an outage [0026]
    minimum_days: int = 7  # an hour needs as many others like it for one to stand out [0026]
    weekly_days: int = 28  # four of each weekday: of fewer a fit cannot tell the odd one [0026]
    weekly_events: int = 400  # to an hour of the week in all: fewer teach noise, not a pattern [0026]
    bin_events: float = 10.0  # on average in a step: below, the square root no longer steadies them [0026]
    most_bins: int = 20_000  # hourly for two years, coarser beyond: seconds of work at most [0026]
    edge_share: float = 0.001  # of events that may lie astray before and after the log proper [0026]
    longest_hours: int = 168  # longer silences look like a smaller platform to the fit [0026]


@dataclass(frozen=True, kw_only=True)
class RobotSettings:
    """Users who act as no person does, 3.1."""

    per_hour: int = 2_000  # different times within an hour: one every 1.8 seconds, all hour long [0026]
    per_day: int = 10_000  # within 24 hours: one every 9 seconds, day and night [0026]
    awake_hours: float = 72.0  # three days without a rest [0026]
    rest_hours: float = 3.0  # the least sleep that breaks them [0026]
    equal_gaps: int = 50  # in a row: a person who did it would have to watch the clock [0026]
    gap_tolerance: float = 0.01  # by which such gaps may differ: a timer's jitter [0026]
    gap_seconds: float = 30.0  # shorter equal gaps come of coarse clocks and fast fingers [0026]
    gap_quanta: int = 20  # the same in steps of the user's own clock: a daily visit is no timer [0026]


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
    """Thinning curves, 3.8."""


@dataclass(frozen=True, kw_only=True)
class AnchorSettings:
    """Outside anchors, 3.9."""
