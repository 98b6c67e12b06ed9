"""The item order gain of one log and of the same log a little changed, target by target.

What the change has no part in stays: targets, their candidates, and how a past is shuffled, which a hash of
its events decides. So two runs differ by what was changed and by little else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import Histories
from diagnose.predictors.candidates import NONE, Candidates
from diagnose.predictors.eligibility import Moments, Stock
from diagnose.predictors.folds import fold_of_user
from diagnose.predictors.item_features import bag_terms, match, platform_terms, stack
from diagnose.predictors.item_gain import Ground, Roles, Rotation, as_it_was
from diagnose.predictors.shuffles import mix
from diagnose.predictors.targets import Targets, look_back

Mask = NDArray[np.bool_]
Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Ranked:
    """Targets of a log with their candidates; `event_id` (E,) and `target_id` (n,) outlast any change."""

    histories: Histories
    targets: Targets
    candidates: Candidates
    event_id: Indices
    target_id: Indices

    def without(self, affected: Mask, *, minimum_history: int, eligible_days: float) -> Ranked:
        """The same without some events (E,), with those targets and candidates that still follow the rule."""
        log = self.histories.keep_events(~affected)
        running = np.concatenate([[0], np.cumsum(~affected)])
        user, event = self.targets.user, self.targets.event
        seen = running[self.histories.offsets[user] + self.targets.seen] - log.offsets[user]
        there = np.flatnonzero(~affected[event] & (seen >= minimum_history))
        bare = Targets(user[there], running[event[there]], self.targets.past[there], seen[there])
        targets = look_back(log, bare, history=self.targets.past.shape[1])
        item = _still_fair(log, targets, self.candidates.take(there), eligible_days=eligible_days)
        kept = (item[:, 0] != NONE) & (item[:, 1:] != NONE).any(axis=1)
        candidates = replace(self.candidates.take(there[kept]), item=item[kept])
        return Ranked(
            log, targets.take(kept), candidates, self.event_id[~affected], self.target_id[there[kept]]
        )

    def with_ties_redrawn(self, *, rng: np.random.Generator) -> Ranked:
        """The same with the events of each user and time in another order; times stay where they are."""
        log = self.histories
        drawn = np.lexsort((rng.random(log.n_events), log.time, log.user_of_event))
        moved = replace(log, item=log.item[drawn], category=log.category[drawn], event=log.event[drawn])
        return replace(self, histories=moved, event_id=self.event_id[drawn])

    def gains(self, *, folds: int, eligible_days: float) -> NDArray[np.float64]:
        """AUC of each target with order less that on its shuffled past, by the logit, (n,)."""
        log, gains = self.histories, np.full(len(self.targets), np.nan)
        fold = fold_of_user(log, folds)
        ground = Ground.of(log, fold, folds=folds, eligible_days=eligible_days)
        shuffled = self._shuffled()
        for turn in range(folds):
            roles = Roles.of(fold, turn=turn, folds=folds)
            row = np.flatnonzero((roles.weigh | roles.judge)[self.targets.user])
            rotation = self._rotation(ground, roles, row)
            full = rotation.judge(rotation.with_order(*as_it_was(rotation.targets.past)))
            null = rotation.judge(rotation.with_order(*(each[row] for each in shuffled)))
            gains[row[rotation.judged]] = full - null
        return gains

    def _rotation(self, ground: Ground, roles: Roles, row: Indices) -> Rotation:
        targets, candidates = self.targets.take(row), self.candidates.take(row)
        statistics = ground.counts.of_groups(np.unique(ground.fold[roles.teach]).tolist())
        matches = match(self.histories, candidates, statistics, past=targets.past)
        terms = platform_terms(self.histories, targets, candidates, statistics, trailing=ground.trailing)
        return Rotation(
            histories=self.histories,
            statistics=statistics,
            targets=targets,
            candidates=candidates,
            row=row,
            judged=roles.judge[targets.user],
            matches=matches,
            blind=stack([*terms, *bag_terms(matches, past=targets.past)], candidates.mask),
        )

    def _shuffled(self) -> tuple[Indices, Indices]:
        """Ages (n, H) and latest event (n,) of pasts in the order of a hash of target and event."""
        past = self.targets.past
        salt = mix(self.target_id.astype(np.uint64))[:, None]
        keys = mix(self.event_id[past].astype(np.uint64) ^ salt) >> np.uint64(1)
        keys[past < 0] = np.iinfo(np.uint64).max
        order = np.argsort(keys, axis=1, kind="stable")
        age = np.empty_like(past)
        np.put_along_axis(age, order, np.arange(past.shape[1])[None], axis=1)
        return age, past[np.arange(len(past)), order[:, 0]]


def _still_fair(log: Histories, targets: Targets, candidates: Candidates, *, eligible_days: float) -> Indices:
    """Candidates (n, C) as far as the rule still lets them in: NONE where their events are gone.

    All of a target's candidates are eligible, and all are repeats or none is (candidates.py).
    """
    moments = Moments.of(log, targets).take(np.arange(len(targets)))
    item = np.where(candidates.item < log.n_items, candidates.item, NONE)
    stock = Stock.of(log, eligible_days=eligible_days)
    known = stock.earlier.holds(moments.user, item, moments.boundary)
    fair = (item != NONE) & (known == candidates.repeat[:, None])
    return np.where(fair & stock.window.admits(moments.user, item, moments.time), item, NONE)
