"""Rows that were shown and not clicked, set apart from the events: the candidates of real impressions.

They are of the users who have events, in an order that does not hang on the engine's, each item of an
impression once.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from diagnose.engine.layout import Layout
from diagnose.engine.rows import Rows
from diagnose.histories import Exposures


def apart(rows: Rows, *, layout: Layout) -> tuple[Rows, Exposures]:
    """The events of sorted rows of whole users, and what their users were shown beside."""
    assert rows.clicked is not None
    clicked = rows.clicked != 0
    first = np.ones(len(rows.user), dtype=bool)
    np.not_equal(rows.user[1:], rows.user[:-1], out=first[1:])
    place = np.cumsum(first) - 1  # of the user among all users of these rows
    known = np.unique(place[clicked])
    beside = ~clicked & np.isin(place, known)
    user = np.searchsorted(known, place[beside])
    return rows.take(clicked), _exposures(rows.take(beside), user, users=len(known), layout=layout)


def _exposures(rows: Rows, user: NDArray[np.int64], *, users: int, layout: Layout) -> Exposures:
    """What was shown to each user. user (X,): the index of each row's."""
    item = layout.item_hash(rows.item).view(np.int64)
    request = np.zeros_like(item) if rows.request is None else rows.request
    category = np.full(len(item), -1, dtype=np.int32) if rows.category is None else rows.category
    spelled = np.where(category < 0, np.iinfo(np.int32).max, category)  # of repeated rows one with a category
    order = np.lexsort((spelled, item, request, rows.time, user))
    fresh = np.ones(len(order), dtype=bool)
    fresh[1:] = False
    for column in (user, rows.time, request, item):
        fresh[1:] |= column[order][1:] != column[order][:-1]
    kept = order[fresh]
    return Exposures(
        offsets=np.searchsorted(user[kept], np.arange(users + 1)).astype(np.int64),
        item=item[kept],
        category=category[kept],
        time=rows.time[kept],
        request=None if rows.request is None else rows.request[kept],
    )


def joined(parts: list[Exposures | None]) -> Exposures | None:
    """The exposures of several histories, one after the other; None where they have none."""
    there = [part for part in parts if part is not None]
    if not there:
        return None
    lengths = np.concatenate([np.diff(part.offsets) for part in there])
    requests = [part.request for part in there if part.request is not None]
    return Exposures(
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        item=np.concatenate([part.item for part in there]),
        category=np.concatenate([part.category for part in there]),
        time=np.concatenate([part.time for part in there]),
        request=np.concatenate(requests) if requests else None,
    )


def recoded(shown: Exposures, items: NDArray[np.uint64], codes: NDArray[np.int32]) -> Exposures:
    """Items as codes: the place among the hashes `items` (ascending) of the events, then what no event is of.

    `codes`: the new code of each category, the last entry that of none.
    """
    hashes = shown.item.view(np.uint64)
    others = np.setdiff1d(hashes, items)
    code = np.searchsorted(others, hashes) + len(items)
    met = np.isin(hashes, items)
    code[met] = np.searchsorted(items, hashes[met])
    return replace(shown, item=code.astype(np.int64), category=codes[shown.category])
