"""The recurrent scan of GRU and AUGRU, forward and backward by hand.

Autograd would build a graph of some ten nodes a time step; this builds one node a sequence. It works
feature-major (a state is (hidden, rows)), so that each gate is one contiguous block, candidates before
histories, so that inner loops are long. Inputs are projected step by step, while what a step needs is in
the cache, and once for all candidates of a history.

GRU         r, u = sigmoid(x + W h);  n = tanh(x_n + r * (W_n h));  h' = (1 - u) h + u n;  x = P inputs + bias
AUGRU       the same with u replaced by a * u, where a is the attention of the step
Reference   Zhou et al. 2019 (DIEN), equations 2 to 5 and 12 to 14
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

GATES = 3  # reset, update, candidate state


@dataclass(frozen=True, eq=False)
class Weights:
    """What a scan learns: projection (3 * hidden, width), bias (3 * hidden,), recurrent (3 * hidden, hidden)."""

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
    attention (T, C, n) makes it an AUGRU (None: a GRU, C 1). A step of attention 0 leaves the state as it was.
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


class _Kept:
    """Buffers of a scan: states (from the zero state on), gates (r, u and W_n h) and new states n.

    Of each as many steps as asked for, in a ring; the columns are candidates by histories.
    """

    def __init__(
        self, inputs: Sequence[Tensor], weights: Weights, attention: Tensor | None, *, states: int, gates: int
    ) -> None:
        like, hidden = inputs[0], weights.hidden
        self.rows = like.shape[2]
        self.candidates = 1 if attention is None else attention.shape[1]
        columns = self.rows * self.candidates
        self.states = like.new_empty(states + 1, hidden, columns)
        self.states[0] = 0
        self.gates = like.new_empty(gates, GATES * hidden, columns)
        self.news = like.new_empty(gates, hidden, columns)


def _forward(
    inputs: Sequence[Tensor], weights: Weights, attention: Tensor | None, *, kept: _Kept, last: bool
) -> Tensor:
    hidden, rows, steps = weights.hidden, kept.rows, len(inputs[0])
    blocks = _blocks(weights.projection, inputs)
    x = inputs[0].new_empty(GATES * hidden, rows)
    state = kept.states[0]
    for step in range(steps):
        torch.addmm(weights.bias[:, None], blocks[0], inputs[0][step], out=x)
        for block, more in zip(blocks[1:], inputs[1:], strict=True):
            x.addmm_(block, more[step])
        gates, new = kept.gates[step % len(kept.gates)], kept.news[step % len(kept.news)]
        _step(state, x, weights.recurrent, gates=gates, new=new)
        update = gates[hidden : 2 * hidden]
        if attention is not None:
            update = update * attention[step].reshape(1, -1)
        # the ring's last state may be the one before: lerp may work in place
        after = kept.states[1 + step % (len(kept.states) - 1)]
        state = torch.lerp(state, new, update, out=after)
    shape = (hidden, kept.candidates, rows)
    return state.view(shape) if last else kept.states[1:].view(steps, *shape)


def _blocks(projection: Tensor, inputs: Sequence[Tensor]) -> list[Tensor]:
    """The columns of the projection that each of the inputs meets."""
    return list(projection.split([each.shape[1] for each in inputs], dim=1))


def _step(state: Tensor, x: Tensor, recurrent: Tensor, *, gates: Tensor, new: Tensor) -> None:
    """Fills gates with r, u (not scaled by attention) and W_n h, and new with n; x (3 * hidden, rows)."""
    hidden, rows = len(state), x.shape[1]
    torch.mm(recurrent, state, out=gates)
    both = gates[: 2 * hidden]
    both.view(2 * hidden, -1, rows).add_(x[: 2 * hidden].unsqueeze(1))
    both.sigmoid_()
    reset, inner, argument = (
        each.view(hidden, -1, rows) for each in (gates[:hidden], gates[2 * hidden :], new)
    )
    torch.addcmul(x[2 * hidden :].unsqueeze(1), reset, inner, out=argument)
    new.mul_(2).sigmoid_().mul_(2).sub_(1)  # tanh as a sigmoid: five times cheaper in aten


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
        weights = Weights(projection, bias, recurrent)
        steps = len(inputs[0])
        kept = _Kept(inputs, weights, attention, states=steps, gates=steps)
        out = _forward(inputs, weights, attention, kept=kept, last=last)
        ctx.last, ctx.with_attention = last, attention is not None
        more = [] if attention is None else [attention]
        ctx.save_for_backward(projection, recurrent, kept.states, kept.gates, kept.news, *more, *inputs)
        return out

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        projection, recurrent, states, gates, news, *inputs = ctx.saved_tensors
        attention = inputs.pop(0) if ctx.with_attention else None
        steps, hidden, columns = news.shape
        back = _Back(projection, recurrent, inputs, columns=columns)
        d_attention = None if attention is None else torch.empty_like(attention)
        outer = None if ctx.last else grads[0].reshape(steps, hidden, columns)
        if ctx.last:
            back.d_state.copy_(grads[0].reshape(hidden, columns))
        for step in reversed(range(steps)):
            if outer is not None:
                back.d_state += outer[step]
            scale = None if attention is None else attention[step].reshape(1, -1)
            d_scale = None if d_attention is None else d_attention[step].view(-1)
            back.through_gates(states[step], gates[step], news[step], scale=scale, d_scale=d_scale)
            back.through_inputs(step)
            back.through_state(states[step], gates[step])
        return None, back.d_projection, back.d_bias, back.d_recurrent, d_attention, *back.d_inputs


class _Back:
    """The gradients of one scan, and the buffers that its steps share."""

    def __init__(
        self, projection: Tensor, recurrent: Tensor, inputs: Sequence[Tensor], *, columns: int
    ) -> None:
        like, hidden = recurrent, recurrent.shape[1]
        self.recurrent, self.inputs = recurrent, inputs
        self.blocks = _blocks(projection, inputs)
        self.d_projection, self.d_recurrent = torch.zeros_like(projection), torch.zeros_like(recurrent)
        self.d_blocks = _blocks(self.d_projection, inputs)
        self.d_bias = like.new_zeros(len(recurrent))
        self.d_inputs = [torch.empty_like(each) for each in inputs]
        self.d_state = like.new_zeros(hidden, columns)
        self.d_gates = like.new_empty(GATES * hidden, columns)
        self.scratch = like.new_empty(2, hidden, columns)
        rows = inputs[0].shape[2]
        self.d_x = self.d_gates if rows == columns else like.new_empty(GATES * hidden, rows)
        self.ones = like.new_ones(rows)

    def through_gates(
        self, state: Tensor, gates: Tensor, new: Tensor, *, scale: Tensor | None, d_scale: Tensor | None
    ) -> None:
        """Turns d_state into its direct part for the step before, fills d_gates, before activation.

        The last block of d_gates is the gradient of the candidate state's whole argument.
        """
        hidden = len(state)
        update, inner = gates[hidden : 2 * hidden], gates[2 * hidden :]
        d_reset, d_update, d_argument = self.d_gates.split(hidden)
        d_new, part = self.scratch
        torch.sub(new, state, out=d_update)
        d_update.mul_(self.d_state)
        if scale is None or d_scale is None:
            torch.mul(self.d_state, update, out=d_new)
        else:
            torch.mul(d_update, update, out=part)
            torch.sum(part, 0, out=d_scale)
            d_update.mul_(scale)
            torch.mul(self.d_state, torch.mul(update, scale, out=part), out=d_new)
        self.d_state.sub_(d_new)  # (1 - a u) of what came
        torch.ops.aten.tanh_backward.grad_input(d_new, new, grad_input=d_argument)
        torch.mul(d_argument, inner, out=d_reset)
        both = self.d_gates[: 2 * hidden]
        torch.ops.aten.sigmoid_backward.grad_input(both, gates[: 2 * hidden], grad_input=both)

    def through_inputs(self, step: int) -> None:
        """Gradients of a step's inputs and of what projects them: those of all candidates together."""
        if self.d_x is not self.d_gates:
            torch.sum(self.d_gates.view(len(self.d_x), -1, len(self.ones)), 1, out=self.d_x)
        self.d_bias.addmv_(self.d_x, self.ones)
        for block, d_block, each, d_each in zip(
            self.blocks, self.d_blocks, self.inputs, self.d_inputs, strict=True
        ):
            d_block.addmm_(self.d_x, each[step].T)
            torch.mm(block.T, self.d_x, out=d_each[step])

    def through_state(self, state: Tensor, gates: Tensor) -> None:
        """Gradients of the state before and of the recurrent weights."""
        hidden = len(state)
        self.d_gates[2 * hidden :].mul_(gates[:hidden])  # to W_n h the reset gate comes between
        self.d_recurrent.addmm_(self.d_gates, state.T)
        self.d_state.addmm_(self.recurrent.T, self.d_gates)
