"""What the nested mixtures make of users' pasts, in the order of the log and in shuffled ones.

One set of targets carries every part of order information: as the log has them, with the events of each past
permuted, with its earlier sessions permuted as blocks, with all but the latest few events permuted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import NO_CATEGORY, Histories
from diagnose.predictors.categories import Moments, Order, fold_rare
from diagnose.predictors.folds import Fold, rotate
from diagnose.predictors.next_category import OrderedLosses, blind_losses, ordered_losses
from diagnose.predictors.shuffles import Columns, event_order, session_order
from diagnose.predictors.targets import Targets, cap, cap_per_user, find_targets, look_back
from diagnose.predictors.teaching import taught
from diagnose.settings import OrderSettings, Settings

Bits = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Played:
    """Bits of each target with its past in one order, and what each target teaches, both by model.

    `recency`, `full` (n,), NaN where not judged; `taught` (n, 2): what it moves, as a teacher, in their sums.
    """

    recency: Bits
    full: Bits
    taught: Bits
    half_lives: tuple[float, ...] = ()


@dataclass(frozen=True, eq=False)
class Runs:
    """The targets, dealt into folds, and the orders in which their past may be seen."""

    histories: Histories  # events with a category only
    targets: Targets
    moments: Moments
    folds: Sequence[Fold]
    order: OrderSettings
    rng: np.random.Generator

    @property
    def user(self) -> NDArray[np.int64]:
        """The user of each target, (n,)."""
        return self.targets.user

    @cached_property
    def blind(self) -> Bits:
        """Bits of each target under the order-blind mixture, (n,)."""
        return blind_losses(self.moments, self.folds)

    def among(self, rows: Mask) -> Runs:
        """The same on some of the targets: the others neither teach order, nor weigh, nor are judged."""
        return replace(self, folds=[fold.among(rows) for fold in self.folds])

    def as_it_was(self) -> Order:
        """The order of the log."""
        return Order(None, self.moments.past[:, 0])

    def shuffled(self) -> Order:
        """Each past's events in random order."""
        return self.in_order(event_order(self.targets.past, rng=self.rng))

    def latest_kept(self, kept: int) -> Order:
        """Each past's latest `kept` events in their place, all older ones in random order."""
        columns = event_order(self.targets.past[:, kept:], rng=self.rng) + np.uint16(kept)
        ahead = np.broadcast_to(np.arange(kept, dtype=np.uint16), (len(columns), kept))
        return self.in_order(np.concatenate([ahead, columns], axis=1))

    def by_session(self) -> tuple[Columns, Mask]:
        """Each past's earlier sessions permuted as blocks, and the targets that have two of them."""
        session = self.histories.session
        return session_order(
            self.targets.past,
            session_of_event=session,
            target_session=session[self.targets.event],
            rng=self.rng,
        )

    def session_shuffled(self) -> Order:
        """The order in which earlier sessions are permuted as blocks."""
        return self.in_order(self.by_session()[0])

    def in_order(self, columns: Columns) -> Order:
        """The past (n, H) taken by these columns, the latest event first."""
        past = self.moments.past
        return Order(columns, past[np.arange(len(past)), columns[:, 0]])

    def losses(self, order: Order) -> OrderedLosses:
        """Bits of each target with its past in this order, everything about order learnt on it."""
        return ordered_losses(self.moments, order, self.folds, settings=self.order)

    def play(self, order: Order) -> Played:
        """The same, with what each target teaches."""
        run = self.losses(order)
        moved = taught(self.moments, order, self.folds, run)
        return Played(run.recency, run.full, moved, run.half_lives)

    def null(self, shuffle: Callable[[], Order]) -> Played:
        """Losses averaged over permutations, everything about order learnt anew on each.

        What is taught is taken from the first: it hardly differs between permutations.
        """
        first = self.play(shuffle())
        others = [self.losses(shuffle()) for _ in range(self.order.permutations - 1)]
        return replace(
            first,
            recency=np.mean([first.recency, *(run.recency for run in others)], axis=0),
            full=np.mean([first.full, *(run.full for run in others)], axis=0),
        )


def prepare(histories: Histories, *, settings: Settings, rng: np.random.Generator) -> Runs | str:
    """The targets of a log laid out, or why there is nothing to measure.

    Events without a category are left out of histories and targets: what is unknown is no interest.
    """
    order = settings.order
    known = histories.keep_events(histories.category != NO_CATEGORY)
    targets = _targets(known, settings, rng)
    users = len(np.unique(targets.user))
    if users < order.minimum_users:
        return (
            f"{users} of {len(histories)} users have a target with {order.minimum_history} earlier events in "
            f"known categories; the probe needs {order.minimum_users}"
        )
    category, n_categories = fold_rare(
        known.category, n_categories=known.n_categories, maximum=order.maximum_categories
    )
    if n_categories < 2:
        return "all events are of one category: there is nothing to predict"
    moments = _moments(known, targets, (category, n_categories), order)
    folds = rotate(known, moments, category=category, settings=order)
    return Runs(known, targets, moments, folds, order, rng)


def _moments(
    known: Histories, targets: Targets, coded: tuple[NDArray[np.int32], int], order: OrderSettings
) -> Moments:
    """The targets as categories, `coded` (E,) and their number."""
    category, n_categories = coded
    padded = np.append(category, np.int32(n_categories))  # the last one answers PADDING
    newest = known.offsets[targets.user] + targets.seen - 1
    depth = np.minimum(targets.seen, order.history)
    return Moments(
        truth=category[targets.event],
        past=padded[targets.past],
        time=known.time[targets.event],
        since=known.time[newest - depth + 1],
        until=known.time[newest],
        user=targets.user,
        n_categories=n_categories,
    )


def _targets(known: Histories, settings: Settings, rng: np.random.Generator) -> Targets:
    """The capped targets with their past, looked up last, when few are left; short pasts come first.

    Rows of like length lie together, so that steps over some rows need few columns.
    """
    order, wanted = settings.order, None
    if settings.target_event is not None:
        names = np.array(known.events)
        wanted = np.flatnonzero(names == settings.target_event)
    found = find_targets(known, history=0, minimum_history=order.minimum_history, event_codes=wanted)
    few = cap_per_user(found, per_user=order.targets_per_user, rng=rng)
    few = cap(few, maximum=order.maximum_targets, rng=rng)
    few = few.take(np.argsort(np.minimum(few.seen, order.history), kind="stable"))
    return look_back(known, few, history=order.history)
