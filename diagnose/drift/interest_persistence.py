"""Interest persistence: how fast do a user's interests fade, and how much of them fades at all?

Statistic  kappa(lag) = (M_within - M_between) / (1 - M_between): probability that two events of one user, a
           calendar lag apart and in different sessions, share a category, corrected for chance. Fitted as
           plateau + fall * 2^(-lag / half-life), on the calendar and in events. Drift share = 1 - plateau
           over start. Beside them: which of the two clocks it fades by (clocks), and who and what fades
           (persistence_parts).
Null       Chance is what *other* users do at the same two times (platform_mix), so neither a moving platform
           nor the user's own part in it reads as drift. Users are held fixed over the lags (decay_curve), and
           a session is never paired with itself (persistence_pairs).
Interval   Percentile bootstrap over users (fading).
Reference  Cohen (1960) for the correction; Koren (2009) on drifting taste.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from diagnose.drift import clocks, persistence_parts
from diagnose.drift.fading import Fading, curve_of, fading_of, fitted, points
from diagnose.drift.persistence_pairs import (
    Indices,
    PairSums,
    event_lags,
    in_events,
    in_time,
    pair_sums,
    targets,
)
from diagnose.drift.platform_mix import PlatformMix, platform_mix
from diagnose.histories import NO_CATEGORY, Histories
from diagnose.results import Estimate, Measured, Probed, Series, Skipped
from diagnose.settings import Settings

NAME = "interest_persistence"
QUESTION = "How fast do a user's interests fade, and how much of them fades?"

UNITS = {"calendar": "days", "events": "events"}  # of the lags of each curve
COHORT = 2  # longest classes of lags: who has pairs in each of them is in the cohort


@dataclass(frozen=True, eq=False)
class Surveyed:
    """The pairs of a log whose events all have a category."""

    histories: Histories
    mix: PlatformMix
    later: Indices  # targets of the pairs
    lags: Indices  # in events
    curves: Mapping[str, PairSums]  # "calendar" first, where there is a clock
    categories: Mapping[str, PairSums]  # of the pairs that start in one of the largest categories

    @property
    def users(self) -> int:
        """Users that can show a change."""
        return max(sums.users for sums in self.curves.values())


def measure(histories: Histories, *, settings: Settings, rng: np.random.Generator) -> Probed:
    """Half-life in days and in events, the drift share, and whose they are, with the curves."""
    named = histories.keep_events(histories.category != NO_CATEGORY)
    if not named.n_events:
        return _skipped("no event has a category")
    surveyed = _survey(named, settings=settings)
    if surveyed.users < settings.hygiene.minimum_users:
        return _skipped(
            f"{surveyed.users:,} users have events in different sessions at two lags or more; "
            f"the probe needs {settings.hygiene.minimum_users:,}"
        )
    found = _fadings(surveyed, settings=settings, rng=rng)
    if not found:
        return _skipped("across sessions users agree with themselves no more than strangers do")
    series = tuple(each for name, fades in found.items() for each in _pictures(name, fades))
    series += _cohort(surveyed, settings=settings, rng=rng)
    series += _parts(surveyed, settings=settings, rng=rng)
    return Measured(
        name=NAME,
        condition="drift",
        users=surveyed.users,
        estimates=_estimates(found) | _clock(surveyed, found, settings=settings, rng=rng),
        series=series,
    )


def _survey(named: Histories, *, settings: Settings) -> Surveyed:
    """All pairs, by both kinds of lag."""
    limits, fewest = settings.persistence, settings.hygiene.minimum_users
    mix, later = platform_mix(named), targets(named, limits.targets_per_user)
    lags = event_lags(named, limits, users=fewest)
    shown = persistence_parts.top_categories(named, users=fewest, most=limits.segments)
    kinds = {"events": in_events(named, later, lags)}
    if named.clock:
        kinds = {"calendar": in_time(named, later, limits.bins)} | kinds
    main = next(iter(kinds))
    gathered = {
        name: pair_sums(len(named), mix, classes, shown=shown if name == main else ())
        for name, classes in kinds.items()
    }
    curves = {name: sums.with_pairs(limits.minimum_pairs) for name, (sums, _) in gathered.items()}
    names = (named.categories[code] if code < len(named.categories) else f"category {code}" for code in shown)
    categories = dict(zip(names, gathered[main][1], strict=True))
    return Surveyed(named, mix, later, lags, curves, categories)


def _fadings(surveyed: Surveyed, *, settings: Settings, rng: np.random.Generator) -> dict[str, Fading]:
    """What each curve with enough users shows."""
    found: dict[str, Fading] = {}
    limits = settings.persistence
    for name, sums in surveyed.curves.items():
        if sums.users < settings.hygiene.minimum_users:
            continue
        fades = fading_of(sums, unit=UNITS[name], limits=limits, rng=rng)
        if fades is not None:
            found[name] = fades
    return found


def _estimates(found: Mapping[str, Fading]) -> dict[str, Estimate]:
    estimates: dict[str, Estimate] = {}
    for name, fades in found.items():
        if fades.half_life is not None:
            estimates[f"half_life_{UNITS[name]}"] = fades.half_life
        estimates["drift_share" if name == "calendar" else "drift_share_events"] = fades.share
    return estimates


def _pictures(name: str, fades: Fading) -> tuple[Series, Series]:
    unit = UNITS[name]
    return (
        points(fades.curve, name=f"kappa_{name}", unit=unit),
        fitted(fades, name=f"kappa_{name}_fit", unit=unit),
    )


def _cohort(surveyed: Surveyed, *, settings: Settings, rng: np.random.Generator) -> tuple[Series, ...]:
    """The calendar curve of those users only who have pairs at the longest lags: nobody joins or leaves."""
    sums = surveyed.curves.get("calendar")
    if sums is None or len(sums.lag) <= COHORT:
        return ()
    cohort = sums.of_users(np.asarray((sums.weight[:, -COHORT:] > 0).all(axis=1)))
    if len(cohort.weight) < settings.hygiene.minimum_users:
        return ()
    curve = curve_of(cohort, rng=rng, draws=settings.persistence.part_draws)
    return (points(curve, name="kappa_calendar_cohort", unit="days"),)


def _parts(surveyed: Surveyed, *, settings: Settings, rng: np.random.Generator) -> tuple[Series, ...]:
    """Levels of the categories' names; light and heavy users, and the largest categories."""
    named, (main, sums) = surveyed.histories, next(iter(surveyed.curves.items()))
    activity = persistence_parts.by_activity(sums, named.lengths)
    return persistence_parts.granularities(named, settings=settings, rng=rng) + persistence_parts.segments(
        activity | dict(surveyed.categories), unit=UNITS[main], settings=settings, rng=rng
    )


def _clock(
    surveyed: Surveyed, found: Mapping[str, Fading], *, settings: Settings, rng: np.random.Generator
) -> dict[str, Estimate]:
    """The calendar's part in the fading; nothing where no fading is found on the calendar."""
    limits = settings.persistence
    if "calendar" not in found or not found["calendar"].found(limits.floor_drift_share):
        return {}
    named, lags = surveyed.histories, surveyed.lags
    few = lags[np.unique(np.linspace(0, len(lags) - 1, limits.clock_bins).round().astype(np.int64))]
    share = clocks.measure(
        named, surveyed.mix, in_events(named, surveyed.later, few), settings=settings, rng=rng
    )
    return {} if share is None else {"calendar_share": share}


def _skipped(reason: str) -> Skipped:
    return Skipped(name=NAME, condition="drift", reason=reason)
