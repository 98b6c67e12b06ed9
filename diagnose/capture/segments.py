"""Segments of a panel: of what it counted by category or kind of event, how much does the log hold?

Statistic  Events (or active time) on record in each segment over the panel's total; the shares add up to a
           ratio of sums over the segments that the panel names. A segment that the log lacks holds nothing.
           Where the panel says how many people it counted, both sides are taken a head.
Null       1: the log holds all that was counted. More in all is a conflict of definitions.
Interval   Segments resampled, and the panel's own error where its size is told: users' totals vary as those
           on record do. With few segments the range of their shares stands for both.
Reference  Cochran (1977), Sampling Techniques, ch. 5 and 6.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnose.capture.active_time import active_microseconds
from diagnose.capture.panel import NAME
from diagnose.formatting import count
from diagnose.histories import MICROSECONDS_PER_SECOND, Histories
from diagnose.results import Estimate, Measured, Probed, Series, Skipped
from diagnose.schema.panel import SegmentPanel
from diagnose.settings import Settings
from diagnose.stats.bootstrap import quantile_interval, resample_sums

DRAWN = 40  # segments in the picture, largest first
Numbers = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class SegmentSums:
    """What the log holds by category and by kind of event: rows of events and of microseconds of time."""

    category: Integers  # (2, categories)
    event: Integers  # (2, kinds)
    categories: tuple[str, ...]
    events: tuple[str, ...]
    users: int
    total: int  # events
    squares: int  # of users' events

    def __add__(self, other: SegmentSums) -> SegmentSums:
        return SegmentSums(
            category=self.category + other.category,
            event=self.event + other.event,
            categories=self.categories,
            events=self.events,
            users=self.users + other.users,
            total=self.total + other.total,
            squares=self.squares + other.squares,
        )

    def of(self, names: Sequence[str], key: str) -> tuple[Integers, int]:
        """What is on record of the named segments, (2, S), and how many of them the log has."""
        kinds = {"category": (self.categories, self.category), "event": (self.events, self.event)}
        tried = [kinds[key]] if key in kinds else list(kinds.values())
        found = [(_looked_up(names, known, sums), len(set(names) & set(known))) for known, sums in tried]
        return max(found, key=lambda pair: pair[1])


def tally(histories: Histories, *, settings: Settings) -> SegmentSums:
    """Events and active time by category and by kind of event; add to merge batches."""
    took = active_microseconds(histories)
    lengths = histories.lengths[histories.lengths > 0]
    return SegmentSums(
        category=_sums(histories.category, took, size=len(histories.categories)),
        event=_sums(histories.event, took, size=len(histories.events)),
        categories=histories.categories,
        events=histories.events,
        users=len(lengths),
        total=int(lengths.sum()),
        squares=int(lengths @ lengths),
    )


def measure(
    panel: SegmentPanel, held: SegmentSums, *, settings: Settings, rng: np.random.Generator
) -> Probed:
    """The share of the panel's totals that the log holds, in all and by segment."""
    rows, known = held.of(panel.names, panel.key)
    if not known:
        reason = f"none of the panel's {count(len(panel.names))} segments is a category or event of the log"
        return Skipped(name=NAME, condition="capture", reason=reason)
    part = rows[0].astype(np.float64) if panel.measure == "events" else rows[1] / MICROSECONDS_PER_SECOND
    total = panel.total * (held.users / panel.users if panel.users else 1.0)
    value, limits = float(part.sum() / total.sum()), settings.anchors
    if value > 1 + limits.over_by:
        reason = (
            f"the log holds {value:.2f} times what the panel counted: the two do not count the same thing"
        )
        return Skipped(name=NAME, condition="capture", reason=reason)
    low, high = _interval(part, total, error=_error(panel, held), fewest=limits.fewest_segments, rng=rng)
    unit = f"share of {panel.measure}"
    share = Estimate(value=min(1.0, value), low=min(1.0, low), high=min(1.0, high), unit=unit)
    series = (_shares(panel.names, part, total, unit=unit),)
    return Measured(
        name=NAME, condition="capture", users=held.users, estimates={"panel_share": share}, series=series
    )


def _interval(
    part: Numbers, total: Numbers, *, error: float, fewest: int, rng: np.random.Generator
) -> tuple[float, float]:
    """Ends of the share in all. `error` is the relative standard error of the panel's totals."""
    counted = total > 0
    if counted.sum() < fewest:
        shares = part[counted] / total[counted]
        return float(shares.min()), float(shares.max())
    draws = resample_sums(np.stack([part, total], axis=1), rng=rng)
    with np.errstate(divide="ignore", invalid="ignore"):  # a draw of segments that nobody was counted in
        ratio = draws[:, 0] / draws[:, 1]
    return quantile_interval(ratio * np.exp(error * rng.standard_normal(len(draws))))


def _error(panel: SegmentPanel, held: SegmentSums) -> float:
    """Relative standard error of a mean over the panel's people, who vary as the log's users do."""
    if not panel.users or not held.total:
        return 0.0
    variation = held.users * held.squares / held.total**2 - 1
    return math.sqrt(max(0.0, variation) * (1 / panel.users + 1 / held.users))


def _sums(code: NDArray[np.integer], took: Integers, *, size: int) -> Integers:
    named = (code >= 0) & (code < size)
    kept, seconds = code[named].astype(np.int64), took[named]
    time = np.zeros(size, dtype=np.int64)
    np.add.at(time, kept, seconds)
    return np.stack([np.bincount(kept, minlength=size), time])


def _looked_up(names: Sequence[str], known: Sequence[str], sums: Integers) -> Integers:
    place = {name: code for code, name in enumerate(known)}
    padded = np.append(sums, np.zeros((2, 1), dtype=np.int64), axis=1)  # what the log lacks finds the last
    return np.asarray(padded[:, [place.get(name, -1) for name in names]])


def _shares(names: Sequence[str], part: Numbers, total: Numbers, *, unit: str) -> Series:
    """The share on record of each of the largest segments."""
    order = [place for place in np.argsort(-total, kind="stable")[:DRAWN] if total[place] > 0]
    return Series(
        name="share_by_segment",
        x=tuple(names[place] for place in order),
        y=tuple(float(part[place] / total[place]) for place in order),
        unit_x="segment",
        unit_y=unit,
    )
