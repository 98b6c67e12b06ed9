"""History depth: what would a model see of a user at the moment it has to predict?

Statistic  Strictly earlier events of the user at each event (a "request"); the share of requests with
           enough of them: a model's lift times this share is what the platform gains.
           History saturation: Good-Turing coverage of each user's own items and categories, the share of
           further events that would be of a kind already seen; and Chao's estimate of the kinds not met yet,
           once^2 / (2 twice) beside those met, over all users: the share of a user's items and categories,
           rare ones included, that was met, at most. Both describe the log's own sample and say nothing of
           what happens elsewhere, so neither is called capture.
Null       None: these are counts.
Interval   Users as the unit (shares.py, stats/user_sums.py).
Reference  Good (1953); Chao (1984); Chao and Jost (2012).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from diagnose.capture.shares import RatioSums, exact, ratio, ratio_sums
from diagnose.histories import NO_CATEGORY, Histories
from diagnose.results import Estimate, Measured, Probed, Series, Skipped
from diagnose.settings import Settings
from diagnose.stats.counts import Counts, counted
from diagnose.stats.user_sums import Totals, UserSums, by_user, estimate, user_sums

NAME = "history_depth"
QUESTION = "How much of a user does a model see when it must predict?"

DEEPEST = 4096  # prior events counted one by one; more is "so many or more"
DRAWN = (0, 1, 2, 3, 4, 5, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 512, 1024, 2048, 4096)
_USER_BITS, _CODE_BITS = 23, 40  # one sortable key of user and code; a clash of hashes needs 10^6 events


@dataclass(frozen=True, eq=False)
class DepthTally:
    """Sums over whole users. `depth[d]` counts requests with d strictly earlier events, d <= DEEPEST."""

    depth: NDArray[np.int64] = field(default_factory=lambda: np.zeros(DEEPEST + 1, dtype=np.int64))
    enough: RatioSums = field(
        default_factory=RatioSums
    )  # requests with enough earlier events, of all requests
    lengths: Counts = field(default_factory=Counts)  # users by number of events
    seen_once: dict[str, RatioSums] = field(default_factory=dict)  # events of a kind met once, by kind
    met: dict[str, UserSums] = field(default_factory=dict)  # kinds of a user, met once, met twice; by kind

    def __add__(self, other: DepthTally) -> DepthTally:
        kinds = sorted(self.seen_once.keys() | other.seen_once.keys())
        empty = RatioSums()
        return DepthTally(
            depth=self.depth + other.depth,
            enough=self.enough + other.enough,
            lengths=self.lengths + other.lengths,
            seen_once={
                kind: self.seen_once.get(kind, empty) + other.seen_once.get(kind, empty) for kind in kinds
            },
            met={kind: self.met.get(kind, UserSums()) + other.met.get(kind, UserSums()) for kind in kinds},
        )

    @property
    def seen_twice(self) -> dict[str, int]:
        """Kinds that their user met twice, by kind."""
        return {kind: sums.total[2] for kind, sums in self.met.items()}


def tally(histories: Histories, *, settings: Settings | None = None) -> DepthTally:
    """Depth of every request and singletons of every user with enough history; add to merge batches."""
    settings = settings or Settings()
    prior = prior_events(histories)
    enough = prior >= settings.capture.enough_events
    deep = histories.lengths >= settings.sample.minimum_history
    found = {"items": _rare_items(histories, deep)}
    if (histories.category != NO_CATEGORY).any():
        found["categories"] = _rare_categories(histories, deep)
    return DepthTally(
        depth=np.bincount(np.minimum(prior, DEEPEST), minlength=DEEPEST + 1),
        enough=ratio_sums(by_user(enough, histories.offsets), histories.lengths),
        lengths=counted(histories.lengths[histories.lengths > 0]),
        seen_once={kind: once for kind, (once, _) in found.items()},
        met={kind: met for kind, (_, met) in found.items()},
    )


def prior_events(histories: Histories) -> NDArray[np.int64]:
    """Events of the same user strictly earlier than each event, shape (E,): ties see none of each other."""
    first = np.flatnonzero(histories.first_at_its_time)
    if len(first) == histories.n_events:
        return histories.rank
    earliest = np.repeat(first, np.diff(np.append(first, histories.n_events)))
    return earliest - np.repeat(histories.offsets[:-1], histories.lengths)


def measure(tally: DepthTally, *, settings: Settings | None = None) -> Probed:
    """Share of requests with enough history, median depth, saturation of items and categories."""
    settings = settings or Settings()
    requests = int(tally.depth.sum())
    if not requests:
        return Skipped(name=NAME, condition="capture", reason="the log holds no valid event")
    cumulative = np.cumsum(tally.depth)
    estimates: dict[str, Estimate] = {
        "share_enough": ratio(tally.enough, unit="share of requests"),
        "median_depth": exact(float(np.searchsorted(cumulative, requests / 2)), unit="events"),
    }
    for kind, sums in tally.seen_once.items():
        if sums.whole:
            estimates[f"saturation_{kind}"] = _complement(ratio(sums, unit="share of further events"))
        if tally.seen_twice[kind]:
            estimates[f"saturation_distinct_{kind}"] = estimate(
                tally.met[kind], _share_met, unit=f"share of a user's {kind}, at most", bounds=(0.0, 1.0)
            )
    return Measured(
        name=NAME,
        condition="capture",
        users=tally.enough.users,
        estimates=estimates,
        series=(_histogram(tally.depth, requests), _lengths(tally.lengths)),
    )


def _share_met(total: Totals) -> complex:
    """Kinds met, of these and those that Chao (1984) expects to be there yet: an upper bound.

    His number of kinds is a lower bound of each user's, and from totals it is lower still.
    """
    kinds, once, twice = total
    return complex(kinds / (kinds + once**2 / (2 * twice)))


def _rare_items(histories: Histories, deep: NDArray[np.bool_]) -> tuple[RatioSums, UserSums]:
    """Of users with enough history: events whose item they met once; their items, met once and met twice."""
    if len(histories) >> _USER_BITS:
        raise ValueError(f"a batch holds at most {1 << _USER_BITS} users")
    key = histories.user_of_event.view(np.uint64) << np.uint64(_CODE_BITS)
    key |= histories.item.view(np.uint64) & np.uint64((1 << _CODE_BITS) - 1)
    key.sort(kind="stable")  # users lie in order already: merging runs is cheaper
    new = np.concatenate([[True], key[1:] != key[:-1], [True, True]])[: len(key) + 2]
    firsts = new[:-2], new[:-2] & new[1:-1], np.append(new[:-3] & ~new[1:-2] & new[2:-1], False)[: len(key)]
    owners = ((key[first] >> np.uint64(_CODE_BITS)).astype(np.int64) for first in firsts)
    kinds, once, twice = (np.bincount(owner, minlength=len(histories)) for owner in owners)
    return _rare(kinds, once, twice, events=histories.lengths, deep=deep)


def _rare_categories(histories: Histories, deep: NDArray[np.bool_]) -> tuple[RatioSums, UserSums]:
    """The same for categories; events without one count for nothing."""
    cells, users = histories.category_counts, len(histories)
    once, twice = (np.bincount(cells.user[cells.count == n], minlength=users) for n in (1, 2))
    named = np.bincount(cells.user, cells.count, minlength=users).astype(np.int64)
    return _rare(np.bincount(cells.user, minlength=users), once, twice, events=named, deep=deep)


def _rare(
    kinds: NDArray[np.int64],
    once: NDArray[np.int64],
    twice: NDArray[np.int64],
    *,
    events: NDArray[np.int64],
    deep: NDArray[np.bool_],
) -> tuple[RatioSums, UserSums]:
    """The sums over users with enough history, all (U,)."""
    return ratio_sums(once, np.where(deep, events, 0)), user_sums(kinds[deep], once[deep], twice[deep])


def _complement(share: Estimate) -> Estimate:
    return Estimate(
        value=1 - share.value, low=1 - share.high, high=1 - share.low, unit=share.unit, level=share.level
    )


def _lengths(lengths: Counts) -> Series:
    """Share of users with at least so many events, at the powers of two that occur."""
    at_least = [2**power for power in range(int(lengths.places[-1]).bit_length())]
    users = lengths.table[:, 0]
    shares = [float(users[max(0, fewest - lengths.start) :].sum() / users.sum()) for fewest in at_least]
    return Series(
        name="history_lengths",
        x=tuple(f"{fewest:,}+" for fewest in at_least),
        y=tuple(shares),
        unit_x="events of a user",
        unit_y="share of users",
    )


def _histogram(depth: NDArray[np.int64], requests: int) -> Series:
    """Share of requests by history length, in classes that widen with the depth."""
    lower = np.array(DRAWN)
    counts = np.add.reduceat(depth, lower)
    upper = [*(lower[1:] - 1), None]
    labels = tuple(
        f"{low:,}+" if high is None else f"{low:,}" if high == low else f"{low:,} to {high:,}"
        for low, high in zip(lower.tolist(), upper, strict=True)
    )
    last = int(np.flatnonzero(counts).max()) + 1
    return Series(
        name="depth",
        x=labels[:last],
        y=tuple(float(share) for share in counts[:last] / requests),
        unit_x="earlier events on record",
        unit_y="share of requests",
    )
