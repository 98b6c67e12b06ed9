"""The recurrent scan of GRU and AUGRU, forward and backward by hand.

Autograd would build a graph of some ten nodes a time step; this builds one node a sequence. It works
feature-major (a state is (hidden, rows)), so that each gate is one contiguous block, candidates before
histories, so that inner loops are long. Inputs are projected once for all candidates of a history, all steps
in one product. The views that steps work on are made before the loop: there is little else to save.

GRU         r, u = sigmoid(x + W h);  n = tanh(x_n + r * (W_n h));  h' = (1 - u) h + u n;  x = P inputs + bias
AUGRU       the same with u replaced by a * u, where a is the attention of the step
Reference   Zhou et al. 2019 (DIEN), equations 2 to 5 and 12 to 14
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor

aten = torch.ops.aten
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


def scan(inputs: Sequence[Tensor], weights: Weights, attention: Tensor | None = None) -> Tensor:
    """All hidden states of a scan from the zero state, shape (T, hidden, C, n).

    inputs: one or more (T, any, n), read side by side, shared by the C candidates of a history;
    attention (T, C, n) makes it an AUGRU (None: a GRU, C 1). A step of attention 0 leaves the state.
    """
    return _scanned(inputs, weights, attention, last=False)


def last_state(inputs: Sequence[Tensor], weights: Weights, attention: Tensor | None = None) -> Tensor:
    """The final state only, shape (hidden, C, n); without gradients no other state is kept."""
    return _scanned(inputs, weights, attention, last=True)


def _scanned(inputs: Sequence[Tensor], weights: Weights, attention: Tensor | None, *, last: bool) -> Tensor:
    learnt = (weights.projection, weights.bias, weights.recurrent)
    if torch.is_grad_enabled():
        states: Tensor = _Scan.apply(last, *learnt, attention, *inputs)  # type: ignore[no-untyped-call]
        return states
    kept = _Kept(inputs, weights, attention, states=1 if last else len(inputs[0]), gates=1)
    return _forward(inputs, weights, attention, kept=kept, last=last)


class _Gates(NamedTuple):
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


class _Kept:
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

    def views(self) -> list[_Gates]:
        """A step's views, for every step of the ring."""
        hidden = self.hidden
        blocks = [self.gates, self.gates[:, : 2 * hidden], *torch.split(self.gates, hidden, 1), self.news]
        every, both, reset, update, inner, new = blocks
        flat_and_by_row = [
            every, both, self.by_row(both), reset, self.by_row(reset), update,
            inner, self.by_row(inner), new, self.by_row(new),
        ]  # fmt: skip
        return [_Gates(*step) for step in zip(*(each.unbind(0) for each in flat_and_by_row), strict=True)]

    def by_row(self, block: Tensor) -> Tensor:
        return block.view(len(block), -1, self.candidates, self.rows)


def _forward(
    inputs: Sequence[Tensor], weights: Weights, attention: Tensor | None, *, kept: _Kept, last: bool
) -> Tensor:
    steps, hidden = len(inputs[0]), kept.hidden
    projected = _projected(inputs, weights).unsqueeze(2)
    x_both, x_new = (block.unbind(0) for block in torch.split(projected, [2 * hidden, hidden], 1))
    scales = _scales(attention, steps)
    gates, states = kept.views(), kept.states.unbind(0)
    scaled = torch.empty_like(states[0])
    state = states[0]
    for step in range(steps):
        now = gates[step % len(gates)]
        torch.mm(weights.recurrent, state, out=now.every)
        now.both_by_row.add_(x_both[step])
        now.both.sigmoid_()
        torch.addcmul(x_new[step], now.reset_by_row, now.inner_by_row, out=now.new_by_row)
        now.new.mul_(2).sigmoid_().mul_(2).sub_(1)  # tanh as a sigmoid: five times cheaper in aten
        scale = scales[step]
        update = now.update if scale is None else torch.mul(now.update, scale, out=scaled)
        # where one state is kept, it is overwritten: lerp works in place
        state = torch.lerp(state, now.new, update, out=states[1 + step % (len(states) - 1)])
    return kept.by_row(state[None])[0] if last else kept.by_row(kept.states[1:])


def _projected(inputs: Sequence[Tensor], weights: Weights) -> Tensor:
    """P inputs + bias, shape (T, 3 * hidden, n)."""
    steps, _, rows = inputs[0].shape
    x = weights.bias[None, :, None].expand(steps, -1, rows)
    for block, each in zip(_blocks(weights.projection, inputs), inputs, strict=True):
        x = torch.baddbmm(x, block.expand(steps, -1, -1), each)
    return x


def _blocks(projection: Tensor, inputs: Sequence[Tensor]) -> list[Tensor]:
    """The columns of the projection that each of the inputs meets."""
    return list(torch.split(projection, [each.shape[1] for each in inputs], 1))


def _scales(attention: Tensor | None, steps: int) -> Sequence[Tensor | None]:
    """The attention of each step, shape (1, columns)."""
    return [None] * steps if attention is None else attention.reshape(steps, 1, -1).unbind(0)


class _Scan(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        last: bool,
        projection: Tensor,
        bias: Tensor,
        recurrent: Tensor,
        attention: Tensor | None,
        *inputs: Tensor,
    ) -> Tensor:
        weights, steps = Weights(projection, bias, recurrent), len(inputs[0])
        kept = _Kept(inputs, weights, attention, states=steps, gates=steps)
        out = _forward(inputs, weights, attention, kept=kept, last=last)
        ctx.last, ctx.with_attention = last, attention is not None
        more = [] if attention is None else [attention]
        ctx.kept = kept  # buffers, neither inputs nor outputs: they live as long as the graph
        ctx.save_for_backward(projection, bias, recurrent, *more, *inputs)
        return out

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        projection, bias, recurrent, *inputs = ctx.saved_tensors
        attention = inputs.pop(0) if ctx.with_attention else None
        weights = Weights(projection, bias, recurrent)
        d_x, d_recurrent, d_attention = _backward(ctx.kept, weights, attention, grads[0], last=ctx.last)
        d_inputs, d_blocks = [], []
        for block, each in zip(_blocks(projection, inputs), inputs, strict=True):
            d_inputs.append(torch.bmm(block.T.expand(len(d_x), -1, -1), d_x))
            d_blocks.append(torch.bmm(d_x, each.transpose(1, 2)).sum(0))
        return None, torch.cat(d_blocks, dim=1), d_x.sum((0, 2)), d_recurrent, d_attention, *d_inputs


def _backward(
    kept: _Kept, weights: Weights, attention: Tensor | None, grad: Tensor, *, last: bool
) -> tuple[Tensor, Tensor, Tensor | None]:
    """Gradients of the projected inputs (T, 3 * hidden, n), of the recurrent weights and of the attention."""
    hidden, steps = kept.hidden, len(kept.news)
    back = _Back(weights.recurrent, kept)
    d_x = grad.new_empty(steps, GATES * hidden, kept.rows)
    d_attention = None if attention is None else torch.empty_like(attention)
    outer = (None,) * steps if last else grad.reshape(steps, hidden, -1).unbind(0)
    if last:
        back.d_state.copy_(grad.reshape(hidden, -1))
    every = zip(
        kept.states.unbind(0), kept.views(), _scales(attention, steps), _scales(d_attention, steps),
        outer, d_x.unbind(0), strict=False,  # of the states there is one more
    )  # fmt: skip
    for state, gates, scale, d_scale, from_above, d_x_step in reversed(list(every)):
        if from_above is not None:
            back.d_state += from_above
        back.through_gates(state, gates, scale=scale, d_scale=d_scale)
        torch.sum(back.d_gates_by_row, 1, out=d_x_step)
        back.through_state(state, gates)
    return d_x, back.d_recurrent, d_attention


class _Back:
    """The gradients that go back through the steps of a scan, and the buffers that steps share."""

    def __init__(self, recurrent: Tensor, kept: _Kept) -> None:
        hidden = kept.hidden
        self.turned = recurrent.T
        self.d_recurrent = torch.zeros_like(recurrent)
        self.d_state = torch.zeros_like(kept.states[0])
        self.d_gates = torch.empty_like(kept.gates[0])
        self.d_gates_by_row = self.d_gates.view(GATES * hidden, kept.candidates, kept.rows)
        self.d_both = self.d_gates[: 2 * hidden]
        self.d_reset, self.d_update, self.d_argument = torch.split(self.d_gates, hidden)
        self.d_new, self.scratch = torch.empty_like(self.d_state), torch.empty_like(self.d_state)

    def through_gates(
        self, state: Tensor, gates: _Gates, *, scale: Tensor | None, d_scale: Tensor | None
    ) -> None:
        """Turns d_state into its direct part for the step before, fills d_gates, before activation.

        The last block of d_gates is the gradient of the candidate state's whole argument.
        """
        torch.sub(gates.new, state, out=self.d_update)
        self.d_update.mul_(self.d_state)
        update = gates.update
        if scale is not None:
            torch.mul(self.d_update, update, out=self.scratch)
            torch.sum(self.scratch, 0, keepdim=True, out=d_scale)
            self.d_update.mul_(scale)
            update = torch.mul(update, scale, out=self.scratch)
        torch.mul(self.d_state, update, out=self.d_new)
        self.d_state.sub_(self.d_new)  # (1 - a u) of what came
        aten.tanh_backward.grad_input(self.d_new, gates.new, grad_input=self.d_argument)
        torch.mul(self.d_argument, gates.inner, out=self.d_reset)
        aten.sigmoid_backward.grad_input(self.d_both, gates.both, grad_input=self.d_both)

    def through_state(self, state: Tensor, gates: _Gates) -> None:
        """Gradients of the state before and of the recurrent weights."""
        self.d_argument.mul_(gates.reset)  # to W_n h the reset gate comes between
        self.d_recurrent.addmm_(self.d_gates, state.T)
        self.d_state.addmm_(self.turned, self.d_gates)
