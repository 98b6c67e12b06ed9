"""The arms: small networks that differ only in how they summarise a history.

Every arm scores `base + head(candidate, mean history, its own summary)`, the head starting at zero. The mean
of the history and its plain matches with the candidate are in every arm (as in the authors' own DIEN code),
so each arm holds the DNN within it and a difference between two arms is what its summary brings. The plain
facts of recency (layers.Recency) are in every arm that may know the order, so that what DIEN has beyond the
fading average is not merely that it was told less.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from diagnose.trial.layers import (
    MATCHES,
    PLAIN,
    Attention,
    Augru,
    Batch,
    Embedder,
    Extractor,
    Head,
    Recency,
    Seen,
    pool,
    pool_matches,
    start_as_fading_average,
)

Past = Literal["original", "shuffled", "ties"]


@dataclass(frozen=True)
class Shape:
    """Sizes and rates that all arms share."""

    hidden: int = 32
    dropout: float = 0.1
    half_life: float = 8.0  # events, at which the fading of the order-aware arms starts


class Dnn(nn.Module):
    """DNN: the mean of the history."""

    def __init__(self, embedder: Embedder, shape: Shape) -> None:
        super().__init__()
        self.embedder = embedder
        self.head = Head(3 * embedder.width, plain=PLAIN, hidden=shape.hidden, dropout=shape.dropout)

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Scores (n, C) and the auxiliary loss, which is 0."""
        seen = Seen(self.embedder, batch)
        return batch.base + self.head(seen), seen.events.new_zeros(())


class Decayed(nn.Module):
    """DNN with the fading average beside the mean: weights 2^(-age / half-life), the half-life learnt on."""

    def __init__(self, embedder: Embedder, shape: Shape) -> None:
        super().__init__()
        self.embedder, self.recency = embedder, Recency(shape.half_life)
        self.head = Head(
            5 * embedder.width, plain=2 * PLAIN + MATCHES, hidden=shape.hidden, dropout=shape.dropout
        )

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Scores (n, C) and the auxiliary loss, which is 0."""
        seen = Seen(self.embedder, batch)
        self.recency.tell(seen, batch)
        return batch.base + self.head(seen), seen.events.new_zeros(())


class Din(nn.Module):
    """DIN: attention of the candidate over the events, which knows nothing of their order."""

    def __init__(self, embedder: Embedder, shape: Shape) -> None:
        super().__init__()
        self.embedder = embedder
        self.attention = Attention(embedder.width, embedder.width)
        self.head = Head(5 * embedder.width, plain=2 * PLAIN, hidden=shape.hidden, dropout=shape.dropout)

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Scores (n, C) and the auxiliary loss, which is 0."""
        seen = Seen(self.embedder, batch)
        logits = self.attention(seen.candidates, seen.events.transpose(1, 2), seen.matches, batch.valid)
        seen.tell(*pool(logits.softmax(dim=2), seen.events, seen.matches))
        return batch.base + self.head(seen), seen.events.new_zeros(())


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
        self.recency = Recency(shape.half_life)
        self.to_candidate = nn.Linear(shape.hidden, width)
        start_as_fading_average(self.extractor, self.augru, self.to_candidate)
        self.head = Head(
            6 * width + shape.hidden,
            plain=3 * PLAIN + MATCHES,
            hidden=shape.hidden,
            dropout=shape.dropout,
        )

    def forward(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Scores (n, C) and the auxiliary loss (a scalar, 0 where it is off)."""
        seen = Seen(self.embedder, batch)
        steps = seen.events.permute(1, 2, 0).contiguous()  # feature-major, as the scans want it
        states = self.extractor(steps)
        by_row = states.permute(2, 0, 1).contiguous()  # once, for the attention and the auxiliary loss
        logits = self.attention(seen.candidates, by_row.transpose(1, 2), seen.matches, batch.valid)
        relative = torch.exp(logits - logits.amax(dim=2, keepdim=True))  # not softmax: decision 0012
        interest = self.augru(states, steps, attention=relative)
        matched = pool_matches(logits.softmax(dim=2), seen.matches)
        seen.tell(interest, matched, meets=self.to_candidate(interest))
        self.recency.tell(seen, batch)
        extra = (
            self.auxiliary_loss(by_row, seen.events, batch.valid) if self.auxiliary else states.new_zeros(())
        )
        return batch.base + self.head(seen), extra

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


CHEAP = (
    2  # times DIEN's examples, at a tenth of its time: a comparator trained too little makes a lift [0012]
)


@dataclass(frozen=True)
class ArmPlan:
    """How an arm is built, in which order it reads histories, and how many times the examples it is shown."""

    build: Callable[[Embedder, Shape], nn.Module]
    past: Past = "original"
    effort: int = 1


ARMS: dict[str, ArmPlan] = {
    "dnn": ArmPlan(Dnn, effort=CHEAP),
    "dnn_decayed": ArmPlan(Decayed, effort=CHEAP),
    "din": ArmPlan(Din, effort=CHEAP),
    "dien_no_auxiliary": ArmPlan(lambda embedder, shape: Dien(embedder, shape, auxiliary=False)),
    "dien": ArmPlan(Dien),
    "dien_shuffled": ArmPlan(Dien, past="shuffled"),
    "dien_ties": ArmPlan(Dien, past="ties"),
    "dnn_decayed_ties": ArmPlan(Decayed, past="ties", effort=CHEAP),
}
