"""Every number that decides something, frozen, each with its reason on the line.

The pages under docs/decisions/ hold the evidence; the number in brackets names the page.
Effect floors were fixed before any benchmark was run and are never tuned to a log.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from os import PathLike

from diagnose.budgets import BudgetName
from diagnose.errors import UsageError
from diagnose.settings.capture import AnchorSettings as AnchorSettings
from diagnose.settings.capture import CaptureSettings as CaptureSettings
from diagnose.settings.capture import GapLawSettings as GapLawSettings
from diagnose.settings.capture import HandOffSettings as HandOffSettings
from diagnose.settings.capture import HygieneSettings as HygieneSettings
from diagnose.settings.capture import LossPattern as LossPattern
from diagnose.settings.capture import OrphanSettings as OrphanSettings
from diagnose.settings.capture import OutageSettings as OutageSettings
from diagnose.settings.capture import RobotSettings as RobotSettings
from diagnose.settings.capture import SerialGapSettings as SerialGapSettings
from diagnose.settings.capture import ThinningSettings as ThinningSettings
from diagnose.settings.drift import CatalogueTrendSettings as CatalogueTrendSettings
from diagnose.settings.drift import GuardSettings as GuardSettings
from diagnose.settings.drift import ItemOrderSettings as ItemOrderSettings
from diagnose.settings.drift import OrderSettings as OrderSettings
from diagnose.settings.drift import PathSettings as PathSettings
from diagnose.settings.drift import PersistenceSettings as PersistenceSettings
from diagnose.settings.drift import TurnoverSettings as TurnoverSettings
from diagnose.settings.trial import DeviceName as DeviceName
from diagnose.settings.trial import Repeats as Repeats
from diagnose.settings.trial import TrialSettings as TrialSettings


@dataclass(frozen=True, kw_only=True)
class SampleSettings:
    """Which users are looked at."""

    declared_fraction: float = 1.0  # of the platform's users that the log holds; said by the user [0015]
    users: int | None = 20_000  # whole users with enough history; None is all of them [0003]
    minimum_history: int = 5  # events: fewer cannot show a movement of interest [0003]
    session_gap_minutes: float = 30.0  # the field's custom where the log has no session column [0003]
    maximum_events_per_user: int = 20_000  # runaway users (bots) are cut here and counted [0003]


@dataclass(frozen=True, kw_only=True)
class InterestSettings:
    """Order-blind clusters where a log has no category."""

    clusters: int = 50  # about as many as shops have departments [0008]
    dimensions: int = 32  # of the truncated SVD [0008]
    minimum_users: int = 3  # an item of fewer would be clustered by the histories it is to describe [0008]
    missing_share: float = 0.5  # more events without a category: the column names nothing [0008]


@dataclass(frozen=True, kw_only=True)
class NamingSettings:
    """What is called by its name: a category, a kind of event."""

    named_users: int = 20  # of this log who have such an event: fewer might be told apart [0037]


@dataclass(frozen=True, kw_only=True)
class VerdictSettings:
    """The weighing, 5."""

    low_capture: float = 0.5  # of events or sessions: below it most steps of a chain are missing [0002]
    most_flips: int = 6  # conditions told, nearest first: nobody weighs more [0002]
    most_steps: int = 3  # next steps told, for the same reason [0002]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All of them, as analyze() takes them and the report repeats them."""

    seed: int = 0  # of every draw: same log, settings and seed, same numbers
    target_event: str | None = None  # which events are predicted; all are history
    sample: SampleSettings = field(default_factory=SampleSettings)
    hygiene: HygieneSettings = field(default_factory=HygieneSettings)
    outages: OutageSettings = field(default_factory=OutageSettings)
    robots: RobotSettings = field(default_factory=RobotSettings)
    interests: InterestSettings = field(default_factory=InterestSettings)
    order: OrderSettings = field(default_factory=OrderSettings)
    item_order: ItemOrderSettings = field(default_factory=ItemOrderSettings)
    persistence: PersistenceSettings = field(default_factory=PersistenceSettings)
    guard: GuardSettings = field(default_factory=GuardSettings)
    paths: PathSettings = field(default_factory=PathSettings)
    turnover: TurnoverSettings = field(default_factory=TurnoverSettings)
    catalogue_trend: CatalogueTrendSettings = field(default_factory=CatalogueTrendSettings)
    capture: CaptureSettings = field(default_factory=CaptureSettings)
    serial_gaps: SerialGapSettings = field(default_factory=SerialGapSettings)
    orphans: OrphanSettings = field(default_factory=OrphanSettings)
    hand_offs: HandOffSettings = field(default_factory=HandOffSettings)
    gap_law: GapLawSettings = field(default_factory=GapLawSettings)
    thinning: ThinningSettings = field(default_factory=ThinningSettings)
    anchors: AnchorSettings = field(default_factory=AnchorSettings)
    trial: TrialSettings = field(default_factory=TrialSettings)
    naming: NamingSettings = field(default_factory=NamingSettings)
    verdict: VerdictSettings = field(default_factory=VerdictSettings)

    @classmethod
    def from_options(
        cls,
        *,
        users: str | int | None = 20_000,
        sampled_fraction: float = 1.0,
        seed: int = 0,
        target: str | None = None,
        capture_rate: str | None = None,
        loss_pattern: LossPattern = "unknown",
        funnel: str | None = None,
        handoffs: Iterable[str] = (),
        panel: PathLike[str] | str | None = None,
        second_logs: Iterable[PathLike[str] | str] = (),
        trial: bool = True,
        budget: BudgetName = "standard",
        minimum_lift: float = 0.003,
        device: DeviceName = "auto",
        repeats: Repeats = "include",
    ) -> Settings:
        """Settings from what a user says on the command line; the rest keeps its default and its reason."""
        low, high = parse_rate(capture_rate) if capture_rate else (None, None)
        return cls(
            seed=seed,
            target_event=target,
            sample=SampleSettings(users=parse_users(users), declared_fraction=sampled_fraction),
            capture=CaptureSettings(
                declared_low=low,
                declared_high=high,
                loss_pattern=loss_pattern,
                funnel=parse_funnel(funnel) if funnel else (),
                handoffs=tuple(dict.fromkeys(handoffs)),
                panel=None if panel is None else str(panel),
                second_logs=tuple(map(str, second_logs)),
            ),
            trial=TrialSettings(
                run=trial, budget=budget, minimum_lift=minimum_lift, device=device, repeats=repeats
            ),
        )


def parse_users(text: str | int | None) -> int | None:
    """'20000' or 'all' (None). Raises UsageError on anything else."""
    if text is None or text == "all":
        return None
    if (isinstance(text, int) or (text.isascii() and text.isdigit())) and int(text) > 0:
        return int(text)
    raise UsageError("--users takes a number of users or 'all'.", seen=repr(text), attempt="--users 20000")


def parse_rate(text: str) -> tuple[float, float]:
    """'0.1' or '0.05:0.2' as (low, high). Raises UsageError unless 0 < low <= high <= 1."""
    try:
        low, high = (float(part) for part in (text.split(":") if ":" in text else (text, text)))
    except ValueError:
        low = high = float("nan")
    if not 0 < low <= high <= 1:
        raise UsageError(
            "--capture-rate takes a share of behaviour, or a range of it, above 0 and at most 1.",
            seen=repr(text),
            attempt="--capture-rate 0.1 or --capture-rate 0.05:0.2",
        )
    return low, high


def parse_funnel(text: str) -> tuple[str, ...]:
    """'view,cart,purchase' as its steps. Raises UsageError unless there are two different ones at least."""
    steps = tuple(step.strip() for step in text.split(","))
    if len(steps) < 2 or not all(steps) or len(set(steps)) < len(steps):
        raise UsageError(
            "--funnel takes two kinds of event or more, in the order in which they must happen.",
            seen=repr(text),
            attempt="--funnel view,cart,purchase",
        )
    return steps
