"""What is judged of each pattern of loss: at which rates, and on which targets, the same at all of them.

The lowest rate that leaves enough users with targets sets the targets of the curve: those it leaves. Lower
rates are not measured: a curve on the few who would be left there is one of heavy users, and noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnose.capture.thinned import Behaviour, Loss, Pattern, losses
from diagnose.results import Series
from diagnose.settings import Settings

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Plan:
    """One pattern of loss. `rates` start with 1; nothing else is measured where there is no other.

    `asked` are the targets (n,) of each loss, none of them in two; `users` count those with targets that are
    left at every rate of the settings.
    """

    pattern: Pattern
    rates: tuple[float, ...]
    losses: tuple[Loss, ...]
    asked: tuple[Mask, ...]
    users: Series


def plan(behaviour: Behaviour, pattern: Pattern, *, settings: Settings, rng: np.random.Generator) -> Plan:
    """The rates that can be measured, with their targets; and how many users each rate leaves."""
    ways = losses(behaviour, pattern=pattern, draws=settings.thinning.category_draws, rng=rng)
    rates, users = settings.thinning.rates, []
    reached: tuple[int, tuple[Loss, ...], tuple[Mask, ...]] = (1, (), ())
    for place, rate in enumerate(rates):
        some, asked = _asked(ways, rate, behaviour, settings=settings, rng=rng)
        users.append(_users(asked, behaviour))
        if place == reached[0] and users[-1] >= settings.order.minimum_users:
            reached = place + 1, some, asked
    return Plan(pattern, rates[: reached[0]], reached[1], reached[2], _told(pattern, rates, users))


def _asked(
    ways: Sequence[Loss], rate: float, behaviour: Behaviour, *, settings: Settings, rng: np.random.Generator
) -> tuple[tuple[Loss, ...], tuple[Mask, ...]]:
    """Losses that leave enough users to teach at this rate, and the targets of each.

    A target goes to one of the losses that keep its category, at random and before it is asked whether its
    past is long enough there: the first with a long enough past would get the best of them, and the others
    what it leaves.
    """
    limits, usable = settings.thinning, []
    for way in ways:
        left = way.at(rate)
        enough_categories = not way.of_categories or left.n_categories >= limits.minimum_categories
        if enough_categories and _users([left.enough], behaviour) >= limits.draw_users:
            usable.append((way, left))
    if not usable:
        return (), ()
    in_sight = np.stack([left.in_sight for _, left in usable])
    chosen = np.where(in_sight, rng.random(in_sight.shape), -1.0).argmax(axis=0)
    asked = [left.enough & (chosen == place) for place, (_, left) in enumerate(usable)]
    found = [(way, some) for (way, _), some in zip(usable, asked, strict=True) if some.any()]
    return tuple(way for way, _ in found), tuple(some for _, some in found)


def _users(asked: Sequence[Mask], behaviour: Behaviour) -> int:
    """Users with a target among these."""
    if not asked:
        return 0
    return len(np.unique(behaviour.targets.user[np.any(asked, axis=0)]))


def _told(pattern: Pattern, rates: Sequence[float], users: Sequence[int]) -> Series:
    return Series(
        name=f"users left, thinned by {pattern}",
        x=tuple(rates),
        y=tuple(float(each) for each in users),
        unit_x="share kept",
        unit_y="users with targets",
    )
