"""What the order of a planted world is worth to one who knows everything but the future.

Full    knows the user's taste, the chances of a step and the last interest: with directed share d and
        chance k of keeping, P(y) = d [y follows the last] + (1 - d) (k [y is the last] + (1 - k) taste(y)).
Blind   knows the same and the past without its order: each past event may have been the last, so [y is the
        last] becomes its share of the past, and [y follows the last] the share of the category before y.
Value   mean of log2 P_full / P_blind over events with enough past: what a measure of order ought to rank by.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import Histories
from diagnose.simulate.sequences import Plan, Planted

Integers = NDArray[np.int64]
Numbers = NDArray[np.float64]


def order_value(world: Planted, *, minimum_history: int = 4) -> float:
    """Bits an event that the oracle gains from order, over events with so many earlier ones."""
    target = np.flatnonzero(world.histories.rank >= minimum_history)
    full, blind = probabilities(world, target)
    return float(np.log2(full / blind).mean())


def probabilities(world: Planted, target: Integers) -> tuple[Numbers, Numbers]:
    """Chance of what came at these events (n,), no user's first: to the full oracle, to the blind one."""
    plan, seen = _known(world.plan), world.histories
    category, user = seen.category.astype(np.int64), seen.user_of_event
    before = np.empty_like(world.cycle)  # the category that leads to each
    before[world.cycle] = np.roll(world.cycle, 1)
    truth, last = category[target], category[target - 1]
    taste = world.taste[user[target], truth]
    length = seen.rank[target]
    full = _chance(
        plan, taste, follows=(before[truth] == last).astype(float), stays=(truth == last).astype(float)
    )
    blind = _chance(
        plan,
        taste,
        follows=_earlier(seen, target, before[truth]) / length,
        stays=_earlier(seen, target, truth) / length,
    )
    return full, blind


def _chance(plan: Plan, taste: Numbers, *, follows: Numbers, stays: Numbers) -> Numbers:
    keep = 2 ** (-1 / plan.half_life_events) if plan.half_life_events is not None else 0.0
    renewed = keep * stays + (1 - keep) * taste
    return np.asarray(plan.directed * follows + (1 - plan.directed) * renewed)


def _earlier(histories: Histories, target: Integers, wanted: Integers) -> Integers:
    """How many events of its user before each target are of the wanted category, shape (n,)."""
    size, longest = histories.n_categories, int(histories.lengths.max()) + 1
    user, rank = histories.user_of_event, histories.rank
    key = np.sort((user * size + histories.category) * longest + rank)
    cell = (user[target] * size + wanted) * longest
    return np.asarray(np.searchsorted(key, cell + rank[target]) - np.searchsorted(key, cell))


def _known(plan: Plan) -> Plan:
    """The plan, if its steps are those of the header."""
    simple = replace(
        plan, half_life_days=None, trend=0.0, bursts=0.0, favourites=0.0, sticky=False, capture=1.0, ties=0.0
    )
    if plan != simple:
        raise ValueError("the oracle knows half-lives in events and directed steps, all of them logged")
    return plan
