from __future__ import annotations

import pytest
import torch

from diagnose.trial.scan import last_state, scan
from diagnose.trial.scan_buffers import Weights


def reference(inputs, weights, attention):
    """Equation by equation, one step at a time, by autograd."""
    side_by_side = torch.cat(inputs, dim=1)
    steps, _, rows = side_by_side.shape
    hidden = weights.hidden
    candidates = 1 if attention is None else attention.shape[1]
    state = torch.zeros(hidden, candidates, rows, dtype=side_by_side.dtype)
    states = []
    for step in range(steps):
        x = (weights.projection @ side_by_side[step] + weights.bias[:, None])[:, None]
        inner = torch.einsum("gh,hcn->gcn", weights.recurrent, state)
        reset = torch.sigmoid(x[:hidden] + inner[:hidden])
        update = torch.sigmoid(x[hidden : 2 * hidden] + inner[hidden : 2 * hidden])
        new = torch.tanh(x[2 * hidden :] + reset * inner[2 * hidden :])
        if attention is not None:
            update = update * attention[step]
        state = (1 - update) * state + update * new
        states.append(state)
    return torch.stack(states)


def reference_last(inputs, weights, attention):
    return reference(inputs, weights, attention)[-1]


def leaves(attention, *, steps=7, hidden=5, rows=3, candidates=4, dtype=torch.float64):
    """Two inputs of unlike width, weights, attention; all ask for gradients."""
    generator = torch.Generator().manual_seed(1)

    def draw(*shape):
        return torch.randn(*shape, generator=generator, dtype=dtype)

    inputs = [draw(steps, 2, rows), draw(steps, 4, rows)]
    weights = Weights(draw(3 * hidden, 6), draw(3 * hidden), draw(3 * hidden, hidden))
    scales = draw(steps, candidates, rows).sigmoid() if attention else None
    for leaf in flat(inputs, weights, scales):
        leaf.requires_grad_()
    return inputs, weights, scales


def flat(inputs, weights, scales):
    learnt = [weights.projection, weights.bias, weights.recurrent]
    return [*inputs, *learnt, *([] if scales is None else [scales])]


@pytest.mark.parametrize(
    ("dtype", "tolerance"), [(torch.float64, 1e-10), (torch.float32, 1e-5)], ids=["double", "single"]
)
@pytest.mark.parametrize(("function", "expected"), [(scan, reference), (last_state, reference_last)])
@pytest.mark.parametrize("attention", [False, True])
def test_forward_and_gradients_equal_the_step_by_step_reference(
    attention, function, expected, dtype, tolerance
):
    """GRU and AUGRU agree with the paper's equations, values and all gradients: 1e-10 in double."""
    results = []
    for each in (function, expected):
        parts = leaves(attention, dtype=dtype)
        states = each(*parts)
        mix = torch.linspace(-1, 1, states.numel(), dtype=states.dtype).view(states.shape)
        (states * mix).sum().backward()
        results.append([states.detach(), *(leaf.grad for leaf in flat(*parts))])
    for ours, theirs in zip(*results, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=tolerance, atol=tolerance)


def test_the_gru_is_the_one_of_torch():
    """With torch.nn.GRU's weights and no hidden bias the states are torch's."""
    gru = torch.nn.GRU(4, 6)
    torch.nn.init.zeros_(gru.bias_hh_l0)
    events = torch.randn(9, 3, 4, generator=torch.Generator().manual_seed(2))
    hidden = 6
    # torch mixes u * old + (1 - u) * new: its update gate is ours with the sign turned
    sign = torch.ones(3 * hidden, 1)
    sign[hidden : 2 * hidden] = -1
    weights = Weights(gru.weight_ih_l0 * sign, gru.bias_ih_l0 * sign[:, 0], gru.weight_hh_l0 * sign)
    states = scan([events.transpose(1, 2).contiguous()], weights)
    expected = gru(events)[0].permute(0, 2, 1)
    torch.testing.assert_close(states.squeeze(2), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("function", [scan, last_state])
@pytest.mark.parametrize("attention", [False, True])
def test_scoring_gives_the_states_that_training_gives(function, attention):
    """Without gradients fewer buffers are kept; the numbers must be the same."""
    parts = leaves(attention)
    trained = function(*parts)
    with torch.no_grad():
        scored = function(*parts)
    torch.testing.assert_close(scored, trained.detach(), rtol=1e-12, atol=1e-12)


def test_a_step_without_attention_leaves_the_state():
    """Attention 0 keeps the state: that is what makes padding invisible."""
    inputs, weights, scales = leaves(attention=True)
    scales = scales.detach().clone()
    scales[4:] = 0
    states = scan(inputs, weights, scales)
    torch.testing.assert_close(states[-1], states[3])
