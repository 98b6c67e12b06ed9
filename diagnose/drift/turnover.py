"""Turnover: how much of a user's repertoire of categories is replaced over time?

Statistic  1 - J(between) / J(within). J is Chao's abundance Jaccard similarity (stats/similarity.py), means
           over users. A user's sessions make an early and a late window, each of two halves of the same
           number of sessions, in turns: *within* is between the halves of one window, *between* from a half
           of the early to a half of the late one, all four pairings.
Null       Any order of a user's sessions equally likely: all six pairings then have the same expectation, so
           small samples and sticky sessions lower both alike. A moving platform is thinned out first
           (trend_thinning). What is left of a strong trend, and of sessions that grow: docs/methods/turnover.md.
Novelty    Share of events in categories new to the user, session by session, beside chance (novelty.py).
Interval   Percentile bootstrap over users.
Reference  Chao et al. (2005), Ecology Letters 8; Hurlbert (1971).
"""

from __future__ import annotations

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
    enough = repertoire(named).sessions >= settings.turnover.minimum_sessions
    if enough.sum() < settings.hygiene.minimum_users:
        reason = (
            f"{int(enough.sum()):,} of {len(named):,} users have {settings.turnover.minimum_sessions} sessions "
            f"or more; the probe needs {settings.hygiene.minimum_users:,}"
        )
        return Skipped(name=NAME, condition="drift", reason=reason)
    share = steady_share(named)[enough[named.user_of_event]]
    return _measured(repertoire(named.select(enough)), share, settings=settings, rng=rng)


def _measured(
    seen: Repertoire, share: Numbers, *, settings: Settings, rng: np.random.Generator
) -> Measured:
    """Estimates and series, averaged over some thinnings; `share` (E,) of each event is kept."""
    minimum = settings.hygiene.minimum_users
    edges = [edge for edge in EDGES if (seen.sessions > edge).sum() >= minimum]
    thinnings = settings.turnover.thinnings
    alike, late = np.zeros((seen.users, 3)), np.zeros((seen.users, 3))
    classes = np.zeros((seen.users, len(edges), 3))
    backwards = seen.backwards()
    for _ in range(thinnings):
        kept = rng.random(len(share)) < share
        counts = seen.counts(kept)
        alike += _similarities(seen, counts) / thinnings
        novelty = Novelty(seen, counts)
        for way in (novelty, Novelty(backwards, backwards.counts(kept))):
            late += _sums(way, seen.sessions // 2, seen.sessions) / thinnings
        for number, (start, stop) in enumerate(zip(edges, [*edges[1:], _next(edges[-1])], strict=True)):
            ends = np.full(seen.users, start), np.full(seen.users, stop)
            classes[:, number] += _sums(novelty, *ends) / thinnings
    estimates = _shares(alike, rng=rng) | {"late_novelty": _late(late, rng=rng)}
    return Measured(
        name=NAME,
        condition="drift",
        users=seen.users,
        estimates=estimates,
        series=_curves(classes, edges, rng=rng),
    )


def _next(edge: int) -> int:
    """Where the class ends that begins after `edge` sessions."""
    later = [other for other in EDGES if other > edge]
    return later[0] if later else 2 * edge


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


def _sums(novelty: Novelty, start: Integers, stop: Integers) -> Numbers:
    """Events, new ones and those by chance of each user in a stretch of its sessions, (U, 3)."""
    found = novelty.between(start, stop)
    return np.stack([found.events, found.new, found.by_chance], axis=1)


def _shares(alike: Numbers, *, rng: np.random.Generator) -> dict[str, Estimate]:
    """Turnover and the two similarities that it compares."""
    return {
        "turnover": bootstrap(alike, lambda t: 1 - t[:, 1] / t[:, 0], unit="share", rng=rng),
        "similarity_within": bootstrap(alike, lambda t: t[:, 0] / t[:, 2], unit="similarity", rng=rng),
        "similarity_between": bootstrap(alike, lambda t: t[:, 1] / t[:, 2], unit="similarity", rng=rng),
    }


def _late(late: Numbers, *, rng: np.random.Generator) -> Estimate:
    """New events beyond chance, of all events in the later half of users' sessions."""
    return bootstrap(late, lambda t: (t[:, 1] - t[:, 2]) / t[:, 0], unit="share", rng=rng)


def _curves(classes: Numbers, edges: list[int], *, rng: np.random.Generator) -> tuple[Series, ...]:
    """New events as a share of events, by session number, and the same by chance."""
    width = np.array([*edges[1:], _next(edges[-1])]) - edges
    x = tuple((np.array(edges) + (width + 1) / 2).tolist())
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
