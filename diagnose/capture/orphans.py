"""Orphans: how many events lack the ones that must have come before them?

Statistic  For each two steps of the declared funnel: the share of later events (a user's first of an item)
           without an earlier-step event of the same user and item on record before them (a tie counts as
           before: the funnel says which comes first), and how many are on record. With k >= 1 of them in
           truth, each recorded with chance q, the orphan share is E (1 - q)^k: q under laws of k from
           1 + Poisson to very unequal (stats/thinned_counts.py), and under some shares of later events that
           needed none.
Null       Everything recorded: no orphan, but for the direct ones.
Interval   Percentile bootstrap over users for each scenario that the spread of the numbers on record does
           not refute; the interval runs over these, up to k = 1, which no law exceeds.
Ignored    Repeated later events of one item (a reorder needs no view), and later events of users not seen on
           other items long enough before: theirs may lie before the log. Judged by *other* items, because a
           user who is known by a view of this one is no orphan by construction.
Reference  Johnson, Kemp and Kotz (2005); Manski (2003) on intervals over scenarios.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from diagnose.capture.orphan_laws import Moments, capture
from diagnose.capture.shares import exact
from diagnose.formatting import printable
from diagnose.histories import MICROSECONDS_PER_DAY, Histories
from diagnose.results import Estimate, Measured, Probed, Series, Skipped, Statement
from diagnose.schema import funnel_codes
from diagnose.settings import OrphanSettings, Settings
from diagnose.stats.bootstrap import quantile_interval, resample_sums, user_sums

NAME = "orphans"
QUESTION = "How many events lack the ones that must have come before them?"

ASSUMPTION = (
    "almost every one of these later events needs an earlier one of the same item; each event is recorded by "
    "chance, whatever became of the others; and how many earlier ones there are differs from one later event "
    "to the next at least as much as chance makes it. Where whole sessions are lost, both vanish together: "
    "this speaks only of what is lost between sessions"
)
LONGEST = 60  # letters of an event's name in a sentence
Numbers = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Pair:
    """Users' first later event of every item: how many earlier ones are on record before it. Shapes (n,)."""

    user: Integers
    on_record: Integers
    others: Integers  # events of the user on other items
    known_days: Numbers  # since the user's first event on another item; negative or -inf: not known before


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
    if not histories.clock:
        return _skipped("the log has positions and no times: what may lie before it cannot be set aside")
    estimates: dict[str, Estimate] = {}
    scopes: dict[str, Estimate] = {}
    series: list[Series] = []
    carriers: set[int] = set()
    for first, second in combinations(range(len(funnel)), 2):
        pair = first_of_items(histories, earlier=codes[first], later=codes[second])
        counted = _counted(pair, histories, settings=settings)
        users = set(pair.user[counted].tolist())
        if len(users) < settings.orphans.minimum_users:
            continue
        suffix = f"{first + 1}_before_{second + 1}"
        found = _estimates(pair, counted, settings=settings.orphans, rng=rng)
        estimates |= {f"{name}_{suffix}": estimate for name, estimate in found.items()}
        scopes[scope(funnel[first], funnel[second])] = found["orphan_share"]
        series.append(_by_known_days(pair, suffix, settings=settings))
        carriers |= users
    if not estimates:
        return _skipped(_TOO_FEW.format(settings.orphans.minimum_users))
    return Measured(
        name=NAME,
        condition="capture",
        users=len(carriers),
        estimates=estimates,
        series=(_shares(scopes), *series),
    )


_TOO_FEW = (
    "no two steps of the funnel have {:,} users with a later event that counts: the first of its item, of a "
    "user seen long enough before on other items"
)


def statements(probed: Probed) -> tuple[Statement, ...]:
    """A statement for each two steps: the share of earlier events behind a later one that is on record."""
    if isinstance(probed, Skipped):
        return ()
    scopes = next(series.x for series in probed.series if series.name == "orphan_share")
    found = [estimate for name, estimate in probed.estimates.items() if name.startswith("share_recorded_")]
    return tuple(
        Statement(
            probe=NAME,
            unit="events",
            scope=str(about),
            low=estimate.low,
            high=estimate.high,
            level=estimate.level,
            grade="B",
            assumption=ASSUMPTION,
        )
        for about, estimate in zip(scopes, found, strict=True)
    )


def scope(earlier: str, later: str) -> str:
    """'view events that led to a purchase': what a statement speaks of, whatever the events are called."""
    return f"{printable(earlier, LONGEST)} events that led to a {printable(later, LONGEST)} on record"


def first_of_items(histories: Histories, *, earlier: int, later: int) -> Pair:
    """Every user's first later event of every item, with the earlier ones before it; codes of the steps."""
    key = histories.user_of_event * max(1, histories.n_items) + histories.item
    is_later = np.flatnonzero(histories.event == later)
    group, first = np.unique(key[is_later], return_index=True)
    at = is_later[first]
    place = np.minimum(np.searchsorted(group, key), max(0, len(group) - 1))
    same = group[place] == key if len(group) else np.zeros(len(key), dtype=bool)
    before = same & (histories.event == earlier)
    before[before] = histories.time[before] <= histories.time[at[place[before]]]
    user = histories.user_of_event[at]
    since = histories.time[at] - _first_on_another_item(histories, at)
    return Pair(
        user=user,
        on_record=np.bincount(place[before], minlength=len(group)),
        others=histories.lengths[user] - np.bincount(place[same], minlength=len(group)),
        known_days=since / MICROSECONDS_PER_DAY,
    )


def _first_on_another_item(histories: Histories, at: Integers) -> Integers:
    """Time of the user's first event on another item than that of event `at`, else its own; shape of `at`."""
    user, start = histories.user_of_event[at], histories.offsets[:-1]
    changes = np.flatnonzero(histories.item != histories.item[start[histories.user_of_event]])
    whose, index = np.unique(histories.user_of_event[changes], return_index=True)
    second = np.full(len(histories), -1, dtype=np.int64)  # the first event on another item than the first's
    second[whose] = changes[index]
    known_by = np.where(histories.item[start[user]] != histories.item[at], start[user], second[user])
    return np.where(known_by < 0, histories.time[at], histories.time[known_by])


def _counted(pair: Pair, histories: Histories, *, settings: Settings) -> NDArray[np.bool_]:
    """Later events of users seen long enough before, on enough other items; shape (n,).

    The sample is of users with enough events, which a user with earlier events on record has sooner: asking
    for that many on *other* items makes the choice blind to the item's own.
    """
    span = float(np.ptp(histories.time)) / MICROSECONDS_PER_DAY if histories.n_events else 0.0
    ignored = min(settings.orphans.ignored_days, settings.orphans.ignored_share * span)
    return (pair.others >= settings.sample.minimum_history) & (pair.known_days >= ignored)


def _estimates(
    pair: Pair, counted: NDArray[np.bool_], *, settings: OrphanSettings, rng: np.random.Generator
) -> dict[str, Estimate]:
    """Orphans, numbers on record, the share recorded, and how many later events were set aside."""
    x = pair.on_record[counted].astype(np.float64)
    _, user = np.unique(pair.user[counted], return_inverse=True)
    columns = np.stack([np.ones_like(x), x == 0, x, x * (x - 1)], axis=1)
    sums = user_sums(columns, user, int(user.max()) + 1)
    totals = np.concatenate([sums.sum(axis=0, keepdims=True), resample_sums(sums, rng=rng)])
    none, mean, pairs = (totals[:, column] / totals[:, 0] for column in (1, 2, 3))
    if not none[0]:  # no orphan among n users leaves room for 3 in n
        none[1:] = rng.beta(1, len(sums), len(none) - 1)
        mean, pairs = mean * (1 - none), pairs * (1 - none)
    return {
        "orphan_share": _over_draws(none, unit="share of later events"),
        "on_record": _over_draws(mean, unit="earlier events before a later one"),
        "share_recorded": capture(Moments(none, mean, pairs), settings=settings),
        "set_aside": exact(1 - float(counted.mean()), unit="share of later events"),
    }


def _over_draws(values: Numbers, *, unit: str) -> Estimate:
    """The observed value (first), and the interval of the resamples (the rest)."""
    low, high = quantile_interval(values[1:])
    value = float(values[0])
    return Estimate(value=value, low=min(low, value), high=max(high, value), unit=unit)


def _shares(scopes: dict[str, Estimate]) -> Series:
    """Orphan shares by what they speak of: the names of the events are told here and nowhere else."""
    found = scopes.values()
    return Series(
        name="orphan_share",
        x=tuple(scopes),
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
