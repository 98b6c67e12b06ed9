from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from diagnose.settings import TrialSettings
from diagnose.trial.arms import Dien, Shape
from diagnose.trial.descent import Descent, RowAdamW, clip
from diagnose.trial.layers import Embedder
from diagnose.trial.training import fit, loss_of, to_batch
from tests.trial.planted import split, tables

SETTINGS = TrialSettings()


def fine_tuned(rng):
    items, categories = (torch.from_numpy(table) for table in tables(rng))
    torch.manual_seed(0)
    return Dien(Embedder(items, categories, fine_tune=True), Shape(hidden=16, dropout=0.0))


def test_only_rows_that_occur_are_trained():
    """Every row of a batch moves, padding apart; every other row stays as it was, to the bit."""
    rng = np.random.default_rng(0)
    model = fine_tuned(rng)
    before = model.embedder.items.weight.detach().clone()
    descent = Descent(model, SETTINGS, rate=lambda step: 1.0)
    batch = to_batch(split(rng, n=4), np.arange(4), order=0)
    occur = torch.cat([batch.past_item.ravel(), batch.item.ravel()]).unique()
    for _ in range(3):  # the first step ends in a head of zeros: its gradient reaches nothing but the head
        descent.step(loss_of(model, batch, 0.3))
    moved = (model.embedder.items.weight != before).any(dim=1)
    expected = torch.zeros(len(before), dtype=torch.bool)
    expected[occur[occur != 40]] = True
    assert 0 < expected.sum() < 40
    assert torch.equal(moved, expected)
    assert not model.embedder.items.weight[40].any()


def test_by_rows_it_is_adamw_where_every_row_occurs():
    """Moments, decay and bias corrections are those of torch."""
    torch.manual_seed(0)
    ours, theirs = nn.Embedding(6, 3, sparse=True), nn.Embedding(6, 3)
    theirs.load_state_dict(ours.state_dict())
    by_rows = RowAdamW(ours.weight, weight_decay=0.1)
    dense = torch.optim.AdamW(theirs.parameters(), lr=0.05, weight_decay=0.1)
    for _ in range(5):
        codes, mix = torch.cat([torch.arange(6), torch.randint(0, 6, (7,))]), torch.randn(13, 3)
        (ours(codes) * mix).sum().backward()
        by_rows.take_gradient()
        by_rows.step(0.05)
        dense.zero_grad()
        (theirs(codes) * mix).sum().backward()
        dense.step()
        torch.testing.assert_close(ours.weight, theirs.weight, rtol=1e-5, atol=1e-6)


def test_clipping_sees_the_rows_as_it_sees_dense_gradients():
    """One norm over networks and tables together, the parts of a row added up before."""
    torch.manual_seed(0)
    layer, ours, theirs = nn.Linear(3, 1), nn.Embedding(6, 3, sparse=True), nn.Embedding(6, 3)
    theirs.load_state_dict(ours.state_dict())
    codes = torch.tensor([1, 1, 4])
    layer(theirs(codes)).square().sum().mul(9).backward()
    expected = nn.utils.clip_grad_norm_([*layer.parameters(), theirs.weight], 1.0)
    wanted = [p.grad.clone() for p in layer.parameters()]
    layer.zero_grad()
    layer(ours(codes)).square().sum().mul(9).backward()
    rows = RowAdamW(ours.weight, weight_decay=0.0)
    gradient = rows.take_gradient()
    assert clip([*(p.grad for p in layer.parameters()), gradient], 1.0) == pytest.approx(expected.item())
    assert rows.rows.tolist() == [1, 4]
    torch.testing.assert_close(gradient, theirs.weight.grad[[1, 4]])
    for parameter, grad in zip(layer.parameters(), wanted, strict=True):
        torch.testing.assert_close(parameter.grad, grad)


def test_small_gradients_are_not_clipped():
    """Below the limit nothing is scaled up."""
    gradient = torch.tensor([0.3, 0.4])
    assert clip([gradient], 1.0) == pytest.approx(0.5)
    torch.testing.assert_close(gradient, torch.tensor([0.3, 0.4]))


def test_a_table_without_a_gradient_stays():
    """A step in which a table had no part leaves it alone."""
    table = nn.Embedding(3, 2, sparse=True)
    before = table.weight.detach().clone()
    rows = RowAdamW(table.weight, weight_decay=0.1)
    assert len(rows.take_gradient()) == 0
    rows.step(0.1)
    assert torch.equal(table.weight, before)


def test_training_goes_by_rows_where_embeddings_are_fine_tuned():
    """`fit` trains the tables of the thorough budget and leaves items alone that no training row has."""
    rng = np.random.default_rng(1)
    model = fine_tuned(rng)
    training = split(rng, n=64, items=40)
    # items 35 and above occur nowhere
    training = replace(training, item=training.item % 35, past_item=np.where(
        training.past_item == 40, 40, training.past_item % 35))  # fmt: skip
    before = model.embedder.items.weight.detach().clone()
    settings = TrialSettings(epochs=2, batch=32, patience=10)
    with torch.random.fork_rng():
        watched = fit(model, training, training, order=0, settings=settings, seed=0)
    after = model.embedder.items.weight
    assert torch.equal(after[35:], before[35:])
    if watched.best > watched.curve[0]:  # else the untrained weights were kept
        assert not torch.equal(after[:35], before[:35])
