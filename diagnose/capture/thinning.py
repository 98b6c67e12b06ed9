"""Thinning: would the finding that order informs still hold, had more of the log been lost?

Statistic  Share of the order-blind loss that order saves, as in order information, on what is left of the log
           at rates 1, .6, .3, .1: of single events, of whole sessions, of whole categories (thinned). Users,
           targets and categories are the same at all rates of a curve (thinning_plans).
Null       As in order information: shuffled pasts, everything about order learnt anew at each rate.
Interval   Users resampled with what they teach, the same resamples for all curves; for categories the spread
           between draws of those that stay is added (thinning_curves).
Reference  Cook and Stefanski (1994) on simulation and extrapolation, without the extrapolation: curves tell
           what losing more would do, and nothing of what was lost already.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from diagnose.abreast import abreast
from diagnose.capture.robustness import PREFIX
from diagnose.capture.thinned import PATTERNS, Behaviour, Left, nothing_lost
from diagnose.capture.thinning_curves import Points, curves
from diagnose.capture.thinning_plans import Plan, plan
from diagnose.histories import NO_CATEGORY, Histories
from diagnose.predictors.categories import fold_rare
from diagnose.predictors.order_share import OrderShare, Saved
from diagnose.predictors.targets import cap_per_user, find_targets
from diagnose.results import Measured, Probed, Skipped
from diagnose.settings import OrderSettings, Settings

NAME = "thinning"
QUESTION = "Would the finding still hold, had more of the log been lost?"

Rng = np.random.Generator
Mask = NDArray[np.bool_]


def measure(sample: Histories, *, settings: Settings, rng: Rng, threads: int) -> Probed:
    """The share of the whole log, a curve for each pattern of loss, the rate down to which order is found.

    Where it is not found in the whole log, there is nothing that could be lost, and no such rate.
    """
    behaviour = _behaviour(sample, settings=settings, rng=rng)
    if reason := _too_little(behaviour, settings):
        return Skipped(name=NAME, condition="capture", reason=reason)
    plans = [plan(behaviour, pattern, settings=settings, rng=rng) for pattern in PATTERNS]
    whole, points = _judged(behaviour, plans, settings=settings, rng=rng, threads=threads)
    full, drawn = curves(whole, points, behaviour.targets.user, rng=rng)
    estimates, floor = {"share_full": full}, settings.order.floor_share
    if full.low > floor:
        estimates |= {PREFIX + curve.pattern: curve.holds_until(floor) for curve in drawn}
    return Measured(
        name=NAME,
        condition="capture",
        users=len(np.unique(behaviour.targets.user)),
        estimates=estimates,
        series=(*(curve.series for curve in drawn), *(each.users for each in plans)),
    )


def _behaviour(sample: Histories, *, settings: Settings, rng: Rng) -> Behaviour:
    """Some users, and as many targets of each as all of them together may have."""
    order, limits, wanted = settings.order, settings.thinning, None
    known = sample.keep_events(sample.category != NO_CATEGORY).with_history(1)
    if len(known) > limits.users:
        known = known.select(np.sort(rng.choice(len(known), limits.users, replace=False)))
    if settings.target_event is not None:
        wanted = np.flatnonzero(np.array(known.events) == settings.target_event)
    found = find_targets(known, history=0, minimum_history=order.minimum_history, event_codes=wanted)
    most = limits.maximum_targets // max(1, len(np.unique(found.user)))
    category, n = fold_rare(known.category, n_categories=known.n_categories, maximum=order.maximum_categories)
    return Behaviour(
        histories=known,
        targets=cap_per_user(found, per_user=min(order.targets_per_user, max(1, most)), rng=rng),
        category=category,
        n_categories=n,
        history=order.history,
        minimum_history=order.minimum_history,
    )


def _too_little(behaviour: Behaviour, settings: Settings) -> str | None:
    users, needed = len(np.unique(behaviour.targets.user)), settings.order.minimum_users
    if users < needed:
        return (
            f"{users:,} users have a target with {settings.order.minimum_history} earlier events in known "
            f"categories; the probe needs {needed:,}"
        )
    return (
        "all events are of one category: there is nothing to predict" if behaviour.n_categories < 2 else None
    )


def _judged(
    behaviour: Behaviour, plans: Sequence[Plan], *, settings: Settings, rng: Rng, threads: int
) -> tuple[Saved, list[Points]]:
    """What order saves in the whole log, on all targets; and at every rate of each plan, on the plan's."""
    order = replace(settings.order, permutations=settings.thinning.permutations)
    measured = [each for each in plans if each.losses]
    everything = np.ones(len(behaviour.targets), dtype=np.bool_)
    asked = [everything, *(some for each in measured for some in each.asked)]
    learn = partial(_saved, settings=order)
    work: list[Callable[[], list[Saved]]] = [
        partial(learn, nothing_lost(behaviour).at(1.0), asked, rng=rng.spawn(1)[0])
    ]
    for each in measured:
        for rate in each.rates[1:]:
            for way, some in zip(each.losses, each.asked, strict=True):
                work.append(partial(learn, way.at(rate), [some], rng=rng.spawn(1)[0]))
    (whole, *at_one), *rest = abreast(work, threads=threads)
    first, later = iter(at_one), (saved for (saved,) in rest)
    return whole, [
        Points(
            each.pattern,
            each.rates,
            tuple(tuple(next(first if rate == 1 else later) for _ in each.losses) for rate in each.rates),
        )
        for each in measured
    ]


def _saved(left: Left, asked: Sequence[Mask], *, settings: OrderSettings, rng: Rng) -> list[Saved]:
    """What order saves of some targets each time, (n,), on what is left of the log."""
    rows, n = left.rows(), len(left.enough)
    moments, histories, category = left.moments(rows)
    run = OrderShare.of(moments, histories, category=category, settings=settings, rng=rng)
    return [run.saved(some[rows]).spread(rows, n) for some in asked]
