"""History depth: what would a model see of a user at the moment it has to predict?

Statistic  Strictly earlier events of the user at each event (a "request"); the share of requests with
           enough of them: a model's lift times this share is what the platform gains.
           History saturation: Good-Turing coverage of each user's own items and categories, the share of
           further events that would be of a kind already seen. It describes the log's own sample and says
           nothing of what happens elsewhere, so it is never called capture.
Null       None: these are counts.
Interval   Ratio estimator over users.
Reference  Good (1953); Chao and Jost (2012).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from diagnose.capture.log_hygiene import first_at_its_time
from diagnose.capture.shares import RatioSums, exact, ratio, ratio_sums
from diagnose.histories import NO_CATEGORY, Histories
from diagnose.results import Estimate, Measured, Probed, Series, Skipped
from diagnose.settings import Settings

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
    seen_once: dict[str, RatioSums] = field(default_factory=dict)  # events of a kind met once, by kind

    def __add__(self, other: DepthTally) -> DepthTally:
        kinds = self.seen_once.keys() | other.seen_once.keys()
        empty = RatioSums()
        return DepthTally(
            depth=self.depth + other.depth,
            enough=self.enough + other.enough,
            seen_once={
                kind: self.seen_once.get(kind, empty) + other.seen_once.get(kind, empty)
                for kind in sorted(kinds)
            },
        )


def tally(histories: Histories, *, settings: Settings | None = None) -> DepthTally:
    """Depth of every request and singletons of every user with enough history; add to merge batches."""
    settings = settings or Settings()
    prior = prior_events(histories)
    enough = (prior >= settings.capture.enough_events).astype(np.int64)
    deep = histories.with_history(settings.sample.minimum_history)
    kinds = {"items": deep.item.astype(np.int64)}
    if (deep.category != NO_CATEGORY).any():
        kinds["categories"] = deep.category.astype(np.int64)
    return DepthTally(
        depth=np.bincount(np.minimum(prior, DEEPEST), minlength=DEEPEST + 1),
        enough=ratio_sums(_per_user(enough, histories), histories.lengths),
        seen_once={kind: _singletons(deep, codes, kind) for kind, codes in kinds.items()},
    )


def prior_events(histories: Histories) -> NDArray[np.int64]:
    """Events of the same user strictly earlier than each event, shape (E,): ties see none of each other."""
    index = np.arange(histories.n_events)
    first = np.maximum.accumulate(np.where(first_at_its_time(histories), index, 0))
    return first - np.repeat(histories.offsets[:-1], histories.lengths)


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
    return Measured(
        name=NAME,
        condition="capture",
        users=tally.enough.users,
        estimates=estimates,
        series=(_histogram(tally.depth, requests),),
    )


def _per_user(values: NDArray[np.int64], histories: Histories) -> NDArray[np.int64]:
    """Integer sums over each user's events, (U,)."""
    running = np.concatenate([[0], np.cumsum(values)])
    sums: NDArray[np.int64] = running[histories.offsets[1:]] - running[histories.offsets[:-1]]
    return sums


def _singletons(histories: Histories, codes: NDArray[np.int64], kind: str) -> RatioSums:
    """Events of a kind that their user met once, of the user's events that have a kind."""
    named = codes != NO_CATEGORY if kind == "categories" else np.ones(len(codes), dtype=bool)
    user = histories.user_of_event[named]
    if len(histories) >> _USER_BITS:
        raise ValueError(f"a batch holds at most {1 << _USER_BITS} users")
    key = np.sort((user << _CODE_BITS) | (codes[named] & ((1 << _CODE_BITS) - 1)))
    edge = np.flatnonzero(np.concatenate([[True], key[1:] != key[:-1], [True]])) if len(key) else np.zeros(1)
    once = key[edge[:-1][np.diff(edge) == 1].astype(np.int64)] >> _CODE_BITS
    return ratio_sums(
        np.bincount(once, minlength=len(histories)), np.bincount(user, minlength=len(histories))
    )


def _complement(share: Estimate) -> Estimate:
    return Estimate(
        value=1 - share.value, low=1 - share.high, high=1 - share.low, unit=share.unit, level=share.level
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
