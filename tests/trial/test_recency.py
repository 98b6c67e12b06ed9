"""What order-aware arms are told of the recent past, by hand; and how DIEN starts."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from diagnose.trial.arms import ARMS, Shape
from diagnose.trial.layers import Embedder, Recency, Seen
from diagnose.trial.training import loss_of, to_batch
from tests.trial.planted import split, tables


def embedder(seed=0):
    items, categories = map(torch.from_numpy, tables(np.random.default_rng(seed)))
    return Embedder(items, categories, fine_tune=False)


def told(half_life, rows, seed=0):
    """What `Recency` tells beside the common facts: vectors and plain numbers; and what it was told of."""
    batch = to_batch(rows, np.arange(len(rows)), order=0)
    seen = Seen(embedder(seed), batch)
    vectors, plain = len(seen.vectors), len(seen.plain)
    Recency(half_life).tell(seen, batch)
    return seen, seen.vectors[vectors:], seen.plain[plain:]


def test_the_fading_average_is_that_of_its_definition():
    """Weights 2^(-age / half-life) of the events that are there, whatever the padding."""
    rows = split(np.random.default_rng(1), n=8)
    with torch.no_grad():
        seen, (average, _), (_, matched, _) = told(3.0, rows)
    for row, length in enumerate(rows.length):
        weight = 2.0 ** (-np.arange(length)[::-1] / 3.0)
        weight = weight / weight.sum()
        np.testing.assert_allclose(average[row, 0], weight @ seen.events[row, :length].numpy(), atol=1e-5)
        same = rows.past_item[0, row, :length, None] == rows.item[row]
        np.testing.assert_allclose(matched[row, :, 0], weight @ same, atol=1e-6)


def test_the_newest_event_is_the_last_one_there():
    """Its item and its category, held against each candidate's."""
    rows = split(np.random.default_rng(2), n=40)
    with torch.no_grad():
        _, _, (_, _, newest) = told(3.0, rows)
    last = rows.length - 1
    for column, (past, own) in enumerate(((rows.past_item, rows.item), (rows.past_category, rows.category))):
        of_last = past[0, np.arange(len(rows)), last]
        np.testing.assert_array_equal(newest[:, :, column].numpy(), of_last[:, None] == own)
    assert 0 < newest.mean() < 1


@pytest.mark.parametrize("arm", ["dnn_decayed", "dien", "dien_no_auxiliary"])
def test_the_half_life_is_learnt_on(arm):
    """It starts where it is told to, and the loss reaches it once the head listens."""
    torch.manual_seed(0)
    model = ARMS[arm].build(embedder(), Shape(hidden=16, dropout=0.0, half_life=5.0))
    assert float(model.recency.log_half_life.exp2().detach()) == pytest.approx(5.0)
    torch.nn.init.normal_(model.head.out.weight)
    rows = split(np.random.default_rng(3), n=32)
    loss_of(model, to_batch(rows, np.arange(32), order=0), 0.3).backward()
    assert torch.isfinite(model.recency.log_half_life.grad)
    assert model.recency.log_half_life.grad != 0


def test_arms_that_may_not_know_the_order_are_told_none():
    """No fading in the order-blind arms."""
    for arm in ("dnn", "din"):
        assert not hasattr(ARMS[arm].build(embedder(), Shape()), "recency")


def test_dien_starts_as_a_fading_average_of_embeddings():
    """Untrained, its interest, turned back, looks like the last event, less like the one before."""
    rows = split(np.random.default_rng(4), n=200, shortest=12)
    batch = to_batch(rows, np.arange(200), order=0)
    torch.manual_seed(0)
    model = ARMS["dien"].build(embedder(), Shape(hidden=16))
    with torch.no_grad():
        events = Seen(model.embedder, batch).events
        steps = events.permute(1, 2, 0).contiguous()
        states = model.extractor(steps)
        even = torch.ones(200, 1, events.shape[1])
        turned = model.to_candidate(model.augru(states, steps, attention=even))[:, 0]
    likeness = [torch.cosine_similarity(turned, events[:, age], dim=1).mean() for age in (-1, -2, 0)]
    assert likeness[0] > 0.6
    assert likeness[0] > likeness[1] > likeness[2] + 0.1
