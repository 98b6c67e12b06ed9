"""Segments of a panel: of what it counted by category or kind of event, how much does the log hold?

Statistic  Events (or active time) on record in each segment over the panel's total; the shares add up to a
           ratio of sums over the segments that the panel names. A segment that the log lacks holds nothing.
           Totals are the platform's, less the users that the log was declared not to hold. Where the panel
           says how many people it counted, both sides are taken a head: a log that lacks most events lacks
           most people too, and those it has are the busy ones, so that share is an upper end and no more.
Null       1: the log holds all that was counted. More in all is a conflict of definitions.
Names      A segment of some users in the log, but too few to be named, is shown together with its like.
Interval   Segments resampled, times the error of a mean over people where only some were counted or are in
           the log: they vary as those on record do. Few segments: the range of their shares, times that
           error. A head: from 0. Room for the surplus and for other segments as in panel.py.
Reference  Cochran (1977), Sampling Techniques, ch. 5 and 6.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from diagnose.capture.active_time import ActiveTime, active_time
from diagnose.capture.panel import NAME, NO_TIME, on_record, per_user
from diagnose.capture.segment_names import OTHERS, named, shares, users_by_code
from diagnose.capture.shares import Z, exact, with_room
from diagnose.formatting import count, printable
from diagnose.histories import Histories
from diagnose.results import Estimate, Measured, Probed, Skipped, Statement
from diagnose.schema.panel import SegmentPanel
from diagnose.settings import Settings
from diagnose.stats.bootstrap import quantile_interval, resample_sums

NAMED = 3  # of them in the statement
SCOPE = "what the panel counted in the segments it names"
ASSUMPTION = "the totals are the platform's, and panel and log count the same thing over the same days"
SOME_USERS = "; the log's users are a random part of the platform's, as large as declared"
A_HEAD = (
    "the panel's people are like the platform's users, an id of the log is a person, and panel and log count "
    "the same thing over the same days. The log has only people of whom something is on record, who do more "
    "than others, so what is held a head is an upper end: the share may be anything below"
)
Numbers = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class SegmentSums:
    """What the log holds by category and by kind of event, without hand-offs.

    Three rows: events, microseconds of active time, and of the events those of which no time is known.
    """

    category: Integers  # (3, categories)
    event: Integers  # (3, kinds)
    categories: tuple[str, ...]
    events: tuple[str, ...]
    category_users: Integers  # (categories,) with an event of it
    event_users: Integers  # (kinds,)
    users: int
    total: int  # events
    squares: int  # of users' events

    def __add__(self, other: SegmentSums) -> SegmentSums:
        return SegmentSums(
            category=self.category + other.category,
            event=self.event + other.event,
            categories=self.categories,
            events=self.events,
            category_users=self.category_users + other.category_users,
            event_users=self.event_users + other.event_users,
            users=self.users + other.users,
            total=self.total + other.total,
            squares=self.squares + other.squares,
        )

    def of(self, names: Sequence[str], key: str) -> tuple[Integers, int]:
        """What is on record of the named segments, (4, S), and how many of them the log has.

        The rows are those of the sums, and users with an event of the segment.
        """
        kinds = {
            "category": (self.categories, np.vstack([self.category, self.category_users])),
            "event": (self.events, np.vstack([self.event, self.event_users])),
        }
        tried = [kinds[key]] if key in kinds else list(kinds.values())
        found = [(_looked_up(names, known, sums), len(set(names) & set(known))) for known, sums in tried]
        return max(found, key=lambda pair: pair[1])


def tally(histories: Histories, *, settings: Settings) -> SegmentSums:
    """Events and active time by category and by kind of event; add to merge batches."""
    took = active_time(histories, settings=settings)
    lengths = per_user(histories, took.here)
    lengths = lengths[lengths > 0]
    return SegmentSums(
        category=_sums(histories.category, took, size=len(histories.categories)),
        event=_sums(histories.event, took, size=len(histories.events)),
        categories=histories.categories,
        events=histories.events,
        category_users=users_by_code(histories, histories.category, size=len(histories.categories)),
        event_users=users_by_code(histories, histories.event, size=len(histories.events)),
        users=len(lengths),
        total=int(lengths.sum()),
        squares=int(lengths @ lengths),
    )


def measure(
    panel: SegmentPanel, held: SegmentSums, *, settings: Settings, rng: np.random.Generator
) -> Probed:
    """The share of the panel's totals that the log holds, in all and by segment."""
    rows, known = held.of(panel.names, panel.key)
    low, high = on_record(*rows[:3], measure=panel.measure)
    total = panel.total * _expected(panel, held, settings)
    if reason := _unfit(low, total, known=known, panel=panel, settings=settings):
        return Skipped(name=NAME, condition="capture", reason=reason)
    error = _error(panel, held, settings)
    fewest, unit = settings.anchors.fewest_segments, f"share of {panel.measure}"
    ends = [_share(part, total, error=error, fewest=fewest, unit=unit, rng=rng) for part in (low, high)]
    surplus = exact(float(np.maximum(0.0, low - total).sum() / total.sum()), unit=unit)
    counted = int((total > 0).sum())
    share = with_room(replace(ends[0], high=ends[-1].high), drawn=counted, surplus=surplus.value)
    found = {"panel_share": share, "surplus": surplus}
    if panel.users:
        found |= {"panel_share": replace(share, low=0.0), "share_a_head": share}
    elif settings.sample.declared_fraction < 1:
        found["users_declared"] = exact(settings.sample.declared_fraction, unit="share of users")
    return Measured(
        name=NAME,
        condition="capture",
        users=held.users,
        estimates=found,
        series=(
            shares(named(panel.names, rows[3], fewest=settings.naming.named_users), low, total, unit=unit),
        ),
    )


def statements(probed: Probed) -> tuple[Statement, ...]:
    """What the panel says about capture of its own segments, grade A; nothing where it was not measured."""
    if not isinstance(probed, Measured):
        return ()
    share, names = probed.estimates["panel_share"], probed.series[0].x
    told = [printable(str(name), 40) for name in names if name != OTHERS][:NAMED]
    others = " and others" if len(names) > len(told) else ""
    some = SOME_USERS if "users_declared" in probed.estimates else ""
    return (
        Statement(
            probe=NAME,
            unit="time" if share.unit.endswith("time") else "events",
            scope=f"{SCOPE}: {', '.join(told)}{others}" if told else SCOPE,
            low=share.low,
            high=share.high,
            level=share.level,
            grade="A",
            assumption=A_HEAD if "share_a_head" in probed.estimates else ASSUMPTION + some,
        ),
    )


def _expected(panel: SegmentPanel, held: SegmentSums, settings: Settings) -> float:
    """The part of the panel's totals that a log without loss holds: as many people, or those declared."""
    return held.users / panel.users if panel.users else settings.sample.declared_fraction


def _unfit(
    part: Numbers, total: Numbers, *, known: int, panel: SegmentPanel, settings: Settings
) -> str | None:
    """Why the panel says nothing of capture."""
    limits, counted = settings.anchors, int((total > 0).sum())
    if not known:
        return f"none of the panel's {count(len(panel.names))} segments is a category or event of the log"
    if not part.any():
        nothing = "the log holds no event of the segments that the panel names"
        return NO_TIME if panel.measure == "time" else nothing
    if counted < limits.fewest_segments and not panel.users:
        return (
            f"the panel counted anything in {count(counted)} segments; {count(limits.fewest_segments)} are "
            "needed to see how much shares differ where it does not say how many people it counted"
        )
    value = float(part.sum() / total.sum())
    if value <= 1 + limits.over_by:
        return None
    if panel.users:
        return (
            f"a head, the log holds {value:.2f} times what the panel counted: its people are others, or the "
            "two do not count the same thing"
        )
    return f"the log holds {value:.2f} times what the panel counted: the two do not count the same thing"


def _share(
    part: Numbers, total: Numbers, *, error: float, fewest: int, unit: str, rng: np.random.Generator
) -> Estimate:
    """The share in all. `error` is the relative standard error of the totals it is taken of."""
    value, counted = float(part.sum() / total.sum()), total > 0
    if counted.sum() < fewest:
        shares, room = part[counted] / total[counted], math.exp(Z * error)
        return Estimate(
            value=value, low=float(shares.min()) / room, high=float(shares.max()) * room, unit=unit
        )
    draws = resample_sums(np.stack([part, total], axis=1), rng=rng)
    with np.errstate(divide="ignore", invalid="ignore"):  # a draw of segments that nobody was counted in
        drawn = draws[:, 0] / draws[:, 1]
    low, high = quantile_interval(drawn * np.exp(error * rng.standard_normal(len(draws))))
    return Estimate(value=value, low=low, high=high, unit=unit)


def _error(panel: SegmentPanel, held: SegmentSums, settings: Settings) -> float:
    """Relative standard error of a mean over some people, who vary as the log's users do."""
    variation = max(0.0, held.users * held.squares / held.total**2 - 1)
    if panel.users:
        return math.sqrt(variation * (1 / panel.users + 1 / held.users))
    return math.sqrt(variation * max(0.0, 1 - settings.sample.declared_fraction) / held.users)


def _sums(code: NDArray[np.integer], took: ActiveTime, *, size: int) -> Integers:
    named = took.here & (code >= 0) & (code < size)
    kept, time = code[named].astype(np.int64), np.zeros(size, dtype=np.int64)
    np.add.at(time, kept, took.microseconds[named])
    open_ended = code[named & took.open_ended].astype(np.int64)
    return np.stack([np.bincount(kept, minlength=size), time, np.bincount(open_ended, minlength=size)])


def _looked_up(names: Sequence[str], known: Sequence[str], sums: Integers) -> Integers:
    place = {name: code for code, name in enumerate(known)}
    padded = np.append(
        sums, np.zeros((len(sums), 1), dtype=np.int64), axis=1
    )  # what the log lacks finds the last
    return np.asarray(padded[:, [place.get(name, -1) for name in names]])
