from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from diagnose.settings import TrialSettings
from diagnose.trial.arms import ARMS, Dien, Shape
from diagnose.trial.layers import Embedder
from diagnose.trial.task import ORDERS
from diagnose.trial.training import loss_of, score, to_batch
from tests.trial.planted import split, successor, tables

TRAINED = sorted(ARMS)


def build(name, *, awake=True, dropout=0.0, seed=0):
    """An arm; `awake` gives random values to whatever starts at zero, so that everything acts."""
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    items, categories = (torch.from_numpy(table) for table in tables(rng))
    model = ARMS[name].build(Embedder(items, categories, fine_tune=False), Shape(hidden=16, dropout=dropout))
    if awake:
        with torch.no_grad():
            for parameter in model.parameters():
                if parameter.requires_grad and not parameter.any():
                    parameter.copy_(torch.randn(parameter.shape) * 0.3)
    return model


@pytest.mark.parametrize("name", TRAINED)
def test_a_row_scores_the_same_alone_and_in_a_batch(name):
    """No row sees its neighbours; a batch of one works."""
    rows = split(np.random.default_rng(3), n=20)
    model = build(name).eval()
    together = score(model, rows, order=0)
    with torch.no_grad():
        alone = [model(to_batch(rows, np.array([row]), order=0))[0][0].numpy() for row in range(20)]
    np.testing.assert_allclose(together, alone, atol=2e-6)


@pytest.mark.parametrize("name", TRAINED)
def test_longer_padding_changes_nothing(name):
    """A history padded to 30 scores as it does padded to its own length."""
    rows = split(np.random.default_rng(4), n=20)
    model = build(name).eval()
    batch = to_batch(rows, np.arange(20), order=0)
    blank = torch.nn.functional.pad
    longer = dataclasses.replace(
        batch,
        past_item=blank(batch.past_item, (0, 18), value=40),
        past_category=blank(batch.past_category, (0, 18), value=6),
    )
    with torch.no_grad():
        torch.testing.assert_close(model(longer)[0], model(batch)[0], atol=2e-6, rtol=1e-5)
        torch.testing.assert_close(model(longer)[1], model(batch)[1], atol=2e-6, rtol=1e-5)


@pytest.mark.parametrize("name", TRAINED)
def test_an_untrained_arm_is_the_floor(name):
    """The head starts at zero: the scores are the order-blind ones, exactly."""
    rows = split(np.random.default_rng(5))
    np.testing.assert_array_equal(score(build(name, awake=False), rows, order=0), rows.base)


@pytest.mark.parametrize("name", ["dnn", "din"])
def test_order_blind_arms_do_not_see_order(name):
    """DNN and DIN give a permuted history the same scores."""
    rows = split(np.random.default_rng(6))
    model = build(name)
    shuffled = score(model, rows, order=ORDERS.index("shuffled"))
    np.testing.assert_allclose(shuffled, score(model, rows, order=0), atol=5e-6)


@pytest.mark.parametrize("name", ["dnn_decayed", "dien", "dien_no_auxiliary"])
def test_order_aware_arms_see_order(name):
    """DIEN and the decayed DNN give most permuted histories other scores."""
    rows = split(np.random.default_rng(6))
    model = build(name)
    change = np.abs(score(model, rows, order=1) - score(model, rows, order=0)).max(axis=1)
    assert (change > 1e-4).mean() > 0.8


def test_the_auxiliary_loss_reaches_the_first_gru_and_is_on_by_default():
    """Its gradient moves the extractor, without any help from the scores."""
    rng = np.random.default_rng(7)
    items, categories = (torch.from_numpy(table) for table in tables(rng))
    model = Dien(Embedder(items, categories, fine_tune=False), Shape(hidden=16))
    _, auxiliary = model(to_batch(split(rng), np.arange(64), order=0))
    auxiliary.backward()
    for parameter in (model.extractor.recurrent, model.extractor.project.weight):
        assert parameter.grad.abs().sum() > 0
    assert model.augru.recurrent.grad is None


def test_without_auxiliary_there_is_no_auxiliary_loss():
    """The arm of the ablation has neither the loss nor its weights."""
    model = build("dien_no_auxiliary")
    assert model(to_batch(split(np.random.default_rng(8)), np.arange(8), order=0))[1] == 0
    assert not any(name.startswith("predict") for name, _ in model.named_parameters())


@pytest.mark.parametrize("name", ["dnn", "dnn_decayed", "din", "dien", "dien_no_auxiliary"])
def test_each_arm_can_learn_32_rows_by_heart(name):
    """Over-fitting a handful of rows shows that nothing in the arm is cut off from the loss."""
    rows = split(np.random.default_rng(9), n=32, next_item=successor)
    model = build(name, awake=False)
    optimiser = torch.optim.Adam([p for p in model.parameters() if p.requires_grad], lr=1e-2)
    batch = to_batch(rows, np.arange(32), order=0)
    for _ in range(180):
        loss = loss_of(model, batch, TrialSettings().auxiliary_weight)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    assert loss_of(model, batch, 0.0) < 0.05
