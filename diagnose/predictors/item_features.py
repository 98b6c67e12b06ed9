"""Features of (target, candidate) pairs, without a network: order-blind ones and order-aware ones.

Order-blind features see the history as a bag and the platform as it was at the target's time: the same,
to the last bit, for any permutation of `past`. Order-aware ones are the same bag terms under weights
2^(-age / half-life), and what the very last event says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import MICROSECONDS_PER_SECOND, Histories
from diagnose.predictors.candidates import Candidates
from diagnose.predictors.item_statistics import Statistics
from diagnose.predictors.targets import Targets
from diagnose.predictors.trailing import HOUR, WINDOWS, Trailing

Features = NDArray[np.float32]

_CELLS = 1 << 17  # (target, candidate, event) cells compared at a time
_AFFINITY_FLOOR = 1e-3  # logs start here: less is noise of single pairs


@dataclass(frozen=True, eq=False)
class Matches:
    """How each candidate relates to each event of the history. Shapes (n, C, H); 0 at padding.

    Permuting the history permutes the last axis, so that shuffles need no second look-up.
    """

    same_item: Features
    same_category: Features
    affinity: Features

    @property
    def parts(self) -> tuple[Features, Features, Features]:
        """All three."""
        return self.same_item, self.same_category, self.affinity

    def weighted(self, weight: Features) -> tuple[Features, Features, Features]:
        """Sums over the history under weights (n, H, K), each of shape (n, C, K)."""
        item, category, affinity = (part @ weight for part in self.parts)
        return item, category, affinity


def match(
    histories: Histories, candidates: Candidates, statistics: Statistics, *, past: NDArray[np.int64]
) -> Matches:
    """Compare every candidate with every event of `past` (n, H)."""
    matches = Matches(
        *(np.zeros((*candidates.item.shape, past.shape[1]), dtype=np.float32) for _ in range(3))
    )
    length = (past >= 0).sum(axis=1)
    for rows in _alike(length, cells=candidates.item.shape[1] * past.shape[1]):
        width = int(length[rows].max())
        compared = _compare(histories, candidates.item[rows], statistics, past=past[rows, :width])
        for whole, part in zip(matches.parts, compared, strict=True):
            whole[rows, :, :width] = part
    return matches


def _alike(length: NDArray[np.int64], *, cells: int) -> Iterator[NDArray[np.int64]]:
    """Some rows at a time, so few that they stay in the processor's cache; of like length, for short work."""
    order, size = np.argsort(length, kind="stable"), max(1, _CELLS // max(1, cells))
    for start in range(0, len(order), size):
        yield order[start : start + size]


def _compare(
    histories: Histories, candidate: NDArray[np.int64], statistics: Statistics, *, past: NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], Features]:
    """Same item, same category and affinity of candidates (n, C) and events (n, H), each (n, C, H)."""
    item, candidate = np.where(past >= 0, histories.item[past], -1)[:, None, :], candidate[:, :, None]
    category = np.where(item >= 0, statistics.item_category[item], -1)
    own = np.where(candidate >= 0, statistics.item_category[candidate], -2)
    return (
        (item == candidate) & (item >= 0),
        (category == own) & (category >= 0),
        statistics.affinity(candidate, item),
    )


def stack(terms: list[Features], mask: NDArray[np.bool_]) -> Features:
    """Terms (n, C) as features (n, C, F), 0 where no candidate stands."""
    features = np.empty((*mask.shape, len(terms)), dtype=np.float32)
    for number, term in enumerate(terms):
        features[..., number] = term
    features[~mask] = 0
    return features


def bag_terms(matches: Matches, *, past: NDArray[np.int64]) -> list[Features]:
    """What the history says as a bag, each (n, C): shares of item and category, mean affinity and its log.

    Sums are exact (small integers, multiples of QUANTUM): no order of the history changes a bit.
    """
    length = np.maximum((past >= 0).sum(axis=1), 1).astype(np.float32)[:, None]
    item, category, affinity = (part.sum(axis=2) / length for part in matches.parts)
    return [item, category, affinity, _log(affinity)]


def recency_terms(
    matches: Matches, *, past: NDArray[np.int64], age: NDArray[np.integer], half_lives: NDArray[np.float64]
) -> list[Features]:
    """The bag terms under weights 2^(-age / half-life), each (n, C, K) for K half-lives.

    `past` and `age` (n, H) belong to the columns of `matches`: what an event's age is taken to be.
    """
    width = past.shape[1]
    by_age = np.exp2(-np.arange(width + 1)[:, None] / half_lives)
    by_age[width] = 0  # the age of padding
    total = np.concatenate([by_age[:1], np.cumsum(by_age, axis=0)[:-1]])[(past >= 0).sum(axis=1)]
    weight = by_age.astype(np.float32)[np.where(past >= 0, age, width)]
    sums = matches.weighted(weight)
    item, category, affinity = (part / total[:, None].astype(np.float32) for part in sums)
    return [item, category, affinity, _log(affinity)]


def last_event_terms(
    histories: Histories, candidates: Candidates, statistics: Statistics, *, last: NDArray[np.int64]
) -> list[Features]:
    """What the very last event (flat index, (n,), negative for none) says, each (n, C)."""
    item, held = candidates.item, candidates.mask & (last >= 0)[:, None]
    last_item = np.broadcast_to(histories.item[last][:, None], item.shape)
    category, last_category = statistics.item_category[item], statistics.item_category[last_item]
    terms = [
        item == last_item,
        (category == last_category) & (category >= 0),
        statistics.item_lift(last_item, item),
        statistics.category_lift(last_category, category),
    ]
    return [np.where(held, term, 0).astype(np.float32) for term in terms]


def moment_terms(histories: Histories, targets: Targets, *, repeat: NDArray[np.bool_]) -> Features:
    """What is the same for all candidates of a target and for every order of its past, (n, K).

    How many events lie before it, whether it is a repeat, and how long ago the latest event was, whichever it
    was. Of no use to a linear score; trees may trust the latest events only while they are fresh.
    """
    terms = [np.log1p(targets.seen), repeat]
    if histories.clock:
        since = histories.time[targets.event] - histories.time[targets.past[:, 0]]
        terms.append(np.log1p(np.maximum(since, 0) / MICROSECONDS_PER_SECOND))
    return np.stack(terms, axis=1).astype(np.float32)


def platform_terms(
    histories: Histories,
    targets: Targets,
    candidates: Candidates,
    statistics: Statistics,
    *,
    trailing: Trailing,
) -> list[Features]:
    """What the platform and the user's whole past say of each candidate, order-blind, each (n, C)."""
    user, item = targets.user[:, None], candidates.item
    time = histories.time[targets.event][:, None]
    category = np.where(item >= 0, statistics.item_category[item], -1)
    stop, begin = trailing.rank_of(time), np.zeros_like(time)
    own = [
        np.log1p(trailing.own_items.counts(user, item, [begin], stop)[0]),
        trailing.own_categories.counts(user, category, [begin], stop)[0]
        / np.maximum(targets.seen, 1)[:, None],
    ]
    if histories.clock:
        return [*own, *_popularity_in_time(trailing, user, item, category, time)]
    return [
        *own,
        np.log1p(statistics.item_count[item]),
        np.where(category >= 0, np.log1p(statistics.category_count[category]), 0),
    ]


def _popularity_in_time(
    trailing: Trailing,
    user: NDArray[np.int64],
    item: NDArray[np.int64],
    category: NDArray[np.int64],
    time: NDArray[np.int64],
) -> list[Features]:
    """Trailing popularity, trend, age and staleness of items, and the popularity of their categories."""
    hour, day, week, ever = trailing.by_others(user, item, time)
    first, last = trailing.first_and_last(user, item, time)
    stop = trailing.rank_of(time)
    starts = [trailing.rank_of(time - width) for width in WINDOWS[1:]]
    in_windows = trailing.categories.counts(category, starts, stop)
    of_category = [count * (category >= 0) for count in in_windows]
    return [
        *(np.log1p(count) for count in (hour, day, week, ever)),
        _trend(day, week),
        np.log1p(np.maximum(first, 0) / HOUR),
        np.log1p(np.maximum(last, 0) / HOUR),
        np.log1p(of_category[1]),
        _trend(*of_category),
    ]


def _trend(day: NDArray[np.int64], week: NDArray[np.int64]) -> NDArray[np.float64]:
    """Log of the last day's rate over the last week's."""
    return np.log((day + 1) / (week / 7 + 1))


def _log(affinity: Features) -> Features:
    logs: Features = np.log(affinity + np.float32(_AFFINITY_FLOOR)).astype(np.float32)
    return logs
