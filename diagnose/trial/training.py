"""One training loop that knows no arm.

Softmax over one true and a few other candidates, AdamW with warm-up and cosine, clipping; validation several
times an epoch, early stopping, the best weights kept, or the untrained ones, which are the floor, where
nothing was learnt that validation could show.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from diagnose.budgets import BUDGETS
from diagnose.predictors.ranking import auc_per_target
from diagnose.settings import TrialSettings
from diagnose.trial.descent import Descent
from diagnose.trial.device import SCORED_AT_ONCE, moved
from diagnose.trial.inference import PerUser, per_user
from diagnose.trial.layers import Batch
from diagnose.trial.task import Split

BUCKET = 8  # batches sorted by length together: less padding, and batches stay random


@dataclass(frozen=True, eq=False)
class Fitted:
    """How training went. `curve` holds validation GAUC at each evaluation, the first one untrained."""

    curve: tuple[float, ...]
    best: float  # of the weights that were kept
    stopped_early: bool
    seconds: float


def fit(
    model: nn.Module,
    training: Split,
    validation: Split,
    *,
    order: int,
    settings: TrialSettings,
    seed: int,
    effort: int = 1,
) -> Fitted:
    """Trains in place and leaves the best weights in the model. `order` picks the histories (task.ORDERS).

    `effort`: how many times the budget's examples are shown, in two epochs at least.
    """
    begun = time.perf_counter()
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    per_epoch = math.ceil(len(training) / settings.batch)
    epochs = min(settings.epochs, max(2, effort * BUDGETS[settings.budget].examples // len(training)))
    total = per_epoch * epochs
    place = next(model.parameters()).device
    descent = Descent(model, settings, rate=lambda step: _rate(step, total))
    every = max(1, per_epoch // settings.evaluations_per_epoch)
    watch = Watch(model, validation, order=order)
    steps = (rows for _ in range(epochs) for rows in batches(training.length, settings.batch, rng=rng))
    for step, rows in enumerate(steps, start=1):
        model.train()
        batch = moved(to_batch(training, rows, order=order), place)
        descent.step(loss_of(model, batch, settings.auxiliary_weight))
        if step % every == 0 and watch.look() > settings.patience:
            break
    kept = watch.keep()
    seconds = time.perf_counter() - begun
    return Fitted(tuple(watch.curve), kept, watch.since > settings.patience, seconds)


class Watch:
    """Validation GAUC over training, and the weights to keep.

    The untrained arm, which is the floor, is left only for weights that beat it by more than one standard
    error (paired by user): the best of many looks at a small validation set is else mostly luck.
    """

    def __init__(self, model: nn.Module, validation: Split, *, order: int) -> None:
        self.model, self.validation, self.order = model, validation, order
        self.curve: list[float] = []
        self.best, self.since = -math.inf, 0
        self.weights: dict[str, Tensor] = {}
        self.floor = self.highest = grouped(validation.base, validation)
        self.untrained = self._copy()
        self.look()

    def look(self) -> int:
        """Evaluates; returns the evaluations since the best one."""
        sums = grouped(score(self.model, self.validation, order=self.order), self.validation)
        value = float(sums.by_seed()[0])
        self.curve.append(value)
        self.since += 1
        if value > self.best:
            self.best, self.since = value, 0
            self.highest, self.weights = sums, self._copy()
        return self.since

    def keep(self) -> float:
        """Puts the weights to keep into the model; returns their validation GAUC."""
        lead, error = gain_and_error(self.highest.minus(self.floor))
        better = lead > error
        self.model.load_state_dict(self.weights if better else self.untrained)
        return self.best if better else self.curve[0]

    def _copy(self) -> dict[str, Tensor]:
        return {name: value.clone() for name, value in self.model.state_dict().items()}


def grouped(scores: NDArray[np.float32], split: Split) -> PerUser:
    """GAUC of one model's scores (n, C), as sums over users."""
    return per_user(auc_per_target(scores, split.mask)[None], split.user, split.weight)


def gain_and_error(difference: PerUser) -> tuple[float, float]:
    """Mean over users and its standard error, of one seed (the linearised one of a ratio)."""
    gain = float(difference.by_seed()[0])
    residual = difference.numerator[0] - gain * difference.denominator
    return gain, float(np.sqrt((residual**2).sum()) / difference.denominator.sum())


def loss_of(model: nn.Module, batch: Batch, auxiliary_weight: float) -> Tensor:
    """Softmax loss over the candidates, plus the weighted auxiliary loss of the arms that have one."""
    scores, auxiliary = model(batch)
    truth = torch.zeros(len(scores), dtype=torch.long, device=scores.device)
    loss: Tensor = functional.cross_entropy(scores.masked_fill(~batch.mask, -math.inf), truth)
    total: Tensor = loss + auxiliary_weight * auxiliary
    return total


def batches(length: NDArray[np.int32], size: int, *, rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    """Row indices of one epoch: random, but of like length within a batch."""
    shuffled = rng.permutation(len(length))
    found = []
    for start in range(0, len(shuffled), size * BUCKET):
        bucket = shuffled[start : start + size * BUCKET]
        bucket = bucket[np.argsort(length[bucket], kind="stable")]
        found += [bucket[at : at + size] for at in range(0, len(bucket), size)]
    for index in rng.permutation(len(found)):
        yield found[index]


def score(model: nn.Module, split: Split, *, order: int) -> NDArray[np.float32]:
    """Scores of all candidates of all targets, shape (n, C)."""
    model.eval()
    scores = np.empty(split.base.shape, dtype=np.float32)
    device = next(model.parameters()).device
    size = max(1, SCORED_AT_ONCE[device.type] // split.base.shape[1])
    by_length = np.argsort(split.length, kind="stable")
    with torch.no_grad():
        for start in range(0, len(split), size):
            rows = by_length[start : start + size]
            batch = moved(to_batch(split, rows, order=order), device)
            scores[rows] = model(batch)[0].cpu().numpy()
    return scores


def to_batch(split: Split, rows: NDArray[np.int64], *, order: int) -> Batch:
    """Some rows as tensors, histories cut to the longest among them."""
    length = np.asarray(split.length[rows])
    longest = max(1, int(length.max()))

    def codes(array: NDArray[np.int32]) -> Tensor:
        return torch.from_numpy(np.asarray(array).astype(np.int64))

    return Batch(
        past_item=codes(split.past_item[order, rows, :longest]),
        past_category=codes(split.past_category[order, rows, :longest]),
        length=codes(length),
        item=codes(split.item[rows]),
        category=codes(split.category[rows]),
        mask=torch.from_numpy(np.asarray(split.mask[rows])),
        base=torch.from_numpy(np.asarray(split.base[rows])),
    )


def _rate(step: int, total: int) -> float:
    """Share of the peak learning rate: a tenth of the steps warm up, then a cosine down to a twentieth."""
    warm = max(1, total // 10)
    if step < warm:
        return (step + 1) / warm
    done = min(1.0, (step - warm) / max(1, total - warm))
    return 0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * done))
