"""Item order information: how much better does the *order* of a user's past rank the next item?

Statistic  GAUC of a network-free scorer that sees order (recency, the last event) less that of the same
           scorer without, the true item against equally eligible candidates (predictors/candidates.py).
Null       The same difference on histories whose events are shuffled, weights and half-life fitted anew:
           what order-aware features gain there they gain by being more features, not by order.
Reference  Klenitskiy et al. (2024), "Does It Look Sequential?"; Zhou et al. (2018) for GAUC. Users are
           bootstrapped.

Users are dealt into five folds. Counts (what occurs with what, what follows what) come from three, weights
from the targets of a fourth, AUCs from the fifth, rotated: no pair of a target is in the counts it meets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import Histories
from diagnose.predictors.folds import fold_of_user
from diagnose.predictors.item_gain import Ground, Roles, Rotation, as_it_was, prepare, shuffled
from diagnose.predictors.targets import Targets, cap, cap_per_user, find_targets, look_back
from diagnose.results import Estimate, Measured, Probed, Series, Skipped
from diagnose.settings import ItemOrderSettings, Settings
from diagnose.stats.bootstrap import bootstrap, user_sums

NAME = "item_order_information"
QUESTION = "Does the order of a user's past say which item comes next?"
UNIT = "GAUC"


def measure(histories: Histories, *, settings: Settings, rng: np.random.Generator) -> Probed:
    """Gain, and the GAUC without (blind) and with order (full); gains of repeats and of new items apart."""
    from threadpoolctl import threadpool_limits

    targets, minimum = _targets(histories, settings, rng), settings.item_order.minimum_users
    users = len(np.unique(targets.user))
    if users < minimum:
        return _skip(
            f"{users} of {len(histories)} users have a target with {settings.order.minimum_history} earlier "
            f"events; the probe needs {minimum}"
        )
    with threadpool_limits(1):  # thousands of small products: threads cost more than they bring
        rotations = _rotations(histories, targets, settings, rng)
        judged = _judged(rotations, len(targets), settings.item_order, rng)
    users = len(np.unique(targets.user[judged.valid]))
    if users < minimum:
        return _skip(
            f"{users} of {len(histories)} users have a target whose item was seen in the trailing window and "
            f"that has another item to be ranked against; the probe needs {minimum}"
        )
    return Measured(
        name=NAME,
        condition="drift",
        users=users,
        estimates=_estimates(judged, targets.user, settings.item_order, rng),
        series=(_dropped(rotations),),
    )


@dataclass(frozen=True, eq=False)
class _Aucs:
    """AUCs of all targets (n,), NaN where a target was dropped; `null` is `full` on shuffled histories."""

    blind: NDArray[np.float64]
    full: NDArray[np.float64]
    null: NDArray[np.float64]

    @classmethod
    def empty(cls, n: int) -> _Aucs:
        return cls(*(np.full(n, np.nan) for _ in range(3)))

    @property
    def gain(self) -> NDArray[np.float64]:
        return self.full - self.null


@dataclass(frozen=True, eq=False)
class _Judged:
    """All targets (n,) judged by the logit alone and with trees; one half-life a rotation."""

    logit: _Aucs
    trees: _Aucs
    repeat: NDArray[np.bool_]
    weight: NDArray[np.float64]
    half_lives: list[float]

    @property
    def valid(self) -> NDArray[np.bool_]:
        """Targets that were judged."""
        return np.isfinite(self.logit.full)


def _targets(histories: Histories, settings: Settings, rng: np.random.Generator) -> Targets:
    """The capped targets; their past is looked up last, when few are left."""
    wanted = None
    if settings.target_event is not None:
        wanted = np.flatnonzero(np.array(histories.events) == settings.target_event)
    minimum = settings.order.minimum_history
    found = find_targets(histories, history=0, minimum_history=minimum, event_codes=wanted)
    few = cap_per_user(found, per_user=settings.item_order.targets_per_user, rng=rng)
    few = cap(few, maximum=settings.item_order.maximum_targets, rng=rng)
    longest = int(few.seen.max(initial=1))
    return look_back(histories, few, history=min(settings.item_order.history, longest))


def _rotations(
    histories: Histories, targets: Targets, settings: Settings, rng: np.random.Generator
) -> list[Rotation]:
    folds, fold = settings.item_order.folds, fold_of_user(histories, settings.item_order.folds)
    ground = Ground.of(histories, fold, folds=folds, eligible_days=settings.trial.eligible_days)
    return [
        prepare(
            ground,
            targets,
            roles=Roles.of(fold, turn=turn, folds=folds),
            negatives=settings.item_order.negatives,
            rng=rng,
        )
        for turn in range(folds)
    ]


def _judged(
    rotations: Sequence[Rotation], n: int, settings: ItemOrderSettings, rng: np.random.Generator
) -> _Judged:
    """Every target judged once: without order, with it, and with shuffled orders, by logit and trees."""
    logit, trees = _Aucs.empty(n), _Aucs.empty(n)
    repeat, half_lives = np.zeros(n, dtype=np.bool_), []
    for rotation in rotations:
        row = rotation.row[rotation.judged]
        repeat[row] = rotation.candidates.repeat[rotation.judged]
        half_lives.append(_judge(rotation, row, logit, trees, settings=settings, rng=rng))
    weight = _weight(repeat, np.isfinite(logit.full), _mean_dropped(rotations))
    return _Judged(logit, trees, repeat, weight, half_lives)


def _judge(
    rotation: Rotation,
    row: NDArray[np.int64],
    logit: _Aucs,
    trees: _Aucs,
    *,
    settings: ItemOrderSettings,
    rng: np.random.Generator,
) -> float:
    """Fill in one rotation's rows; the half-life in events that fits its histories as they are."""
    past = rotation.targets.past
    blind, full = rotation.without_order(), rotation.with_order(*as_it_was(past))
    logit.blind[row], trees.blind[row] = rotation.judge(blind), rotation.judge_with_trees(blind)
    logit.full[row], trees.full[row] = rotation.judge(full), rotation.judge_with_trees(full)
    by_logit, by_trees = [], []
    for run in range(settings.permutations):
        null = rotation.with_order(*shuffled(past, rng=rng))
        by_logit.append(rotation.judge(null))
        if run < settings.tree_permutations:
            by_trees.append(rotation.judge_with_trees(null))
    logit.null[row], trees.null[row] = np.mean(by_logit, axis=0), np.mean(by_trees, axis=0)
    return float(full.half_life or np.nan)


def _estimates(
    judged: _Judged, user: NDArray[np.int64], settings: ItemOrderSettings, rng: np.random.Generator
) -> Mapping[str, Estimate]:
    """Means over users. `blind` is the same on shuffled histories, so the gain is full less shuffled full."""
    logit, trees, weight = judged.logit, judged.trees, judged.weight
    rows = {
        "gain": (logit.gain, weight),
        "blind": (logit.blind, weight),
        "full": (logit.full, weight),
        "gain_repeats": (logit.gain, weight * judged.repeat),
        "gain_new": (logit.gain, weight * ~judged.repeat),
        "gain_trees": (trees.gain, weight),
        "blind_trees": (trees.blind, weight),
        "full_trees": (trees.full, weight),
    }
    estimates = {}
    for name, (values, weights) in rows.items():
        chosen = judged.valid & (weights > 0)
        sums = _per_user(values[chosen], weights[chosen], user[chosen])
        if len(sums) >= settings.minimum_users:
            estimates[name] = bootstrap(sums, _ratio, unit=UNIT, rng=rng)
    if estimates["gain"].low > settings.floor:  # without a gain no half-life is better than another
        lives = judged.half_lives
        estimates["recency_half_life"] = Estimate(
            value=float(np.median(lives)), low=min(lives), high=max(lives), unit="events"
        )
    return estimates


def _per_user(
    values: NDArray[np.float64], weights: NDArray[np.float64], user: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Each user's mean of weighted values and mean weight, (U, 2): the ratio of their totals is the GAUC."""
    _, code, counts = np.unique(user, return_inverse=True, return_counts=True)
    return user_sums(np.stack([values * weights, weights], axis=1), code, len(counts)) / counts[:, None]


def _ratio(totals: NDArray[np.float64]) -> NDArray[np.float64]:
    return totals[:, 0] / totals[:, 1]


def _weight(
    repeat: NDArray[np.bool_], valid: NDArray[np.bool_], dropped: Mapping[str, float]
) -> NDArray[np.float64]:
    """What restores repeats and new items to their shares before targets were dropped, shape (n,)."""
    weight = np.zeros(len(repeat))
    for name, members in (("repeat", repeat & valid), ("new", ~repeat & valid)):
        lost = sum(count for reason, count in dropped.items() if reason.startswith(name))
        kept = int(np.count_nonzero(members))
        weight[members] = 1 + lost / max(kept, 1)
    return weight


def _dropped(rotations: Sequence[Rotation]) -> Series:
    """Targets left out, by kind and reason. Each target is drawn for twice, hence halves."""
    counts = _mean_dropped(rotations)
    return Series(
        name="targets dropped",
        x=tuple(counts),
        y=tuple(counts.values()),
        unit_x="reason",
        unit_y="targets",
    )


def _mean_dropped(rotations: Sequence[Rotation]) -> dict[str, float]:
    kinds = rotations[0].candidates.dropped
    return {kind: sum(rotation.candidates.dropped[kind] for rotation in rotations) / 2 for kind in kinds}


def _skip(reason: str) -> Skipped:
    return Skipped(name=NAME, condition="drift", reason=reason)
