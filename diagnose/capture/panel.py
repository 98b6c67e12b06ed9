"""Panel: of what an outside observer counted for some users, how much is in the log?

Statistic  Events (or active time) that the log holds of the panel's users, over what the panel counted for
           them: a ratio of sums. A user of the panel without any event in the log counts as nothing held.
Null       1: the log holds all that was counted. More on record than counted for many users is no finding
           but a conflict of definitions, and is told instead of a share.
Interval   Bootstrap over the panel's users (stats/ratios.py). No lower end is above Wilson's for users like
           none of these, and what the log holds beyond the panel's count (the surplus: so much the panel
           missed at least) lowers it. A last event without a duration has no time: the upper end gives it
           the mean of the others.
Reference  Cochran (1977), Sampling Techniques, ch. 6; Zheng, Fader and Padmanabhan (2012) on share of wallet.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from diagnose.capture.active_time import active_time
from diagnose.capture.shares import Z, proportion, with_room
from diagnose.capture.together import EVERYTHING
from diagnose.formatting import count, percent
from diagnose.histories import MICROSECONDS_PER_SECOND, Histories
from diagnose.results import Estimate, Measured, Probed, Skipped, Statement
from diagnose.schema.panel import Measure, UserPanel
from diagnose.settings import Settings
from diagnose.stats.ratios import ratio

NAME = "panel"
QUESTION = "Of what a panel counted for its users, how much does the log hold?"
SCOPE = EVERYTHING
ASSUMPTION = (
    "the panel counts all of its users' relevant behaviour, its users are like the others, and panel and log "
    "count the same thing over the same days"
)
NO_TIME = "the panel counted time, and the log tells none: no duration, and no two events of one session"
Numbers = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class PanelSums:
    """What the log holds of each user of the panel; all arrays (P,)."""

    events: Integers  # without hand-offs
    microseconds: Integers  # of active time
    open_ended: Integers  # of the events, those of which nothing tells how long they took
    cut: Integers  # 1 where the log's history was cut as a runaway's

    def __add__(self, other: PanelSums) -> PanelSums:
        return PanelSums(
            events=self.events + other.events,
            microseconds=self.microseconds + other.microseconds,
            open_ended=self.open_ended + other.open_ended,
            cut=self.cut + other.cut,
        )


@dataclass(frozen=True, eq=False)
class PanelTally:
    """A tally of the panel's users only: whoever else goes by is not looked at. Ships to workers as it is."""

    hashes: NDArray[np.uint64]  # ascending, (C,)
    owner: Integers  # the panel's user behind each, (C,)
    users: int

    @classmethod
    def of(cls, panel: UserPanel) -> PanelTally:
        """The tally of that panel."""
        return cls(panel.hashes, panel.owner, len(panel.total))

    def __call__(self, histories: Histories, *, settings: Settings) -> PanelSums:
        """Events and active time of the panel's users in a batch; add to merge batches.

        What leads elsewhere is no part of what a panel counts; time and length are of the whole history.
        """
        place = np.minimum(np.searchsorted(self.hashes, histories.user), len(self.hashes) - 1)
        there = np.flatnonzero(self.hashes[place] == histories.user) if len(self.hashes) else place[:0]
        some, owner = histories.select(there), self.owner[place[there]]
        took = active_time(some, settings=settings)
        cut = some.lengths >= settings.sample.maximum_events_per_user
        return PanelSums(
            events=self._sums(owner, per_user(some, took.here)),
            microseconds=self._sums(owner, per_user(some, took.microseconds)),
            open_ended=self._sums(owner, per_user(some, took.open_ended)),
            cut=self._sums(owner, cut.astype(np.int64)),
        )

    def _sums(self, owner: Integers, values: Integers) -> Integers:
        sums = np.zeros(self.users, dtype=np.int64)
        np.add.at(sums, owner, values)
        return sums


def per_user(histories: Histories, values: NDArray[np.generic]) -> Integers:
    """Sums of whole numbers (E,) over each user's events, (U,)."""
    running = np.concatenate([[0], np.cumsum(values, dtype=np.int64)])
    return np.asarray(np.diff(running[histories.offsets]))


def measure(panel: UserPanel, held: PanelSums, *, settings: Settings, rng: np.random.Generator) -> Probed:
    """The share of the panel's totals that the log holds, and how many of its users are in the log."""
    counted = held.cut == 0
    total, seen = panel.total[counted], held.events[counted] > 0
    if reason := _too_few(len(total), int(seen.sum()), settings):
        return Skipped(name=NAME, condition="capture", reason=reason)
    low, high = (on_record[counted] for on_record in _on_record(held, panel.measure))
    if not low.any():  # events were seen, so it is their time that is not
        return Skipped(name=NAME, condition="capture", reason=NO_TIME)
    limits = settings.anchors
    over = low > total * (1 + limits.over_by)
    if over.mean() > limits.over_users:
        return Skipped(name=NAME, condition="capture", reason=_conflict(over, low, total))
    return Measured(
        name=NAME,
        condition="capture",
        users=len(total),
        estimates={
            **_shares(low, high, total, unit=f"share of {panel.measure}", rng=rng),
            "users_seen": proportion(int(seen.sum()), len(total), unit="share of panel users"),
            "users_over": proportion(int(over.sum()), len(total), unit="share of panel users"),
            "follows_totals": _follows(low, total),
        },
    )


def statements(probed: Probed) -> tuple[Statement, ...]:
    """What the panel says about capture, grade A; nothing where it could not be measured."""
    if not isinstance(probed, Measured):
        return ()
    share = probed.estimates["panel_share"]
    return (
        Statement(
            probe=NAME,
            unit="time" if share.unit.endswith("time") else "events",
            scope=SCOPE,
            low=share.low,
            high=share.high,
            level=share.level,
            grade="A",
            assumption=ASSUMPTION,
            whole=True,
        ),
    )


def _on_record(held: PanelSums, measure: Measure) -> tuple[Numbers, Numbers]:
    """At least and at most what the log holds of each user, in events or seconds."""
    return on_record(held.events, held.microseconds, held.open_ended, measure=measure)


def on_record(
    events: Integers, microseconds: Integers, open_ended: Integers, *, measure: Measure
) -> tuple[Numbers, Numbers]:
    """At least and at most what is held of each user or segment: an open end took as long as others do."""
    if measure == "events":
        return events.astype(np.float64), events.astype(np.float64)
    seconds = microseconds / MICROSECONDS_PER_SECOND
    told = int((events - open_ended).sum())
    return seconds, seconds + open_ended * (seconds.sum() / told if told else 0.0)


def _shares(
    low: Numbers, high: Numbers, total: Numbers, *, unit: str, rng: np.random.Generator
) -> dict[str, Estimate]:
    """Sum on record over sum counted, from the lowest to the highest reading; and the surplus."""
    readings = [low] if np.array_equal(low, high) else [low, high]
    ends = [ratio(part, total, unit=unit, rng=rng) for part in readings]
    surplus = ratio(np.maximum(0.0, low - total), total, unit=unit, rng=rng)
    share = replace(ends[0], high=ends[-1].high)
    return {
        "panel_share": with_room(share, drawn=len(total), surplus=surplus.value),
        "surplus": surplus,
    }


def _follows(held: Numbers, total: Numbers) -> Estimate:
    """Rank correlation of what is held with what was counted, Fisher's interval (Fieller et al. 1957).

    About 0 means ids of another numbering that meet by accident, totals that hardly vary, or very little
    held: it is told, and decides nothing.
    """
    held, total = held - held.min(), total - total.min()
    flat = not held.any() or not total.any()
    value = 0.0 if flat else float(spearmanr(held, total)[0])
    centre, half = math.atanh(min(0.999999, max(-0.999999, value))), 1.03 * Z / math.sqrt(len(held) - 3)
    low, high = math.tanh(centre - half), math.tanh(centre + half)
    return Estimate(value=value, low=min(value, low), high=max(value, high), unit="rank correlation")


def _too_few(users: int, seen: int, settings: Settings) -> str | None:
    limits = settings.anchors
    if users < limits.fewest_users:
        return f"the panel has {count(users)} users; the probe needs {count(limits.fewest_users)}"
    if seen < limits.fewest_seen:
        return (
            f"{count(seen)} of the panel's {count(users)} users have an event in the log, "
            f"{count(limits.fewest_seen)} are needed: its ids are probably not those of the log"
        )
    return None


def _conflict(over: NDArray[np.bool_], held: Numbers, total: Numbers) -> str:
    return (
        f"the log holds more than the panel counted for {percent(float(over.mean()), 0)} of its users "
        f"(in all {held.sum() / total.sum():.2f} times as much): the two do not count the same thing, "
        "or not over the same days"
    )
