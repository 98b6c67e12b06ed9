"""Serial gaps: what the missing numbers between two episodes say of what was watched elsewhere.

Statistic  A user follows a series and the log holds episodes a < ... < b of it, in rising order. Given that a
           and b are the first and the last on record, each of the b - a - 1 episodes between is on record by
           the same chance p, whoever started or stopped where: the geometric law of the jumps, truncated at
           the last episode seen here. Its maximum likelihood is the share of those between that are here.
Null       None. The naive estimate, 1 / mean jump, stands beside it: short series make it far too high.
Range      Above: of the episodes between, a share (a setting) was left out and seen nowhere. Below: those who
           see an episode elsewhere stay there, however many do; the jumps then fade faster than (1 - p), by
           at most what their mean shows, and p is at least (seen between) / (sum of jumps). Where episodes
           are on record in stretches (clumping), the share is known from above only.
Interval   Users as the unit (stats/user_sums.py), over the range: from the lower end of the one to the upper
           end of the other.
Reference  Cox and Hinkley (1974), ch. 2 (conditional likelihood); Manski (2003) on the range.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from diagnose.capture import serial_numbers
from diagnose.capture.follows import follows, turned
from diagnose.capture.serial_numbers import Numbering, numbering
from diagnose.capture.shares import exact
from diagnose.formatting import count, percent
from diagnose.histories import Histories
from diagnose.results import Estimate, Measured, Probed, Series, Skipped, Statement
from diagnose.settings import Settings
from diagnose.stats.user_sums import Totals, UserSums, estimate, user_sums

NAME = "serial_gaps"
QUESTION = "Which episodes are missing between those that users watched here?"

LONGEST = 64  # jumps counted one by one; more is "so many or more"
DRAWN = 20  # jumps that are drawn one by one
SCOPE = "episodes between the first and the last on record, of series seen here at least twice by a user"
UNIT = "share of episodes"

Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class SerialTally:
    """Sums over whole users. `jumps[g]` counts steps of g episodes forward, g <= LONGEST."""

    has_series: bool = False  # the log has both roles
    follows: UserSums = field(default_factory=UserSums)  # what users add, see tally
    jumps: Integers = field(default_factory=lambda: np.zeros(LONGEST + 1, dtype=np.int64))
    back: int = 0  # follows that turn back, where they are read no further
    numbering: Numbering = field(default_factory=Numbering)  # do the ordinals count episodes?

    def __add__(self, other: SerialTally) -> SerialTally:
        return SerialTally(
            has_series=self.has_series or other.has_series,
            follows=self.follows + other.follows,
            jumps=self.jumps + other.jumps,
            back=self.back + other.back,
            numbering=self.numbering + other.numbering,
        )


def tally(histories: Histories, *, settings: Settings | None = None) -> SerialTally:
    """What each user's follows add; add to merge batches.

    By user: follows of two episodes or more, the jumps in them, the sum of the jumps, jumps of one, and those
    of them that are the last of their follow.
    """
    if histories.series is None or histories.ordinal is None:
        return SerialTally()
    user, follow, title, ordinal = follows(histories, series=histories.series, ordinal=histories.ordinal)
    step, same = np.diff(ordinal), follow[1:] == follow[:-1]
    back = same & (step < 0)
    rises = same & (step > 0) & ~turned(follow, back)
    last = rises & ~np.append(rises[1:], False)[: len(rises)]  # of its follow
    ones = rises & (step == 1)

    def per_user(steps: NDArray[np.bool_], weights: Integers | None = None) -> Integers:
        weigh = None if weights is None else weights[steps]
        return np.bincount(user[1:][steps], weigh, len(histories)).astype(np.int64)

    return SerialTally(
        has_series=True,
        follows=user_sums(
            per_user(last), per_user(rises), per_user(rises, step), per_user(ones), per_user(ones & last)
        ),
        jumps=np.bincount(np.minimum(step[rises], LONGEST), minlength=LONGEST + 1),
        back=len(np.unique(follow[1:][back])),
        numbering=numbering(title, ordinal, rises),
    )


def measure(tally: SerialTally, *, settings: Settings | None = None) -> Probed:
    """The share of episodes that are on record, over the scenarios, and the naive estimate beside it."""
    settings = settings or Settings()
    reason = _reason(tally, settings=settings)
    if reason:
        return Skipped(name=NAME, condition="capture", reason=reason)
    sums, skipped = tally.follows, settings.serial_gaps.skipped_share
    sampled = estimate(sums, _share, unit=UNIT, bounds=(0.0, 1.0))
    leaving = estimate(sums, _share_where_many_leave, unit=UNIT, bounds=(0.0, 1.0))
    skipping = _scaled(sampled, 1 / (1 - skipped))
    clumping = _clumping(sums)
    uneven = clumping.low > settings.serial_gaps.floor_clumping
    return Measured(
        name=NAME,
        condition="capture",
        users=sums.users,
        estimates={
            "share": replace(sampled, low=0.0 if uneven else leaving.low, high=skipping.high),
            "share_sampling_only": sampled,
            "share_where_many_leave": leaving,
            "share_where_some_are_skipped": skipping,
            "skipped_at_most": exact(skipped, unit="share of episodes, assumed"),
            "naive": estimate(sums, _naive, unit="1 / mean jump", bounds=(0.0, 1.0)),
            "clumping": clumping,
            "turning_back": exact(_turning_back(tally), unit="share of steps"),
        },
        series=(_jumps(tally.jumps),),
    )


def statements(probed: Probed) -> tuple[Statement, ...]:
    """The range as a statement about episodes; empty where nothing was measured."""
    if isinstance(probed, Skipped):
        return ()
    share, skipped = probed.estimates["share"], probed.estimates["skipped_at_most"].value
    watched = f"at most {percent(skipped, 0)} of the episodes between were left out and seen nowhere"
    assumption = (
        f"followers watch in order and any number of them finish elsewhere; {watched}; "
        "being on record in one place does not depend on the episode before"
    )
    if share.low == 0:
        assumption = f"{watched}; as episodes are on record in stretches, the share is known from above only"
    return (
        Statement(
            probe=NAME,
            unit="episodes",
            scope=SCOPE,
            low=share.low,
            high=share.high,
            level=share.level,
            grade="B",
            assumption=assumption,
        ),
    )


def _share(total: Totals) -> complex:
    """Of the episodes between the first and the last on record, those on record."""
    follows, jumps, distance, *_ = total
    return complex((jumps - follows) / (distance - follows))


def _share_where_many_leave(total: Totals) -> complex:
    """The least chance of an episode, whatever share of those who see one elsewhere stay there."""
    follows, jumps, distance, *_ = total
    return complex((jumps - follows) / distance)


def _naive(total: Totals) -> complex:
    _, jumps, distance, *_ = total
    return complex(jumps / distance)


def _clumping(sums: UserSums) -> Estimate:
    """How much likelier an episode between is on record after one that is than after one that is not."""

    def difference(total: Totals) -> complex:
        follows, jumps, distance, ones, last_ones = total
        after_seen = jumps - last_ones
        after_unseen = distance - follows - after_seen
        both = ones - last_ones
        return complex(both / after_seen - (jumps - follows - both) / after_unseen)

    follows, jumps, distance, _, last_ones = sums.total
    if distance - follows - jumps + last_ones == 0:
        return exact(0.0, unit=UNIT)  # no episode after a missing one: nothing to compare
    return estimate(sums, difference, unit=UNIT, bounds=(-1.0, 1.0))


def _scaled(share: Estimate, factor: float) -> Estimate:
    value, low, high = (min(1.0, factor * number) for number in (share.value, share.low, share.high))
    return replace(share, value=value, low=low, high=high)


def _turning_back(tally: SerialTally) -> float:
    return tally.back / max(1, tally.back + int(tally.jumps.sum()))


def _reason(tally: SerialTally, *, settings: Settings) -> str | None:
    """Why nothing can be said; None where something can."""
    limits, users = settings.serial_gaps, tally.follows.users
    if not tally.has_series:
        return "the log does not say of which series an item is, and which episode of it"
    if users < limits.minimum_users:
        return (
            f"{count(users)} users have two episodes or more of a series on record, in rising order; "
            f"the probe needs {count(limits.minimum_users)}"
        )
    follows, jumps, distance, *_ = tally.follows.total
    if jumps - follows < limits.minimum_seen:
        return (
            f"of the {count(distance - follows)} episodes between the first and the last on record "
            f"{count(jumps - follows)} are on record; a share needs {count(limits.minimum_seen)}"
        )
    if _turning_back(tally) > limits.most_turning_back:
        return (
            f"{percent(_turning_back(tally), 0)} of the steps within a series go back: numbers that start "
            "again with each season, or several people of one id; as many steps forward are no jumps either"
        )
    return serial_numbers.reason(tally.numbering, limits=limits)


def _jumps(counts: Integers) -> Series:
    """Share of steps by how many episodes they go forward."""
    shares = counts[1:] / counts.sum()
    drawn = [*shares[:DRAWN].tolist(), float(shares[DRAWN:].sum())]
    return Series(
        name="jumps",
        x=(*map(str, range(1, DRAWN + 1)), f"{DRAWN + 1}+"),
        y=tuple(drawn),
        unit_x="episodes forward",
        unit_y="share of steps",
    )
