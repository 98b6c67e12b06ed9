"""Follows: the episodes of one series that one user has on record, in order of time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import Histories

Integers = NDArray[np.int64]

_USER_BITS = 23  # of a sortable key of user and series; a clash of a user's series needs a million of them
_ODD = np.uint64(0x9E3779B97F4A7C15)  # spreads keys that may be small numbers over the other bits


def follows(
    histories: Histories, *, series: Integers, ordinal: NDArray[np.int32]
) -> tuple[Integers, Integers, Integers, Integers]:
    """User, number of the follow, series and ordinal of the episodes, follow by follow.

    Events of one time have no order, so the order of their episodes is taken. An episode again right after
    itself is one viewing.
    """
    serial = np.flatnonzero((series != 0) & (ordinal >= 0))
    serial = _in_order_of_episodes(serial, np.cumsum(histories.first_at_its_time), ordinal)
    user, place = histories.user_of_event[serial], ordinal[serial].astype(np.int64)
    if len(histories) >> _USER_BITS:
        raise ValueError(f"a batch holds at most {1 << _USER_BITS} users")
    key = (series[serial].view(np.uint64) * _ODD) >> np.uint64(_USER_BITS)
    key |= user.view(np.uint64) << np.uint64(64 - _USER_BITS)
    order = np.argsort(key, kind="stable")  # users lie in order already: merging runs is cheaper
    user, key, place, title = user[order], key[order], place[order], series[serial[order]]
    opens, fresh = np.ones((2, len(user)), dtype=np.bool_)
    opens[1:] = key[1:] != key[:-1]
    fresh[1:] = opens[1:] | (place[1:] != place[:-1])
    return user[fresh], np.cumsum(opens, dtype=np.int64)[fresh], title[fresh], place[fresh]


def turned(follow: Integers, back: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Of each step between two events, whether its follow has gone back by then; `back` marks the steps back.

    What comes after may be a second viewing, another season or another person, whose jumps are no jumps.
    """
    total = np.concatenate([[0], np.cumsum(back)])  # steps back up to each event
    return np.asarray(total[1:] > total[np.searchsorted(follow, follow[1:])])


def _in_order_of_episodes(serial: Integers, moment: Integers, ordinal: NDArray[np.int32]) -> Integers:
    """The events `serial`, those of one user and time by ordinal; sorted only where they are not."""
    when, place = moment[serial], ordinal[serial]
    if ((when[1:] == when[:-1]) & (place[1:] < place[:-1])).any():
        return serial[np.lexsort((place, when))]
    return serial
