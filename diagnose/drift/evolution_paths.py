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
QUARTILES = (0.25, 0.5, 0.75)  # a lag and its middle half

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
    named = histories.keep_events(histories.category != NO_CATEGORY).with_history(1)
    folded = with_top_categories(named, limits.categories)
    if len(folded.categories) < 2:
        return _skipped(f"the log has {len(folded.categories)} categories; a path leads from one to another")
    steps = steps_between(folded)
    users = len(np.unique(steps.user))
    if users < settings.hygiene.minimum_users:
        return _skipped(
            f"{users:,} users go from one category to another at a later time; the probe needs "
            f"{settings.hygiene.minimum_users:,}"
        )
    usage = Usage.of(folded)
    found = paths(steps, usage.expected(), limits)
    half = folded.user % np.uint64(2) == 0
    directed = directed_share(steps, usage, half, limits=limits, rng=rng)
    series: tuple[Series, ...] = ()
    if len(found):
        shown = found.first(limits.shown)
        series = (_strength(steps, usage, shown, draws=limits.draws, rng=rng), *_counts(steps, shown))
        series += (_lags(steps, shown),) if folded.clock else ()
        series += () if whole_log is None else _beside_whole_log(whole_log, steps, shown)
    estimates = _overall(steps, found) | {"directed_share": directed}
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


def _strength(steps: Steps, usage: Usage, shown: Paths, *, draws: int, rng: np.random.Generator) -> Series:
    """The lift of each path with its interval."""
    value = lift(steps.counts, usage.expected())[shown.source, shown.target]
    band = lift_intervals(steps, usage, shown, draws=draws, rng=rng)
    return _series("path_lift", _labels(steps, shown), value, "times chance", band=band)


def _counts(steps: Steps, shown: Paths) -> tuple[Series, ...]:
    """Steps there and back, users, and certainty of each path."""
    there, back = (shown.source, shown.target), (shown.target, shown.source)
    labels = _labels(steps, shown)
    return (
        _series("path_events", labels, steps.counts[there], "events"),
        _series("path_reverse_events", labels, steps.counts[back], "events"),
        _series("path_users", labels, steps.step_users[there], "users"),
        _series("path_p_adjusted", labels, shown.p_adjusted, "probability"),
    )


def _lags(steps: Steps, shown: Paths) -> Series:
    """Median and middle half of the days between the two events of each path's steps."""
    path, along = path_of_step(steps, shown)
    lags = [steps.days[along & (path == number)] for number in range(len(shown))]
    low, median, high = np.array([np.quantile(days, QUARTILES) for days in lags]).T
    return _series("path_lag_days", _labels(steps, shown), median, "days", band=(low, high))


def _beside_whole_log(tally: TransitionTally, steps: Steps, shown: Paths) -> tuple[Series, ...]:
    """The lift of the same paths over every user of the log, where it has both categories by themselves."""
    pairs = [(steps.names[a], steps.names[b]) for a, b in zip(shown.source, shown.target, strict=True)]
    lifts, labels = whole_log_lift(tally, pairs), _labels(steps, shown)
    if not lifts:
        return ()
    kept = tuple(labels[at] for at in lifts)
    return (_series("path_whole_log_lift", kept, np.array(list(lifts.values())), "times chance"),)


def _labels(steps: Steps, shown: Paths) -> tuple[str, ...]:
    names = np.array(steps.names)
    return tuple(f"{a}{ARROW}{b}" for a, b in zip(names[shown.source], names[shown.target], strict=True))


def _series(
    name: str,
    labels: tuple[str, ...],
    values: NDArray[np.generic],
    unit: str,
    *,
    band: tuple[Numbers, Numbers] | None = None,
) -> Series:
    low, high = band or (np.zeros(0), np.zeros(0))
    return Series(
        name=name,
        x=labels,
        y=tuple(map(float, values)),
        unit_x="path",
        unit_y=unit,
        low=tuple(low.tolist()),
        high=tuple(high.tolist()),
    )


def _plain(value: float, unit: str) -> Estimate:
    """A count: nothing is estimated."""
    return Estimate(value=float(value), low=float(value), high=float(value), unit=unit)


def _skipped(reason: str) -> Skipped:
    return Skipped(name=NAME, condition="drift", reason=reason)
