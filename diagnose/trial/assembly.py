"""From a log to a `Task`: targets, candidates, the order-blind score, embeddings, histories in three orders."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import Histories
from diagnose.predictors.candidates import Candidates, draw
from diagnose.predictors.eligibility import item_categories
from diagnose.predictors.embeddings import category_embeddings, item_embeddings
from diagnose.predictors.items import Scorer, Statistics, blind_features, fit_scorer, learn_statistics
from diagnose.predictors.shuffles import redraw_ties, shuffle_events
from diagnose.predictors.targets import Targets, cap_per_user, look_back
from diagnose.predictors.trailing import Trailing
from diagnose.settings import BUDGETS, Settings
from diagnose.trial.task import Split, Task, chronological, padded
from diagnose.trial.windows import (
    SCORER,
    STATISTICS,
    TEST,
    TRAINING,
    VALIDATION,
    Cuts,
    some_users,
    spread_out,
    tie_groups,
)

DIMENSIONS = 16  # of item and of category embeddings: as many numbers as a history of 30 can fill [0010]
SCORER_TARGETS = 10_000  # examples of the order-blind score: some twenty weights need no more [0010]


@dataclass(frozen=True, eq=False)
class Assembled:
    """The task, and what the report says of how it came about. Counts of targets, by part."""

    task: Task
    found: dict[int, int]  # targets before any cap
    dropped: dict[str, int]  # test targets dropped, by "stratum: reason"


class TooFew(Exception):  # noqa: N818  (not an error: the trial is skipped, with this reason)
    """There is no trial in this log."""


class Assembler:
    """One log and its cuts; builds the parts of the task one after the other."""

    def __init__(self, histories: Histories, *, settings: Settings, ties: bool) -> None:
        self.histories, self.settings = histories, settings
        self.rng = np.random.default_rng([settings.seed, 4])  # its own stream, apart from the probes'
        self.cuts = Cuts.of(histories, settings.trial, rng=self.rng)
        self.groups = tie_groups(histories) if ties else None
        self.categories = item_categories(histories)
        self.trailing = Trailing.of(histories, item_category=self.categories)
        self.found: dict[int, int] = {}

    def assemble(self) -> Assembled:
        """Raises TooFew where some part has too few targets to form a trial."""
        budget = BUDGETS[self.settings.trial.budget]
        trial = self.settings.trial
        scorer = self._scorer()
        statistics = self._statistics(TRAINING)
        per_user = self.settings.order.targets_per_user
        training = spread_out(
            self._targets(TRAINING), maximum=budget.training_targets, per_user=per_user, rng=self.rng
        )
        validation = spread_out(
            self._targets(VALIDATION),
            maximum=trial.validation_targets,
            per_user=budget.targets_per_test_user,
            rng=self.rng,
        )
        test = cap_per_user(self._targets(TEST), per_user=budget.targets_per_test_user, rng=self.rng)
        test = some_users(test, users=budget.test_users, rng=self.rng)
        sample = spread_out(training, maximum=trial.validation_targets, per_user=per_user, rng=self.rng)
        wanted = {
            "training": (training, trial.training_negatives),
            "validation": (validation, trial.validation_negatives),
            "test": (test, trial.negatives),
            "training_sample": (sample, trial.negatives),
        }
        splits, dropped = {}, {}
        for name, (targets, negatives) in wanted.items():
            splits[name], dropped[name] = self._split(name, targets, negatives, scorer, statistics)
        task = Task(**splits, **self._embeddings())
        return Assembled(task=task, found=self.found, dropped=dropped["test"])

    def _targets(self, part: int) -> Targets:
        names = self.histories.events
        code = names.index(self.settings.target_event) if self.settings.target_event in names else None
        targets = self.cuts.targets(
            self.histories,
            part,
            minimum_history=self.settings.trial.minimum_history,
            event_codes=None if code is None else np.array([code]),
        )
        self.found[part] = len(targets)
        return targets

    def _statistics(self, part: int) -> Statistics:
        return learn_statistics(self.histories, until=self.cuts.until(part), users=self.cuts.users(part))

    def _scorer(self) -> Scorer:
        """The order-blind score, fitted on the last fifth of the statistics window from what lay before it."""
        targets = spread_out(
            self._targets(SCORER),
            maximum=SCORER_TARGETS,
            per_user=self.settings.order.targets_per_user,
            rng=self.rng,
        )
        targets, candidates = self._draw(targets, self.settings.trial.training_negatives, part=SCORER)
        self._enough("the statistics window", targets)
        statistics = self._statistics(SCORER)
        features = blind_features(self.histories, targets, candidates, statistics, trailing=self.trailing)
        return fit_scorer(features, candidates.mask, targets.user, repeat=candidates.repeat)

    def _draw(self, targets: Targets, negatives: int, *, part: int) -> tuple[Targets, Candidates]:
        bare = look_back(self.histories, targets, history=self.settings.trial.history)
        return draw(
            self.histories,
            bare,
            negatives=negatives,
            eligible_days=self.settings.trial.eligible_days,
            rng=self.rng,
            pool=self.cuts.users(part),
        )

    def _enough(self, name: str, targets: Targets) -> None:
        minimum = self.settings.trial.minimum_targets
        if len(targets) < minimum:
            raise TooFew(
                f"{len(targets)} targets with a history and candidates in {name}; a trial needs {minimum}"
            )

    def _split(
        self, name: str, targets: Targets, negatives: int, scorer: Scorer, statistics: Statistics
    ) -> tuple[Split, dict[str, int]]:
        targets, candidates = self._draw(targets, negatives, part=TRAINING)
        self._enough(f"the {name.replace('_', ' ')} window", targets)
        features = blind_features(self.histories, targets, candidates, statistics, trailing=self.trailing)
        base = scorer.score(features, candidates.repeat)
        mask = candidates.mask
        length = (targets.past >= 0).sum(axis=1)
        past = np.stack([chronological(order, length) for order in self._orders(targets.past)])
        item, category = self._codes(candidates.item, self.categories, mask)
        past_item, _ = self._codes(np.where(past >= 0, self.histories.item[past], -1), self.categories, past >= 0)
        past_category = np.where(past >= 0, self.histories.category[past], -1)
        split = Split(
            base=np.where(mask, base, 0).astype(np.float32),
            item=item,
            category=category,
            mask=mask,
            past_item=past_item,
            past_category=np.where(past_category < 0, self.histories.n_categories, past_category).astype(np.int32),
            length=length.astype(np.int32),
            user=targets.user,
            repeat=candidates.repeat,
            weight=_weights(candidates),
        )
        return split, candidates.dropped

    def _codes(
        self, item: NDArray[np.int64], categories: NDArray[np.int64], held: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Items and their categories as rows of the embeddings; what is not held is the last row."""
        category = np.where(held, categories[item], -1)
        return (
            np.where(held, item, self.histories.n_items).astype(np.int32),
            np.where(category < 0, self.histories.n_categories, category).astype(np.int32),
        )

    def _orders(self, past: NDArray[np.int64]) -> tuple[NDArray[np.int64], ...]:
        """The history as it was, shuffled once for all, and with the order inside ties drawn anew."""
        redrawn = past if self.groups is None else redraw_ties(past, self.groups, rng=self.rng)
        return past, shuffle_events(past, rng=self.rng), redrawn

    def _embeddings(self) -> dict[str, NDArray[np.float32]]:
        limits = {"until": self.cuts.until(TRAINING), "users": self.cuts.users(TRAINING)}
        common = {"dimensions": DIMENSIONS, "seed": self.settings.seed}
        return {
            "item_embeddings": padded(item_embeddings(self.histories, **limits, **common)),  # type: ignore[arg-type]
            "category_embeddings": padded(category_embeddings(self.histories, **limits, **common)),  # type: ignore[arg-type]
        }


def _weights(candidates: Candidates) -> NDArray[np.float64]:
    """What restores repeats and new items to their shares before targets were dropped, mean 1. (n,)."""
    repeat = candidates.repeat
    weight = np.ones(len(repeat))
    for name, members in (("repeat", repeat), ("new", ~repeat)):
        kept = np.count_nonzero(members)
        lost = sum(count for reason, count in candidates.dropped.items() if reason.startswith(name))
        if kept:
            weight[members] = (kept + lost) / kept
    return weight / weight.mean()
