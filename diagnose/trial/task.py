"""What the arms are given: arrays of a prediction task, frozen before the first one trains.

A `Task` knows nothing of logs and an arm nothing of tasks beyond these arrays. It travels to the worker
processes as plain .npy files that they map into memory: no pickles, no copies.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

ORDERS = ("original", "shuffled", "ties")  # rows of `past_item` and `past_category`
SPLITS = ("training", "validation", "test", "training_sample")


@dataclass(frozen=True, eq=False)
class Split:
    """n targets with C candidates (column 0 is the true one) and histories of up to H events.

    base (n, C): the order-blind score; item, category, mask (n, C); past_item, past_category (3, n, H):
    the history in each of ORDERS, oldest first, padded on the right; length (n,); user (n,) any labels;
    repeat (n,): the true item is one of the user's earlier ones; weight (n,): restores the strata to their
    shares before targets were dropped. Codes of padding and of nothing: the last row of the embeddings.
    """

    base: NDArray[np.float32]
    item: NDArray[np.int32]
    category: NDArray[np.int32]
    mask: NDArray[np.bool_]
    past_item: NDArray[np.int32]
    past_category: NDArray[np.int32]
    length: NDArray[np.int32]
    user: NDArray[np.int64]
    repeat: NDArray[np.bool_]
    weight: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.base)


@dataclass(frozen=True, eq=False)
class Task:
    """The splits and the order-blind embeddings, (items + 1, d) and (categories + 1, d), last row zero.

    `training_sample` holds training targets with evaluation-like candidates: what over-fitting is told by.
    """

    training: Split
    validation: Split
    test: Split
    training_sample: Split
    item_embeddings: NDArray[np.float32]
    category_embeddings: NDArray[np.float32]


def save(task: Task, folder: Path) -> None:
    """Writes every array of the task as a .npy file."""
    for name in SPLITS:
        split = getattr(task, name)
        for entry in fields(Split):
            np.save(folder / f"{name}.{entry.name}.npy", getattr(split, entry.name), allow_pickle=False)
    for name in ("item_embeddings", "category_embeddings"):
        np.save(folder / f"{name}.npy", getattr(task, name), allow_pickle=False)


def load(folder: Path) -> Task:
    """The task that `save` wrote, mapped into memory rather than read."""
    splits = {
        name: Split(**{entry.name: _mapped(folder / f"{name}.{entry.name}.npy") for entry in fields(Split)})
        for name in SPLITS
    }
    items, categories = (_mapped(folder / f"{name}_embeddings.npy") for name in ("item", "category"))
    return Task(**splits, item_embeddings=items, category_embeddings=categories)


def _mapped(path: Path) -> Any:
    return np.load(path, mmap_mode="r", allow_pickle=False)


def chronological(past: NDArray[np.int64], length: NDArray[np.int64]) -> NDArray[np.int64]:
    """From column = age (0 newest, -1 pads the far end) to oldest first, -1 on the right; (n, H)."""
    column = length[:, None] - 1 - np.arange(past.shape[1])
    turned = np.take_along_axis(past, np.maximum(column, 0), axis=1)
    return np.where(column >= 0, turned, -1)
