"""A step of gradient descent: AdamW for the networks, AdamW by rows for embedding tables that are trained.

A dense optimiser passes over a whole table at each step, though a batch holds some thousand rows of it. By
rows, only those that occur are touched (moments, decay and all), and the others stay exactly as they were:
what is known as lazy Adam. Costs and reasons: docs/decisions/0033-training-step.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import torch
from torch import Tensor, nn

from diagnose.settings import TrialSettings

CLIP = 1.0  # largest norm of all gradients together [0012]
BETAS, EPSILON = (0.9, 0.999), 1e-8  # AdamW's own, for the rows as for the rest


class Descent:
    """The optimisers of a model. `rate(step)`, from 0 on, is the share of the peak learning rate."""

    def __init__(self, model: nn.Module, settings: TrialSettings, *, rate: Callable[[int], float]) -> None:
        tables = list(_sparse_tables(model))
        by_rows = {id(table) for table in tables}
        self.dense = [p for p in model.parameters() if p.requires_grad and id(p) not in by_rows]
        self.tables = [RowAdamW(table, weight_decay=settings.weight_decay) for table in tables]
        self.peak, self.rate, self.steps = settings.learning_rate, rate, 0
        self.optimiser = torch.optim.AdamW(
            self.dense, lr=self.peak, weight_decay=settings.weight_decay, betas=BETAS, eps=EPSILON, fused=True
        )

    def step(self, loss: Tensor) -> None:
        """Backward, clip, one step of everything at the learning rate of the schedule."""
        learning_rate = self.peak * self.rate(self.steps)
        self.steps += 1
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        gradients = [p.grad for p in self.dense if p.grad is not None]
        clip([*gradients, *(table.take_gradient() for table in self.tables)], CLIP)
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate
        self.optimiser.step()
        for table in self.tables:
            table.step(learning_rate)


def _sparse_tables(model: nn.Module) -> Iterator[Tensor]:
    for part in model.modules():
        if isinstance(part, nn.Embedding) and part.sparse and part.weight.requires_grad:
            yield part.weight


class RowAdamW:
    """AdamW over the rows of one table that have a gradient. Where all have one, it is AdamW."""

    def __init__(self, table: Tensor, *, weight_decay: float) -> None:
        self.table, self.weight_decay = table, weight_decay
        self.mean, self.square = torch.zeros_like(table), torch.zeros_like(table)
        self.place = torch.zeros(len(table), dtype=torch.long, device=table.device)
        self.occurs = torch.zeros(len(table), dtype=torch.bool, device=table.device)
        self.rows, self.gradient = self.place[:0], self.mean[:0]
        self.steps = 0

    def take_gradient(self) -> Tensor:
        """Adds up the sparse gradient by row; what `step` will use, shape (rows that occur, width).

        No sort, as `coalesce` would do: a table of marks says which rows occur, another where they went.
        """
        sparse = self.table.grad
        self.table.grad = None
        if sparse is None:
            self.rows, self.gradient = self.place[:0], self.mean[:0]
            return self.gradient
        codes, values = sparse._indices()[0], sparse._values()
        self.occurs.index_fill_(0, codes, True)
        self.rows = self.occurs.nonzero().squeeze(1)
        self.occurs.index_fill_(0, self.rows, False)
        self.place.index_copy_(0, self.rows, torch.arange(len(self.rows), device=codes.device))
        self.gradient = values.new_zeros(len(self.rows), values.shape[1])
        self.gradient.index_add_(0, self.place.index_select(0, codes), values)
        return self.gradient

    @torch.no_grad()
    def step(self, learning_rate: float) -> None:
        """One step of the rows taken last."""
        self.steps += 1
        mean = self.mean.index_select(0, self.rows).lerp_(self.gradient, 1 - BETAS[0])
        square = self.square.index_select(0, self.rows).mul_(BETAS[1])
        square.addcmul_(self.gradient, self.gradient, value=1 - BETAS[1])
        self.mean.index_copy_(0, self.rows, mean)
        self.square.index_copy_(0, self.rows, square)
        unbiased = [1 - beta**self.steps for beta in BETAS]
        spread = square.div_(unbiased[1]).sqrt_().add_(EPSILON)
        kept = self.table.index_select(0, self.rows).mul_(1 - learning_rate * self.weight_decay)
        self.table.index_copy_(0, self.rows, kept.addcdiv_(mean, spread, value=-learning_rate / unbiased[0]))


def clip(gradients: Iterable[Tensor], limit: float) -> Tensor:
    """Scales gradients in place to a norm of at most `limit` together; returns the norm before."""
    gradients = list(gradients)
    norm: Tensor = torch.linalg.vector_norm(
        torch.stack([torch.linalg.vector_norm(each) for each in gradients])
    )
    scale = (limit / (norm + 1e-6)).clamp(max=1.0)
    for each in gradients:
        each.mul_(scale)
    return norm
