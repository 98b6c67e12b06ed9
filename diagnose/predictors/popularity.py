"""How often each category occurs among *other* users: over all time, lately, and at any moment.

Popularity at the time of the target is part of the order-blind baseline. Without it a moving catalogue
poses as moving users: everybody's recent events look like everybody's next one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import MICROSECONDS_PER_DAY


@dataclass(frozen=True, eq=False)
class Popularity:
    """Counts of E events of K categories, ready to be asked about any moment.

    `overall` (K,) are the shares over all time, all positive. `times` (E,) is sorted; `keys` (E,) sorts
    category first, then rank in time: two binary searches count a category inside any window.
    `smoothing` is how many events the overall shares are worth against those of a window.
    """

    overall: NDArray[np.float64]
    times: NDArray[np.int64]
    keys: NDArray[np.int64]
    smoothing: float

    def trailing(
        self, category: NDArray[np.integer], time: NDArray[np.int64], *, days: float
    ) -> NDArray[np.float32]:
        """Share of each category (n,) in the `days` before each time (n,), the moment itself left out."""
        first = np.searchsorted(self.times, time - round(days * MICROSECONDS_PER_DAY))
        last = np.searchsorted(self.times, time)
        start = category.astype(np.int64) * (len(self.times) + 1)
        found = np.searchsorted(self.keys, start + last) - np.searchsorted(self.keys, start + first)
        prior = self.overall[category]
        share: NDArray[np.float64] = (found + self.smoothing * prior) / (last - first + self.smoothing)
        return share.astype(np.float32)


def learn_popularity(
    category: NDArray[np.integer], time: NDArray[np.int64], *, n_categories: int, smoothing: float
) -> Popularity:
    """Popularity from events in any order: categories (E,) in [0, K), times (E,) in microseconds."""
    counts = np.bincount(category, minlength=n_categories).astype(np.float64)
    by_time = np.argsort(time, kind="stable")
    ranked = category[by_time].astype(np.int64) * (len(time) + 1) + np.arange(len(time))
    return Popularity(
        overall=(counts + 1.0) / (counts.sum() + n_categories),  # one event each: nothing is impossible
        times=time[by_time],
        keys=np.sort(ranked),
        smoothing=smoothing,
    )


@dataclass(frozen=True, eq=False)
class Trend:
    """The popularity g_t(k) at any moment t, in B time bins of equal width.

    `share` is (B, K + 1) and `summed` (B + 1, K + 1) its running sum, both relative to the overall shares;
    their last column answers padding: 0, and 1 a bin.
    """

    share: NDArray[np.float32]
    summed: NDArray[np.float32]
    start: int
    width: float

    def bins(self, time: NDArray[np.int64]) -> NDArray[np.int64]:
        """The bin of each time (n,), the nearest one where a time lies outside."""
        position = ((time - self.start) / self.width).astype(np.int64)
        return np.clip(position, 0, len(self.share) - 1)

    def lift(
        self,
        category: NDArray[np.integer],
        *,
        now: NDArray[np.int64],
        since: NDArray[np.int64],
        until: NDArray[np.int64],
    ) -> NDArray[np.float32]:
        """g_now(k) over the mean of g_t(k) between `since` and `until`: what the trend did to k since then.

        category (n, H), times (n,) -> (n, H). A user's count of k arose under the popularity of those
        days, so count times lift is what the same taste would give today; it asks nothing about order.
        """
        columns = self.share.shape[1]
        first, last = self.bins(since)[:, None], self.bins(until)[:, None] + 1
        total = self.summed.ravel().take(last * columns + category)
        total -= self.summed.ravel().take(first * columns + category)
        lifted: NDArray[np.float32] = self.share.ravel().take(self.bins(now)[:, None] * columns + category)
        lifted *= (last - first).astype(np.float32)
        lifted /= total
        return lifted


def learn_trend(
    category: NDArray[np.integer], time: NDArray[np.int64], popularity: Popularity, *, bins: int, days: float
) -> Trend:
    """The trend of E events; the popularity of a bin looks back `days` from the bin's end."""
    n_categories = len(popularity.overall)
    start, width = int(popularity.times[0]), max(1.0, (popularity.times[-1] - popularity.times[0]) / bins)
    share = np.zeros((bins, n_categories + 1))
    summed = np.zeros((bins + 1, n_categories + 1))
    trend = Trend(share.astype(np.float32), summed.astype(np.float32), start, width)
    counts = np.bincount(trend.bins(time) * n_categories + category, minlength=bins * n_categories)
    np.cumsum(counts.reshape(bins, n_categories), axis=0, out=summed[1:, :-1])
    window = max(1, round(days * MICROSECONDS_PER_DAY / width))
    recent = summed[1:, :-1] - summed[np.maximum(np.arange(bins) + 1 - window, 0), :-1]
    recent = recent / popularity.overall + popularity.smoothing
    trend.share[:, :-1] = recent / (recent @ popularity.overall)[:, None]
    np.cumsum(trend.share[:, :-1], axis=0, out=trend.summed[1:, :-1])
    trend.summed[:, -1] = np.arange(bins + 1)
    return trend


def trailing_features(
    popularity: Popularity,
    category: NDArray[np.integer],
    time: NDArray[np.int64],
    *,
    windows: Sequence[float],
) -> NDArray[np.float32]:
    """Overall popularity of each category (n,), then one row a window of days: (1 + len(windows), n).

    Asked in the order of category and time, so that neighbours find what they look for in the cache.
    """
    order = np.lexsort((time, category))
    category, time = category[order], time[order]
    rows = np.empty((1 + len(windows), len(time)), dtype=np.float32)
    rows[0, order] = popularity.overall[category]
    for row, days in enumerate(windows, start=1):
        rows[row, order] = popularity.trailing(category, time, days=days)
    return rows
