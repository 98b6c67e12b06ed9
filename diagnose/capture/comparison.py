"""Several logs side by side: which events of the users they were asked about are one and the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnose.capture.matching import histories_seen
from diagnose.capture.observed import Observed
from diagnose.capture.tolerance import Tolerance, settled
from diagnose.formatting import count, percent
from diagnose.histories import MICROSECONDS_PER_SECOND
from diagnose.schema.mapping import listed
from diagnose.settings import AnchorSettings

Integers = NDArray[np.int64]
Numbers = NDArray[np.float64]
FEW = 0.01  # of users or events in common: words for a reason, no decision hangs on it
_ODD = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F))


@dataclass(frozen=True, eq=False)
class Comparison:
    """D distinct events of U users, seen by one list or more; `code` says by which (bit l: list l)."""

    lists: int
    user: Integers  # index of the user, (D,)
    item: Integers  # (D,)
    code: Integers  # (D,)
    users: int
    tolerance: Tolerance
    kinds: Mapping[str, int]  # the common kinds of event and how many events of each; empty: nothing left out

    def counts(self, stratum: Integers | None = None, *, strata: int = 1) -> Numbers:
        """Events by user, stratum (D,) and history, (U, strata, 2^L)."""
        inside = np.zeros_like(self.code) if stratum is None else stratum
        cell = ((self.user * strata + inside) << self.lists) + self.code
        shape = (self.users, strata, 1 << self.lists)
        return np.bincount(cell, minlength=int(np.prod(shape))).reshape(shape).astype(np.float64)

    def by_activity(self, strata: int) -> Integers:
        """Each event's stratum by how many events its user has; strata of about as many events, (D,)."""
        return _strata(np.bincount(self.user, minlength=self.users), strata)[self.user]

    def by_popularity(self, strata: int) -> Integers:
        """The same by how many events its item has."""
        _, code, events = np.unique(self.item, return_inverse=True, return_counts=True)
        return _strata(events, strata)[code]


def compare(lists: Sequence[Observed], *, limits: AnchorSettings) -> Comparison | str:
    """The distinct events of all lists, or why these are not lists of the same events."""
    if not all(seen.clock for seen in lists):
        return "a log of positions has no times by which events could be matched"
    if max(seen.first for seen in lists) > min(seen.last for seen in lists):
        return "the logs are of different times: no day is in all of them"
    named = [set(seen.events) for seen in lists if seen.events]
    if len(named) > 1 and not set.intersection(*named):
        return _without_a_kind_in_common(lists)
    kinds = sorted(set.intersection(*named)) if len(named) == len(lists) else []
    step = max((seen.step for seen in lists if len(seen.time)), default=1)
    widest = round(limits.match_seconds * MICROSECONDS_PER_SECOND)
    alike, keys, kind = _comparable(lists, kinds, margin=step + widest)
    times = [seen.time for seen in alike]
    tolerance = settled(keys, times, step=step, widest=widest, slack=limits.late_share)
    source, place, code = histories_seen(keys, times, tolerance=tolerance.width)
    shared = [int(((code & (1 << number) > 0) & (code != 1 << number)).sum()) for number in range(len(lists))]
    if min(shared) < limits.fewest_matches:
        return _strangers(alike, keys, shared)
    if tolerance.chance > limits.chance_share:
        return (
            f"{percent(tolerance.chance, 0)} of the matches are coincidences (users come back to an item), "
            "not the same events seen twice"
        )
    event = np.cumsum([0, *map(len, times)])[source] + place
    users, owner = np.unique(
        np.concatenate([seen.user_of_event for seen in alike])[event], return_inverse=True
    )
    if len(users) < limits.fewest_users:
        return f"{count(len(users))} users can be compared; the probe needs {count(limits.fewest_users)}"
    item = np.concatenate([seen.item for seen in alike])[event]
    return Comparison(
        lists=len(lists),
        user=owner,
        item=item,
        code=code,
        users=len(users),
        tolerance=tolerance,
        kinds=_compared(lists, kinds, kind[event]),
    )


def _without_a_kind_in_common(lists: Sequence[Observed]) -> str:
    named = "; ".join(
        f"{_who(number)} has {listed(sorted(seen.events), most=5)}"
        for number, seen in enumerate(lists)
        if seen.events
    )
    return (
        f"the logs have no kind of event in common ({named}): views are no payments. Where they mean the "
        "same, map the names: give each kind one name in all of the files"
    )


def _compared(lists: Sequence[Observed], kinds: Sequence[str], kind: Integers) -> Mapping[str, int]:
    """How many events of each common kind were compared, where other kinds were left out."""
    if not kinds or all(set(seen.events) == set(kinds) for seen in lists):
        return {}
    return dict(zip(kinds, np.bincount(kind, minlength=len(kinds)).tolist(), strict=True))


def _comparable(
    lists: Sequence[Observed], kinds: Sequence[str], *, margin: int
) -> tuple[list[Observed], list[Integers], Integers]:
    """What every list could have seen: users up to every bound, the days and kinds of event of all of them.

    Users whose history was cut in one list are in none. With the key of each event, of user, item and kind,
    and the kinds of all events, one list's after another's. Without `kinds` all events are of one.
    """
    bound = np.uint64(min(seen.bound for seen in lists))
    cut = np.concatenate([seen.user[seen.cut] for seen in lists])
    start, end = max(seen.first for seen in lists) - margin, min(seen.last for seen in lists) + margin
    alike, keys, every = [], [], []
    for seen in lists:
        some = seen.only((seen.user <= bound) & ~np.isin(seen.user, cut))
        code = np.array([*(kinds.index(name) if name in kinds else -1 for name in seen.events), -1])
        kind = code[some.event] if kinds else np.zeros(len(some.event), dtype=np.int64)
        inside = (some.time >= start) & (some.time <= end) & (kind >= 0)
        some = some.where(inside)
        key = some.user_of_event + some.item.view(np.uint64) * _ODD[0]
        keys.append((key + kind[inside].astype(np.uint64) * _ODD[1]).view(np.int64))
        every.append(kind[inside])
        alike.append(some)
    return alike, keys, np.concatenate(every)


def _who(number: int) -> str:
    return "this log" if number == 0 else f"second log {number}"


def _strangers(lists: Sequence[Observed], keys: Sequence[Integers], shared: Sequence[int]) -> str:
    """Why a list that shares hardly an event with the others is not one of the same events."""
    odd = int(np.argmin(shared))
    others = [other for number, other in enumerate(lists) if number != odd]
    users = np.isin(lists[odd].user, np.concatenate([other.user for other in others])).mean()
    met = np.isin(keys[odd], np.concatenate([key for number, key in enumerate(keys) if number != odd]))
    told = (
        f"{count(shared[odd])} events of {_who(odd)} are in another of the logs: these are not lists of the "
        "same events (the logs of two platforms are disjoint)"
    )
    if users < FEW:
        return f"{told}; hardly a user is in both, so the ids may differ"
    if met.mean() < FEW:
        return f"{told}; hardly an item of a user is in both, so the item ids may differ"
    return (
        f"{told}; {percent(float(met.mean()), 0)} of its events are of a user and an item that another log "
        "has at other times, so clocks or time zones may differ"
    )


def _strata(events: Integers, strata: int) -> Integers:
    """The stratum of each user or item, from few `events` (n,) to many; of about as many events each."""
    order = np.argsort(events, kind="stable")
    reached = np.cumsum(events[order])
    stratum = np.empty(len(events), dtype=np.int64)
    stratum[order] = np.minimum(strata - 1, (reached - 1) * strata // max(1, int(reached[-1])))
    return stratum
