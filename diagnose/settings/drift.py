"""What the probes of condition 1 read: numbers with their reason; the page of evidence in brackets."""

from __future__ import annotations

from dataclasses import dataclass


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
