"""What would be left of a log, had more of it been lost: single events, whole sessions or whole categories.

Every event carries one number in [0, 1) and is kept at a rate above it, so what is kept at a rate is part of
what is kept at any higher one. Single events have a number each, the events of a session share one, and so do
those of a category; which categories stay is one draw of a few, so there are several numberings of them.

A target is an event that somebody predicts, so it was logged. That says nothing of any other event (or
session), so its own number is not asked: it stays a target at every rate, and only its past is thinned. Where
sessions are lost, its own is not; where categories are, only those in sight have targets.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import Histories
from diagnose.predictors.categories import Moments
from diagnose.predictors.targets import PADDING, Targets

Pattern = Literal["events", "sessions", "categories"]
PATTERNS: tuple[Pattern, ...] = ("events", "sessions", "categories")

Mask = NDArray[np.bool_]
Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Behaviour:
    """A log as it is, and its prediction moments. Shapes: E events, n targets."""

    histories: Histories  # events with a category only
    targets: Targets  # without their past
    category: NDArray[np.int32]  # (E,), rare ones folded into one
    n_categories: int
    history: int  # events of the past that a target sees
    minimum_history: int  # earlier events that a target needs

    @cached_property
    def first(self) -> Indices:
        """Flat index that all strictly earlier events of each target's user lie below, (n,)."""
        return np.asarray(self.histories.offsets[self.targets.user] + self.targets.seen)

    @cached_property
    def in_session(self) -> Indices:
        """Strictly earlier events of each target in its own session, (n,)."""
        opens = np.flatnonzero(self.histories.opens_session)
        opened = opens[np.searchsorted(opens, self.targets.event, side="right") - 1]
        return np.asarray(np.maximum(self.first - opened, 0))


@dataclass(frozen=True, eq=False)
class Loss:
    """One way of losing: the number of each event (E,), and the latest events a target cannot lose (n,)."""

    behaviour: Behaviour
    number: NDArray[np.float64]
    safe: Indices | None = None
    of_categories: bool = False

    def at(self, rate: float) -> Left:
        """What is left at that rate."""
        behaviour, kept = self.behaviour, self.number < rate
        running = np.concatenate([[0], np.cumsum(kept)])
        safe = np.zeros_like(behaviour.first) if self.safe is None else self.safe
        end = running[behaviour.first - safe]
        seen = safe + end - running[behaviour.histories.offsets[behaviour.targets.user]]
        in_sight = np.ones(len(behaviour.targets), dtype=np.bool_)
        if self.of_categories:
            in_sight = kept[behaviour.targets.event]
        enough = in_sight & (seen >= behaviour.minimum_history)
        return Left(behaviour, kept, np.flatnonzero(kept), end, safe, seen, in_sight, enough)


def losses(behaviour: Behaviour, *, pattern: Pattern, draws: int, rng: np.random.Generator) -> list[Loss]:
    """The ways of losing by that pattern: one of events or sessions, as many as `draws` of categories."""
    log, n = behaviour.histories, behaviour.n_categories
    if pattern == "events":
        return [Loss(behaviour, rng.random(log.n_events))]
    if pattern == "sessions":
        session = np.cumsum(log.opens_session) - 1
        return [Loss(behaviour, rng.random(int(log.opens_session.sum()))[session], behaviour.in_session)]
    place, starts = rng.permutation(n), np.linspace(0, n, draws, endpoint=False).astype(np.int64)
    numbers = [((place - start) % n + 0.5) / n for start in starts]  # windows on a circle: all get their turn
    return [Loss(behaviour, number[behaviour.category], of_categories=True) for number in numbers]


def nothing_lost(behaviour: Behaviour) -> Loss:
    """The log as it is, at any rate."""
    return Loss(behaviour, np.zeros(behaviour.histories.n_events))


@dataclass(frozen=True, eq=False)
class Left:
    """What is left of a log at one rate, and of the past of its targets."""

    behaviour: Behaviour
    kept: Mask  # (E,)
    index: Indices  # of the kept events
    end: Indices  # (n,) kept events before those that the target cannot lose
    safe: Indices  # (n,) how many these are
    seen: Indices  # (n,) strictly earlier events that are left
    in_sight: (
        Mask  # (n,) targets that such a platform would see; the target's own event cannot be lost singly
    )
    enough: Mask  # (n,) of these, those with enough of a past

    @property
    def n_categories(self) -> int:
        """Categories that are left."""
        return len(np.unique(self.behaviour.category[self.kept]))

    def rows(self) -> Indices:
        """Those targets, short pasts first: rows of like length lie together."""
        some = np.flatnonzero(self.enough)
        shortened = np.minimum(self.seen[some], self.behaviour.history)
        return some[np.argsort(shortened, kind="stable")]

    def past(self, rows: Indices) -> Indices:
        """Flat indices of the last events that are left strictly before some targets, (rows, H)."""
        age = np.arange(self.behaviour.history)
        safe, first = self.safe[rows, None], self.behaviour.first[rows, None]
        place = self.end[rows, None] - 1 - (age - safe)
        kept = self.index[np.clip(place, 0, max(len(self.index) - 1, 0))] if len(self.index) else place
        past = np.where(age < safe, first - 1 - age, kept)
        past[age >= self.seen[rows, None]] = PADDING
        return past

    def moments(self, rows: Indices) -> tuple[Moments, Histories, NDArray[np.int32]]:
        """Some targets as a model would meet them; the events that are left; and their codes, (kept,)."""
        log, category = self.behaviour.histories, self.behaviour.category
        past, last = self.past(rows), np.minimum(self.seen[rows], self.behaviour.history) - 1
        event = self.behaviour.targets.event[rows]
        met = np.zeros(self.behaviour.n_categories, dtype=np.bool_)
        for some in (self.index, event, past[past >= 0]):
            met[category[some]] = True
        n = int(met.sum())
        code = np.append((np.cumsum(met) - 1).astype(np.int32)[category], np.int32(n))  # the last: PADDING
        moments = Moments(
            truth=code[event],
            past=code[past],
            time=log.time[event],
            since=log.time[past[np.arange(len(rows)), last]],
            until=log.time[past[:, 0]],
            user=self.behaviour.targets.user[rows],
            n_categories=n,
        )
        return moments, log.keep_events(self.kept), code[:-1][self.kept]
