"""One job inside a worker: build an arm, train it, score with it."""

from __future__ import annotations

import time

import numpy as np
import torch
from torch import Tensor

from diagnose.trial.arms import ARMS, Shape
from diagnose.trial.device import forked
from diagnose.trial.layers import Embedder
from diagnose.trial.task import ORDERS, Task
from diagnose.trial.training import fit, score
from diagnose.trial.workers import Job, Outcome, Recipe


def run_job(task: Task, job: Job, *, recipe: Recipe) -> Outcome:
    """Trains one arm with one seed and scores the test targets and the sample of training targets."""
    plan = ARMS[job.arm]
    order = ORDERS.index(plan.past)
    with forked(recipe.device):
        torch.manual_seed(job.seed)
        embedder = Embedder(
            _tensor(task.item_embeddings), _tensor(task.category_embeddings), fine_tune=recipe.fine_tune
        )
        model = plan.build(embedder, Shape(dropout=recipe.trial.dropout, half_life=recipe.half_life))
        model = model.to(recipe.device)  # built on the CPU: a seed starts from the same weights everywhere
        fitted = fit(
            model,
            task.training,
            task.validation,
            order=order,
            settings=recipe.trial,
            seed=job.seed,
            effort=plan.effort,
        )
    begun = time.perf_counter()
    test = score(model, task.test, order=order)
    score_seconds = time.perf_counter() - begun
    return Outcome(
        test=test,
        training_sample=score(model, task.training_sample, order=order),
        curve=fitted.curve,
        best=fitted.best,
        stopped_early=fitted.stopped_early,
        parameters=sum(p.numel() for p in model.parameters() if p.requires_grad),
        train_seconds=fitted.seconds,
        score_ms=1e5 * score_seconds / max(1, int(task.test.mask.sum())),
    )


def _tensor(table: np.ndarray[tuple[int, ...], np.dtype[np.float32]]) -> Tensor:
    return torch.from_numpy(np.array(table))
