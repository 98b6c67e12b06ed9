"""Re-runs: how far does a fault of the log move the item order gain?

Statistic  The gain in GAUC of item order information (without trees) on a log without the events that a fault
           affects, or with the order inside ties drawn anew, less the gain of the log as it is.
Null       None of its own: both gains are differences to shuffled pasts.
Interval   Both gains under the same resamples of users. Targets, candidates and shuffles are shared as far as
           the fault lets them (predictors/item_rerun.py).
Reference  As item order information; Efron and Tibshirani (1993) for paired resampling.

On some users and few targets of each: how far the result moves is asked for, not the result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
from numpy.typing import NDArray

from diagnose.abreast import abreast
from diagnose.histories import Histories
from diagnose.predictors.candidates import draw
from diagnose.predictors.eligibility import Stock
from diagnose.predictors.item_rerun import Ranked
from diagnose.predictors.targets import cap, cap_per_user, find_targets, look_back
from diagnose.settings import Settings
from diagnose.stats.bootstrap import quantile_interval, resample_sums, user_sums

TIES = "ties"

Mask = NDArray[np.bool_]
Numbers = NDArray[np.float64]
Rng = np.random.Generator
Run = Callable[[], tuple[Ranked, Numbers]]  # the targets that were judged, and their gains


def moved(
    sample: Histories, affected: Mapping[str, Mask], *, settings: Settings, rng: Rng, threads: int
) -> Mapping[str, tuple[float, float]]:
    """By how much the gain could differ without the events of each mask (E,), and with "ties" redrawn.

    Empty where too few users can be judged; a fault that leaves too few is not in it.
    """
    ranked, masks = _ranked(sample, affected, settings=settings, rng=rng)
    if len(np.unique(ranked.targets.user)) < settings.item_order.minimum_users:
        return {}
    untouched = [name for name, mask in masks.items() if not mask.any()]
    work: list[tuple[str, Run]] = [
        (name, partial(_without, ranked, mask, settings))
        for name, mask in masks.items()
        if name not in untouched
    ]
    if ranked.histories.first_at_its_time.all():
        untouched.append(TIES)
    else:
        streams = rng.spawn(settings.thinning.tie_redraws)
        work += [(TIES, partial(_redrawn, ranked, settings, stream)) for stream in streams]
    if not work:
        return dict.fromkeys(untouched, (0.0, 0.0))
    first: Run = partial(_run, ranked, settings)
    before, *runs = abreast([first, *(run for _, run in work)], threads=threads)
    shifts: dict[str, list[Numbers]] = {}
    for (name, _), after in zip(work, runs, strict=True):
        if len(np.unique(after[0].targets.user)) >= settings.item_order.minimum_users:
            shifts.setdefault(name, []).append(_shifts(before, after, rng=rng))
    found = {name: quantile_interval(np.concatenate(each)) for name, each in shifts.items()}
    return dict.fromkeys(untouched, (0.0, 0.0)) | found


def _ranked(
    sample: Histories, affected: Mapping[str, Mask], *, settings: Settings, rng: Rng
) -> tuple[Ranked, dict[str, Mask]]:
    """Some users with few targets each, their candidates, and the masks of their events."""
    limits, wanted = settings.thinning, None
    chosen = np.arange(len(sample))
    if len(sample) > limits.rerun_users:
        chosen = np.sort(rng.choice(len(sample), limits.rerun_users, replace=False))
    log, ours = sample.select(chosen), np.isin(sample.user_of_event, chosen)
    if settings.target_event is not None:
        wanted = np.flatnonzero(np.array(log.events) == settings.target_event)
    found = find_targets(log, history=0, minimum_history=settings.order.minimum_history, event_codes=wanted)
    most = max(1, limits.rerun_targets // max(1, len(np.unique(found.user))))
    few = cap(cap_per_user(found, per_user=most, rng=rng), maximum=limits.rerun_targets, rng=rng)
    longest = int(few.seen.max(initial=1))
    few = look_back(log, few, history=min(settings.item_order.history, longest))
    stock = Stock.of(log, eligible_days=settings.trial.eligible_days)
    targets, candidates = draw(log, few, stock=stock, negatives=settings.item_order.negatives, rng=rng)
    ranked = Ranked(log, targets, candidates, np.arange(log.n_events), np.arange(len(targets)))
    return ranked, {name: mask[ours] for name, mask in affected.items()}


def _run(ranked: Ranked, settings: Settings) -> tuple[Ranked, Numbers]:
    return ranked, ranked.gains(folds=settings.item_order.folds, eligible_days=settings.trial.eligible_days)


def _without(ranked: Ranked, mask: Mask, settings: Settings) -> tuple[Ranked, Numbers]:
    days, fewest = settings.trial.eligible_days, settings.order.minimum_history
    return _run(ranked.without(mask, minimum_history=fewest, eligible_days=days), settings)


def _redrawn(ranked: Ranked, settings: Settings, rng: Rng) -> tuple[Ranked, Numbers]:
    return _run(ranked.with_ties_redrawn(rng=rng), settings)


def _shifts(before: tuple[Ranked, Numbers], after: tuple[Ranked, Numbers], *, rng: Rng) -> Numbers:
    """The second mean gain less the first, users weighing alike, under resamples of users; (draws,)."""
    n = len(before[0].histories)
    sums = np.concatenate([_per_user(*before, n), _per_user(*after, n)], axis=1)
    totals = resample_sums(sums[sums.any(axis=1)], rng=rng)
    return np.asarray(totals[:, 2] / totals[:, 3] - totals[:, 0] / totals[:, 1])


def _per_user(ranked: Ranked, gains: Numbers, n: int) -> Numbers:
    """Each user's mean gain, and 1; 0 where it has no target: (U, 2)."""
    sums = user_sums(np.stack([gains, np.ones_like(gains)], axis=1), ranked.targets.user, n)
    return np.asarray(sums / np.maximum(sums[:, 1:], 1))
