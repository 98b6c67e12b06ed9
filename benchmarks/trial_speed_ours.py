"""One training step of our DIEN arm, as `diagnose.trial.training.fit` takes it; and its FLOPs."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.trial_speed_world import CATEGORIES, WIDTH, Case, Drawn, batches, category
from diagnose.settings import TrialSettings
from diagnose.trial.arms import Dien, Shape
from diagnose.trial.descent import Descent
from diagnose.trial.layers import Batch, Embedder
from diagnose.trial.training import loss_of

Step = Callable[[], None]
SQUARE = 1024  # side of the matrices whose product tells what a core can do
FLOPS = 2 * SQUARE**3


def ours(case: Case) -> Step:
    """Embeddings fine-tuned, by rows: what the peers do too, and the thorough budget."""
    return _stepping(case, _model(case, fine_tune=True))


def ours_frozen(case: Case) -> Step:
    """Embeddings as they come, behind their adapters: the quick and the standard budget."""
    return _stepping(case, _model(case, fine_tune=False))


def ours_dense(case: Case) -> Step:
    """Embeddings fine-tuned by a dense optimiser, fused: what is not done any more."""
    model = _model(case, fine_tune=True)
    for table in (model.embedder.items, model.embedder.categories):
        table.sparse = False
    return _stepping(case, model)


def square_product(case: Case) -> Step:
    """A product of two large matrices: 2.1 GFLOP without anything around them."""
    one, two, out = (torch.ones(SQUARE, SQUARE) for _ in range(3))

    def step() -> None:
        torch.mm(one, two, out=out)

    return step


def flops(case: Case) -> int:
    """Of our step: all matrix products, forward and backward."""
    step = ours(case)
    in_place = {torch.ops.aten.addmm_: _addmm_flops}  # which the counter does not know by itself
    with FlopCounterMode(display=False, custom_mapping=in_place) as counter:
        step()
    return counter.get_total_flops()


def _addmm_flops(_: Sequence[int], one: Sequence[int], other: Sequence[int], **__: object) -> int:
    """From shapes: (m, k) by (k, n), added to what is there."""
    return 2 * one[0] * one[1] * other[1]


def _model(case: Case, *, fine_tune: bool) -> Dien:
    torch.manual_seed(0)
    tables = [torch.randn(codes + 1, WIDTH) for codes in (case.items + 1, CATEGORIES + 1)]
    for table in tables:
        table[-1] = 0  # padding
    return Dien(Embedder(*tables, fine_tune=fine_tune), Shape())


def _stepping(case: Case, model: nn.Module) -> Step:
    settings = TrialSettings()
    descent = Descent(model, settings, rate=lambda step: 1.0)
    turn = itertools.cycle([_batch(drawn) for drawn in batches(case)])

    def step() -> None:
        model.train()
        descent.step(loss_of(model, next(turn), settings.auxiliary_weight))

    return step


def _batch(drawn: Drawn) -> Batch:
    past, item = torch.from_numpy(drawn.past), torch.from_numpy(drawn.item)
    return Batch(
        past_item=past,
        past_category=torch.from_numpy(category(drawn.past)),
        length=torch.full((len(past),), past.shape[1]),
        item=item,
        category=torch.from_numpy(category(drawn.item)),
        mask=torch.from_numpy(np.ones(item.shape, dtype=bool)),
        base=torch.zeros(item.shape),
    )
