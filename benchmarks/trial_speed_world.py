"""The same training rows for every contender of the benchmark of speed: full histories, random items.

A *pair* is a history with one candidate that is scored and has a part in the loss. All contenders do the same
number of pairs a step; a peer takes every pair as a row, with its own copy of the history.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

CATEGORIES = 200
WIDTH = 16  # of the item's embedding and of the category's
TOWER = (64, 32)  # hidden layers of the last network, everyone's
DRAWN = 4  # different batches, taken in turn
Ints = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Case:
    """What is trained on. pairs: in a step, about (whole histories)."""

    negatives: int = 1
    steps: int = 30  # events of a history
    pairs: int = 1024
    items: int = 20_000

    @property
    def candidates(self) -> int:
        """The true item and the negatives."""
        return 1 + self.negatives

    @property
    def histories(self) -> int:
        """Histories in a step."""
        return self.pairs // self.candidates

    @property
    def rows(self) -> int:
        """Pairs in a step, exactly."""
        return self.histories * self.candidates


@dataclass(frozen=True, eq=False)
class Drawn:
    """Codes 1 .. items of n histories: past and unseen (n, T), item (n, C) with the true one first."""

    past: Ints
    unseen: Ints
    item: Ints

    def flat(self) -> dict[str, NDArray[Any]]:
        """One row a pair: past, unseen (n C, T), item, label (n C,)."""
        n, candidates = self.item.shape
        label = np.zeros((n, candidates), dtype=np.float32)
        label[:, 0] = 1
        return {
            "past": np.repeat(self.past, candidates, axis=0),
            "unseen": np.repeat(self.unseen, candidates, axis=0),
            "item": self.item.ravel(),
            "label": label.ravel(),
        }


def batches(case: Case) -> list[Drawn]:
    """The batches, the same for everyone."""
    rng = np.random.default_rng(20_190_127)
    shapes = [(case.histories, case.steps)] * 2 + [(case.histories, case.candidates)]
    return [Drawn(*(rng.integers(1, case.items + 1, shape) for shape in shapes)) for _ in range(DRAWN)]


def category(item: Ints) -> Ints:
    """The category of an item, codes 1 .. CATEGORIES."""
    return item % CATEGORIES + 1
