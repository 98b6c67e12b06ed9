"""Order information: how many bits does the *order* of a user's past save when predicting what comes next?

Statistic  Loss (bits per event) of a mixture that knows the next category's popularity at the time and the
           user's bag of past categories, less the loss of the same with recency and direction added.
Null       The same difference on histories whose events are shuffled, all order parameters fitted anew.
           Without it a transition matrix is credited with knowing which categories go together.
           Across sessions: what is lost when earlier sessions are permuted as blocks; the rest is within.
Reference  Koren (2009) for time and users apart; Singer et al. (2014) for memory in navigation;
           Klenitskiy et al. (2024) for shuffling. Nested mixtures fitted by EM, users bootstrapped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import NO_CATEGORY, Histories
from diagnose.predictors.categories import Moments, Order, fold_rare
from diagnose.predictors.next_category import Fold, OrderedLosses, blind_losses, ordered_losses, rotate
from diagnose.predictors.shuffles import Columns, event_order, session_order
from diagnose.predictors.targets import Targets, cap, cap_per_user, find_targets, look_back
from diagnose.results import Estimate, Measured, Probed, Series, Skipped
from diagnose.settings import OrderSettings, Settings
from diagnose.stats.bootstrap import quantile_interval, resample_sums, user_sums

NAME = "order_information"
QUESTION = "Does the order of a user's past say what category comes next?"
BITS = "bits/event"
PARTS = ("recency", "direction", "across_sessions", "within_session")


def measure(histories: Histories, *, settings: Settings, rng: np.random.Generator) -> Probed:
    """Total, recency, direction, across_sessions, within_session in bits an event, and the share of the loss.

    Events without a category are left out of histories and targets: what is unknown is no interest.
    """
    order = settings.order
    known = histories.keep_events(histories.category != NO_CATEGORY)
    targets = _targets(known, settings, rng)
    users = len(np.unique(targets.user))
    if users < order.minimum_users:
        return _skip(
            f"{users} of {len(histories)} users have a target with {order.minimum_history} earlier events in "
            f"known categories; the probe needs {order.minimum_users}"
        )
    category, n_categories = fold_rare(
        known.category, n_categories=known.n_categories, maximum=order.maximum_categories
    )
    if n_categories < 2:
        return _skip("all events are of one category: there is nothing to predict")
    played = _Play(known, targets, _moments(known, targets, (category, n_categories), order), order, rng)
    folds = rotate(known, played.moments, category=category, settings=order)
    return _measured(played, folds)


@dataclass(frozen=True, eq=False)
class _Play:
    """The targets, and the orders in which their past may be seen."""

    histories: Histories
    targets: Targets
    moments: Moments
    order: OrderSettings
    rng: np.random.Generator

    def as_it_was(self) -> Order:
        """The order of the log."""
        return Order(None, self.moments.past[:, 0])

    def shuffled(self) -> Order:
        """Each past's events in random order."""
        return self._order(event_order(self.targets.past, rng=self.rng))

    def by_session(self) -> tuple[Columns, NDArray[np.bool_]]:
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
        return self._order(self.by_session()[0])

    def _order(self, columns: Columns) -> Order:
        past = self.moments.past
        return Order(columns, past[np.arange(len(past)), columns[:, 0]])


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


def _measured(played: _Play, folds: Sequence[Fold]) -> Measured:
    """All estimates, from the losses of each target on the log's order and on shuffled ones."""
    users, blind = played.targets.user, blind_losses(played.moments, folds)
    original = _losses(played, folds, played.as_it_was())
    null = _null(played, folds, played.shuffled)
    total, recency = null.full - original.full, null.recency - original.recency
    sums = _Sums(np.stack([total, recency, total - recency, blind], axis=1), users, played.rng)
    estimates = {
        "total": sums.mean(0),
        "recency": sums.mean(1),
        "direction": sums.mean(2),
        "share": sums.ratio(0, 3),
        "blind_loss": sums.mean(3),
        "recency_half_life": _half_life(original.half_lives),
    }
    eligible = played.by_session()[1]
    with_sessions = len(np.unique(users[eligible]))
    if with_sessions >= played.order.minimum_users:
        estimates |= _across(played, [fold.among(eligible) for fold in folds], eligible)
    return Measured(
        name=NAME,
        condition="drift",
        users=len(np.unique(users)),
        estimates=estimates,
        series=(_split(estimates), _sessions(with_sessions, played.order.minimum_users)),
    )


def _across(played: _Play, folds: Sequence[Fold], eligible: NDArray[np.bool_]) -> dict[str, Estimate]:
    """What is lost when earlier sessions change places, and the rest; on targets with two of them."""
    original = _losses(played, folds, played.as_it_was()).full
    sessions = _null(played, folds, played.session_shuffled).full
    events = _null(played, folds, played.shuffled).full
    gains = np.stack([sessions - original, events - sessions], axis=1)[eligible]
    sums = _Sums(gains, played.targets.user[eligible], played.rng)
    return {"across_sessions": sums.mean(0), "within_session": sums.mean(1)}


def _losses(played: _Play, folds: Sequence[Fold], order: Order) -> OrderedLosses:
    """Bits of each target with its past in this order, everything about order learnt on it."""
    return ordered_losses(played.moments, order, folds, settings=played.order)


def _null(played: _Play, folds: Sequence[Fold], shuffle: Callable[[], Order]) -> OrderedLosses:
    """Losses averaged over permutations, everything about order learnt anew on each."""
    runs = [_losses(played, folds, shuffle()) for _ in range(played.order.permutations)]
    return OrderedLosses(
        np.mean([run.recency for run in runs], axis=0), np.mean([run.full for run in runs], axis=0), ()
    )


class _Sums:
    """Per-user sums of bits (columns) and events, for means and ratios over one set of resampled users."""

    def __init__(self, bits: NDArray[np.float64], users: NDArray[np.int64], rng: np.random.Generator) -> None:
        _, codes = np.unique(users, return_inverse=True)
        sums = user_sums(np.column_stack([bits, np.ones(len(bits))]), codes, int(codes.max()) + 1)
        self._totals, self._draws = sums.sum(axis=0), resample_sums(sums, rng=rng)

    def mean(self, column: int) -> Estimate:
        """Bits an event."""
        return self._estimate(column, -1, BITS)

    def ratio(self, column: int, whole: int) -> Estimate:
        """One column's bits as a share of another's."""
        return self._estimate(column, whole, "share")

    def _estimate(self, part: int, whole: int, unit: str) -> Estimate:
        low, high = quantile_interval(self._draws[:, part] / self._draws[:, whole])
        return Estimate(value=float(self._totals[part] / self._totals[whole]), low=low, high=high, unit=unit)


def _half_life(chosen: Sequence[float]) -> Estimate:
    """The half-life in events that fits the log's order best; low and high are the range over the folds."""
    low, middle, high = (float(each) for each in np.quantile(chosen, [0, 0.5, 1]))
    return Estimate(value=middle, low=low, high=high, unit="events")


def _split(estimates: Mapping[str, Estimate]) -> Series:
    """The two cuts of order information, as far as they were measured."""
    parts = [part for part in PARTS if part in estimates]
    return Series(
        name="order information split",
        x=tuple(parts),
        y=tuple(estimates[part].value for part in parts),
        low=tuple(estimates[part].low for part in parts),
        high=tuple(estimates[part].high for part in parts),
        unit_x="part",
        unit_y=BITS,
    )


def _sessions(users: int, needed: int) -> Series:
    """Why across_sessions and within_session are there or not: users with two earlier sessions."""
    return Series(
        name="users with two earlier sessions",
        x=("users", "needed"),
        y=(float(users), float(needed)),
        unit_x="count of",
        unit_y="users",
    )


def _skip(reason: str) -> Skipped:
    return Skipped(name=NAME, condition="drift", reason=reason)
