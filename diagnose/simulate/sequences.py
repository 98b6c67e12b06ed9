"""Histories with a planted truth, straight from the arrays: what probes are tested against.

Source of the mechanisms: docs/methods/worlds.md. The truth is the arguments.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import MICROSECONDS_PER_SECOND, Histories
from diagnose.simulate import chains

EPOCH_SECONDS = 1_704_067_200  # 2024-01-01 UTC
MOMENTS = 96  # steps of a moving popularity: fine enough to look smooth over weeks
FAVOURITES = 5  # items of a user that it comes back to, where there are any


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is planted. Counts are of behaviour as it happened; the log holds the share `capture` of it."""

    users: int
    events: int  # a user, on average, before any is lost
    seed: int
    categories: int = 30
    breadth: float = 3.0  # total weight of the Dirichlet of tastes; small is narrow
    half_life_events: float | None = None  # an interest is kept with probability 2^(-1/h) an event
    half_life_days: float | None = None  # the same on the clock: 2^(-days between/h)
    directed: float = 0.0  # share of steps that go to the successor on a cycle of the categories
    trend: float = 0.0  # log-amplitude of the catalogue's rotating popularity; 1 is strong
    bursts: float = (
        0.0  # log-height of short spikes of one category's popularity; 2 is seven times as popular
    )
    favourites: float = (
        0.0  # share of events on one of a user's few favourite items, whenever and after whatever
    )
    sticky: bool = False  # one category a session; half-life and paths then act from session to session
    capture: float = 1.0  # share of behaviour that the log holds
    loss: Literal["events", "sessions", "categories"] = "events"
    ties: float = 0.0  # share of events that carry the time of the event before, their order lost
    heavy_tailed: bool = False  # log-normal events a user instead of all alike
    items_per_category: int = 50
    days: float = 42.0
    session_events: float = 4.0


@dataclass(frozen=True, eq=False)
class Planted:
    """A world with what lies behind it, for those who ask how much there was to be known."""

    plan: Plan
    histories: Histories
    taste: NDArray[np.float64]  # of each user of the log, (U, K)
    cycle: NDArray[np.int64]  # the categories in the order in which directed steps go round, (K,)


@dataclass(frozen=True, eq=False)
class _Course:
    """When things happened and to whom; shapes (users,) and (E,)."""

    lengths: NDArray[np.int64]
    starts: NDArray[np.bool_]
    seconds: NDArray[np.int64]

    @property
    def user(self) -> NDArray[np.int64]:
        return np.repeat(np.arange(len(self.lengths)), self.lengths)


def histories(*, users: int, events: int, seed: int, **knobs: Any) -> Histories:
    """Simulated histories of `users` users with about `events` events each; knobs are the fields of Plan.

    >>> len(histories(users=100, events=20, half_life_events=8, seed=1))
    100
    """
    return planted(users=users, events=events, seed=seed, **knobs).histories


def planted(*, users: int, events: int, seed: int, **knobs: Any) -> Planted:
    """The same histories with the tastes and the cycle that they were drawn from."""
    plan = Plan(users=users, events=events, seed=seed, **knobs)
    rng = np.random.default_rng(plan.seed)
    lengths = chains.lengths(plan.users, plan.events, heavy_tailed=plan.heavy_tailed, rng=rng)
    starts = chains.session_starts(lengths, mean_events=plan.session_events, rng=rng)
    seconds = chains.clock(lengths, starts, rhythm=chains.Rhythm(days=plan.days), rng=rng)
    course = _Course(lengths, starts, seconds)
    taste = chains.tastes(plan.users, chains.zipf(plan.categories, 0.5), breadth=plan.breadth, rng=rng)
    cycle = rng.permutation(plan.categories)
    category = chains.follow(*_steps(plan, course, taste, rng), cycle=cycle)
    category, item = _items(plan, category, course, taste, rng)
    kept = _capture(plan, category, starts, rng)
    seconds, order = _tie(plan, lengths, starts, seconds, rng)
    happened = Histories(
        offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
        user=np.sort(rng.integers(0, 2**64, plan.users, dtype=np.uint64)),
        item=item[order],
        category=category[order].astype(np.int32),
        time=(EPOCH_SECONDS + seconds) * MICROSECONDS_PER_SECOND,
        session=np.cumsum(starts)[order].astype(np.int32),
        event=np.zeros(len(item), dtype=np.int16),
        categories=tuple(f"category {k:02d}" for k in range(plan.categories)),
        events=("view",),
        roles=frozenset({"category", "session", "event"}),
    )
    logged = happened.keep_events(kept[order])
    return Planted(plan, _renumber(logged), taste[logged.lengths > 0], cycle)


def _steps(
    plan: Plan, course: _Course, taste: NDArray[np.float64], rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Of every event: what is drawn should the interest be renewed, and whether it is, or is directed."""
    user, first = course.user, chains.first_of(course.lengths)
    weight = _popularity(plan, rng)
    if weight is None:
        fresh = chains.draw_rows(taste, user, rng=rng)
    else:
        moment = _moment(plan, course.seconds)
        fresh = chains.draw_trending(taste, user, log_weight=weight, moment=moment, rng=rng)
    may_change = course.starts if plan.sticky else np.ones_like(course.starts)
    directed = may_change & ~first & (rng.random(len(user)) < plan.directed)
    kept = rng.random(len(user)) < _keep_probability(plan, course.seconds, course.starts)
    return fresh, first | (may_change & ~directed & ~kept), directed


def _popularity(plan: Plan, rng: np.random.Generator) -> NDArray[np.float64] | None:
    """Log-weight of every category over time, for everyone, (MOMENTS, K); None where nothing moves."""
    weight = None
    if plan.trend:
        weight = chains.rotating(MOMENTS, plan.categories, strength=plan.trend, rng=rng)
    if plan.bursts:
        spikes = chains.spikes(MOMENTS, plan.categories, height=plan.bursts, rng=rng)
        weight = spikes if weight is None else weight + spikes
    return weight


def _keep_probability(
    plan: Plan, seconds: NDArray[np.int64], starts: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Probability that an event keeps the interest of the one before, shape (E,)."""
    probability = np.zeros(len(seconds))
    if plan.half_life_events is not None:
        probability += 2 ** (-1 / plan.half_life_events)
    elif plan.half_life_days is not None:
        since = np.diff(seconds, prepend=seconds[:1])
        if plan.sticky:  # the interest is redrawn at session starts only: the age is that of the last start
            opening = seconds[chains.carry_forward(starts)]
            since = seconds - np.concatenate([opening[:1], opening[:-1]])
        probability += 2 ** (-np.maximum(since, 0) / chains.SECONDS_PER_DAY / plan.half_life_days)
    return probability


def _moment(plan: Plan, seconds: NDArray[np.int64]) -> NDArray[np.int64]:
    share = seconds / (plan.days * chains.SECONDS_PER_DAY)
    return np.clip((share * MOMENTS).astype(np.int64), 0, MOMENTS - 1)


def _items(
    plan: Plan,
    category: NDArray[np.int64],
    course: _Course,
    taste: NDArray[np.float64],
    rng: np.random.Generator,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Category and item: Zipf within the category; under a trend the ranks move through the items."""
    size = plan.items_per_category
    rank = _rank(size, len(category), rng)
    if plan.trend:
        rank = (rank + _moment(plan, course.seconds) * size // MOMENTS) % size
    place = category * size + rank
    names = rng.permutation(plan.categories * size)
    if plan.favourites:
        owner = np.repeat(np.arange(plan.users), FAVOURITES)
        favourite = chains.draw_rows(taste, owner, rng=rng) * size + _rank(size, len(owner), rng)
        chosen = course.user * FAVOURITES + rng.integers(0, FAVOURITES, len(place))
        place = np.where(rng.random(len(place)) < plan.favourites, favourite[chosen], place)
    return place // size, np.asarray(names[place])


def _rank(size: int, n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """The place of n items in the popularity of their category."""
    cumulative = np.cumsum(chains.zipf(size, 1.0))
    return np.minimum(np.searchsorted(cumulative, rng.random(n), side="right"), size - 1)


def _capture(
    plan: Plan, category: NDArray[np.int64], starts: NDArray[np.bool_], rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Marks the events that the log holds, shape (E,)."""
    if plan.loss == "events":
        return np.asarray(rng.random(len(category)) < plan.capture)
    if plan.loss == "sessions":
        seen = rng.random(int(starts.sum())) < plan.capture
        return np.asarray(seen[np.cumsum(starts) - 1])
    visible = rng.permutation(plan.categories) < round(plan.capture * plan.categories)
    return np.asarray(visible[category])


def _tie(
    plan: Plan,
    lengths: NDArray[np.int64],
    starts: NDArray[np.bool_],
    seconds: NDArray[np.int64],
    rng: np.random.Generator,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Times with ties planted (inside sessions), in order, and the order of events, ties broken at random."""
    if not plan.ties:
        return seconds, np.arange(len(seconds))
    inside = ~starts
    tied = inside & (rng.random(len(seconds)) < plan.ties / max(float(inside.mean()), 1e-9))
    seconds = seconds[chains.carry_forward(~tied)]
    user = np.repeat(np.arange(plan.users), lengths)
    return seconds, np.lexsort((rng.random(len(seconds)), seconds, user))


def _renumber(logged: Histories) -> Histories:
    """The same events: users without any are gone, items and each user's sessions numbered without gaps."""
    present = logged.with_history(1)
    numbered = np.cumsum(np.diff(present.session, prepend=0) != 0)  # sessions are numbered over all users
    first = np.repeat(numbered[present.offsets[:-1]], present.lengths)
    return replace(
        present,
        item=np.unique(present.item, return_inverse=True)[1].astype(np.int64),
        session=(numbered - first).astype(np.int32),
    )
