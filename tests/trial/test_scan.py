from __future__ import annotations

import pytest
import torch

from diagnose.trial.scan import last_state, scan


def reference(inputs, weight, attention):
    """Equation by equation, one step at a time, by autograd."""
    steps, width, rows = inputs.shape
    hidden = width // 3
    candidates = 1 if attention is None else attention.shape[1]
    state = torch.zeros(hidden, candidates, rows, dtype=inputs.dtype)
    states = []
    for step in range(steps):
        x = inputs[step][:, None]
        inner = torch.einsum("gh,hcn->gcn", weight, state)
        reset = torch.sigmoid(x[:hidden] + inner[:hidden])
        update = torch.sigmoid(x[hidden : 2 * hidden] + inner[hidden : 2 * hidden])
        new = torch.tanh(x[2 * hidden :] + reset * inner[2 * hidden :])
        if attention is not None:
            update = update * attention[step]
        state = (1 - update) * state + update * new
        states.append(state)
    return torch.stack(states)


def leaves(attention, *, steps=7, hidden=5, rows=3, candidates=4):
    generator = torch.Generator().manual_seed(1)

    def draw(*shape):
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    inputs, weight = draw(steps, 3 * hidden, rows), draw(3 * hidden, hidden)
    weights = draw(steps, candidates, rows).sigmoid() if attention else None
    return [None if leaf is None else leaf.requires_grad_() for leaf in (inputs, weight, weights)]


@pytest.mark.parametrize("attention", [False, True])
def test_forward_and_gradients_equal_the_step_by_step_reference(attention):
    """GRU and AUGRU agree with the paper's equations, values and all gradients, to 1e-10 in double."""
    results = []
    for function in (scan, reference):
        inputs, weight, weights = leaves(attention)
        states = function(inputs, weight, weights)
        mix = torch.linspace(-1, 1, states.numel(), dtype=states.dtype).view(states.shape)
        (states * mix).sum().backward()
        grads = [leaf.grad for leaf in (inputs, weight, weights) if leaf is not None]
        results.append([states.detach(), *grads])
    for ours, theirs in zip(*results, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-10, atol=1e-10)


def test_the_gru_is_the_one_of_torch():
    """With torch.nn.GRU's weights and no hidden bias the states are torch's."""
    gru = torch.nn.GRU(4, 6)
    torch.nn.init.zeros_(gru.bias_hh_l0)
    events = torch.randn(9, 3, 4, generator=torch.Generator().manual_seed(2))
    hidden = 6
    # torch mixes u * old + (1 - u) * new: its update gate is ours with the sign turned
    sign = torch.ones(3 * hidden, 1)
    sign[hidden : 2 * hidden] = -1
    projected = events @ (gru.weight_ih_l0 * sign).T + gru.bias_ih_l0 * sign[:, 0]
    states = scan(projected.transpose(1, 2).contiguous(), gru.weight_hh_l0 * sign)
    expected = gru(events)[0].permute(0, 2, 1)
    torch.testing.assert_close(states.squeeze(2), expected, rtol=1e-5, atol=1e-6)


def test_scoring_gives_the_state_that_training_gives():
    """Without gradients the last state is computed by other code and must be the same."""
    inputs, weight, weights = leaves(attention=True)
    trained = last_state(inputs, weight, weights)
    with torch.no_grad():
        scored = last_state(inputs, weight, weights)
    torch.testing.assert_close(scored, trained.detach(), rtol=1e-12, atol=1e-12)


def test_a_step_without_attention_leaves_the_state():
    """Attention 0 keeps the state: that is what makes padding invisible."""
    inputs, weight, weights = leaves(attention=True)
    weights = weights.detach().clone()
    weights[4:] = 0
    states = scan(inputs, weight, weights)
    torch.testing.assert_close(states[-1], states[3])
