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
    funnel: tuple[str, ...] = ()  # --funnel view,cart,purchase: each step wants the ones before it [0028]
    handoffs: tuple[str, ...] = ()  # --handoff EVENT: what leads elsewhere [0028]
    panel: str | None = None  # --panel FILE: totals of users or segments, counted by somebody else [0029]
    second_logs: tuple[str, ...] = ()  # --second-log FILE: the same events, seen by another observer [0029]


@dataclass(frozen=True, kw_only=True)
class SerialGapSettings:
    """Serial gaps, 3.4."""

    minimum_users: int = 100  # with two episodes of a series: the interval is then a normal one [0027]
    minimum_seen: int = 20  # episodes between that are on record, for the same [0027]
    skipped_share: float = 0.2  # of episodes left out and seen nowhere, at most: asked of no log [0027]
    floor_clumping: float = 0.05  # more, and the share is too high by more than leaving makes up for [0027]
    most_turning_back: float = 0.2  # of steps: more than two people on each id would make [0027]
    long_distance: float = 0.5  # gone in jumps too many for their length: less hardly moves the share [0027]


@dataclass(frozen=True, kw_only=True)
class OrphanSettings:
    """Orphans, 3.5."""

    ignored_days: float = 7.0  # after a user is first seen: what came before may lie before the log [0028]
    ignored_share: float = 0.25  # of the log's span at most: of a short log three quarters are left [0028]
    minimum_users: int = 100  # with a later event that counts: fewer make no interval over users [0028]
    # Laws of how many come before, from Poisson to very unequal; between two the share moves by about .1
    spreads: tuple[float, ...] = (0.0, 0.125, 0.25, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0)  # steps of sqrt 2 [0028]
    refuting_level: float = 0.99  # of the spread on record: a true law is left out once in a hundred [0028]
    least_order: float = 0.1  # beyond chance, of its share or of log odds: less is no funnel [0028]
    order_level: float = (
        0.995  # one-sided: steps by chance are taken for a funnel once in two hundred logs [0028]
    )
    direct_shares: tuple[float, ...] = (0.0, 0.05, 0.1)  # later events that needed none: links, habit [0028]
    known_days: tuple[float, ...] = (0.0, 1.0, 3.0, 7.0, 14.0, 30.0, 60.0)  # drawn: is 7 enough? [0028]


@dataclass(frozen=True, kw_only=True)
class HandOffSettings:
    """Hand-offs, 3.6."""

    windows_minutes: tuple[float, ...] = (5.0, 30.0, 120.0, 480.0)  # none is chosen: all count [0028]
    usual_minutes: float = 30.0  # the window that gives the value: the gap that ends a session [0028]
    minimum_users: int = 100  # that hand off: fewer make no interval over users [0028]


@dataclass(frozen=True, kw_only=True)
class GapLawSettings:
    """The gap law, 3.7."""

    minimum_users: int = 100  # with gaps enough: the interval is then a normal one [0027]
    fewest: int = 3  # gaps of a user: of two, nothing is left once ends and weights are allowed for [0027]
    rhythm: float = 0.04  # taken off the bound: day and night left .033 of worlds without any [0027]
    most: int = 50  # last gaps of a user that count: heavy users do not speak for all [0005]


@dataclass(frozen=True, kw_only=True)
class ThinningSettings:
    """Thinning curves and re-runs, 3.8 and 3.1."""

    rates: tuple[float, ...] = (
        1.0,
        0.6,
        0.3,
        0.1,
    )  # of what is logged now; each about half the one before [0030]
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

    most_panel_rows: int = 1_000_000  # more rows are events, not totals [0029]
    fewest_users: int = 50  # resampled: of fewer with heavy-tailed totals an interval is too narrow [0029]
    fewest_seen: int = 20  # panel users with an event in the log: fewer, and the ids hardly match [0029]
    fewest_segments: int = 5  # fewer are not resampled: their range, and none where no people are told [0029]
    over_by: float = 0.25  # more on record than counted by so much is beyond rounding and recall [0029]
    over_users: float = 0.10  # of the panel's users over: the two do not count the same thing [0029]
    users: int = 5_000  # chosen by hash from all users of either log: bounds memory and time [0029]
    match_seconds: float = 60.0  # the widest difference of two clocks that is tried [0029]
    late_share: float = 0.01  # of true matches that the tolerance taken may leave out; it widens [0029]
    fewest_matches: int = 30  # events: fewer, and the interval is no guide; two platforms have none [0029]
    chance_share: float = 0.10  # of matches that are coincidence: more, and the logs share habits [0029]
    strata: int = 3  # of users by activity, of items by popularity: thirds [0029]
    most_observers: int = 5  # of two-list dependences then 10, of models 1,024 [0029]
    refits: int = 400  # resampled users, the chosen model fitted to each: the 5 % point within 1 % [0029]
