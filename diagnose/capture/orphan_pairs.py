"""Later events of a funnel with the earlier ones on record before them: what orphans are counted from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import MICROSECONDS_PER_DAY, Histories
from diagnose.settings import Settings

Numbers = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Pair:
    """Users' first later event of every item: how many earlier ones are on record before it. Shapes (n,)."""

    user: Integers
    on_record: Integers
    beside: Integers  # of these, in the session of the later event
    sessions: Integers  # that have an earlier one on record
    others: Integers  # events of the user on other items
    known_days: Numbers  # since the user's first event on another item; negative or -inf: not known before


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
    owner, session = place[before], histories.session[before]
    beside = session == histories.session[at[owner]]
    visits = np.unique(np.stack([owner, session]), axis=1)[0]
    user = histories.user_of_event[at]
    since = histories.time[at] - _first_on_another_item(histories, at)
    return Pair(
        user=user,
        on_record=np.bincount(owner, minlength=len(group)),
        beside=np.bincount(owner[beside], minlength=len(group)),
        sessions=np.bincount(visits, minlength=len(group)),
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


def countable(pair: Pair, histories: Histories, *, settings: Settings) -> NDArray[np.bool_]:
    """Which later events count: of users seen long enough before, on enough other items; shape (n,).

    The sample is of users with enough events, which a user with earlier events on record has sooner: asking
    for that many on *other* items makes the choice blind to the item's own.
    """
    span = float(np.ptp(histories.time)) / MICROSECONDS_PER_DAY if histories.n_events else 0.0
    ignored = min(settings.orphans.ignored_days, settings.orphans.ignored_share * span)
    return (pair.others >= settings.sample.minimum_history) & (pair.known_days >= ignored)
