"""Users who view, put in the cart and buy, on a log that starts in the middle of it and loses a share.

Every purchase has its own item, at least one view before it (unless it is direct) and one cart; other items
are only viewed. Views lie days apart, so that some lie before the log.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import MICROSECONDS_PER_DAY, Histories

EVENTS = ("view", "cart", "purchase")
VIEW, CART, PURCHASE = range(3)
SESSION_DAYS = 1 / 48  # half an hour


@dataclass(frozen=True, kw_only=True)
class FunnelPlan:
    """What happens and what is recorded."""

    users: int = 2_000
    purchases: float = 6.0  # a user, mean
    views: float = 4.0  # before a purchase, mean
    spread: float = 1.0  # of the negative binomial count beyond the first: 0 is Poisson, 1 geometric
    browsed: float = 10.0  # items a user views only, mean
    lag_days: float = 1.5  # from a view to the purchase, mean
    days: float = 60.0
    direct: float = 0.0  # share of purchases that need no view
    capture: float = 1.0
    loss: Literal["events", "sessions"] = "events"


def funnels(plan: FunnelPlan, *, rng: np.random.Generator) -> Histories:
    """The log of such users. Users without an event on record stay, with none."""
    bought = rng.poisson(plan.purchases, plan.users)
    looked = rng.poisson(plan.browsed, plan.users)
    whose = np.repeat(np.tile(np.arange(plan.users), 2), np.concatenate([bought, looked]))
    buys = np.arange(len(whose)) < bought.sum()
    direct = buys & (rng.random(len(whose)) < plan.direct)
    views = np.where(direct, 0, 1 + _further(plan, len(whose), rng=rng))
    ends = rng.random(len(whose)) * plan.days
    carts = buys & ~direct
    chain = np.concatenate(
        [np.repeat(np.arange(len(whose)), views), np.flatnonzero(carts), np.flatnonzero(buys)]
    )
    event = np.repeat([VIEW, CART, PURCHASE], [views.sum(), carts.sum(), buys.sum()])
    before = np.select(
        [event == VIEW, event == CART], [rng.exponential(plan.lag_days, len(chain)) + 2e-3, 1e-3], 0.0
    )
    time = ends[chain] - before
    return _recorded(plan, whose[chain], chain, event, time, rng=rng)


def _further(plan: FunnelPlan, size: int, *, rng: np.random.Generator) -> NDArray[np.int64]:
    mean = np.full(size, plan.views - 1)
    if plan.spread:
        mean = mean * rng.gamma(1 / plan.spread, plan.spread, size)
    return rng.poisson(mean)


def _recorded(
    plan: FunnelPlan,
    user: NDArray[np.int64],
    item: NDArray[np.int64],
    event: NDArray[np.int64],
    days: NDArray[np.float64],
    *,
    rng: np.random.Generator,
) -> Histories:
    """What of it lies in the log, in order; sessions end with half an hour."""
    order = np.lexsort((days, user))
    order = order[days[order] >= 0]
    user, item, event, days = user[order], item[order], event[order], days[order]
    opens = np.ones(len(user), dtype=bool)
    opens[1:] = (user[1:] != user[:-1]) | (np.diff(days) > SESSION_DAYS)
    session = np.cumsum(opens) - 1
    if plan.loss == "sessions":
        kept = (rng.random(len(opens)) < plan.capture)[session]
    else:
        kept = rng.random(len(user)) < plan.capture
    user, session = user[kept], session[kept]
    offsets = np.searchsorted(user, np.arange(plan.users + 1))
    first = session[np.minimum(offsets[:-1], max(0, len(session) - 1))] if len(session) else session
    return Histories(
        offsets=offsets.astype(np.int64),
        user=np.arange(plan.users, dtype=np.uint64),
        item=item[kept].astype(np.int64),
        category=np.zeros(len(user), dtype=np.int32),
        time=(days[kept] * MICROSECONDS_PER_DAY).astype(np.int64),
        session=(session - first[user]).astype(np.int32),
        event=event[kept].astype(np.int16),
        events=EVENTS,
        roles=frozenset({"event"}),
    )
