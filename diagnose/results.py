"""The output contract: every fact that a diagnosis may state, as frozen records.

The hourglass of the house: probes, trial and verdict write these, the report and other
people's programs read them. The names in here are stable identifiers (docs/report_schema.md).
Results are facts: no behaviour beyond reading them, no pictures, no opinions, no user ids.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

SCHEMA_VERSION = 1
LEVEL = 0.90  # every interval of the tool, so that two numbers can always be compared

Condition = Literal["drift", "capture"]
Grade = Literal["A", "B", "C", "declared"]  # A outside observer, B serial / orphan / hand-off, C none
Outcome = Literal[
    "use_sequence_model",
    "recency_is_enough",
    "keep_order_blind_model",
    "fix_capture_first",
    "suspect_artefact",
    "inconclusive",
    "not_measurable",
]
TrialStatus = Literal["done", "skipped", "not_trustworthy"]
Side = Literal["above", "below"]
ForOrAgainst = Literal["for", "against", "open"]


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A number and its interval."""

    value: float
    low: float
    high: float
    unit: str  # "bits/event", "GAUC", "days", "share", ...
    level: float = LEVEL


@dataclass(frozen=True, kw_only=True)
class Series:
    """Numbers that the report may draw; `low` and `high` are empty where there is no interval."""

    name: str
    x: tuple[float, ...] | tuple[str, ...]
    y: tuple[float, ...]
    unit_x: str
    unit_y: str
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What one probe found. Whether it is good news is the verdict's business."""

    name: str  # "interest_persistence"
    condition: Condition
    users: int  # users that carried the estimates
    estimates: Mapping[str, Estimate]
    series: tuple[Series, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Skipped:
    """A probe that could not measure, and why. Never a made-up number."""

    name: str
    condition: Condition
    reason: str


Probed = Measured | Skipped


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One kind of dirt in the log. `result_low/high`: what the deciding number could become by it."""

    name: str  # "nulls", "duplicates", "clock_errors", "ties", ...
    count: int
    share: float
    note: str
    result_low: float | None = None
    result_high: float | None = None


@dataclass(frozen=True, kw_only=True)
class Hygiene:
    """The gate: `passed` is False only where the order of behaviour is not in the log."""

    passed: bool
    reason: str | None  # why it did not pass
    faults: tuple[Fault, ...]
    clock: bool = True  # False: positions, an order without times


@dataclass(frozen=True, kw_only=True)
class LogFacts:
    """What log this was. Counts are of valid events in the whole log."""

    sources: tuple[str, ...]
    fingerprint: str
    events: int
    users: int
    items: int
    categories: int
    first_event: str | None  # ISO UTC; None for a log of positions
    last_event: str | None
    engine: str
    users_with_history: int
    sampled_users: int
    sampled_fraction: float  # of the log's users with enough history
    interest_source: Literal["category", "clusters"]
    declared_fraction: float = 1.0  # of the platform's users that the log holds, as its owner said
    preset: str | None = None  # the public log as which it was read
    caveats: tuple[str, ...] = ()  # of that log


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One thing that is known of the share of behaviour the log holds, and on what assumption."""

    probe: str
    unit: str  # "events" | "sessions" | "time" | "episodes"
    scope: str
    low: float
    high: float
    level: float
    grade: Grade
    assumption: str
    whole: bool = False  # of all that users do; else of a part of it, which says nothing of the rest


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Something to supply, and what it would narrow the interval to."""

    supply: str
    why: str
    would_narrow_to: str


@dataclass(frozen=True, kw_only=True)
class Capture:
    """The statements taken together. With nothing supplied the honest interval is (0, 1], grade C."""

    low: float
    high: float
    unit: str
    scope: str
    grade: Grade
    conflict: bool
    statements: tuple[Statement, ...]
    wanted: tuple[Wanted, ...]


@dataclass(frozen=True, kw_only=True)
class Arm:
    """One trained (or network-free) model of the trial, over its seeds."""

    name: str
    auc: Estimate
    gauc: Estimate
    log_loss: Estimate
    parameters: int
    converged: bool
    overfit: bool  # GAUC falls by more than the allowed share from train to test
    fall: float  # 1 - GAUC on test / GAUC on training targets, candidates alike; negative is a rise
    learning_curve: tuple[float, ...]  # validation GAUC at each evaluation, mean over seeds
    calibration_slope: Estimate | None = None  # 1: scores are as sure as they should be; below, too sure
    calibration_error: Estimate | None = None  # of the first-ranked candidate's probability; 0 is calibrated


@dataclass(frozen=True, kw_only=True)
class Contrast:
    """A paired difference between arms."""

    name: str
    metric: str
    value: float
    low: float
    high: float
    comparator: str  # the arm subtracted
    level: float = LEVEL
    p_adjusted: float | None = None  # Holm, for the descriptive contrasts only


@dataclass(frozen=True, kw_only=True)
class Stratum:
    """Targets of one kind (repeats, new items, ...): what share they are and what was found there."""

    name: str
    share: float  # of targets, before any was dropped
    targets: int
    dropped: int
    lift: Estimate | None
    p_adjusted: float | None = None  # Holm, over the strata


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What the models did. `status` other than done carries a reason and decides nothing."""

    status: TrialStatus
    reason: str | None
    task: str = ""
    users_train: int = 0
    users_test: int = 0
    targets_test: int = 0
    seeds: int = 0
    negatives: int = 0
    candidates: Literal["drawn", "shown"] = "drawn"  # by the tool, or real impressions
    device: str = "cpu"
    arms: tuple[Arm, ...] = ()
    contrasts: tuple[Contrast, ...] = ()
    strata: tuple[Stratum, ...] = ()
    minimum_worthwhile_lift: float = 0.003
    minimal_detectable_lift: float | None = None
    users_needed: int | None = None
    problems: tuple[str, ...] = ()  # "too_small" | "below_floor" | "not_converged"
    notes: tuple[str, ...] = ()  # caps, dropped targets, over-fitting warnings, in plain words


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One step of the argument."""

    text: str
    probe: str
    for_or_against: ForOrAgainst


@dataclass(frozen=True, kw_only=True)
class Flip:
    """The value of a carrying number at which the outcome would change."""

    quantity: str
    now: float | None  # None where the quantity has an interval only
    low: float
    high: float
    threshold: float
    side: Side  # the outcome changes when the quantity lies on this side of the threshold
    outcome: Outcome
    axis_low: float
    axis_high: float
    unit: str = ""


@dataclass(frozen=True, kw_only=True)
class Confidence:
    """Of the reference worlds nearest to this log, on how many the same reasoning was right."""

    right: int
    of: int


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What to do, why, and what would change it."""

    outcome: Outcome
    arm: str | None
    headline: str
    summary: str  # three or four plain sentences under the headline
    leaning: Outcome | None
    confidence: Confidence | None
    reasons: tuple[Reason, ...]
    flips_if: tuple[Flip, ...]
    next_steps: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ArmTiming:
    """Seconds of training (all seeds) and milliseconds to score 100 candidates."""

    train_seconds: float
    score_ms: float


@dataclass(frozen=True, kw_only=True)
class Timings:
    """The only part of a result that differs between two runs of the same log, settings and seed."""

    total: float
    stages: Mapping[str, float] = field(default_factory=dict)
    arms: Mapping[str, ArmTiming] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Tool:
    name: str
    version: str


@dataclass(frozen=True, kw_only=True)
class Result:
    """A whole diagnosis, as it is written to JSON."""

    tool: Tool
    log: LogFacts
    mapping: Mapping[str, str]
    settings: Mapping[str, object]
    seed: int
    hygiene: Hygiene
    probes: tuple[Probed, ...]
    capture: Capture
    trial: Trial
    verdict: Verdict
    timings: Timings
    schema_version: int = SCHEMA_VERSION

    def probe(self, name: str) -> Probed | None:
        """The probe of that name, or None where it did not run."""
        return next((probed for probed in self.probes if probed.name == name), None)
