"""Who brings the order gain: by how active users are, and by the category that they were in last.

Statistic  Bits that order saves in a segment, over the order-blind loss there. Users are parted at the
           terciles of their number of events; targets by the category just before them (what comes next would
           be an outcome: no platform can serve by it), of which those with the most targets are shown.
Null       As in order information, whose gains these are: shuffled pasts, parameters fitted anew.
Interval   Simultaneous over all segments of one kind: the largest studentised deviation of any of them, over
           resampled users, sets the width of all. So "found" in one of twenty means what it means in one.
Reference  Romano and Wolf (2005) on the bootstrap of the largest deviation.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from diagnose.drift.order_runs import Bits, Runs
from diagnose.results import LEVEL, Series
from diagnose.settings import Settings
from diagnose.stats.bootstrap import resample_sums, user_sums

ACTIVITY = ("light users", "middle users", "heavy users")
OTHERS = "other categories"


def measure(runs: Runs, saved: Bits, *, settings: Settings) -> tuple[Series, ...]:
    """Share of the order-blind loss that order saves, and share of targets, by activity and by category.

    `saved` (n,) are the bits that order saves each target.
    """
    found: list[Series] = []
    for kind, (names, segment) in {
        "activity": _by_activity(runs),
        "category": _by_category(runs, users=settings.order.segment_users, most=settings.order.segments),
    }.items():
        if len(names) > 1:
            found += _series(kind, names, segment, (runs, saved))
    return tuple(found)


def _by_activity(runs: Runs) -> tuple[Sequence[str], NDArray[np.int64]]:
    """Thirds of the users by their number of events; where all are alike there is nothing to part."""
    events = runs.histories.lengths[runs.user]
    users = np.unique(runs.user)
    edges = np.quantile(runs.histories.lengths[users], [1 / 3, 2 / 3])
    segment = np.searchsorted(edges, events, side="left")
    if len(np.unique(segment)) < len(ACTIVITY):
        return (), segment
    return ACTIVITY, segment


def _by_category(runs: Runs, *, users: int, most: int) -> tuple[Sequence[str], NDArray[np.int64]]:
    """The categories most often just before a target, of enough users; all others are the last segment."""
    last, histories = runs.histories.category[runs.targets.past[:, 0]], runs.histories
    met = np.unique(np.stack([last, runs.user]), axis=1)[0]
    enough = np.bincount(met, minlength=histories.n_categories) >= users
    count = np.where(enough, np.bincount(last, minlength=histories.n_categories), 0)
    shown = [int(code) for code in np.argsort(-count, kind="stable")[:most] if count[code]]
    segment = np.full(histories.n_categories, len(shown))
    segment[shown] = np.arange(len(shown))
    of_target = segment[last]
    names = [histories.categories[code] for code in shown]
    if np.unique(runs.user[of_target == len(shown)]).size >= users:
        return (*names, OTHERS), of_target
    return names, np.where(of_target == len(shown), -1, of_target)


def _series(
    kind: str, names: Sequence[str], segment: NDArray[np.int64], gains: tuple[Runs, Bits]
) -> tuple[Series, Series]:
    """The share saved in each segment under simultaneous intervals, and how large each is."""
    runs, saved = gains
    kept = segment >= 0
    shares, low, high = _bands(
        np.stack([saved, runs.blind], axis=1)[kept], segment[kept], (runs.user[kept], len(names)), runs.rng
    )
    events = np.bincount(segment[kept], minlength=len(names)) / len(segment)
    return (
        Series(
            name=f"order information by {kind}",
            x=tuple(names),
            y=tuple(shares.tolist()),
            low=tuple(low.tolist()),
            high=tuple(high.tolist()),
            unit_x="segment",
            unit_y="share",
        ),
        Series(
            name=f"targets by {kind}",
            x=tuple(names),
            y=tuple(events.tolist()),
            unit_x="segment",
            unit_y="share",
        ),
    )


def _bands(
    bits: NDArray[np.float64],
    segment: NDArray[np.int64],
    users: tuple[NDArray[np.int64], int],
    rng: np.random.Generator,
) -> tuple[Bits, Bits, Bits]:
    """Saved over blind bits (n, 2) of each segment, with bands that hold all of them at once; each (S,)."""
    user, segments = users
    _, codes = np.unique(user, return_inverse=True)
    columns = np.zeros((len(bits), 2 * segments))
    row = np.arange(len(bits))
    columns[row, segment], columns[row, segments + segment] = bits[:, 0], bits[:, 1]
    sums = user_sums(columns, codes, int(codes.max()) + 1)
    totals, draws = sums.sum(axis=0), resample_sums(sums, rng=rng)
    value = totals[:segments] / totals[segments:]
    spread = draws[:, :segments] / np.maximum(draws[:, segments:], 1e-12) - value
    error = np.maximum(spread.std(axis=0), 1e-12)
    width = float(np.quantile(np.abs(spread / error).max(axis=1), LEVEL)) * error
    return value, value - width, value + width
