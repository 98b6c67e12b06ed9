"""Orphans: how many events lack the ones that must have come before them?

Statistic  For each two steps of the declared funnel: the share of later events (a user's first of an item)
           without an earlier-step event of the same user and item on record before them (a tie counts as
           before: the funnel says which comes first), and how many are on record. With k >= 1 of them in
           truth, each recorded with chance q, the orphan share is E (1 - q)^k: q under laws of k from
           1 + Poisson to very unequal (stats/thinned_counts.py), and under some shares of later events that
           needed none. Where whole sessions may be lost, the same of later events with none beside them.
Null       Everything recorded: no orphan, but for the direct ones. Of two steps that the log does not show to
           come in their order (orphan_order.py), nothing is said but the counts.
Interval   Percentile bootstrap over users for each scenario that the spread of the numbers on record does
           not refute; the interval runs over these, up to k = 1, which no law exceeds.
Ignored    Repeated later events of one item (a reorder needs no view), and later events of users not seen on
           other items long enough before: theirs may lie before the log. Judged by *other* items, because a
           user who is known by a view of this one is no orphan by construction.
Reference  Johnson, Kemp and Kotz (2005); Manski (2003) on intervals over scenarios.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from diagnose.capture.orphan_laws import UNIT, capture, moments, over_draws
from diagnose.capture.orphan_order import in_order
from diagnose.capture.orphan_pairs import Pair, countable, first_of_items
from diagnose.capture.shares import exact
from diagnose.formatting import printable
from diagnose.histories import Histories
from diagnose.results import Estimate, Measured, Probed, Series, Skipped, Statement
from diagnose.schema import funnel_codes
from diagnose.settings import OrphanSettings, Settings

NAME = "orphans"
QUESTION = "How many events lack the ones that must have come before them?"

ASSUMPTION = (
    "nearly every one of these later events needs an earlier one of the same item, and what is missing was "
    "lost by chance, as single events or whole sessions; what vanished with its whole user or category is "
    "not seen"
)
UNKNOWN = Estimate(value=0.5, low=0.0, high=1.0, unit=UNIT)
LONGEST = 60  # letters of an event's name in a sentence


def measure(histories: Histories, *, settings: Settings, rng: np.random.Generator) -> Probed:
    """Orphan share, number on record and share recorded, for each two steps of the funnel.

    Steps are numbered from 1: `share_recorded_1_before_3` is of the first step's events behind a third.
    """
    funnel = settings.capture.funnel
    if not funnel:
        return _skipped(
            "no funnel was declared: --funnel view,cart,purchase says which events need which before them"
        )
    codes = funnel_codes(histories.events, funnel).tolist()
    if settings.capture.loss_pattern == "categories":
        return _skipped("whole categories are lost: an event and what led to it then vanish together")
    if not histories.clock:
        return _skipped("the log has positions and no times: what may lie before it cannot be set aside")
    found: dict[Steps, _Found] = {}
    for steps in combinations(range(len(funnel)), 2):
        earlier, later = (codes[step] for step in steps)
        pair = first_of_items(histories, earlier=earlier, later=later)
        counted = countable(pair, histories, settings=settings)
        if len(np.unique(pair.user[counted])) < settings.orphans.minimum_users:
            continue
        ordered = in_order(histories, codes=codes, steps=steps, settings=settings.orphans)
        found[steps] = _found(pair, counted, ordered, settings=settings, rng=rng)
    if not found:
        return _skipped(_TOO_FEW.format(settings.orphans.minimum_users))
    if not any(each.ordered for each in found.values()):
        return _skipped(_no_order(funnel, list(found)))
    return _measured(funnel, found, settings=settings)


def _measured(funnel: Sequence[str], found: Mapping[Steps, _Found], *, settings: Settings) -> Measured:
    """All steps side by side, by their numbers."""
    return Measured(
        name=NAME,
        condition="capture",
        users=len(np.unique(np.concatenate([each.pair.user[each.counted] for each in found.values()]))),
        estimates={
            f"{name}_{suffix(steps)}": estimate
            for steps, each in found.items()
            for name, estimate in each.estimates.items()
        },
        series=(
            _shares(scopes(funnel, list(found)), [each.estimates["orphan_share"] for each in found.values()]),
            *(_by_known_days(each.pair, suffix(steps), settings=settings) for steps, each in found.items()),
        ),
    )


Steps = tuple[int, int]  # places in the funnel, from 0


def suffix(steps: Steps) -> str:
    """'1_before_3': steps as estimates name them."""
    return f"{steps[0] + 1}_before_{steps[1] + 1}"


_TOO_FEW = (
    "no two steps of the funnel have {:,} users with a later event that counts: the first of its item, of a "
    "user seen long enough before on other items"
)


def statements(probed: Probed) -> tuple[Statement, ...]:
    """For each two steps the share of earlier events behind a later one that is recorded, if any is told."""
    if isinstance(probed, Skipped):
        return ()
    about = next(series.x for series in probed.series if series.name == "orphan_share")
    found = [estimate for name, estimate in probed.estimates.items() if name.startswith("share_recorded_")]
    return tuple(
        Statement(
            probe=NAME,
            unit="events",
            scope=str(scope_),
            low=estimate.low,
            high=estimate.high,
            level=estimate.level,
            grade="B",
            assumption=ASSUMPTION,
        )
        for scope_, estimate in zip(about, found, strict=True)
        if estimate.high - estimate.low < 1
    )


def scope(earlier: str, later: str) -> str:
    """'view events that led to a purchase': what a statement speaks of, whatever the events are called."""
    led = f"{printable(earlier, LONGEST)} events that led to a {printable(later, LONGEST)} on record"
    return f"{led}, of users in the sample"


def scopes(funnel: Sequence[str], told: Sequence[Steps]) -> tuple[str, ...]:
    """The scope of each two steps; where two read alike (long names are cut) their steps are added."""
    plain = [scope(funnel[first], funnel[second]) for first, second in told]
    often = Counter(plain)
    return tuple(
        one if often[one] == 1 else f"{one} (steps {first + 1} and {second + 1})"
        for one, (first, second) in zip(plain, told, strict=True)
    )


def _no_order(funnel: Sequence[str], pairs: Sequence[Steps]) -> str:
    """That no two steps come in their order, named."""
    names = [printable(step, LONGEST) for step in funnel]
    said = ", or that ".join(f"a {names[a]} comes before a {names[b]}" for a, b in pairs)
    return f"the log shows no sign that {said}: steps without an order tell nothing of what is lost"


@dataclass(frozen=True, eq=False)
class _Found:
    """What is found of two steps; of those without an order nothing is said but the counts."""

    pair: Pair
    counted: NDArray[np.bool_]
    ordered: bool
    estimates: dict[str, Estimate]


def _found(
    pair: Pair, counted: NDArray[np.bool_], ordered: bool, *, settings: Settings, rng: np.random.Generator
) -> _Found:
    """Orphans, numbers on record, the share recorded, and how many later events were set aside."""
    of_all = moments(pair.on_record[counted], pair.user[counted], rng=rng)
    pattern, found = settings.capture.loss_pattern, []
    if not ordered:
        found.append(UNKNOWN)
    if pattern != "sessions":
        found.append(capture(of_all, settings=settings.orphans))
    if pattern != "events":
        found.append(_if_sessions_are_lost(pair, counted, settings=settings.orphans, rng=rng))
    low, high = min(each.low for each in found), max(each.high for each in found)
    estimates = {
        "orphan_share": over_draws(of_all.none, unit="share of later events"),
        "on_record": over_draws(of_all.mean, unit="earlier events before a later one"),
        "share_recorded": Estimate(value=(low + high) / 2, low=low, high=high, unit=UNIT),
        "set_aside": exact(1 - float(counted.mean()), unit="share of later events"),
    }
    return _Found(pair, counted, ordered, estimates)


def _if_sessions_are_lost(
    pair: Pair, counted: NDArray[np.bool_], *, settings: OrphanSettings, rng: np.random.Generator
) -> Estimate:
    """The share recorded if whole sessions are lost: earlier events beside a later one are then never lost.

    So those later events speak that have none beside them, and sessions with an earlier event are counted.
    Where too few have none beside them, nothing is known.
    """
    apart = counted & (pair.beside == 0)
    if len(np.unique(pair.user[apart])) < settings.minimum_users:
        return UNKNOWN
    return capture(moments(pair.sessions[apart], pair.user[apart], rng=rng), settings=settings)


def _shares(about: tuple[str, ...], found: Sequence[Estimate]) -> Series:
    """Orphan shares by what they speak of: the names of the events are told here and nowhere else."""
    return Series(
        name="orphan_share",
        x=about,
        y=tuple(each.value for each in found),
        unit_x="events",
        unit_y="share of later events without one",
        low=tuple(each.low for each in found),
        high=tuple(each.high for each in found),
    )


def _by_known_days(pair: Pair, suffix: str, *, settings: Settings) -> Series:
    """Orphan share by how long a user had been seen: level beyond the ignored days, or they are too few."""
    edges = np.array(settings.orphans.known_days)
    enough = (pair.others >= settings.sample.minimum_history) & (pair.known_days >= 0)
    part = np.searchsorted(edges, pair.known_days[enough], side="right") - 1
    later = np.bincount(part, minlength=len(edges))
    orphans = np.bincount(part[pair.on_record[enough] == 0], minlength=len(edges))
    there = later > 0
    return Series(
        name=f"orphans_by_days_known_{suffix}",
        x=tuple(edges[there].tolist()),
        y=tuple((orphans[there] / later[there]).tolist()),
        unit_x="days since the user was first seen on another item, from",
        unit_y="share of later events without an earlier one",
    )


def _skipped(reason: str) -> Skipped:
    return Skipped(name=NAME, condition="capture", reason=reason)
