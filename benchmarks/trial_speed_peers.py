"""One training step of other people's DIEN, as their own trainers take it; without loading or metrics.

Everyone gets the same embeddings (16 + 16, trained), AUGRU of their width (32), tower and batches. Kept are
each one's attention, auxiliary network, loss and optimiser. A builder returns a function that takes one step.
"""

from __future__ import annotations

import itertools
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from benchmarks.peers import stand_in
from benchmarks.trial_speed_world import CATEGORIES, TOWER, WIDTH, Case, batches, category

stand_in()
Step = Callable[[], None]


def deepctr(case: Case, tower: tuple[int, ...] = TOWER) -> Step:
    """DeepCTR-Torch: AUGRU, use_negsampling (the auxiliary loss) on; its `fit`, inner loop."""
    from deepctr_torch.inputs import SparseFeat, VarLenSparseFeat
    from deepctr_torch.models import DIEN

    sizes = {"item": case.items + 1, "category": CATEGORIES + 1}
    columns: list[Any] = [SparseFeat(name, size, WIDTH) for name, size in sizes.items()]
    for prefix, name in itertools.product(("hist_", "neg_hist_"), sizes):
        feature = SparseFeat(prefix + name, sizes[name], WIDTH, embedding_name=name)
        columns.append(VarLenSparseFeat(feature, case.steps, length_name="length"))
    model = DIEN(columns, list(sizes), gru_type="AUGRU", use_negsampling=True, dnn_hidden_units=tower)
    model.compile("adam", "binary_crossentropy")
    turn = itertools.cycle([_matrix(model, flat) for flat in _flat(case)])

    def step() -> None:
        x, y = next(turn)
        predicted = model(x).squeeze(-1)
        model.optim.zero_grad()
        loss = model.loss_func(predicted, y, reduction="sum")
        (loss + model.get_regularization_loss() + model.aux_loss).backward()
        model.optim.step()

    model.train()
    return step


def deepctr_tower(case: Case) -> Step:
    """The same with the tower of its defaults."""
    return deepctr(case, tower=(256, 128))


def _matrix(model: Any, flat: Mapping[str, Any]) -> tuple[Tensor, Tensor]:
    """All features side by side as floats, where the model looks for them."""
    named = {"item": flat["item"][:, None], "category": category(flat["item"])[:, None]}
    for prefix, source in (("hist_", "past"), ("neg_hist_", "unseen")):
        named |= {prefix + "item": flat[source], prefix + "category": category(flat[source])}
    named["length"] = np.full((len(flat["item"]), 1), flat["past"].shape[1])
    x = np.concatenate([named[name] for name in model.feature_index], axis=1)
    return torch.from_numpy(x.astype(np.float32)), torch.from_numpy(flat["label"])


class _Table:
    """What RecBole's model asks of a data set: sizes, and the features of users and items."""

    def __init__(self, case: Case, config: Mapping[str, Any]) -> None:
        from recbole.data.interaction import Interaction
        from recbole.utils import FeatureType

        self.config = config
        self.sizes = {"user": case.histories + 1, "item": case.items + 1, "category": CATEGORIES + 1}
        self.field2type = dict.fromkeys(self.sizes, FeatureType.TOKEN)
        item = torch.arange(case.items + 1)
        self.items = Interaction({"item": item, "category": torch.from_numpy(category(item.numpy()))})
        self.users = Interaction({"user": torch.arange(case.histories + 1)})

    def num(self, field: str) -> int:
        """Codes of a field."""
        return self.sizes[field]

    def get_user_feature(self) -> Any:
        """Features of users."""
        return self.users

    def get_item_feature(self) -> Any:
        """Features of items."""
        return self.items


def recbole(case: Case) -> Step:
    """RecBole: AUGRU, its auxiliary loss always on; its `Trainer`, inner loop, with its defaults."""
    from recbole.model.sequential_recommender.dien import DIEN

    config = {
        "USER_ID_FIELD": "user",
        "ITEM_ID_FIELD": "item",
        "LABEL_FIELD": "label",
        "LIST_SUFFIX": "_list",
        "ITEM_LIST_LENGTH_FIELD": "length",
        "NEG_PREFIX": "neg_",
        "MAX_ITEM_LIST_LENGTH": case.steps,
        "device": torch.device("cpu"),
        "alpha": 1.0,
        "gru_type": "AUGRU",
        "pooling_mode": "mean",
        "dropout_prob": 0.0,
        "embedding_size": WIDTH,
        "mlp_hidden_size": list(TOWER),
        "numerical_features": [],
    }
    model = DIEN(config, _Table(case, config))
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)
    turn = itertools.cycle([_interaction(flat, case) for flat in _flat(case)])

    def step() -> None:
        optimiser.zero_grad()
        model.calculate_loss(next(turn)).backward()
        optimiser.step()

    model.train()
    return step


def _interaction(flat: Mapping[str, Any], case: Case) -> dict[str, Tensor]:
    rows = len(flat["item"])
    return {
        "user": torch.arange(rows) // case.candidates + 1,
        "item": torch.from_numpy(flat["item"]),
        "item_list": torch.from_numpy(flat["past"]),
        "neg_item_list": torch.from_numpy(flat["unseen"]),
        "length": torch.full((rows,), case.steps),
        "label": torch.from_numpy(flat["label"]),
    }


def fuxictr(case: Case) -> Step:
    """FuxiCTR: AUGRU with its bilinear attention; this version has no auxiliary loss at all."""
    from fuxictr.features import FeatureMap
    from model_zoo.LongCTR.DIEN.DIEN import DIEN

    features = FeatureMap("none", "none")
    sizes = {"item": case.items + 1, "category": CATEGORIES + 1}
    features.features = OrderedDict(
        (name, {"type": "categorical", "source": "item", "vocab_size": size, "padding_idx": 0})
        for name, size in sizes.items()
    )
    features.labels, features.default_emb_dim = ["label"], WIDTH
    model = DIEN(
        features,
        embedding_dim=WIDTH,
        dnn_hidden_units=list(TOWER),
        optimizer="adam",
        loss="binary_crossentropy",
        task="binary_classification",
        verbose=0,
        model_root="none",
        metrics=[],
    )
    model._max_gradient_norm, model._batch_index = 10.0, 0
    model.optimizer.zero_grad()
    turn = itertools.cycle([_sequences(flat) for flat in _flat(case)])

    def step() -> None:
        model.train_step(next(turn))

    model.train()
    return step


def _sequences(flat: Mapping[str, Any]) -> tuple[dict[str, Tensor], dict[str, Tensor], Tensor]:
    """FuxiCTR wants the target at the end of its history, all rows in one."""
    item = np.concatenate([flat["past"], flat["item"][:, None]], axis=1)
    coded = {"item": torch.from_numpy(item.ravel()), "category": torch.from_numpy(category(item).ravel())}
    mask = torch.ones(flat["past"].shape, dtype=torch.bool)
    return {"label": torch.from_numpy(flat["label"])}, coded, mask


def _flat(case: Case) -> list[dict[str, Any]]:
    return [drawn.flat() for drawn in batches(case)]
