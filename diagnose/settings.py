"""Every number that decides something, frozen, each with its reason on the line.

The pages under docs/decisions/ hold the evidence; the number in brackets names the page.
Effect floors were fixed before any benchmark was run and are never tuned to a log.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from diagnose.budgets import BudgetName
from diagnose.errors import UsageError

LossPattern = Literal["events", "sessions", "categories", "unknown"]


@dataclass(frozen=True, kw_only=True)
class SampleSettings:
    """Which users are looked at."""

    declared_fraction: float = 1.0  # of the platform's users that the log holds; said by the user [0015]
    users: int | None = 20_000  # whole users with enough history; None is all of them [0003]
    minimum_history: int = 5  # events: fewer cannot show a movement of interest [0003]
    session_gap_minutes: float = 30.0  # the field's custom where the log has no session column [0003]
    maximum_events_per_user: int = 20_000  # runaway users (bots) are cut here and counted [0003]


@dataclass(frozen=True, kw_only=True)
class HygieneSettings:
    """The gate of 3.1."""

    minimum_users: int = 500  # fewer with enough history is "too small", not unmeasurable [0004]
    distinct_times: int = 5  # a user whose order is known has at least so many distinct times [0004]
    ordered_share: float = 0.10  # fewer than one in ten such users: order is not in the log [0004]
    coarse_seconds: float = 60.0  # a step of the clock from which it is told: a minute holds a sitting [0004]


@dataclass(frozen=True, kw_only=True)
class OrderSettings:
    """Order information, 2.1."""

    history: int = 50  # categories of the past that a target sees [0005]
    minimum_history: int = 4  # strictly earlier events a target needs [0005]
    targets_per_user: int = 50  # so that heavy users do not speak for all [0005]
    maximum_targets: int = 300_000  # bounds time and memory; the intervals are of users [0005]
    permutations: int = 4  # shuffles averaged, each with its parameters fitted anew [0005]
    folds: int = 3  # matrices / mixture weights / evaluation, rotated [0005]
    maximum_categories: int = 2_000  # more are folded into "other" [0005]
    floor_share: float = 0.005  # of the order-blind loss: a convention, above what trend leaves [0001]
    minimum_users: int = 500  # with enough history [0004]
    half_lives: tuple[float, ...] = (1, 2, 4, 8, 16, 32, 64)  # events; between two, bits hardly differ [0005]
    windows_days: tuple[float, ...] = (1 / 24, 1.0, 7.0)  # trailing popularity: hour, day, week [0005]
    trend_bins: int = 240  # over the log's span, for the trend-adjusted bag [0005]
    trend_days: tuple[float, ...] = (1.0, 7.0)  # trailing windows of the trend-adjusted bag [0005]
    smoothing: float = 20.0  # events that the prior is worth in every count [0005]
    choosing_targets: int = 20_000  # of the weight fold that choose the half-life: one number of seven [0005]
    windows: tuple[int, ...] = (1, 2, 3, 5, 8, 13, 21, 34)  # latest events left in order [0020]
    direction_lags: tuple[int, ...] = (1, 2, 3)  # events back that transitions start from [0020]
    needed_share: float = 0.9  # of the gain: what a history must carry to be long enough [0020]
    depth_targets: int = 60_000  # for windows and lags, each a fit of its own [0020]
    depth_permutations: int = 2  # the same null serves all windows, so its noise moves none apart [0020]
    segments: int = 20  # categories shown; more are a list that nobody reads [0020]
    segment_users: int = 100  # of a category shown: a share of fewer is noise, and nobody can be told [0020]


@dataclass(frozen=True, kw_only=True)
class ItemOrderSettings:
    """Item order information, 2.1b."""

    history: int = 50  # events of the past that a target sees [0005]
    negatives: int = 4  # the gain is a difference of AUCs: few negatives suffice [0006]
    permutations: int = 4  # as in 2.1 [0005]
    tree_permutations: int = 1  # of these, judged with trees too: one costs a second and a half [0021]
    maximum_targets: int = 60_000  # seconds, not minutes [0006]
    targets_per_user: int = 50  # as in 2.1 [0005]
    folds: int = 5  # counts from three, weights from one, evaluation on one, rotated [0006]
    minimum_users: int = 500  # with targets, and for each of repeats and new items [0004]
    floor: float = 0.003  # GAUC: the smallest lift worth a project [0001]


@dataclass(frozen=True, kw_only=True)
class PersistenceSettings:
    """Interest persistence, 2.2."""

    bins_events: int = 14  # event lags at most, log-spaced from 1: about as many as on the calendar [0022]
    long_users_share: float = 0.1  # of users whose histories are as long as the longest lag needs [0022]
    reach_share: float = 0.8  # longest lag over such a length: a fifth of the targets still has it [0022]
    targets_per_user: int = 50  # later events of pairs: heavy users do not speak for all [0007]
    draws: int = 1_000  # bootstrap resamples: the 5 % rank known to 0.7 %; 400 fall a little short [0022]
    floor_drift_share: float = 0.05  # less movement than this cannot pay for a model of movement [0001]
    minimum_pairs: int = 200  # within-user pairs that a lag bin needs to be drawn [0007]
    bins: int = 12  # points of the curve [0007]
    maximum_span_share: float = 0.5  # a half-life beyond half the longest lag is not identified [0007]
    segments: int = 5  # categories shown apart: intervals hold for all segments at once, so few [0022]
    part_draws: int = 200  # of a curve that is drawn or judged only, beside the main two [0022]
    levels: int = 4  # of a category's name, "Beauty > Hair > Shampoo" [0022]
    level_users: int = (
        5_000  # drawn for the levels: each has a platform mix of its own, seconds at 20,000 [0022]
    )
    clock_bins: int = 6  # classes of event lags, and of days at each, that tell the clocks apart [0022]


@dataclass(frozen=True, kw_only=True)
class GuardSettings:
    """Orders drawn given the trend, and whose interests move, 2.3."""

    events: int = 60_000  # of users drawn at random: seconds, and z is known to a hundredth [0023]
    events_per_user: int = 100  # the last ones: heavy users do not speak for all [0023]
    fewest: int = 5  # events or sessions of a user: fewer show no order [0003]
    draws: int = 20  # orders; the variance adds up over users, so few draws know it well [0023]
    steps: int = 20  # rounds of swaps before each draw: more change no figure [0023]
    refits: int = 200  # resampled users for the distribution of the carry-over [0023]
    floor_excess: float = 0.01  # of adjacent pairs: one in a hundred; below is the trend's trace [0023]
    moving: float = 0.1  # carry-over from which interests move: one repeat in ten beyond taste [0023]


@dataclass(frozen=True, kw_only=True)
class PathSettings:
    """Evolution paths, 2.4."""

    categories: int = 100  # most frequent ones by themselves, as in the sums over the whole log [0024]
    minimum_users: int = 20  # on a pair to test it, along a path to show it: fewer might be told apart [0024]
    false_discovery: float = 0.10  # share of found directions that may be chance, as 90 % intervals [0024]
    floor_share: float = 0.05  # of the steps away from a: what fewer take changes no recommendation [0024]
    shown: int = 20  # paths, those with most surplus first: nobody reads more [0024]
    draws: int = 400  # bootstrap resamples: the 5 % rank known to 1 % [0024]


@dataclass(frozen=True, kw_only=True)
class TurnoverSettings:
    """Repertoire turnover, 2.5."""

    minimum_sessions: int = 8  # two in each half of a window: a half has more than one mood [0025]
    thinnings: int = 4  # draws averaged where a moving platform is thinned out [0025]
    trend_left_turnover: float = 0.2  # of what thinning takes out, so much more may be left in it [0025]
    trend_left_novelty: float = 1.0  # the same of late novelty: thinned sessions differ in size [0025]


@dataclass(frozen=True, kw_only=True)
class CatalogueTrendSettings:
    """Catalogue trend, 2.6."""

    events_per_step: int = 20  # of a user that count at each step: a few heavy users are not the mix [0025]
    step_users: int = 100  # that a step needs in all: fewer are noise [0025]
    weekly_days: int = 63  # nine weeks give eight steps between weeks; a shorter log is cut by days [0025]
    most_weeks: int = 104  # the last two years: what a model would be trained on [0025]
    stray_share: float = 0.001  # of events, at both ends of the log: they do not set its span [0025]
    categories: int = 200  # the rest taken together: rare ones add noise, not movement [0025]
    draws: int = 400  # bootstrap resamples, as in 2.2 [0007]


@dataclass(frozen=True, kw_only=True)
class InterestSettings:
    """Order-blind clusters where a log has no category."""

    clusters: int = 50  # about as many as shops have departments [0008]
    dimensions: int = 32  # of the truncated SVD [0008]
    minimum_users: int = 3  # an item of fewer would be clustered by the histories it is to describe [0008]
    missing_share: float = 0.5  # more events without a category: the column names nothing [0008]


@dataclass(frozen=True, kw_only=True)
class CaptureSettings:
    """What is declared about capture."""

    declared_low: float | None = None  # --capture-rate 0.05:0.2 [0009]
    declared_high: float | None = None  # the same, its upper end [0009]
    loss_pattern: LossPattern = "unknown"  # asked, never guessed [0009]
    enough_events: int = 5  # prior events at a request for a sequence model to have a sequence [0003]


@dataclass(frozen=True, kw_only=True)
class TrialSettings:
    """The trial, 4."""

    run: bool = True  # --no-trial: the probes alone, and a verdict that says so [0002]
    budget: BudgetName = "standard"  # enough users to see a lift of about twice the least worthwhile [0010]
    minimum_lift: float = 0.003  # GAUC: delta, set by the user [0001]
    history: int = 30  # events; interests halve within 13 events on taobao, 14 on foursquare [0010]
    minimum_history: int = 4  # strictly earlier events [0005]
    cuts: tuple[float, float, float] = (0.5, 0.8, 0.9)  # statistics < training < validation < test [0010]
    negatives: int = 49  # in evaluation, up to; fewer need far more users for the same interval [0010]
    training_negatives: int = 4  # a softmax over 1 + 4 candidates [0010]
    eligible_days: float = 7.0  # candidates were seen in the trailing week, or a tenth of the span [0010]
    overfit_fall: float = 0.05  # a fall from train to test beyond this is told [0010]
    tie_share: float = 0.05  # above it the ties arm runs in every budget [0010]
    too_small: float = 3.0  # minimal detectable lift beyond so many delta: not trustworthy [0010]
    validation_targets: int = 2_000  # early stopping compares one model with itself: paired, so few do [0010]
    validation_negatives: int = 9  # as the line above; scoring them is a good part of the time [0010]
    learning_rate: float = 5e-3  # at its peak; AdamW, warm-up then cosine [0012]
    weight_decay: float = 0.01  # AdamW's custom [0012]
    dropout: float = 0.1  # of the head [0012]
    batch: int = 256  # histories; small enough for some hundred steps on 10,000 targets [0012]
    epochs: int = 10  # at most, on few targets; early stopping usually ends before [0012]
    examples: int = 60_000  # seen in all epochs together, unless two epochs are more [0012]
    evaluations_per_epoch: int = 3  # best weights are kept, so the peak must not be missed [0012]
    patience: int = 5  # evaluations without a new best before training stops: nearly two epochs [0012]
    auxiliary_weight: float = 0.3  # of the next-behaviour loss, beside a loss of about log 5 [0012]
    assumed_half_life: float = 8.0  # events, of the decayed arm where 2.1 gave none [0010]
    minimum_targets: int = 50  # in each window; fewer are not a trial at all [0010]


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
    interests: InterestSettings = field(default_factory=InterestSettings)
    order: OrderSettings = field(default_factory=OrderSettings)
    item_order: ItemOrderSettings = field(default_factory=ItemOrderSettings)
    persistence: PersistenceSettings = field(default_factory=PersistenceSettings)
    guard: GuardSettings = field(default_factory=GuardSettings)
    paths: PathSettings = field(default_factory=PathSettings)
    turnover: TurnoverSettings = field(default_factory=TurnoverSettings)
    catalogue_trend: CatalogueTrendSettings = field(default_factory=CatalogueTrendSettings)
    capture: CaptureSettings = field(default_factory=CaptureSettings)
    trial: TrialSettings = field(default_factory=TrialSettings)
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
        trial: bool = True,
        budget: BudgetName = "standard",
        minimum_lift: float = 0.003,
    ) -> Settings:
        """Settings from what a user says on the command line; the rest keeps its default and its reason."""
        low, high = parse_rate(capture_rate) if capture_rate else (None, None)
        return cls(
            seed=seed,
            target_event=target,
            sample=SampleSettings(users=parse_users(users), declared_fraction=sampled_fraction),
            capture=CaptureSettings(declared_low=low, declared_high=high, loss_pattern=loss_pattern),
            trial=TrialSettings(run=trial, budget=budget, minimum_lift=minimum_lift),
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
