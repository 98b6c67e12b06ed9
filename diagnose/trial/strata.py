"""Kinds of targets and of rivals: where a lift comes from. No stratum carries a verdict.

Strata     repeats and new items; rivals drawn by popularity and from the true item's category; users with
           few and with many earlier events; true items unseen and seen in the statistics window.
Statistic  `lift` (DIEN - DNN) among the targets, or against the rivals, of one kind.
Null       no lift in the stratum; p values are adjusted for the number of strata (Holm 1979), which holds
           whatever hangs together among them.
Interval   users and seeds, as every number of the trial (inference.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnose.predictors.ranking import auc_per_target
from diagnose.results import Stratum
from diagnose.trial.inference import Spread, holm, p_value, per_user, spread
from diagnose.trial.task import Split

FIRST, SECOND = "dien", "dnn"  # the arms of `lift`

Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Tried:
    """The test targets that were tried, before any was dropped or left out. Shapes: (T,)."""

    repeat: Flags
    kept: Flags  # had candidates
    cold_user: Flags
    cold_item: Flags


@dataclass(frozen=True, eq=False)
class Kinds:
    """What the strata need and the arms are not told, of n test targets, C candidates, and of all tried."""

    cold_user: Flags  # (n,)
    cold_item: Flags  # (n,)
    by_category: Flags  # (n, C) drawn from the true item's category
    drawn: bool  # rivals were drawn by us, not shown to the user
    tried: Tried


@dataclass(frozen=True, eq=False)
class _Kind:
    """One stratum: its targets, its rivals, and which of the tried targets were of it."""

    members: Flags  # (n,)
    tried: Flags  # (T,)
    rivals: Flags | None = None  # (n, C); None is all


def strata(
    test: Split,
    scores: Mapping[str, NDArray[np.float32]],
    kinds: Kinds,
    *,
    rng: np.random.Generator,
) -> tuple[Stratum, ...]:
    """Each kind's share before any target was dropped, what was dropped, and its lift. scores: (S, n, C)."""
    measured, seed = {FIRST, SECOND} <= scores.keys(), int(rng.integers(2**63))
    named = dict(_kinds(test, kinds))
    spreads = {
        name: found
        for name, kind in named.items()
        if measured and (found := _lift(test, scores, kind, seed=seed)) is not None
    }
    adjusted = dict(zip(spreads, holm([p_value(found) for found in spreads.values()]), strict=True))
    return tuple(
        Stratum(
            name=name,
            share=float(kind.tried.mean()) if len(kind.tried) else 0.0,
            targets=int(kind.members.sum()),
            dropped=int((kind.tried & ~kinds.tried.kept).sum()),
            lift=spreads[name].estimate("GAUC") if name in spreads else None,
            p_adjusted=adjusted.get(name),
        )
        for name, kind in named.items()
    )


def _kinds(test: Split, kinds: Kinds) -> Iterator[tuple[str, _Kind]]:
    tried = kinds.tried
    yield "repeat", _Kind(test.repeat, tried.repeat)
    yield "new", _Kind(~test.repeat, ~tried.repeat)
    if kinds.drawn:  # only a new item's rivals are drawn in two ways
        for name, rivals in (("rivals_popular", ~kinds.by_category), ("rivals_category", kinds.by_category)):
            of_kind = rivals & test.mask & ~test.repeat[:, None]
            members: Flags = np.any(of_kind[:, 1:], axis=1)
            yield name, _Kind(members, ~tried.repeat, of_kind)
    yield "cold_user", _Kind(kinds.cold_user, tried.cold_user)
    yield "warm_user", _Kind(~kinds.cold_user, ~tried.cold_user)
    yield "cold_item", _Kind(kinds.cold_item, tried.cold_item)
    yield "known_item", _Kind(~kinds.cold_item, ~tried.cold_item)


def _lift(test: Split, scores: Mapping[str, NDArray[np.float32]], kind: _Kind, *, seed: int) -> Spread | None:
    """The lift in a stratum; None where fewer than two users have targets of it.

    All strata resample from one seed: two that hold the same targets have the same interval.
    """
    rows = kind.members
    if len(np.unique(test.user[rows])) < 2:
        return None
    mask = (test.mask if kind.rivals is None else kind.rivals)[rows]
    auc = {arm: np.stack([auc_per_target(s[rows], mask) for s in scores[arm]]) for arm in (FIRST, SECOND)}
    sums = per_user(auc[FIRST] - auc[SECOND], test.user[rows], test.weight[rows])
    return spread(sums, rng=np.random.default_rng(seed))
