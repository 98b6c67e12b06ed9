"""Network-free prediction of the next item: features of (target, candidate), and the logit that joins them.

Order-blind features see the history as a bag and the platform as it was at the target's time: the same,
to the last bit, for any permutation of `past`. Order-aware ones are the same bag terms under weights
2^(-age / half-life), and what the very last event says. `past` is given on its own, so that a shuffled
one can be passed. Both rooms that compare with and without order (2.1b, the trial's floor) build on these.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import Histories
from diagnose.predictors.candidates import Candidates
from diagnose.predictors.item_features import (
    Features,
    bag_terms,
    last_event_terms,
    match,
    platform_terms,
    recency_terms,
    stack,
)
from diagnose.predictors.item_statistics import Statistics, learn_statistics
from diagnose.predictors.scorer import Scorer, fit_scorer
from diagnose.predictors.targets import Targets
from diagnose.predictors.trailing import Trailing

__all__ = [
    "Scorer", "Statistics", "blind_features", "fit_scorer", "learn_statistics", "order_features",
]  # fmt: skip

BLIND_FEATURES = (
    "repeats ever", "share of the category ever",
    "popularity in the last hour", "popularity in the last day", "popularity in the last week",
    "popularity ever", "trend", "item age", "item staleness", "category popularity in the last week",
    "category trend",
    "share of the item", "share of the category", "affinity", "log affinity",
)  # fmt: skip
BLIND_FEATURES_WITHOUT_CLOCK = (
    "repeats ever", "share of the category ever", "popularity of the item", "popularity of the category",
    "share of the item", "share of the category", "affinity", "log affinity",
)  # fmt: skip
ORDER_FEATURES = (
    "recent share of the item", "recent share of the category", "recent affinity", "log recent affinity",
    "same item as last", "same category as last", "item after last", "category after last",
)  # fmt: skip
_CELLS = 4_000_000  # (target, candidate, event) cells at a time: bounds the memory


def blind_features(
    histories: Histories,
    targets: Targets,
    candidates: Candidates,
    statistics: Statistics,
    *,
    trailing: Trailing | None = None,
) -> Features:
    """Order-blind features, float32 (n, C, F), named in BLIND_FEATURES (or its twin without a clock).

    `trailing` (Trailing.of) may be passed where several calls share a log. Masked candidates are 0.
    """
    trailing = trailing or Trailing.of(histories, item_category=statistics.item_category)
    names = BLIND_FEATURES if histories.clock else BLIND_FEATURES_WITHOUT_CLOCK
    features = np.zeros((*candidates.item.shape, len(names)), dtype=np.float32)
    for rows in _blocks(candidates, targets.past):
        some_targets, some = targets.take(rows), candidates.take(rows)
        matches = match(histories, some, statistics, past=some_targets.past)
        terms = platform_terms(histories, some_targets, some, statistics, trailing=trailing)
        features[rows] = stack([*terms, *bag_terms(matches, past=some_targets.past)], some.mask)
    return features


def order_features(
    histories: Histories,
    targets: Targets,
    candidates: Candidates,
    statistics: Statistics,
    *,
    past: NDArray[np.int64],
    half_life: float,
) -> Features:
    """Order-aware features, float32 (n, C, G), named in ORDER_FEATURES; half-life in events.

    `past` (n, H) holds flat event indices, column = age, negative at the far end: the targets' own past
    or a shuffled one.
    """
    if past.shape[0] != len(targets):
        raise ValueError("one row of `past` a target")
    features = np.zeros((*candidates.item.shape, len(ORDER_FEATURES)), dtype=np.float32)
    half_lives = np.array([half_life], dtype=np.float64)
    for rows in _blocks(candidates, past):
        some, some_past = candidates.take(rows), past[rows]
        age = np.broadcast_to(np.arange(past.shape[1]), some_past.shape)
        matches = match(histories, some, statistics, past=some_past)
        recent = recency_terms(matches, past=some_past, age=age, half_lives=half_lives)
        last = last_event_terms(histories, some, statistics, last=some_past[:, 0])
        features[rows] = stack([*(term[..., 0] for term in recent), *last], some.mask)
    return features


def _blocks(candidates: Candidates, past: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    rows = np.arange(len(candidates))
    size = max(1, _CELLS // max(1, candidates.item.shape[1] * past.shape[1]))
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
