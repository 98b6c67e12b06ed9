"""The arms: small networks that differ only in how they summarise a history.

Every arm scores `base + head(candidate, mean history, its own summary)`, the head starting at zero. The mean
of the history and its plain matches with the candidate are in every arm (as in the authors' own DIEN code),
so each arm holds the DNN within it and a difference between two arms is what its summary brings.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from diagnose.trial.layers import MATCHES, Attention, Augru, Batch, Embedder, Extractor, Head, pool

Past = Literal["original", "shuffled", "ties"]


@dataclass(frozen=True)
class Shape:
    """Sizes and rates that all arms share."""

    hidden: int = 32
    dropout: float = 0.1
    half_life: float = 8.0  # events, of the decayed arm


class Pooled(nn.Module):
    """DNN: the mean of the history. With a half-life also its mean with weights 2^(-age / half-life)."""

    def __init__(self, embedder: Embedder, shape: Shape, *, decayed: bool) -> None:
        super().__init__()
        self.embedder, self.half_life = embedder, shape.half_life if decayed else None
        width = embedder.width
        size = 3 * width + MATCHES + (2 * width + MATCHES) * decayed
        self.head = Head(size, hidden=shape.hidden, dropout=shape.dropout)

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Scores (n, C) and the auxiliary loss, which is 0."""
        events, candidates, matches, parts = _common(self.embedder, batch)
        if self.half_life is not None:
            age = batch.length[:, None] - 1 - torch.arange(events.shape[1], device=events.device)
            weights = torch.exp2(-age / self.half_life) * batch.valid
            weights = weights / weights.sum(1, keepdim=True)
            vector, matched = pool(weights[:, None], events, matches)
            parts += [vector.expand_as(candidates), vector * candidates, matched]
        return batch.base + self.head(*parts), events.new_zeros(())


class Din(nn.Module):
    """DIN: attention of the candidate over the events, which knows nothing of their order."""

    def __init__(self, embedder: Embedder, shape: Shape) -> None:
        super().__init__()
        self.embedder = embedder
        width = embedder.width
        self.attention = Attention(width, width)
        self.head = Head(5 * width + 2 * MATCHES, hidden=shape.hidden, dropout=shape.dropout)

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Scores (n, C) and the auxiliary loss, which is 0."""
        events, candidates, matches, parts = _common(self.embedder, batch)
        logits = self.attention(candidates, events.transpose(1, 2), matches, batch.valid)
        vector, matched = pool(logits.softmax(dim=2), events, matches)
        parts += [vector, vector * candidates, matched]
        return batch.base + self.head(*parts), events.new_zeros(())


class Dien(nn.Module):
    """DIEN: extractor GRU with auxiliary next-behaviour loss, attention, AUGRU."""

    def __init__(self, embedder: Embedder, shape: Shape, *, auxiliary: bool = True) -> None:
        super().__init__()
        self.embedder, self.auxiliary = embedder, auxiliary
        width = embedder.width
        self.extractor = Extractor(width, shape.hidden)
        self.predict = nn.Linear(shape.hidden, width) if auxiliary else None
        self.attention = Attention(width, shape.hidden)
        self.augru = Augru(shape.hidden + width, shape.hidden)
        self.to_candidate = nn.Linear(shape.hidden, width)
        size = 4 * width + shape.hidden + 2 * MATCHES
        self.head = Head(size, hidden=shape.hidden, dropout=shape.dropout)

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Scores (n, C) and the auxiliary loss (a scalar, 0 where it is off)."""
        events, candidates, matches, parts = _common(self.embedder, batch)
        steps = events.permute(1, 2, 0).contiguous()  # feature-major, as the scans want it
        states = self.extractor(steps)
        by_row = states.permute(2, 0, 1).contiguous()  # once, for the attention and the auxiliary loss
        logits = self.attention(candidates, by_row.transpose(1, 2), matches, batch.valid)
        relative = torch.exp(logits - logits.amax(dim=2, keepdim=True))  # not softmax: decision 0012
        interest = self.augru(states, steps, attention=relative)
        matched = (logits.softmax(dim=2)[:, :, :, None] * matches).sum(2)
        parts += [interest, self.to_candidate(interest) * candidates, matched]
        extra = self.auxiliary_loss(by_row, events, batch.valid) if self.auxiliary else events.new_zeros(())
        return batch.base + self.head(*parts), extra

    def auxiliary_loss(self, states: Tensor, events: Tensor, valid: Tensor) -> Tensor:
        """Does the state after event t tell the user's event t + 1 from another user's? (DIEN, equation 7.)

        states (n, T, hidden), events (n, T, width), valid (n, T).
        """
        assert self.predict is not None
        guess = self.predict(states[:, :-1])
        shift = int(torch.randint(1, max(2, len(events)), ())) if self.training else 1
        after, other = events[:, 1:], events[:, 1:].roll(shift, dims=0)
        usable = valid[:, 1:] & valid[:, 1:].roll(shift, dims=0)
        right = functional.softplus(-(guess * after).sum(2))
        wrong = functional.softplus((guess * other).sum(2))
        return ((right + wrong) * usable).sum() / usable.sum().clamp(min=1)


def _common(embedder: Embedder, batch: Batch) -> tuple[Tensor, Tensor, Tensor, list[Tensor]]:
    """What every arm has: events, candidates, matches, and the DNN's own inputs to the head."""
    events = embedder(batch.past_item, batch.past_category)
    candidates = embedder(batch.item, batch.category)
    matches = batch.matches()
    weights = batch.valid / batch.length[:, None]
    vector, matched = pool(weights[:, None], events, matches)
    return (
        events,
        candidates,
        matches,
        [candidates, vector.expand_as(candidates), vector * candidates, matched],
    )


@dataclass(frozen=True)
class ArmPlan:
    """How an arm is built, and in which order it reads histories."""

    build: Callable[[Embedder, Shape], nn.Module]
    past: Past = "original"


ARMS: dict[str, ArmPlan] = {
    "dnn": ArmPlan(lambda embedder, shape: Pooled(embedder, shape, decayed=False)),
    "dnn_decayed": ArmPlan(lambda embedder, shape: Pooled(embedder, shape, decayed=True)),
    "din": ArmPlan(Din),
    "dien_no_auxiliary": ArmPlan(lambda embedder, shape: Dien(embedder, shape, auxiliary=False)),
    "dien": ArmPlan(Dien),
    "dien_shuffled": ArmPlan(Dien, past="shuffled"),
    "dien_ties": ArmPlan(Dien, past="ties"),
    "dnn_decayed_ties": ArmPlan(lambda embedder, shape: Pooled(embedder, shape, decayed=True), past="ties"),
}
