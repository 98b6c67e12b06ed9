"""What the steps of a scan work on: its weights, and buffers with the views of every step made beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor

GATES = 3  # reset, update, candidate state


@dataclass(frozen=True, eq=False)
class Weights:
    """What a scan learns: shapes (3 * hidden, width), (3 * hidden,) and (3 * hidden, hidden)."""

    projection: Tensor
    bias: Tensor
    recurrent: Tensor

    @property
    def hidden(self) -> int:
        """Size of the state."""
        return self.recurrent.shape[1]


class Gates(NamedTuple):
    """What a step computes, as views of the buffers that are kept; *_by_row are (any, C, n)."""

    every: Tensor  # r, u and W_n h, one below the other
    both: Tensor  # r and u
    both_by_row: Tensor
    reset: Tensor
    reset_by_row: Tensor
    update: Tensor  # not scaled by the attention
    inner: Tensor  # W_n h
    inner_by_row: Tensor
    new: Tensor  # n
    new_by_row: Tensor


class Kept:
    """Buffers of a scan: states (from the zero state on) and gates, of as many steps as asked for, in a ring.

    Their columns are candidates by histories: (any, C * n).
    """

    def __init__(
        self, inputs: Sequence[Tensor], weights: Weights, attention: Tensor | None, *, states: int, gates: int
    ) -> None:
        like, self.hidden = inputs[0], weights.hidden
        self.rows = like.shape[2]
        self.candidates = 1 if attention is None else attention.shape[1]
        columns = self.rows * self.candidates
        self.states = like.new_empty(states + 1, self.hidden, columns)
        self.states[0] = 0
        self.gates = like.new_empty(gates, GATES * self.hidden, columns)
        self.news = like.new_empty(gates, self.hidden, columns)

    def views(self) -> list[Gates]:
        """A step's views, for every step of the ring."""
        hidden = self.hidden
        blocks = [self.gates, self.gates[:, : 2 * hidden], *torch.split(self.gates, hidden, 1), self.news]
        every, both, reset, update, inner, new = blocks
        flat_and_by_row = [
            every, both, self.by_row(both), reset, self.by_row(reset), update,
            inner, self.by_row(inner), new, self.by_row(new),
        ]  # fmt: skip
        return [Gates(*step) for step in zip(*(each.unbind(0) for each in flat_and_by_row), strict=True)]

    def by_row(self, block: Tensor) -> Tensor:
        """(steps, any, C * n) -> (steps, any, C, n), a view."""
        return block.view(len(block), -1, self.candidates, self.rows)


def blocks(projection: Tensor, inputs: Sequence[Tensor]) -> list[Tensor]:
    """The columns of the projection that each of the inputs meets."""
    return list(torch.split(projection, [each.shape[1] for each in inputs], 1))


def scales(attention: Tensor | None, steps: int) -> Sequence[Tensor | None]:
    """The attention of each step, shape (1, columns)."""
    return [None] * steps if attention is None else attention.reshape(steps, 1, -1).unbind(0)
