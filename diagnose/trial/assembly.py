"""From a log to a `Task`: targets, candidates, order-blind score, embeddings, histories in three orders."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from diagnose.budgets import BUDGETS, Budget
from diagnose.histories import Histories
from diagnose.interests import CLUSTERS, cluster_items
from diagnose.predictors.candidates import Candidates
from diagnose.predictors.eligibility import item_categories
from diagnose.predictors.items import Scorer, Statistics, blind_features, fit_scorer, learn_statistics
from diagnose.predictors.shuffles import redraw_ties, shuffle_events
from diagnose.predictors.targets import Targets
from diagnose.predictors.trailing import Trailing
from diagnose.settings import Settings
from diagnose.trial.impressions import TOGETHER, with_shown_items
from diagnose.trial.pretraining import pretrained
from diagnose.trial.rivals import lost_weight, restoring_weight, thin
from diagnose.trial.strata import Kinds, Tried
from diagnose.trial.supply import Supply
from diagnose.trial.task import SPLITS, Split, Task, chronological
from diagnose.trial.windows import (
    SCORER,
    STATISTICS,
    TEST,
    TRAINING,
    VALIDATION,
    Cuts,
    few_of_each,
    spread_out,
    tie_groups,
)

AGAIN, ORDER = 5, 6  # random streams beside those of the parts
TRIED = 8  # times as many targets are tried as are kept: on taobao four of five have no eligible item [0010]
SCORER_TARGETS = 10_000  # examples of the order-blind score: some twenty weights need no more [0010]


@dataclass(frozen=True, eq=False)
class Assembled:
    """The task, and what the report says of how it came about. Counts of targets, by part."""

    task: Task
    found: dict[int, int]  # targets before any cap
    dropped: dict[str, int]  # test targets dropped, by "stratum: reason"
    kinds: Kinds  # of the test targets
    labelled: bool = False  # the log says of rows whether they were clicked


@dataclass(frozen=True, eq=False)
class _Drawn:
    """Targets, their candidates, and the weight that restores the strata, (n,); all that were tried, (T,)."""

    targets: Targets
    candidates: Candidates
    weight: NDArray[np.float64]
    tried: Targets
    kept: NDArray[np.bool_]


class TooFew(Exception):  # noqa: N818  (not an error: the trial is skipped, with this reason)
    """There is no trial in this log."""


class Assembler:
    """One log and its cuts; builds the parts of the task one after the other.

    `budget` None is that of the settings.
    """

    def __init__(
        self, histories: Histories, *, settings: Settings, ties: bool, budget: Budget | None = None
    ) -> None:
        self.settings, histories = settings, with_shown_items(histories)
        self.budget = budget or BUDGETS[settings.trial.budget]
        self.cuts = Cuts.of(histories, settings.trial, rng=self._rng(STATISTICS))
        if CLUSTERS in histories.roles:  # those of the probes have seen the targets
            histories = cluster_items(
                histories,
                settings=settings.interests,
                seed=settings.seed,
                until=self.cuts.until(TRAINING),
                users=self.cuts.users(TRAINING),
            )
        self.histories = histories
        self.groups = tie_groups(histories) if ties else None
        self.categories = item_categories(histories)
        self.trailing = Trailing.of(histories, item_category=self.categories)
        self.found: dict[int, int] = {}
        self.supply = Supply(histories, cuts=self.cuts, settings=settings.trial)

    def assemble(self) -> Assembled:
        """Raises TooFew where some part has too few targets to form a trial."""
        trial, budget = self.settings.trial, self.budget
        scorer, self.statistics = self._scorer(), self._statistics(TRAINING)
        many = self.settings.order.targets_per_user
        per_user = budget.targets_per_test_user
        training = self._drawn(TRAINING, trial.training_negatives, limits=(budget.training_targets, many))
        validation = self._drawn(
            VALIDATION, trial.validation_negatives, limits=(trial.validation_targets, per_user)
        )
        test = self._drawn(TEST, trial.negatives, limits=(None, per_user), users=budget.test_users)
        parts = {"training": training, "validation": validation, "test": test}
        parts["training_sample"] = self._ranked_again(training.targets)
        splits = {name: self._split(name, part, scorer) for name, part in parts.items()}
        items, categories = pretrained(
            self.histories,
            until=self.cuts.until(TRAINING),
            users=self.cuts.users(TRAINING),
            seed=self.settings.seed,
        )
        task = Task(**splits, item_embeddings=items, category_embeddings=categories)
        kinds = self._kinds(test, known=np.any(items, axis=1))
        lost, labelled = test.candidates.dropped, "label" in self.histories.roles
        return Assembled(task=task, found=self.found, dropped=lost, kinds=kinds, labelled=labelled)

    def _targets(self, part: int) -> Targets:
        names = self.histories.events
        code = names.index(self.settings.target_event) if self.settings.target_event in names else None
        targets = self.cuts.targets(
            self.histories,
            part,
            minimum_history=self.settings.trial.minimum_history,
            event_codes=None if code is None else np.array([code]),
        )
        if self.settings.trial.repeats != "include":
            repeat = self.supply.repeats(targets, part=part)
            targets = targets.take(repeat if self.settings.trial.repeats == "only" else ~repeat)
        self.found[part] = len(targets)
        return targets

    def _kinds(self, test: _Drawn, *, known: NDArray[np.bool_]) -> Kinds:
        """What the strata need. `known` (items + 1,): seen in the statistics window."""
        few, item, tried = self.settings.trial.cold_user_events, self.histories.item, test.tried
        return Kinds(
            cold_user=test.targets.seen < few,
            cold_item=~known[item[test.targets.event]],
            by_category=test.candidates.by_category,
            drawn=self.supply.impressions is None,
            tried=Tried(
                repeat=self.supply.repeats(tried, part=TEST),
                kept=test.kept,
                cold_user=tried.seen < few,
                cold_item=~known[item[tried.event]],
            ),
        )

    def _statistics(self, part: int) -> Statistics:
        return learn_statistics(self.histories, until=self.cuts.until(part), users=self.cuts.users(part))

    def _scorer(self) -> Scorer:
        """The order-blind score, fitted on the last fifth of the statistics window from what lay before."""
        many = self.settings.order.targets_per_user
        drawn = self._drawn(SCORER, self.settings.trial.training_negatives, limits=(SCORER_TARGETS, many))
        self._enough("the statistics window", drawn.targets)
        features = blind_features(
            self.histories, drawn.targets, drawn.candidates, self._statistics(SCORER), trailing=self.trailing
        )
        mask, repeat = drawn.candidates.mask, drawn.candidates.repeat
        return fit_scorer(features, mask, drawn.targets.user, repeat=repeat)

    def _drawn(
        self, part: int, negatives: int, *, limits: tuple[int | None, int], users: int | None = None
    ) -> _Drawn:
        """Targets of a part with candidates; limits are of all targets and of each user's.

        Many targets turn out to have no eligible item or rival, so more are tried than are kept.
        """
        maximum, per_user = limits
        targets, rng = self._targets(part), self._rng(part)
        tried = few_of_each(targets.user, per_user=TRIED * per_user, rng=rng, users=users)
        if maximum is not None:
            few = spread_out(targets.user[tried], maximum=TRIED * maximum, per_user=TRIED * per_user, rng=rng)
            tried = tried[few]
        asked = targets.take(tried)
        targets, first = self.supply.draw(asked, 1, part=part, rng=rng)
        kept, lost = np.isin(asked.event, targets.event), lost_weight(first)
        if maximum is None:
            rows = few_of_each(targets.user, per_user=per_user, rng=rng, weight=lost)
        else:
            rows = spread_out(targets.user, maximum=maximum, per_user=per_user, rng=rng, weight=lost)
        most = self.settings.trial.negatives
        targets, all_rivals = self.supply.draw(targets.take(rows), most, part=part, rng=rng)
        rivals = thin(all_rivals, negatives=negatives, rng=rng)
        rivals, weight = replace(rivals, dropped=first.dropped), restoring_weight(rivals.repeat, first)
        return _Drawn(targets, rivals, weight, asked, kept)

    def _ranked_again(self, training: Targets) -> _Drawn:
        """Some training targets among candidates as in evaluation: what over-fitting is told by."""
        trial, rng = self.settings.trial, self._rng(AGAIN)
        rows = spread_out(training.user, maximum=trial.validation_targets, per_user=len(training), rng=rng)
        asked = training.take(rows)
        targets, candidates = self.supply.draw(asked, trial.negatives, part=TRAINING, rng=rng)
        weight, kept = restoring_weight(candidates.repeat, candidates), np.isin(asked.event, targets.event)
        return _Drawn(targets, candidates, weight, asked, kept)

    def _enough(self, name: str, targets: Targets) -> None:
        minimum = self.settings.trial.minimum_targets
        if len(targets) < minimum:
            raise TooFew(
                f"{len(targets)} targets with a history and candidates in {name}; a trial needs {minimum}"
                + ("" if self.supply.impressions is None else TOGETHER)
            )

    def _split(self, name: str, drawn: _Drawn, scorer: Scorer) -> Split:
        self._enough(f"the {name.replace('_', ' ')} window", drawn.targets)
        targets, candidates, log = drawn.targets, drawn.candidates, self.histories
        features = blind_features(log, targets, candidates, self.statistics, trailing=self.trailing)
        mask, length = candidates.mask, (targets.past >= 0).sum(axis=1)
        past = np.stack([chronological(order, length) for order in self._orders(name, targets.past)])
        item, category = self._codes(candidates.item, self.categories[candidates.item], mask)
        past_item, past_category = self._codes(log.item[past], log.category[past], past >= 0)
        return Split(
            base=np.where(mask, scorer.score(features, candidates.repeat), 0).astype(np.float32),
            item=item,
            category=category,
            mask=mask,
            past_item=past_item,
            past_category=past_category,
            length=length.astype(np.int32),
            user=targets.user,
            repeat=candidates.repeat,
            weight=drawn.weight,
        )

    def _codes(
        self, item: NDArray[np.int64], category: NDArray[np.integer], held: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        """Items and categories as rows of the embeddings; what is not held is the last row."""
        return (
            np.where(held, item, self.histories.n_items).astype(np.int32),
            np.where(held & (category >= 0), category, self.histories.n_categories).astype(np.int32),
        )

    def _orders(self, name: str, past: NDArray[np.int64]) -> tuple[NDArray[np.int64], ...]:
        """The history as it was, shuffled once for all, and with the order inside ties drawn anew."""
        rng = self._rng(ORDER, SPLITS.index(name))
        shuffled = shuffle_events(past, rng=rng)
        redrawn = past if self.groups is None else redraw_ties(past, self.groups, rng=rng)
        return past, shuffled, redrawn

    def _rng(self, *salt: int) -> np.random.Generator:
        """A stream of its own for each part: what one draws does not depend on how much another did."""
        return np.random.default_rng([self.settings.seed, 4, *salt])
