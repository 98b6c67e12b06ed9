"""The moving parts of every world: tastes, interests that last, sessions on a clock, items by popularity.

All of it works on flat arrays of events, users one after another in the order of their events, so that
a million events take a second or two. A step of an interest is *kept*, *directed* (to the successor on a
fixed cycle of the categories) or *renewed* (drawn from the user's taste); without directed steps the
chance-corrected probability that two events share a category is then exactly the probability that no
renewal lies between them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SECONDS_PER_DAY = 86_400
SPIKES = 8  # bursts of popularity over a span: about one a week in two months
SPIKE_SHARE = 1 / 48  # of the span that a burst lasts: a day of seven weeks


@dataclass(frozen=True, kw_only=True)
class Rhythm:
    """When events happen. Seconds between two events of a session, and at least between two sessions."""

    days: float
    mean_pause: float = 60.0
    longest_pause: float = 1_200.0  # under the customary session gap of 30 minutes
    shortest_break: float = 3_600.0  # well over that gap


def lengths(users: int, mean: float, *, heavy_tailed: bool, rng: np.random.Generator) -> NDArray[np.int64]:
    """Events (or sessions) of each user, shape (users,): all alike, or log-normal with that mean."""
    if not heavy_tailed:
        return np.full(users, max(1, round(mean)), dtype=np.int64)
    spread = 0.8  # sigma of log-counts: the top tenth of users then does a third of everything
    drawn = rng.lognormal(np.log(mean) - spread**2 / 2, spread, users)
    return np.maximum(1, np.rint(drawn)).astype(np.int64)


def first_of(lengths_: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Marks the first event of each user; every length is at least 1. Shape (events,)."""
    first = np.zeros(int(lengths_.sum()), dtype=np.bool_)
    first[np.cumsum(lengths_) - lengths_] = True
    return first


def carry_forward(mark: NDArray[np.bool_]) -> NDArray[np.int64]:
    """For each position the last marked position at or before it; position 0 must be marked."""
    return np.maximum.accumulate(np.where(mark, np.arange(len(mark)), 0))


def tastes(
    users: int, popularity: NDArray[np.float64], *, breadth: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """One Dirichlet taste a user, mean `popularity` (K,), shape (users, K).

    `breadth` is the Dirichlet's total weight: with 3, a user's events fall mostly on two or three categories.
    """
    weights = rng.gamma(np.broadcast_to(breadth * popularity, (users, len(popularity)))) + 1e-12
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def zipf(size: int, exponent: float) -> NDArray[np.float64]:
    """Probabilities proportional to rank^-exponent, shape (size,)."""
    weights = np.arange(1, size + 1, dtype=np.float64) ** -exponent
    return np.asarray(weights / weights.sum())


def draw_rows(
    table: NDArray[np.float64], row: NDArray[np.int64], *, rng: np.random.Generator
) -> NDArray[np.int64]:
    """One draw for each entry of `row` (n,) from that row's distribution. table (R, K) -> (n,) in [0, K)."""
    rows, size = table.shape
    cumulative = np.cumsum(table, axis=1)
    cumulative /= cumulative[:, -1:]
    flat = (cumulative + np.arange(rows)[:, None]).ravel()
    found = np.searchsorted(flat, row + rng.random(len(row)), side="right") - row * size
    return np.asarray(np.clip(found, 0, size - 1), dtype=np.int64)


def draw_trending(
    table: NDArray[np.float64],
    row: NDArray[np.int64],
    *,
    log_weight: NDArray[np.float64],
    moment: NDArray[np.int64],
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """Draws from taste x popularity at the time, by rejection. log_weight (T, K), moment (n,) in [0, T)."""
    tallest = log_weight.max(axis=1)
    drawn = np.empty(len(row), dtype=np.int64)
    waiting = np.arange(len(row))
    while len(waiting):
        proposal = draw_rows(table, row[waiting], rng=rng)
        slot = moment[waiting]
        taken = rng.random(len(waiting)) < np.exp(log_weight[slot, proposal] - tallest[slot])
        drawn[waiting[taken]] = proposal[taken]
        waiting = waiting[~taken]
    return drawn


def rotating(moments: int, size: int, *, strength: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Log-popularity that turns once over the span, each category at its own phase, shape (moments, size)."""
    phase = rng.random(size)
    angle = 2 * np.pi * (np.arange(moments)[:, None] / moments - phase[None, :])
    return np.asarray(strength * np.cos(angle))


def spikes(moments: int, size: int, *, height: float, rng: np.random.Generator) -> NDArray[np.float64]:
    """Log-popularity: `height` for one category at a few short times, else 0; shape (moments, size)."""
    weight = np.zeros((moments, size))
    lasts = max(1, round(moments * SPIKE_SHARE))
    begin = rng.integers(0, moments - lasts + 1, SPIKES)
    category = rng.integers(0, size, SPIKES)
    for after in range(lasts):
        weight[begin + after, category] = height
    return weight


def follow(
    fresh: NDArray[np.int64],
    renewed: NDArray[np.bool_],
    directed: NDArray[np.bool_],
    *,
    cycle: NDArray[np.int64],
) -> NDArray[np.int64]:
    """The chain of interests: `fresh` where renewed, one place on along `cycle` where directed, else kept.

    `cycle` (K,) lists the categories in the order of the planted paths. All shapes (events,) but that.
    """
    place = np.empty_like(cycle)
    place[cycle] = np.arange(len(cycle))
    source = carry_forward(renewed)
    steps = np.cumsum(directed & ~renewed)
    return np.asarray(cycle[(place[fresh[source]] + steps - steps[source]) % len(cycle)])


def session_starts(
    lengths_: NDArray[np.int64], *, mean_events: float, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Marks the first event of each session (geometric lengths with that mean), shape (events,)."""
    return np.asarray(first_of(lengths_) | (rng.random(int(lengths_.sum())) < 1 / mean_events))


def clock(
    lengths_: NDArray[np.int64], starts: NDArray[np.bool_], *, rhythm: Rhythm, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Seconds since the log began, shape (events,): sessions at random moments, never overlapping.

    Within a session events are at least a second apart, so no two of a user tie. A user with more
    sessions than fit runs over the end of the span.
    """
    user = np.repeat(np.arange(len(lengths_)), lengths_)
    drawn = rng.exponential(rhythm.mean_pause, len(starts))
    pause = np.where(starts, 0, 1 + np.minimum(drawn, rhythm.longest_pause).astype(np.int64))
    opening = np.flatnonzero(starts)
    session_user = user[opening]
    busy = np.add.reduceat(pause, opening) + int(rhythm.shortest_break)
    total = np.bincount(session_user, busy, len(lengths_))
    free = np.maximum(0.0, rhythm.days * SECONDS_PER_DAY - total)
    spread = np.sort(session_user + rng.random(len(opening))) - session_user  # sorted within each user
    begin = (spread * free[session_user]).astype(np.int64) + _since_first(busy, session_user)
    within = np.cumsum(pause)
    within -= within[carry_forward(starts)]
    return np.asarray(begin[np.cumsum(starts) - 1] + within, dtype=np.int64)


def _since_first(amount: NDArray[np.int64], group: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sum of `amount` over the earlier entries of the same group; `group` is sorted. Shapes (n,)."""
    before = np.cumsum(amount) - amount
    return np.asarray(before - before[np.searchsorted(group, group)])
