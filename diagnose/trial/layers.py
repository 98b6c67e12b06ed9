"""The parts that arms are made of: embeddings, attention, the two scans of DIEN, the scoring head.

Every arm sees events and candidates through the same `Embedder` and ends in the same kind of `Head`,
so that arms differ in one thing: how they summarise the history.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from diagnose.trial.scan import last_state, scan
from diagnose.trial.scan_buffers import GATES, Weights

MATCHES = 2  # same item, same category: what a candidate and an event have plainly in common
PLAIN = 2 + MATCHES  # ... and the inner products of a summary and a candidate, of items and of categories
RANDOM_PART = 0.1  # of the usual random start that is left beside the fading average [0012]


@dataclass(frozen=True, eq=False)
class Batch:
    """n histories with C candidates each, on the device.

    past_item, past_category (n, T), oldest first, padded on the right; length (n,);
    item, category (n, C); mask (n, C) True where there is a candidate; base (n, C) the order-blind score.
    The padding code is the last row of each embedding table, which is zero.
    """

    past_item: Tensor
    past_category: Tensor
    length: Tensor
    item: Tensor
    category: Tensor
    mask: Tensor
    base: Tensor

    @property
    def valid(self) -> Tensor:
        """(n, T): which steps hold an event."""
        steps = torch.arange(self.past_item.shape[1], device=self.length.device)
        return steps < self.length[:, None]

    def matches(self) -> Tensor:
        """(n, C, T, 2): does the event have the candidate's item, its category; padding never has."""
        item = self.item[:, :, None] == self.past_item[:, None]
        category = self.category[:, :, None] == self.past_category[:, None]
        both = torch.stack([item, category], dim=3)
        return (both & self.valid[:, None, :, None]).float()


class Embedder(nn.Module):
    """Pretrained item and category embeddings, each behind a linear adapter that starts as the identity."""

    def __init__(self, items: Tensor, categories: Tensor, *, fine_tune: bool) -> None:
        super().__init__()
        self.items, self.categories = (_table(rows, fine_tune=fine_tune) for rows in (items, categories))
        self.adapt_item = _identity(items.shape[1])
        self.adapt_category = _identity(categories.shape[1])
        self.parts = [items.shape[1], categories.shape[1]]
        self.width = sum(self.parts)

    def forward(self, item: Tensor, category: Tensor) -> Tensor:
        """Codes (...) -> vectors (..., width); the zero vector stays zero."""
        parts = [self.adapt_item(self.items(item)), self.adapt_category(self.categories(category))]
        return torch.cat(parts, dim=-1)

    def dots(self, met: Tensor) -> Tensor:
        """Products of two vectors, entry by entry (..., width) -> means over item and category (..., 2)."""
        parts = torch.split(met, self.parts, dim=-1)
        return torch.stack([part.mean(-1) for part in parts], dim=-1)


def _table(rows: Tensor, *, fine_tune: bool) -> nn.Embedding:
    """Trained tables have sparse gradients, of the rows that occur: what diagnose.trial.descent is for."""
    codes, width = rows.shape
    table = nn.Embedding(codes, width, padding_idx=codes - 1, sparse=fine_tune, _weight=rows.clone())
    table.weight.requires_grad_(fine_tune)
    return table


def _identity(width: int) -> nn.Linear:
    layer = nn.Linear(width, width, bias=False)
    nn.init.eye_(layer.weight)
    return layer


class Extractor(nn.Module):
    """The interest extractor of DIEN: a GRU over the events, run once a history."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.project = nn.Linear(width, GATES * hidden)
        self.recurrent = nn.Parameter(_recurrent(hidden))

    def forward(self, events: Tensor) -> Tensor:
        """Events (T, width, n) -> states (T, hidden, n)."""
        return scan([events], _weights(self)).squeeze(2)


class Augru(nn.Module):
    """A GRU whose update gate is scaled by the attention of each step (AUGRU)."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.project = nn.Linear(width, GATES * hidden)
        self.recurrent = nn.Parameter(_recurrent(hidden))

    def forward(self, *inputs: Tensor, attention: Tensor) -> Tensor:
        """Inputs (T, any, n), width together; attention (n, C, T) -> last state (n, C, hidden)."""
        scales = attention.permute(2, 1, 0).contiguous()
        return last_state(inputs, _weights(self), scales).permute(2, 1, 0)


def _weights(layer: Extractor | Augru) -> Weights:
    return Weights(layer.project.weight, layer.project.bias, layer.recurrent)


@torch.no_grad()
def start_as_fading_average(extractor: Extractor, augru: Augru, back: nn.Linear) -> None:
    """Both GRUs begin by taking in each event's embedding as it is, and `back` by giving it back.

    An update gate about one half then makes states a fading average of embeddings, which attention makes one
    of the events that matter to the candidate; from there the rest is learnt. A random start has to find
    that first, in some hundred steps [0012].
    """
    hidden, size = augru.recurrent.shape[1], min(augru.recurrent.shape[1], back.out_features)
    same = torch.eye(size)
    for layer in (extractor, augru):
        into_state = layer.project.weight[2 * hidden :]
        into_state *= RANDOM_PART
        into_state[:size, -back.out_features :][:, :size] += same  # the embedding comes last among the inputs
        layer.recurrent[2 * hidden :] *= RANDOM_PART
    back.weight *= RANDOM_PART
    back.weight[:size, :size] += same
    back.bias.zero_()


def _recurrent(hidden: int) -> Tensor:
    blocks = [nn.init.orthogonal_(torch.empty(hidden, hidden)) for _ in range(GATES)]
    return torch.cat(blocks)


class Attention(nn.Module):
    """Relevance of each event to each candidate: bilinear, plus a weight for each plain match.

    Starts at zero everywhere: the mean for DIN, a plain GRU for AUGRU.
    """

    def __init__(self, width: int, keys: int) -> None:
        super().__init__()
        self.query = nn.Linear(width, keys, bias=False)
        self.match = nn.Parameter(torch.zeros(MATCHES))
        nn.init.zeros_(self.query.weight)

    def forward(self, candidates: Tensor, keys: Tensor, matches: Tensor, valid: Tensor) -> Tensor:
        """candidates (n, C, width), keys (n, keys, T), matches (n, C, T, 2) -> logits (n, C, T).

        Padding has -inf.
        """
        bilinear = torch.bmm(self.query(candidates), keys) / math.sqrt(keys.shape[1])
        logits = bilinear + matches @ self.match
        return logits.masked_fill(~valid[:, None], -math.inf)


class Seen:
    """Histories and candidates as every arm sees them, and all that its head is told.

    events (n, T, width), candidates (n, C, width), matches (n, C, T, 2); `vectors` (n, C, any) and `plain`
    (n, C, few) begin with the candidate, the mean of the history, and how the two meet.
    """

    def __init__(self, embedder: Embedder, batch: Batch) -> None:
        self.embedder = embedder
        self.events = embedder(batch.past_item, batch.past_category)
        self.candidates = embedder(batch.item, batch.category)
        self.matches = batch.matches()
        self.vectors, self.plain = [self.candidates], list[Tensor]()
        mean = batch.valid / batch.length[:, None]
        self.tell(*pool(mean[:, None], self.events, self.matches))

    def tell(self, summary: Tensor, matched: Tensor, *, meets: Tensor | None = None) -> None:
        """A summary (n, 1 or C, any), its plain matches (n, C, 2), and it as an embedding, if it is none."""
        met = (summary if meets is None else meets) * self.candidates
        self.vectors += [summary.expand(-1, self.candidates.shape[1], -1), met]
        self.plain += [self.embedder.dots(met), matched]


class Recency(nn.Module):
    """The plain facts of recency: a fading weight 2^(-age / half-life), and the newest event.

    The half-life starts at that of the order information (2.1) and is learnt on, as the methods allow.
    """

    def __init__(self, half_life: float) -> None:
        super().__init__()
        self.log_half_life = nn.Parameter(torch.tensor(half_life).log2())

    def tell(self, seen: Seen, batch: Batch) -> None:
        """Tells the head of the fading average, and whether the newest event is of the candidate's kind."""
        steps = torch.arange(batch.past_item.shape[1], device=batch.length.device)
        age = (batch.length[:, None] - 1 - steps).clamp(min=0)
        fading = torch.exp2(-age / self.log_half_life.exp2()) * batch.valid
        fading = fading / fading.sum(1, keepdim=True)
        seen.tell(*pool(fading[:, None], seen.events, seen.matches))
        newest = ((age == 0) & batch.valid).float()
        seen.plain.append(pool_matches(newest[:, None], seen.matches))


class Head(nn.Module):
    """What is added to the order-blind score; its last layer starts at zero, so that nothing is added.

    A small network of all that it is told, and beside it a plain sum of the few plain numbers: what a
    logistic regression would find is found in a few steps.
    """

    def __init__(self, vectors: int, *, plain: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Linear(vectors + plain, 2 * hidden),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(2 * hidden, hidden),
            nn.ReLU(),
        )
        self.out = nn.Linear(hidden + plain, 1, bias=False)
        nn.init.zeros_(self.out.weight)

    def forward(self, seen: Seen) -> Tensor:
        """What is added to each candidate's score, (n, C)."""
        hidden = self.layers(torch.cat([*seen.vectors, *seen.plain], dim=2))
        added: Tensor = self.out(torch.cat([hidden, *seen.plain], dim=2)).squeeze(2)
        return added


def pool(weights: Tensor, events: Tensor, matches: Tensor) -> tuple[Tensor, Tensor]:
    """Weighted history: weights (n, 1 or C, T) -> vectors (n, 1 or C, width), matches (n, C, 2)."""
    return torch.bmm(weights, events), pool_matches(weights, matches)


def pool_matches(weights: Tensor, matches: Tensor) -> Tensor:
    """Weighted plain matches: weights (n, 1 or C, T), matches (n, C, T, 2) -> (n, C, 2)."""
    return (weights[:, :, :, None] * matches).sum(2)
