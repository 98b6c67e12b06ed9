"""What other users do at a given time: the platform's trend, and the chance level of agreement.

Trend   A category that the whole platform takes up or drops moves everybody's events and nobody's taste.
        Events are therefore weighted by 1 / trend[t, k]: what category k got in time bin t, over what it
        would have got from the users active then had each kept its own overall mix. Under stable tastes
        times a common trend, weighted agreement is the same at every lag; unweighted it falls.
Chance  For an event of user u at t1 and another at t2, the probability that an event of *another* user near
        t2 shares the first one's category, averaged with the same the other way round.

Both are taken from the nine tenths of users that do not include u: as unbiased as drawing a stranger's
event, without the noise of the draw, and u's own events never count as the platform's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import Histories

FOLDS = 10  # of users: what is said of one tenth comes from the other nine
MOMENTS = 64  # time bins at most, equally full
EVENTS_PER_CELL = 200  # that a usual event's category has in a time bin: a trend is then known to 7 %
PRIOR = 50.0  # events of "no trend" added to each cell: noise in rare categories must not pose as trend
TABLE = 20_000_000  # cells at most: fewer time bins where there are very many categories


@dataclass(frozen=True, eq=False)
class PlatformMix:
    """Tables by fold, time bin and category: detrended shares and event weights of users outside the fold."""

    share: NDArray[np.float64]  # (FOLDS, T, K)
    weight: NDArray[np.float64]  # (FOLDS, T, K)
    moment: NDArray[np.int64]  # time bin of each event, (E,)
    category: NDArray[np.int64]  # (E,)

    def chance(
        self, first: NDArray[np.int64], second: NDArray[np.int64], *, user: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Chance that events `first` and `second` (n,) of the users `user` (n,) share a category."""
        fold = user % FOLDS
        met = self.share[fold, self.moment[second], self.category[first]]
        met = met + self.share[fold, self.moment[first], self.category[second]]
        return np.asarray(met / 2)

    def pair_weight(
        self, first: NDArray[np.int64], second: NDArray[np.int64], *, user: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """What a pair counts for once the platform's trend is taken out, (n,)."""
        fold = user % FOLDS
        one = self.weight[fold, self.moment[first], self.category[first]]
        return np.asarray(one * self.weight[fold, self.moment[second], self.category[second]])


def platform_mix(histories: Histories, *, mode="comp") -> PlatformMix:
    """The mix of a log whose events all have a category."""
    category = histories.category.astype(np.int64)
    kinds = int(category.max()) + 1
    popularity = np.bincount(category) / len(category)
    usual = float(popularity @ popularity)
    wanted = min(MOMENTS, int(len(category) * usual / EVENTS_PER_CELL), TABLE // (FOLDS * kinds))
    moment = _moments(histories.time, max(1, wanted))
    seen, expected = _counts(histories, moment, category, kinds)
    if mode=="plain":
        expected = seen.sum(axis=2, keepdims=True)*seen.sum(axis=1, keepdims=True)/seen.sum(axis=(1,2),keepdims=True)
    if mode=="none": expected=seen
    weight = (expected + PRIOR) / (seen + PRIOR)
    share = seen * weight
    share /= np.maximum(share.sum(axis=2, keepdims=True), 1e-12)
    return PlatformMix(share=share, weight=weight, moment=moment, category=category)


def _moments(time: NDArray[np.int64], bins: int) -> NDArray[np.int64]:
    """Equally full time bins, numbered without gaps, (E,)."""
    edges = np.unique(np.quantile(time, np.arange(1, bins) / bins)) if bins > 1 else np.zeros(0)
    return np.unique(np.searchsorted(edges, time, side="right"), return_inverse=True)[1].astype(np.int64)


def _counts(
    histories: Histories, moment: NDArray[np.int64], category: NDArray[np.int64], kinds: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Events by time and category among users outside each fold, and what their overall mixes would give."""
    from scipy import sparse

    user, moments = histories.user_of_event, int(moment.max()) + 1
    ones = np.ones(len(user))
    active = sparse.csr_matrix((ones, (moment, user)), shape=(moments, len(histories)))
    taken = sparse.csr_matrix((ones, (user, category)), shape=(len(histories), kinds))
    taken = sparse.diags(1 / np.maximum(histories.lengths, 1)) @ taken
    seen, expected = np.zeros((2, FOLDS, moments, kinds))
    for fold in range(FOLDS):
        mine = np.flatnonzero(np.arange(len(histories)) % FOLDS == fold)
        own = user % FOLDS == fold
        seen[fold] = np.bincount(moment[own] * kinds + category[own], minlength=moments * kinds).reshape(moments, kinds)
        expected[fold] = (active[:, mine] @ taken[mine]).toarray()
    return seen.sum(axis=0) - seen, expected.sum(axis=0) - expected
