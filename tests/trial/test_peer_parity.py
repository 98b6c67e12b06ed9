"""Our layers against those of DeepCTR-Torch with the same weights; skipped where it is not: `make peers`."""

from __future__ import annotations

import importlib.util
import math
import warnings

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from benchmarks.peers import stand_in
from diagnose.trial.arms import Dien, Shape
from diagnose.trial.layers import Attention, Augru, Embedder, Extractor, pool

if importlib.util.find_spec("deepctr_torch") is None:
    pytest.skip("DeepCTR-Torch is not installed here: make peers", allow_module_level=True)
stand_in()
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from deepctr_torch.layers.sequence import AttentionSequencePoolingLayer, DynamicGRU
    from deepctr_torch.models.dien import InterestExtractor

CLOSE = {"rtol": 1e-5, "atol": 1e-5}
WIDTH, STEPS = 6, 9
LENGTH = torch.tensor([9, 4, 7, 1, 9])
ROWS = len(LENGTH)
STAYS = slice(WIDTH, 2 * WIDTH)  # torch's GRU keeps the old state where ours takes the new one


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng():
        torch.manual_seed(7)
        yield


def packed(steps):
    return pack_padded_sequence(steps, LENGTH, batch_first=True, enforce_sorted=False)


def random_weights(module):
    for parameter in module.parameters():
        nn.init.normal_(parameter, std=0.5)


def test_augru_is_theirs():
    """The last state of every history and the gradients of inputs, attention and weights."""
    theirs, ours = DynamicGRU(WIDTH, WIDTH, gru_type="AUGRU"), Augru(WIDTH, WIDTH)
    random_weights(theirs)
    nn.init.zeros_(theirs.rnn.bias_hh)  # which by a slip of theirs is bias_ih too
    with torch.no_grad():
        ours.project.weight.copy_(theirs.rnn.weight_ih)
        ours.project.bias.zero_()
        ours.recurrent.copy_(theirs.rnn.weight_hh)
    keys, scores = torch.randn(ROWS, STEPS, WIDTH), torch.rand(ROWS, STEPS)
    scores = scores * (torch.arange(STEPS) < LENGTH[:, None])
    mix = torch.randn(ROWS, WIDTH)

    our_keys, our_scores = keys.clone().requires_grad_(), scores.clone().requires_grad_()
    found = ours(our_keys.permute(1, 2, 0), attention=our_scores[:, None])[:, 0]
    (found * mix).sum().backward()

    their_keys, their_scores = keys.clone().requires_grad_(), scores.clone().requires_grad_()
    states, _ = pad_packed_sequence(theirs(packed(their_keys), packed(their_scores)), batch_first=True)
    expected = states[torch.arange(ROWS), LENGTH - 1]
    (expected * mix).sum().backward()

    torch.testing.assert_close(found, expected, **CLOSE)
    torch.testing.assert_close(our_keys.grad, their_keys.grad, **CLOSE)
    inside = torch.arange(STEPS) < LENGTH[:, None]
    torch.testing.assert_close(our_scores.grad[inside], their_scores.grad[inside], **CLOSE)
    torch.testing.assert_close(ours.project.weight.grad, theirs.rnn.weight_ih.grad, **CLOSE)
    gates = slice(2 * WIDTH)  # reset and update, in which both of their biases act alike
    torch.testing.assert_close(2 * ours.project.bias.grad[gates], theirs.rnn.bias_ih.grad[gates], **CLOSE)
    torch.testing.assert_close(ours.recurrent.grad, theirs.rnn.weight_hh.grad, **CLOSE)


def extractors():
    """Theirs, and ours with its weights."""
    theirs, ours = InterestExtractor(WIDTH, use_neg=True), Extractor(WIDTH, WIDTH)
    random_weights(theirs)
    nn.init.zeros_(theirs.gru.bias_hh_l0)
    sign = torch.ones(3 * WIDTH, 1)
    sign[STAYS] = -1
    with torch.no_grad():
        ours.project.weight.copy_(theirs.gru.weight_ih_l0 * sign)
        ours.project.bias.copy_(theirs.gru.bias_ih_l0 * sign[:, 0])
        ours.recurrent.copy_(theirs.gru.weight_hh_l0 * sign)
    return theirs, ours, sign


def test_the_interest_extractor_is_theirs():
    """States of all events, and the gradients of events and weights."""
    theirs, ours, sign = extractors()
    events = torch.randn(ROWS, STEPS, WIDTH)
    inside = torch.arange(STEPS) < LENGTH[:, None]
    mix = torch.randn(ROWS, STEPS, WIDTH) * inside[:, :, None]

    our_events = events.clone().requires_grad_()
    found = ours(our_events.permute(1, 2, 0)).permute(2, 0, 1)
    (found * mix).sum().backward()

    their_events = events.clone().requires_grad_()
    expected, _ = theirs(their_events, LENGTH)
    (expected * mix).sum().backward()

    torch.testing.assert_close(found[inside], expected[inside], **CLOSE)
    torch.testing.assert_close(our_events.grad, their_events.grad, **CLOSE)
    torch.testing.assert_close(ours.recurrent.grad, theirs.gru.weight_hh_l0.grad * sign, **CLOSE)
    torch.testing.assert_close(ours.project.weight.grad, theirs.gru.weight_ih_l0.grad * sign, **CLOSE)


class Given(nn.Module):
    """Stands where their network of attention or of the auxiliary loss is."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, *inputs):
        return self.function(*inputs)


def test_attention_pools_as_theirs_does():
    """Given the same logits: softmax over the events that are there, then the weighted sum."""
    attention, keys = Attention(WIDTH, WIDTH), torch.randn(ROWS, STEPS, WIDTH)
    random_weights(attention)
    candidate, matches = torch.randn(ROWS, 1, WIDTH), torch.zeros(ROWS, 1, STEPS, 2)
    valid = torch.arange(STEPS) < LENGTH[:, None]
    logits = attention(candidate, keys.transpose(1, 2), matches, valid)
    found, _ = pool(logits.softmax(dim=2), keys, matches)

    theirs = AttentionSequencePoolingLayer(weight_normalization=True, embedding_dim=WIDTH)

    def score(query, events):
        return (events @ attention.query(query).transpose(1, 2)) / math.sqrt(WIDTH)

    theirs.local_att = Given(score)
    torch.testing.assert_close(found, theirs(candidate, keys, LENGTH[:, None]), **CLOSE)


def test_the_auxiliary_loss_is_theirs_with_an_inner_product():
    """Equation 7 of the paper: theirs is the mean over true and false events, ours the sum of both means."""
    theirs, _, _ = extractors()
    tables = torch.randn(4, WIDTH // 2), torch.randn(4, WIDTH // 2)
    model = Dien(Embedder(*tables, fine_tune=False), Shape(hidden=WIDTH)).eval()
    random_weights(model.predict)
    states, events = torch.randn(ROWS, STEPS, WIDTH), torch.randn(ROWS, STEPS, WIDTH)

    def tells(pair):
        state, event = pair.split(WIDTH, dim=-1)
        return torch.sigmoid((model.predict(state) * event).sum(-1, keepdim=True))

    theirs.auxiliary_net = Given(tells)
    unseen = events.roll(1, dims=0)  # in evaluation ours takes the neighbour's events
    everything = torch.full((ROWS,), STEPS)
    expected = theirs._cal_auxiliary_loss(states[:, :-1], events[:, 1:], unseen[:, 1:], everything - 1)
    found = model.auxiliary_loss(states, events, torch.ones(ROWS, STEPS, dtype=torch.bool))
    torch.testing.assert_close(found, 2 * expected, **CLOSE)
