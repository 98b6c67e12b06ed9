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
from typing import Any

import torch
from torch import Tensor

from diagnose.trial.scan_buffers import Kept, Weights, blocks, scales
from diagnose.trial.scan_gradient import backward


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
    kept = Kept(inputs, weights, attention, states=1 if last else len(inputs[0]), gates=1)
    return _forward(inputs, weights, attention, kept=kept, last=last)


def _forward(
    inputs: Sequence[Tensor], weights: Weights, attention: Tensor | None, *, kept: Kept, last: bool
) -> Tensor:
    steps, hidden = len(inputs[0]), kept.hidden
    projected = _projected(inputs, weights).unsqueeze(2)
    x_both, x_new = (block.unbind(0) for block in torch.split(projected, [2 * hidden, hidden], 1))
    scale = scales(attention, steps)
    gates, states = kept.views(), kept.states.unbind(0)
    scaled = torch.empty_like(states[0])
    state = states[0]
    for step in range(steps):
        now = gates[step % len(gates)]
        if step:
            torch.mm(weights.recurrent, state, out=now.every)
        else:
            now.every.zero_()
        now.both_by_row.add_(x_both[step])
        now.both.sigmoid_()
        torch.addcmul(x_new[step], now.reset_by_row, now.inner_by_row, out=now.new_by_row)
        now.new.mul_(2).sigmoid_().mul_(2).sub_(1)  # tanh as a sigmoid: five times cheaper in aten
        by = scale[step]
        update = now.update if by is None else torch.mul(now.update, by, out=scaled)
        # where one state is kept, it is overwritten: lerp works in place
        state = torch.lerp(state, now.new, update, out=states[1 + step % (len(states) - 1)])
    return kept.by_row(state[None])[0] if last else kept.by_row(kept.states[1:])


def _projected(inputs: Sequence[Tensor], weights: Weights) -> Tensor:
    """P inputs + bias, shape (T, 3 * hidden, n)."""
    steps, _, rows = inputs[0].shape
    x = weights.bias[None, :, None].expand(steps, -1, rows)
    for block, each in zip(blocks(weights.projection, inputs), inputs, strict=True):
        x = torch.baddbmm(x, block.expand(steps, -1, -1), each)
    return x


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
        kept = Kept(inputs, weights, attention, states=steps, gates=steps)
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
        d_x, d_recurrent, d_attention = backward(ctx.kept, weights, attention, grads[0], last=ctx.last)
        d_inputs, d_blocks = [], []
        for block, each in zip(blocks(projection, inputs), inputs, strict=True):
            d_inputs.append(torch.bmm(block.T.expand(len(d_x), -1, -1), d_x))
            d_blocks.append(torch.bmm(d_x, each.transpose(1, 2)).sum(0))
        return None, torch.cat(d_blocks, dim=1), d_x.sum(2).sum(0), d_recurrent, d_attention, *d_inputs
