"""A shop's behaviour: interests that come, lead on and go; items near one another; a moving catalogue.

With every mechanism off, an event is a draw from (taste, popularity at the time) and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnose.simulate import catalogue, chains
from diagnose.simulate.scene import Scene

MOMENTS = 96  # steps of a moving popularity: hours, not days, at a month's span
STEPS = np.array([0, 1, 2, -1])  # along the shelf, from the last item looked at
STEP_SHARES = np.array([0.20, 0.45, 0.20, 0.15])  # again, one on, two on, one back
EVENTS = ("view", "cart", "purchase")
PURCHASE_AT_END = 0.30  # an interest ends with a purchase so often
CART = 0.08  # of all other events
PURCHASE_AT_RANDOM = 0.03  # where there are no interests that end


@dataclass(frozen=True, eq=False)
class Behaviour:
    """What happened, users one after another in the order of their events. All shapes (events,)."""

    user: NDArray[np.int64]
    seconds: NDArray[np.int64]
    category: NDArray[np.int64]
    place: NDArray[np.int64]  # on the category's shelf
    event: NDArray[np.int64]  # code into EVENTS
    session: NDArray[np.int64]  # over all users
    followed: NDArray[np.bool_]  # first event of an interest that came along a path


@dataclass(frozen=True, eq=False)
class Interests:
    """The interest behind each event, shapes (events,)."""

    first: NDArray[np.bool_]  # first event of a user
    category: NDArray[np.int64]
    began: NDArray[np.bool_]  # first event of an interest
    followed: NDArray[np.bool_]  # ... that came along a path
    glance: NDArray[np.bool_]  # the event is none of the interest


def behave(scene: Scene, *, rng: np.random.Generator) -> Behaviour:
    """Everything that happened in that scene, before anything is lost."""
    length = chains.lengths(scene.users, scene.events_per_user, heavy_tailed=not scene.fixed_length, rng=rng)
    starts = chains.session_starts(length, mean_events=scene.session_events, rng=rng)
    seconds = chains.clock(length, starts, rhythm=chains.Rhythm(days=scene.days), rng=rng)
    user = np.repeat(np.arange(scene.users), length)
    moment = np.clip(
        (seconds / (scene.days * chains.SECONDS_PER_DAY) * MOMENTS).astype(np.int64), 0, MOMENTS - 1
    )
    fresh, other = _draw_fresh(scene, user, moment, rng=rng)
    first = chains.first_of(length)
    began = _began(scene, first, starts, seconds, rng=rng)
    interests = _interests(scene, first, began, fresh, rng=rng)
    category = np.where(interests.glance, other, interests.category)
    place = _places(scene, category, moment, interests, rng=rng)
    event = _events(scene, interests, rng=rng)
    return Behaviour(
        user=user,
        seconds=seconds,
        category=category,
        place=place,
        event=event,
        session=np.cumsum(starts, dtype=np.int64) - 1,
        followed=interests.followed,
    )


def _draw_fresh(
    scene: Scene, user: NDArray[np.int64], moment: NDArray[np.int64], *, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Two independent draws for each event from (taste, popularity of the categories at the time)."""
    size = len(catalogue.SHOP)
    popularity = chains.zipf(size, 0.4)[rng.permutation(size)]
    taste = chains.tastes(scene.users, popularity, breadth=scene.breadth, rng=rng)
    if not scene.trend:
        return chains.draw_rows(taste, user, rng=rng), chains.draw_rows(taste, user, rng=rng)
    weight = chains.rotating(MOMENTS, size, strength=scene.trend, rng=rng)
    first, second = (
        chains.draw_trending(taste, user, log_weight=weight, moment=moment, rng=rng) for _ in range(2)
    )
    return first, second


def _began(
    scene: Scene,
    first: NDArray[np.bool_],
    starts: NDArray[np.bool_],
    seconds: NDArray[np.int64],
    *,
    rng: np.random.Generator,
) -> NDArray[np.bool_]:
    """Marks where an interest begins: renewed on the clock, at each session (sticky), or at each event."""
    if scene.half_life_days is None:
        return starts.copy() if scene.sticky else np.ones_like(starts)
    since = np.maximum(0, np.diff(seconds, prepend=seconds[:1])) / chains.SECONDS_PER_DAY
    return np.asarray(first | (rng.random(len(seconds)) >= 2 ** (-since / scene.half_life_days)))


def _interests(
    scene: Scene,
    first: NDArray[np.bool_],
    began: NDArray[np.bool_],
    fresh: NDArray[np.int64],
    *,
    rng: np.random.Generator,
) -> Interests:
    """Each interest's category: along a path, or as drawn in `fresh`; and the glances elsewhere."""
    opening = np.flatnonzero(began)
    wants = ~first[opening] & (rng.random(len(opening)) < scene.path_share)
    category, followed = _walk(fresh[opening], first[opening], wants)
    interest = np.cumsum(began) - 1
    glance = rng.random(len(began)) < scene.glances
    return Interests(
        first=first,
        category=category[interest],
        began=began,
        followed=began & followed[interest],
        glance=glance,
    )


def _walk(
    fresh: NDArray[np.int64], first: NDArray[np.bool_], wants: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Interests one after another: along a path where one leads on and is wanted, else a fresh one.

    Shapes (interests,). The n-th interests of all users are settled together, then the next ones.
    """
    leads_to = catalogue.successors(catalogue.SHOP, catalogue.SHOP_PATHS)
    category, followed = fresh.copy(), np.zeros(len(fresh), dtype=np.bool_)
    rank = np.arange(len(fresh)) - chains.carry_forward(first)
    turn = np.flatnonzero(wants)
    turn = turn[np.argsort(rank[turn], kind="stable")]
    for same in np.split(turn, np.flatnonzero(np.diff(rank[turn])) + 1):
        onward = leads_to[category[same - 1]]
        category[same] = np.where(onward >= 0, onward, fresh[same])
        followed[same] = onward >= 0
    return category, followed


def _places(
    scene: Scene,
    category: NDArray[np.int64],
    moment: NDArray[np.int64],
    interests: Interests,
    *,
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """Where on its shelf each event's item stands: by popularity, or near the interest's last item.

    A path leads to the same part of the next shelf: the accessories of that computer.
    """
    size = scene.items_per_category
    popularity = catalogue.shelf_popularity(len(catalogue.SHOP), size, rng=rng)
    place = _popular(scene, popularity, category, moment, rng=rng)
    if not scene.near:
        return place
    among = np.flatnonzero(~interests.glance)
    user = np.cumsum(interests.first)[among]
    interest = np.cumsum(interests.began)[among] - 1
    new = np.diff(interest, prepend=-1) != 0
    along = interests.followed[interests.began][interest]
    jump = (new & ~along) | (~new & (rng.random(len(among)) >= scene.near)) | (np.diff(user, prepend=-1) != 0)
    moved = np.cumsum(rng.choice(STEPS, len(among), p=STEP_SHARES))
    source = chains.carry_forward(jump)
    place[among] = (place[among][source] + moved - moved[source]) % size
    return place


def _popular(
    scene: Scene,
    popularity: NDArray[np.float64],
    category: NDArray[np.int64],
    moment: NDArray[np.int64],
    *,
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    """Places drawn by popularity, of the items alive at the time where items are born and die."""
    if scene.life is None:
        return chains.draw_rows(popularity, category, rng=rng)
    visible = catalogue.alive(MOMENTS, popularity.size, life=scene.life, rng=rng)
    table = (visible * popularity.ravel()).reshape(MOMENTS * len(popularity), -1)
    return chains.draw_rows(table, moment * len(popularity) + category, rng=rng)


def _events(scene: Scene, interests: Interests, *, rng: np.random.Generator) -> NDArray[np.int64]:
    """Views, carts and purchases; an interest's last event is often a purchase."""
    chance = rng.random(len(interests.began))
    if scene.half_life_days is None:
        purchase = chance < PURCHASE_AT_RANDOM
    else:
        purchase = np.append(interests.began[1:], True) & (chance < PURCHASE_AT_END)
    cart = ~purchase & (rng.random(len(chance)) < CART)
    return np.asarray(np.select([purchase, cart], [2, 1], 0), dtype=np.int64)
