"""Back through the steps of a scan (diagnose.trial.scan), by hand and in place."""

from __future__ import annotations

import torch
from torch import Tensor

from diagnose.trial.scan_buffers import GATES, Gates, Kept, Weights, scales

aten = torch.ops.aten


def backward(
    kept: Kept, weights: Weights, attention: Tensor | None, grad: Tensor, *, last: bool
) -> tuple[Tensor, Tensor, Tensor | None]:
    """Gradients of the projected inputs (T, 3 * hidden, n), of the recurrent weights and of the attention."""
    hidden, steps = kept.hidden, len(kept.news)
    back = Back(weights.recurrent, kept)
    d_x = grad.new_empty(steps, GATES * hidden, kept.rows)
    d_attention = None if attention is None else torch.empty_like(attention)
    outer = [] if last else grad.reshape(steps, hidden, -1).unbind(0)
    if last:
        back.d_state.copy_(grad.reshape(hidden, -1))
    states, gates, d_x_steps = kept.states.unbind(0), kept.views(), d_x.unbind(0)
    scale, d_scale = scales(attention, steps), scales(d_attention, steps)
    for step in reversed(range(steps)):
        if not last:
            back.d_state += outer[step]
        back.through_gates(states[step], gates[step], scale=scale[step], d_scale=d_scale[step])
        _over_candidates(back.d_gates_by_row, out=d_x_steps[step])
        if step:  # before the first one the state is zero
            back.through_state(states[step], gates[step])
    return d_x, back.d_recurrent, d_attention


def _over_candidates(block: Tensor, *, out: Tensor) -> None:
    """Sums (any, C, n) over C; aten's sum is slow where there are few."""
    if block.shape[1] == 1:
        out.copy_(block[:, 0])
    elif block.shape[1] == 2:
        torch.add(block[:, 0], block[:, 1], out=out)
    else:
        torch.sum(block, 1, out=out)


class Back:
    """The gradients that go back through the steps of a scan, and the buffers that steps share."""

    def __init__(self, recurrent: Tensor, kept: Kept) -> None:
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
        self, state: Tensor, gates: Gates, *, scale: Tensor | None, d_scale: Tensor | None
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

    def through_state(self, state: Tensor, gates: Gates) -> None:
        """Gradients of the state before and of the recurrent weights."""
        self.d_argument.mul_(gates.reset)  # to W_n h the reset gate comes between
        self.d_recurrent.addmm_(self.d_gates, state.T)
        self.d_state.addmm_(self.turned, self.d_gates)
