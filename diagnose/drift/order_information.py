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
from diagnose.predictors.categories import Moments, fold_rare
from diagnose.predictors.next_category import Fold, OrderedLosses, blind_losses, ordered_losses, rotate
from diagnose.predictors.shuffles import shuffle_events, shuffle_sessions
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
    played = _Play(known, targets, category, n_categories, order, rng)
    folds = rotate(known, played.moments(), category=category, settings=order)
    return _measured(played, folds)


@dataclass(frozen=True, eq=False)
class _Play:
    """The targets, and the means to see their past in another order."""

    histories: Histories
    targets: Targets
    category: NDArray[np.int32]  # (E,) codes in [0, n_categories)
    n_categories: int
    order: OrderSettings
    rng: np.random.Generator

    def moments(self, past: NDArray[np.int64] | None = None) -> Moments:
        """The targets as categories, with their past as it is or as given."""
        padded = np.append(self.category, np.int32(self.n_categories))  # the last one answers PADDING
        known, targets = self.histories, self.targets
        newest = known.offsets[targets.user] + targets.seen - 1
        depth = np.minimum(targets.seen, self.order.history)
        return Moments(
            truth=self.category[targets.event],
            past=padded[targets.past if past is None else past],
            time=known.time[targets.event],
            since=known.time[newest - depth + 1],
            until=known.time[newest],
            user=targets.user,
            n_categories=self.n_categories,
        )

    def shuffled(self) -> Moments:
        """The same with each past's events in random order."""
        return self.moments(shuffle_events(self.targets.past, rng=self.rng))

    def by_session(self) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Each past with its earlier sessions permuted, and the targets that have two of them."""
        session = self.histories.session
        return shuffle_sessions(
            self.targets.past,
            session_of_event=session,
            target_session=session[self.targets.event],
            rng=self.rng,
        )

    def session_shuffled(self) -> Moments:
        """The same with each past's earlier sessions permuted as blocks."""
        return self.moments(self.by_session()[0])


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
    moments, users = played.moments(), played.targets.user
    blind = blind_losses(moments, folds)
    original = ordered_losses(moments, folds, settings=played.order)
    null = _null(played.shuffled, folds, played.order)
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
    original = ordered_losses(played.moments(), folds, settings=played.order).full
    sessions = _null(played.session_shuffled, folds, played.order).full
    events = _null(played.shuffled, folds, played.order).full
    gains = np.stack([sessions - original, events - sessions], axis=1)[eligible]
    sums = _Sums(gains, played.targets.user[eligible], played.rng)
    return {"across_sessions": sums.mean(0), "within_session": sums.mean(1)}


def _null(shuffle: Callable[[], Moments], folds: Sequence[Fold], order: OrderSettings) -> OrderedLosses:
    """Losses averaged over permutations, everything about order learnt anew on each."""
    runs = [ordered_losses(shuffle(), folds, settings=order) for _ in range(order.permutations)]
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
