"""Who and what fades: light and heavy users, single categories, coarse and fine levels of a category's name.

Segments  Thirds of the users by their number of events, and the categories with the most users; of a category
          the pairs whose earlier event lies in it. Users are held fixed in each as in the whole.
          Intervals are simultaneous over the segments shown (Bonferroni), so that the one that stands out of
          eight means what it means alone.
Levels    Names such as "Beauty|Hair|Shampoo" or "Home > Garden" are cut after one part, two, and so on. Each
          level has its own chance and its own trend; all levels are taken on the same users.
Reference Romano and Wolf (2005) on several intervals at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from diagnose.drift.fading import Fading, by_part, fading_of
from diagnose.drift.persistence_pairs import (
    Indices,
    PairSums,
    event_lags,
    in_events,
    in_time,
    pair_sums,
    targets,
)
from diagnose.drift.platform_mix import platform_mix
from diagnose.histories import NO_CATEGORY, Histories
from diagnose.results import LEVEL, Series
from diagnose.settings import PersistenceSettings, Settings

ACTIVITY = ("light users", "middle users", "heavy users")
SEPARATORS = (" > ", "|")
HIERARCHICAL = 0.5  # of the names at least have a separator; fewer are names that happen to hold one


def top_categories(histories: Histories, *, users: int, most: int) -> tuple[int, ...]:
    """Codes of the categories with the most users, each with `users` of them at least."""
    counts = histories.category_counts
    met = np.bincount(counts.category, minlength=histories.n_categories)
    return tuple(int(code) for code in np.argsort(-met, kind="stable")[:most] if met[code] >= users)


def by_activity(sums: PairSums, events: Indices) -> dict[str, PairSums]:
    """The sums of thirds of the users by their number of events (U,); nothing where all are alike."""
    movers = sums.movers
    if not movers.any():
        return {}
    edges = np.quantile(events[movers], [1 / 3, 2 / 3])
    third = np.searchsorted(edges, events, side="left")
    if len(np.unique(third[movers])) < len(ACTIVITY):
        return {}
    return {name: sums.of_users(movers & (third == place)) for place, name in enumerate(ACTIVITY)}


def segments(
    parts: Mapping[str, PairSums], *, unit: str, settings: Settings, rng: np.random.Generator
) -> tuple[Series, ...]:
    """Drift share and half-life of each segment that has enough users, with simultaneous intervals."""
    enough = {name: part for name, part in parts.items() if part.users >= settings.hygiene.minimum_users}
    if len(enough) < 2:
        return ()
    limits = settings.persistence
    level = 1 - (1 - LEVEL) / len(enough)
    found: dict[str, Fading] = {}
    for name, part in enough.items():
        fades = fading_of(part, unit=unit, limits=limits, rng=rng, level=level)
        if fades is not None:
            found[name] = fades
    return by_part(found, kind="segment", unit=unit)


def granularities(
    histories: Histories, *, settings: Settings, rng: np.random.Generator
) -> tuple[Series, ...]:
    """Drift share and half-life at each level of the categories' names, on the same users."""
    levels = name_levels(histories, most=settings.persistence.levels)
    if len(levels) < 2:
        return ()
    limits = settings.persistence
    if len(histories) > limits.level_users:
        chosen = rng.choice(len(histories), limits.level_users, replace=False)
        histories = histories.select(np.sort(chosen))
    unit = "days" if histories.clock else "events"
    found: dict[str, Fading] = {}
    for name, codes in levels.items():
        coarser = histories.with_categories(codes[histories.category].astype(np.int32), ())
        sums = _sums(coarser, limits, users=settings.hygiene.minimum_users)
        fades = None
        if sums.users >= settings.hygiene.minimum_users:
            fades = fading_of(sums, unit=unit, limits=limits, rng=rng)
        if fades is not None:
            found[name] = fades
    return by_part(found, kind="granularity", unit=unit)


def _sums(histories: Histories, limits: PersistenceSettings, *, users: int) -> PairSums:
    """All pairs on the calendar, or in events where there is none."""
    later = targets(histories, limits.targets_per_user)
    if histories.clock:
        classes = in_time(histories, later, limits.bins)
    else:
        classes = in_events(histories, later, event_lags(histories, limits, users=users))
    return pair_sums(len(histories), platform_mix(histories), classes)[0]


def name_levels(histories: Histories, *, most: int) -> dict[str, NDArray[np.int64]]:
    """Coarser codes (K,) for every code of a category, by level of its name; {} where names have no levels.

    Levels that leave the number of categories as it was are left out; of more than `most` the last is kept.
    """
    names, met = histories.categories, np.unique(histories.category[histories.category != NO_CATEGORY])
    separator = _separator([names[code] for code in met.tolist() if code < len(names)])
    if separator is None:
        return {}
    parts = [name.split(separator) for name in names]
    levels: dict[int, NDArray[np.int64]] = {}
    categories = 1  # a level of one category has nothing to change to
    for depth in range(1, max(len(each) for each in parts) + 1):
        prefixes = [separator.join(each[:depth]) for each in parts]
        codes = np.unique(prefixes, return_inverse=True)[1].astype(np.int64)
        finer = len(np.unique(codes[met]))
        if finer > categories:
            levels[depth], categories = codes, finer
    shown = sorted(levels)
    shown = shown if len(shown) <= most else [*shown[: most - 1], shown[-1]]
    return {
        f"level {depth}: {len(np.unique(levels[depth][met])):,} categories": levels[depth] for depth in shown
    }


def _separator(names: Sequence[str]) -> str | None:
    """What joins the parts of the names, if most of them have any."""
    for separator in SEPARATORS:
        if names and sum(separator in name for name in names) >= HIERARCHICAL * len(names):
            return separator
    return None
