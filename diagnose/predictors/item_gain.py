"""AUC of the next item with and without order, on users that taught neither the counts nor the weights.

One rotation: counts from some users, weights from others, AUCs on yet others. All that a shuffle changes
is how old each event of a history is taken to be, so every candidate meets every event once, and a
shuffled history is the same comparisons under other ages.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import Histories
from diagnose.predictors.candidates import Candidates, draw
from diagnose.predictors.eligibility import Stock
from diagnose.predictors.item_features import (
    Features,
    Matches,
    bag_terms,
    last_event_terms,
    match,
    moment_terms,
    platform_terms,
    recency_terms,
    stack,
)
from diagnose.predictors.item_statistics import ItemCounts, Statistics
from diagnose.predictors.ranking import auc_per_target, log_loss_per_target
from diagnose.predictors.scorer import Scorer, fit_scorer
from diagnose.predictors.shuffles import event_order
from diagnose.predictors.targets import Targets
from diagnose.predictors.trailing import Trailing
from diagnose.predictors.trees import Choices, boosted, steps_of

HALF_LIVES = np.array([1.0, 2.0, 4.0, 8.0, 16.0])  # events; beyond, a history of 50 is nearly a bag [0006]
SEARCH_TARGETS = 4_000  # for choosing among half-lives; the weights are then fitted to all [0006]


@dataclass(frozen=True, eq=False)
class Roles:
    """Whose events teach the counts (mask (U,)), whose targets weigh the features, whose are judged."""

    teach: NDArray[np.bool_]
    weigh: NDArray[np.bool_]
    judge: NDArray[np.bool_]

    @classmethod
    def of(cls, fold: NDArray[np.int64], *, turn: int, folds: int) -> Roles:
        """Fold `turn` is judged, the next one weighs, the others teach."""
        judge, weigh = fold == turn, fold == (turn + 1) % folds
        return cls(~(judge | weigh), weigh, judge)


@dataclass(frozen=True, eq=False)
class Fitted:
    """Features (n, C, F) of a rotation, the weights that fit them, and their half-life in events, if any."""

    features: Features
    scorer: Scorer
    half_life: float | None


@dataclass(frozen=True, eq=False)
class Rotation:
    """One rotation's targets of both kinds, laid out for scoring. Shapes: n targets, C candidates.

    `row` (n,) says which of all targets each is, `judged` (n,) whether it is judged or weighs.
    """

    histories: Histories
    statistics: Statistics
    targets: Targets
    candidates: Candidates
    row: NDArray[np.int64]
    judged: NDArray[np.bool_]
    matches: Matches
    blind: Features  # (n, C, F)

    def without_order(self) -> Fitted:
        """The order-blind features, weighed."""
        return self._weighed(self.blind)

    def with_order(self, age: NDArray[np.integer], last: NDArray[np.int64]) -> Fitted:
        """Order-aware features added, under the half-life that fits best.

        `age` (n, H) is the age of each column of the past, `last` (n,) the flat index of the latest event.
        """
        past = self.targets.past
        recent = recency_terms(self.matches, past=past, age=age, half_lives=HALF_LIVES)
        fixed = last_event_terms(self.histories, self.candidates, self.statistics, last=last)
        few = self._weigh[:: 1 + len(self._weigh) // SEARCH_TARGETS]
        losses: list[float] = []
        scorer = None
        for term in range(len(HALF_LIVES)):
            terms = [*(part[few, :, term] for part in recent), *(part[few] for part in fixed)]
            features = self._with(terms, few)
            scorer = self._fit(features, few, start=scorer)
            losses.append(self._loss(features, few, scorer))
        best = int(np.argmin(losses))
        features = self._with([*(part[..., best] for part in recent), *fixed], np.arange(len(self.row)))
        return self._weighed(features, float(HALF_LIVES[best]))

    def judge(self, fitted: Fitted) -> NDArray[np.float64]:
        """AUC of each judged target by the conditional logit."""
        scores = fitted.scorer.score(fitted.features[self.judged], self.candidates.repeat[self.judged])
        return auc_per_target(scores, self.candidates.mask[self.judged])

    def judge_with_trees(self, fitted: Fitted) -> NDArray[np.float64]:
        """The same with trees added to the logit, which see interactions, also with those of the moment."""
        if not len(self.row):  # nothing to read quantiles from
            return self.judge(fitted)
        scores = fitted.scorer.score(fitted.features, self.candidates.repeat)
        added = fitted.features[..., self.blind.shape[2] :].reshape(self.candidates.item.size, -1)
        steps = np.concatenate([self._blind_steps, steps_of(added)])
        return auc_per_target(boosted(scores, steps, self._choices), self.candidates.mask[self.judged])

    @cached_property
    def _weigh(self) -> NDArray[np.int64]:
        return np.flatnonzero(~self.judged)

    @cached_property
    def _choices(self) -> Choices:
        return Choices(
            mask=self.candidates.mask,
            user=self.targets.user,
            repeat=self.candidates.repeat,
            weigh=self._weigh,
            judge=np.flatnonzero(self.judged),
        )

    @cached_property
    def _blind_steps(self) -> NDArray[np.uint8]:
        """Steps of the order-blind features and of the moment, which no shuffle changes, (F, n * C)."""
        moment = moment_terms(self.histories, self.targets, repeat=self.candidates.repeat)
        ours = steps_of(self.blind.reshape(-1, self.blind.shape[2]))
        return np.concatenate([ours, np.repeat(steps_of(moment), self.candidates.item.shape[1], axis=1)])

    def _with(self, terms: list[Features], rows: NDArray[np.int64]) -> Features:
        """Order-blind features of some rows with order-aware terms added."""
        return np.concatenate([self.blind[rows], stack(terms, self.candidates.mask[rows])], axis=2)

    def _weighed(self, features: Features, half_life: float | None = None) -> Fitted:
        return Fitted(features, self._fit(features[self._weigh], self._weigh), half_life)

    def _fit(self, features: Features, rows: NDArray[np.int64], start: Scorer | None = None) -> Scorer:
        return fit_scorer(
            features,
            self.candidates.mask[rows],
            self.targets.user[rows],
            repeat=self.candidates.repeat[rows],
            start=start,
        )

    def _loss(self, features: Features, rows: NDArray[np.int64], scorer: Scorer) -> float:
        scores = scorer.score(features, self.candidates.repeat[rows])
        return float(np.sum(log_loss_per_target(scores, self.candidates.mask[rows])))


@dataclass(frozen=True, eq=False)
class Ground:
    """A log laid out for all rotations: for counting, for looking back, for drawing candidates."""

    histories: Histories
    fold: NDArray[np.int64]  # (U,)
    counts: ItemCounts
    trailing: Trailing
    stock: Stock | None  # None where each rotation has its own: positions, whose window holds the future
    eligible_days: float

    @classmethod
    def of(cls, histories: Histories, fold: NDArray[np.int64], *, folds: int, eligible_days: float) -> Ground:
        """`fold` (U,) deals the users into so many folds."""
        counts = ItemCounts.of(histories, group=fold[histories.user_of_event], groups=folds)
        return cls(
            histories=histories,
            fold=fold,
            counts=counts,
            trailing=Trailing.of(histories, item_category=counts.item_category),
            stock=Stock.of(histories, eligible_days=eligible_days) if histories.clock else None,
            eligible_days=eligible_days,
        )

    def stock_for(self, roles: Roles) -> Stock:
        """What a rotation draws its candidates from."""
        if self.stock is not None:
            return self.stock
        return Stock.of(self.histories, eligible_days=self.eligible_days, pool=roles.teach)


def prepare(
    ground: Ground, targets: Targets, *, roles: Roles, negatives: int, rng: np.random.Generator
) -> Rotation:
    """Draw candidates for the targets that weigh and are judged, and compare them with the past."""
    histories, row = ground.histories, np.flatnonzero((roles.weigh | roles.judge)[targets.user])
    stock = ground.stock_for(roles)
    kept, candidates = draw(histories, targets.take(row), stock=stock, negatives=negatives, rng=rng)
    statistics = ground.counts.of_groups(np.unique(ground.fold[roles.teach]).tolist())
    matches = match(histories, candidates, statistics, past=kept.past)
    terms = platform_terms(histories, kept, candidates, statistics, trailing=ground.trailing)
    return Rotation(
        histories=histories,
        statistics=statistics,
        targets=kept,
        candidates=candidates,
        row=row[np.isin(targets.event[row], kept.event)],
        judged=roles.judge[kept.user],
        matches=matches,
        blind=stack([*terms, *bag_terms(matches, past=kept.past)], candidates.mask),
    )


def as_it_was(past: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Ages and latest event of the past (n, H) in the order of the log: (n, H) and (n,)."""
    return np.broadcast_to(np.arange(past.shape[1]), past.shape), past[:, 0]


def shuffled(
    past: NDArray[np.int64], *, rng: np.random.Generator
) -> tuple[NDArray[np.uint16], NDArray[np.int64]]:
    """The same for a random order of each row's events."""
    order = event_order(past, rng=rng)
    age = np.empty_like(order)
    np.put_along_axis(age, order, np.arange(past.shape[1], dtype=age.dtype)[None], axis=1)
    return age, past[np.arange(len(past)), order[:, 0]]
