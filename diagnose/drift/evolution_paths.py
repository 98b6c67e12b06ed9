"""Evolution paths: which interest leads to which? Computers, then accessories, and not the other way round.

Statistic  For two categories a and b: users' steps from a directly to b minus those from b to a, minus what
           a moving platform alone would make of it (direction). Of all steps between unlike categories, the
           share that is surplus on paths: paths of one half of the users, surplus of the other.
Null       Backwards a history is as likely as forwards: stable tastes, interests that come and go, sticky
           sessions and a popularity that moves all lead nowhere. Pair by pair with users as the unit, 10 %
           false discoveries; all pairs together by turning whole users round (symmetry).
Path       A found direction with a lift above 1 and a surplus that matters (path_strength).
Reference  Bowker (1948) on symmetry; Benjamini and Hochberg (1995).
Limits     docs/methods/evolution_paths.md: where paths end, thin one-way flows lead back; they are no paths.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from diagnose.drift.direction import Steps, steps_between, with_top_categories
from diagnose.drift.path_strength import (
    Paths,
    Usage,
    directed_share,
    lift,
    lift_intervals,
    path_of_step,
    paths,
    whole_log_lift,
)
from diagnose.drift.symmetry import asymmetry, bowker
from diagnose.drift.transitions import TransitionTally
from diagnose.histories import NO_CATEGORY, Histories
from diagnose.results import Estimate, Measured, Probed, Series, Skipped
from diagnose.settings import Settings

NAME = "evolution_paths"
QUESTION = "Which interest leads to which?"

ARROW = " \N{RIGHTWARDS ARROW} "

Numbers = NDArray[np.float64]


def measure(
    histories: Histories,
    *,
    settings: Settings,
    rng: np.random.Generator,
    whole_log: TransitionTally | None = None,
) -> Probed:
    """The paths with their strength, the share of steps they direct, and whether there is any direction."""
    limits = settings.paths
    named = histories.keep_events(histories.category != NO_CATEGORY)
    named = named.with_history(1)
    folded, categories = with_top_categories(named, limits.categories)
    if categories < 2:
        return _skipped(f"{categories} categories occur; a path needs two")
    steps = steps_between(folded, categories)
    users = len(np.unique(steps.user))
    if users < settings.hygiene.minimum_users:
        return _skipped(
            f"{users:,} users change from one category to another at a later time; the probe needs "
            f"{settings.hygiene.minimum_users:,}"
        )
    usage = Usage.of(folded, categories)
    found = paths(steps, usage.expected(), limits)
    half = folded.user % np.uint64(2) == 0
    estimates = _overall(steps, found) | {
        "directed_share": directed_share(steps, usage, half, limits, rng=rng),
    }
    shown, labels = found.first(limits.shown), folded.categories
    series = _pictures(steps, usage, shown, labels, rng=rng) if len(shown) else ()
    if folded.clock and len(shown):
        series += (_lags(steps, shown, labels),)
    if whole_log is not None:
        series += _beside_whole_log(whole_log, shown, labels)
    return Measured(name=NAME, condition="drift", users=users, estimates=estimates, series=series)


def _overall(steps: Steps, found: Paths) -> dict[str, Estimate]:
    chi_square, degrees = bowker(steps.counts)
    return {
        "paths": _plain(len(found), "paths"),
        "pairs_tested": _plain(found.tested, "pairs"),
        "asymmetry": asymmetry(steps),
        "bowker": _plain(chi_square, "chi-square"),
        "bowker_degrees": _plain(degrees, "degrees of freedom"),
        "tied_share": _plain(steps.tied / (steps.tied + len(steps)), "share"),
    }


def _pictures(
    steps: Steps, usage: Usage, shown: Paths, names: tuple[str, ...], *, rng: np.random.Generator
) -> tuple[Series, ...]:
    """Strength, counts and certainty of each path."""
    there, back = (shown.source, shown.target), (shown.target, shown.source)
    labels = _labels(shown, names)
    drawn = (
        ("path_events", steps.counts[there], "events"),
        ("path_reverse_events", steps.counts[back], "events"),
        ("path_users", steps.step_users[there], "users"),
        ("path_p_adjusted", shown.p_adjusted, "probability"),
    )
    strength = _series("path_lift", labels, lift(steps.counts, usage.expected())[there], "times chance")
    low, high = lift_intervals(steps, usage, shown, rng=rng)
    return (
        _with_band(strength, low, high),
        *(_series(name, labels, values, unit) for name, values, unit in drawn),
    )


def _lags(steps: Steps, shown: Paths, names: tuple[str, ...]) -> Series:
    """Median and middle half of the days between the two events of each path's steps."""
    path, along = path_of_step(steps, shown)
    quartiles = np.array(
        [np.quantile(steps.days[along & (path == number)], [0.25, 0.5, 0.75]) for number in range(len(shown))]
    )
    median = _series("path_lag_days", _labels(shown, names), quartiles[:, 1], "days")
    return _with_band(median, quartiles[:, 0], quartiles[:, 2])


def _beside_whole_log(tally: TransitionTally, shown: Paths, names: tuple[str, ...]) -> tuple[Series, ...]:
    """The lift of the same paths over every user of the log, where it has both categories by themselves."""
    labels = _labels(shown, names)
    pairs = [(names[a], names[b]) for a, b in zip(shown.source, shown.target, strict=True)]
    lifts = whole_log_lift(tally, pairs)
    if not lifts:
        return ()
    kept = tuple(labels[at] for at in lifts)
    return (_series("path_whole_log_lift", kept, np.array(list(lifts.values())), "times chance"),)


def _labels(shown: Paths, names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{names[a]}{ARROW}{names[b]}" for a, b in zip(shown.source, shown.target, strict=True))


def _series(name: str, labels: tuple[str, ...], values: NDArray[np.generic], unit: str) -> Series:
    return Series(name=name, x=labels, y=tuple(map(float, values)), unit_x="path", unit_y=unit)


def _with_band(series: Series, low: Numbers, high: Numbers) -> Series:
    return replace(series, low=tuple(low.tolist()), high=tuple(high.tolist()))


def _plain(value: float, unit: str) -> Estimate:
    """A count: nothing is estimated."""
    return Estimate(value=float(value), low=float(value), high=float(value), unit=unit)


def _skipped(reason: str) -> Skipped:
    return Skipped(name=NAME, condition="drift", reason=reason)
