"""Turnover: how much of a user's repertoire of categories is replaced over time?

Statistic  1 - J(between) / J(within). J is Chao's abundance Jaccard similarity (stats/similarity.py), means
           over users. A user's sessions make an early and a late window, each of two halves of the same
           number of sessions, in turns: *within* is between the halves of one window, *between* from a half
           of the early to a half of the late one, all four pairings.
Null       Any order of a user's sessions equally likely: all six pairings then have the same expectation, so
           small samples and sticky sessions lower both alike. A moving platform is thinned out first
           (trend_thinning); the lower end goes down by what may be left of it.
Novelty    Share of events in categories new to the user, session by session, beside chance (novelty.py).
Interval   Percentile bootstrap over users.
Reference  Chao et al. (2005), Ecology Letters 8; Hurlbert (1971).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from diagnose.drift.novelty import Novelty
from diagnose.drift.repertoire import Repertoire, repertoire
from diagnose.drift.trend_thinning import steady_share
from diagnose.histories import NO_CATEGORY, Histories
from diagnose.results import Estimate, Measured, Probed, Series, Skipped
from diagnose.settings import Settings
from diagnose.stats.bootstrap import bootstrap, quantile_interval, resample_sums
from diagnose.stats.similarity import chao_jaccard

NAME = "turnover"
QUESTION = "How much of a user's repertoire of categories is replaced over time?"

QUARTERS = 4  # the halves of the early window are 0 and 1, of the late one 2 and 3
WITHIN = ((0, 1), (2, 3))
BETWEEN = ((0, 2), (0, 3), (1, 2), (1, 3))
EDGES = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024)  # sessions before

Numbers = NDArray[np.float64]
Integers = NDArray[np.int64]


def measure(histories: Histories, *, settings: Settings, rng: np.random.Generator) -> Probed:
    """The share of the repertoire that is replaced, and the novelty of late sessions beyond chance."""
    named = histories.keep_events(histories.category != NO_CATEGORY).with_history(1)
    if not len(named):
        return Skipped(name=NAME, condition="drift", reason="no event has a category")
    fewest = settings.turnover.minimum_sessions
    enough = repertoire(named).sessions >= fewest
    if enough.sum() < settings.hygiene.minimum_users:
        reason = (
            f"{int(enough.sum()):,} of {len(named):,} users have {fewest} or more sessions; "
            f"the probe needs {settings.hygiene.minimum_users:,}"
        )
        return Skipped(name=NAME, condition="drift", reason=reason)
    share = steady_share(named)[enough[named.user_of_event]]
    return _measured(repertoire(named.select(enough)), share, settings=settings, rng=rng)


def _measured(seen: Repertoire, share: Numbers, *, settings: Settings, rng: np.random.Generator) -> Probed:
    """Estimates and series; each event is kept with probability `share` (E,), averaged over some draws."""
    limits = settings.turnover
    edges = [edge for edge in EDGES if (seen.sessions > edge).sum() >= settings.hygiene.minimum_users]
    raw = _sums(seen, np.ones(len(share), dtype=bool), edges)
    drawn = [_sums(seen, rng.random(len(share)) < share, edges) for _ in range(limits.thinnings)]
    alike, late, classes = (
        np.mean([getattr(sums, name) for sums in drawn], axis=0) for name in ("alike", "late", "classes")
    )
    users = int((alike[:, 2] > 0).sum())
    if users < settings.hygiene.minimum_users:
        reason = (
            f"the platform moves so much that {users:,} users keep an event in each part once that is taken "
            f"out; the probe needs {settings.hygiene.minimum_users:,}"
        )
        return Skipped(name=NAME, condition="drift", reason=reason)
    left = limits.trend_left_turnover, limits.trend_left_novelty
    return Measured(
        name=NAME,
        condition="drift",
        users=users,
        estimates={
            "turnover": _estimate(_turnover, alike, raw.alike, left=left[0], rng=rng),
            "similarity_within": bootstrap(alike, lambda t: t[:, 0] / t[:, 2], unit="similarity", rng=rng),
            "similarity_between": bootstrap(alike, lambda t: t[:, 1] / t[:, 2], unit="similarity", rng=rng),
            "late_novelty": _estimate(_excess, late, raw.late, left=left[1], rng=rng),
        },
        series=_curves(classes, edges, rng=rng),
    )


@dataclass(frozen=True, eq=False)
class Sums:
    """What each user adds to the estimates, from the events that one thinning keeps."""

    alike: Numbers  # similarity within windows and between them, and 1, (U, 3)
    late: Numbers  # events of the later half, those that are new, and new by chance; both ways, (U, 3)
    classes: Numbers  # the same three by class of session numbers, (U, B, 3)


def _sums(seen: Repertoire, kept: NDArray[np.bool_], edges: list[int]) -> Sums:
    """The sums of the events that are kept, a mask (E,)."""
    counts, backwards, none = seen.counts(kept), seen.backwards(), np.zeros(seen.users, dtype=np.int64)
    forth, back = Novelty(seen, counts), Novelty(backwards, backwards.counts(kept))
    half = seen.sessions // 2
    ends = zip(edges, _stops(edges), strict=True)
    return Sums(
        alike=_similarities(seen, counts),
        late=forth.between(half, seen.sessions) + back.between(half, seen.sessions),
        classes=np.stack([forth.between(none + start, none + stop) for start, stop in ends], axis=1),
    )


def _stops(edges: list[int]) -> list[int]:
    """Where each class of session numbers ends."""
    return [*edges[1:], next((edge for edge in EDGES if edge > edges[-1]), 2 * edges[-1])]


def _turnover(totals: Numbers) -> Numbers:
    return np.asarray(1 - totals[:, 1] / totals[:, 0])


def _excess(totals: Numbers) -> Numbers:
    return np.asarray((totals[:, 1] - totals[:, 2]) / totals[:, 0])


def _estimate(
    statistic: Callable[[Numbers], Numbers],
    sums: Numbers,
    raw: Numbers,
    *,
    left: float,
    rng: np.random.Generator,
) -> Estimate:
    """A share, its lower end further down by what of a moving platform may be left in it.

    That is the part `left` of what thinning took out: the estimate from all events, `raw`, less this one.
    """
    found = bootstrap(sums, statistic, unit="share", rng=rng)
    taken = float(statistic(raw.sum(axis=0, keepdims=True))[0]) - found.value
    return replace(found, low=found.low - left * max(0.0, taken))


def _similarities(seen: Repertoire, counts: Integers) -> Numbers:
    """Of each user: mean similarity within and between windows, and 1; 0 where a half is empty. (U, 3)"""
    half = seen.sessions // QUARTERS
    from_end = seen.sessions[seen.user] - 1 - seen.place
    window = 2 * half[seen.user]
    early, late = seen.place < window, from_end < window
    part = np.where(early, seen.place % 2, 2 + from_end % 2)
    cells = np.zeros((QUARTERS, len(seen.cell_user)), dtype=np.int64)
    for quarter in range(QUARTERS):
        inside = (early | late) & (part == quarter)
        cells[quarter] = np.bincount(seen.cell[inside], counts[inside], len(seen.cell_user))
    within, between = (
        np.mean(
            [chao_jaccard(cells[a], cells[b], user=seen.cell_user, users=seen.users) for a, b in pairings],
            axis=0,
        )
        for pairings in (WITHIN, BETWEEN)
    )
    there = np.isfinite(within + between)
    return np.where(there[:, None], np.stack([within, between, np.ones_like(within)], axis=1), 0.0)


def _curves(classes: Numbers, edges: list[int], *, rng: np.random.Generator) -> tuple[Series, ...]:
    """New events as a share of events, by session number, and the same by chance."""
    x = tuple(((np.array(edges) + 1 + _stops(edges)) / 2).tolist())
    totals = classes.sum(axis=0)
    draws = resample_sums(classes.reshape(len(classes), -1), rng=rng).reshape(-1, len(edges), 3)
    spread = [quantile_interval(draw) for draw in (draws[:, :, 1] / draws[:, :, 0]).T]
    found = {"new_category_share": totals[:, 1], "new_category_share_by_chance": totals[:, 2]}
    low, high = zip(*spread, strict=True)
    return tuple(
        Series(
            name=name,
            x=x,
            y=tuple((new / totals[:, 0]).tolist()),
            unit_x="session",
            unit_y="share",
            low=low if name == "new_category_share" else (),
            high=high if name == "new_category_share" else (),
        )
        for name, new in found.items()
    )
