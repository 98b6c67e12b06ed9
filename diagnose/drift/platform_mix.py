"""What other users do at a given time: how the platform moves, and the chance level of agreement.

Trend   A category that the whole platform takes up or drops moves everybody's events and nobody's taste, and
        so does one that has its hour of the day: both along the log and round the day (UTC) it is taken out.
        Under stable tastes times a common trend, P(category k | user, time t) ~ taste[k] * trend[t, k], and
        events weighted by 1 / trend agree equally at every lag; unweighted they agree less and less.
        Its *shape* is what each category got in a time bin, over what it would have got from the users active
        then had each kept its own overall mix (newcomers with other tastes are no trend). Its *amplitude*
        inside users is larger than on the platform, for a user of one category cannot follow a trend: one
        exponent, by conditional logistic regression. Given that a user had categories a and b at two times,
        their order has log-odds amplitude * (trend[t1, a] + trend[t2, b] - trend[t1, b] - trend[t2, a]),
        whatever the user's taste. Without a trend the exponent is about 0 and noise is not divided out.
Chance  For an event of user u at t1 and another at t2, the probability that an event of *another* user near
        t2 shares the first one's category, averaged with the same the other way round.

All of it is taken from the nine tenths of users that do not include u: as unbiased as drawing a stranger's
event, without the noise of the draw, and u's own events never count as the platform's.

Reference  Berrett et al. (2020) on permutations given a trend; Cox (1970) on conditional logistic likelihood.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import MICROSECONDS_PER_DAY, Histories

FOLDS = 10  # of users: what is said of one tenth comes from the other nine
MOMENTS = 64  # time bins along the log at most, equally full
PARTS_OF_DAY = (24, 12, 8, 6, 4, 3, 2, 1)  # time bins round the day: as many as the events allow
EVENTS_PER_CELL = 200  # that a usual event's category has in a time bin: its trend is then known to 7 %
PRIOR = 50.0  # events of "no trend" added to each cell: noise in rare categories must not pose as trend
TABLE = 20_000_000  # cells at most: fewer time bins where there are very many categories
STEEPEST = 3.0  # of the log-weight, a factor of 20: no event may carry the estimate
AMPLITUDES = (0.0, 4.0)  # of the exponent; 2.2 is the largest seen, on a trend of amplitude 2
SHIFTS = (2, 3, 5)  # events are paired with those a half, a third and a fifth of the history away
ROUNDS = 30  # of Newton's method in one dimension

Cells = NDArray[np.float64]
Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Pattern:
    """One way in which the platform moves: along the log, or round the day."""

    moment: Indices  # time bin of each event, (E,)
    amplitude: float  # inside users; about 0 where the platform does not move
    movement: Cells  # log-popularity inside users, by fold, time bin and category, (FOLDS, T, K)

    def favoured(self, first: Indices, second: Indices, *, category: Indices, user: Indices) -> Cells:
        """Log-odds of the order that each pair has against the other order, (n,)."""
        return _pull(self.movement, self.moment, category, (first, second, user % FOLDS))


@dataclass(frozen=True, eq=False)
class PlatformMix:
    """The patterns of a platform, and what its users do once the trend along the log is taken out."""

    patterns: tuple[Pattern, ...]  # the first is the one along the log
    share: Cells  # of each category by fold, time bin along the log and category, (FOLDS, T, K)
    category: Indices  # (E,)

    def chance(self, first: Indices, second: Indices, *, user: Indices, given_first: bool = False) -> Cells:
        """Chance that events `first` and `second` (n,) of the users `user` (n,) share a category, (n,).

        Of pairs chosen by the first event's category, only what others do at the second's time counts.
        """
        fold, moment = user % FOLDS, self.patterns[0].moment
        one = self.share[fold, moment[second], self.category[first]]
        if given_first:
            return np.asarray(one)
        return np.asarray((one + self.share[fold, moment[first], self.category[second]]) / 2)

    def agreement(
        self, first: Indices, second: Indices, *, user: Indices, given_first: bool = False
    ) -> tuple[Cells, Cells]:
        """Of pairs of events (n,): agreement - chance, and 1 - chance, times what the pair counts for."""
        chance = self.chance(first, second, user=user, given_first=given_first)
        counts = self.pair_weight(first, second, user=user)
        agree = (self.category[first] == self.category[second]) - chance
        return counts * agree, counts * (1 - chance)

    def pair_weight(self, first: Indices, second: Indices, *, user: Indices) -> Cells:
        """What a pair counts for once the platform's movements are taken out, (n,)."""
        fold, total = user % FOLDS, np.zeros(len(user))
        for pattern in self.patterns:
            for event in (first, second):
                movement = pattern.movement[fold, pattern.moment[event], self.category[event]]
                total -= np.clip(movement, -STEEPEST, STEEPEST)
        return np.exp(total)

    def favoured(self, first: Indices, second: Indices, *, user: Indices) -> Cells:
        """Log-odds of the order that unlike events of the users `user` (n,) have, by the trend alone, (n,).

        Given that a user had the two categories at these two times, whatever its lasting taste; swapping
        `first` and `second` changes nothing, swapping what happened changes the sign.
        """
        total = np.zeros(len(user))
        for pattern in self.patterns:
            total += pattern.favoured(first, second, category=self.category, user=user)
        return total


def platform_mix(histories: Histories) -> PlatformMix:
    """The mix of a log whose events all have a category."""
    category = histories.category.astype(np.int64)
    popularity = np.bincount(category) / len(category)
    usual = float(popularity @ popularity)  # share of a usual event's category
    bins = max(1, min(int(len(category) * usual / EVENTS_PER_CELL), TABLE // (FOLDS * len(popularity))))
    moments = [_along_the_log(histories.time, min(bins, MOMENTS))]
    if histories.clock:
        parts = next(parts for parts in PARTS_OF_DAY if parts <= bins)
        moments.append(histories.time % MICROSECONDS_PER_DAY * parts // MICROSECONDS_PER_DAY)
    pairs = _pairs(histories, category)
    patterns: list[Pattern] = []
    favoured = np.zeros(len(pairs[0]))  # log-odds of the orders seen, by the patterns found so far
    for moment in moments:
        seen, expected = _counts(histories, moment, category)
        trend = np.log((seen + PRIOR) / (expected + PRIOR))
        pull = _pull(trend, moment, category, pairs)
        amplitude = _amplitude(pull, favoured)
        favoured += amplitude * pull
        patterns.append(Pattern(moment=moment, amplitude=amplitude, movement=amplitude * trend))
    seen, _ = _counts(histories, moments[0], category)
    share = seen * np.exp(-np.clip(patterns[0].movement, -STEEPEST, STEEPEST))
    share /= np.maximum(share.sum(axis=2, keepdims=True), 1e-12)
    return PlatformMix(patterns=tuple(patterns), share=share, category=category)


def _along_the_log(time: Indices, bins: int) -> Indices:
    """Equally full time bins, numbered without gaps, (E,)."""
    edges = np.unique(np.quantile(time, np.arange(1, bins) / bins)) if bins > 1 else np.zeros(0)
    return np.unique(np.searchsorted(edges, time, side="right"), return_inverse=True)[1].astype(np.int64)


def _counts(histories: Histories, moment: Indices, category: Indices) -> tuple[Cells, Cells]:
    """Events by time and category outside each fold: as seen, and as the users' overall mixes would give."""
    from scipy import sparse  # heavy, and `--help` must not wait for it

    user, users = histories.user_of_event, len(histories)
    ones = np.ones(len(user))
    active = sparse.csc_matrix((ones, (moment, user)), shape=(moment.max() + 1, users))
    taken = sparse.csr_matrix((ones, (user, category)), shape=(users, category.max() + 1))
    mixes = (sparse.diags(1 / np.maximum(histories.lengths, 1)) @ taken).tocsr()
    shape = (FOLDS, active.shape[0], taken.shape[1])
    cell = np.ravel_multi_index((user % FOLDS, moment, category), shape)
    seen = np.bincount(cell, minlength=int(np.prod(shape))).reshape(shape).astype(np.float64)
    expected = np.stack([(active[:, f::FOLDS] @ mixes[f::FOLDS]).toarray() for f in range(FOLDS)])
    return seen.sum(axis=0) - seen, expected.sum(axis=0) - expected


def _pairs(histories: Histories, category: Indices) -> tuple[Indices, Indices, Indices]:
    """Pairs of unlike events of a user, a half, a third, a fifth of its history apart, and its fold; (n,)."""
    user, lengths = histories.user_of_event, histories.lengths
    start, length = histories.offsets[user], lengths[user]
    place = np.arange(histories.n_events) - start
    others = [start + (place + np.maximum(1, length // part)) % length for part in SHIFTS]
    firsts = [np.flatnonzero(category != category[other]) for other in others]
    first = np.concatenate(firsts)
    second = np.concatenate([other[events] for other, events in zip(others, firsts, strict=True)])
    return first, second, user[first] % FOLDS


def _pull(trend: Cells, moment: Indices, category: Indices, pairs: tuple[Indices, Indices, Indices]) -> Cells:
    """How much a trend favours the order that each pair has over the other order, (n,)."""
    first, second, fold = pairs
    as_seen = trend[fold, moment[first], category[first]] + trend[fold, moment[second], category[second]]
    swapped = trend[fold, moment[first], category[second]] + trend[fold, moment[second], category[first]]
    return np.asarray(as_seen - swapped)


def _amplitude(pull: Cells, favoured: Cells) -> float:
    """The exponent that makes the orders seen most likely: Newton's method on a concave likelihood."""
    amplitude = 0.0
    for _ in range(ROUNDS):
        unlikely = 1 / (1 + np.exp(amplitude * pull + favoured))
        curvature = float((pull**2 * unlikely * (1 - unlikely)).sum())
        if curvature <= 0:
            break
        before = amplitude
        amplitude = float(np.clip(before + (pull * unlikely).sum() / curvature, *AMPLITUDES))
        if abs(amplitude - before) < 1e-6:
            break
    return amplitude
