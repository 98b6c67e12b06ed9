"""The recurrent scan of GRU and AUGRU, forward and backward by hand.

Autograd would build a graph of some ten nodes a time step; this builds one node a sequence. It works
feature-major (a state is (hidden, rows)), so that each gate is one contiguous block, candidates before
histories, so that inner loops are long, and takes the input
projections ready made: they are one matrix product outside the loop, shared by all candidates of a history.

GRU         r, u = sigmoid(x + W h);  n = tanh(x_n + r * (W_n h));  h' = (1 - u) h + u n
AUGRU       the same with u replaced by a * u, where a is the attention of the step
Reference   Zhou et al. 2019 (DIEN), equations 2 to 5 and 12 to 14
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

GATES = 3  # reset, update, candidate state


def scan(inputs: Tensor, weight: Tensor, attention: Tensor | None = None) -> Tensor:
    """All hidden states of a scan from the zero state, shape (T, hidden, C, N).

    inputs (T, 3 * hidden, N): input projections with their biases, shared by the C candidates;
    weight (3 * hidden, hidden): recurrent weights; attention (T, C, N) makes it an AUGRU (None: a GRU, C 1).
    A step of attention 0 leaves the state as it was.
    """
    if torch.is_grad_enabled():
        states: Tensor = _Scan.apply(inputs, weight, attention)  # type: ignore[no-untyped-call]
        return states
    return _forward(inputs, weight, attention, saved=None)


def last_state(inputs: Tensor, weight: Tensor, attention: Tensor) -> Tensor:
    """The final state only, shape (hidden, C, N); without gradients no other state is kept."""
    if torch.is_grad_enabled():
        return scan(inputs, weight, attention)[-1]
    steps, candidates, rows = attention.shape
    hidden = weight.shape[1]
    state = inputs.new_zeros(hidden, rows * candidates)
    gates, new = inputs.new_empty(GATES * hidden, rows * candidates), torch.empty_like(state)
    for step in range(steps):
        _step(state, inputs[step], weight, attention[step], gates=gates, new=new)
        state.lerp_(new, gates[hidden : 2 * hidden])
    return state.view(hidden, candidates, rows)


def _step(
    state: Tensor, x: Tensor, weight: Tensor, attention: Tensor | None, *, gates: Tensor, new: Tensor
) -> None:
    """Fills gates with r, u (not yet scaled by attention unless it is given) and W_n h, and new with n."""
    hidden = weight.shape[1]
    rows = x.shape[1]
    torch.mm(weight, state, out=gates)
    both = gates[: 2 * hidden]
    both.view(2 * hidden, -1, rows).add_(x[: 2 * hidden].unsqueeze(1))
    both.sigmoid_()
    torch.mul(gates[:hidden], gates[2 * hidden :], out=new)
    new.view(hidden, -1, rows).add_(x[2 * hidden :].unsqueeze(1))
    new.mul_(2).sigmoid_().mul_(2).sub_(1)  # tanh as a sigmoid: five times cheaper in aten
    if attention is not None:
        gates[hidden : 2 * hidden].mul_(attention.reshape(1, -1))


def _forward(
    inputs: Tensor, weight: Tensor, attention: Tensor | None, *, saved: list[Tensor] | None
) -> Tensor:
    steps, width, rows = inputs.shape
    hidden = width // GATES
    candidates = 1 if attention is None else attention.shape[1]
    states = inputs.new_zeros(steps + 1, hidden, rows * candidates)
    keep = steps if saved is not None else 1
    gates = inputs.new_empty(keep, width, rows * candidates)
    news = inputs.new_empty(keep, hidden, rows * candidates)
    for step in range(steps):
        gate, new = gates[step % keep], news[step % keep]
        _step(states[step], inputs[step], weight, None, gates=gate, new=new)
        update = gate[hidden : 2 * hidden]
        if attention is not None:
            update = update * attention[step].reshape(1, -1)
        torch.lerp(states[step], new, update, out=states[step + 1])
    if saved is not None:
        saved += [states, gates, news]
    return states[1:].view(steps, hidden, candidates, rows)


class _Scan(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, inputs: Tensor, weight: Tensor, attention: Tensor | None) -> Tensor:
        saved: list[Tensor] = []
        out = _forward(inputs, weight, attention, saved=saved)
        ctx.save_for_backward(weight, *saved, *([] if attention is None else [attention]))
        ctx.rows = inputs.shape[2]
        return out

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, Tensor, Tensor | None]:
        weight, states, gates, news, *rest = ctx.saved_tensors
        attention = rest[0] if rest else None
        steps, hidden, columns = news.shape
        outer = grads[0].reshape(steps, hidden, columns)
        d_inputs = outer.new_empty(steps, GATES * hidden, ctx.rows)
        d_attention = None if attention is None else torch.empty_like(attention)
        d_weight, d_gates = torch.zeros_like(weight), outer.new_empty(GATES * hidden, columns)
        d_state = torch.zeros_like(states[0])
        for step in reversed(range(steps)):
            d_state += outer[step]
            scale = None if attention is None else attention[step].reshape(1, -1)
            d_scale = _step_back(
                states[step], gates[step], news[step], scale, d_state=d_state, d_gates=d_gates
            )
            if d_attention is not None:
                d_attention[step] = d_scale.view(d_attention.shape[1:])
            d_inputs[step] = d_gates.view(GATES * hidden, -1, ctx.rows).sum(1)
            d_gates[2 * hidden :].mul_(gates[step, :hidden])  # to W_n h the reset gate comes between
            d_weight.addmm_(d_gates, states[step].T)
            d_state.addmm_(weight.T, d_gates)
        return d_inputs, d_weight, d_attention


def _step_back(
    state: Tensor, gate: Tensor, new: Tensor, scale: Tensor | None, *, d_state: Tensor, d_gates: Tensor
) -> Tensor:
    """Turns d_state into its direct part for the step before, fills d_gates (before activation).

    The last block of d_gates is the gradient of the candidate state's whole argument.
    Returns the gradient of the attention, shape (columns,).
    """
    hidden = len(state)
    reset, update, inner = gate[:hidden], gate[hidden : 2 * hidden], gate[2 * hidden :]
    scaled = update if scale is None else update * scale
    d_scaled = d_state * (new - state)
    d_new = d_state * scaled
    d_state.sub_(d_new)  # (1 - a u) of what came
    d_argument = d_gates[2 * hidden :]
    torch.mul(d_new, 1 - new * new, out=d_argument)
    torch.mul(d_argument * inner, reset * (1 - reset), out=d_gates[:hidden])
    d_scale = (d_scaled * update).sum(0)
    if scale is not None:
        d_scaled.mul_(scale)
    torch.mul(d_scaled, update * (1 - update), out=d_gates[hidden : 2 * hidden])
    return d_scale
