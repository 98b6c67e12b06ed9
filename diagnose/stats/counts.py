"""Counts by an integer (an hour, a day, a length) that add up, however far apart two parts lie."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Counts:
    """`table[i, c]` counts the c-th kind of thing at `start + i`; shape (places, kinds). Empty: no places."""

    start: int = 0
    table: Integers = field(default_factory=lambda: np.zeros((0, 1), dtype=np.int64))

    def __add__(self, other: Counts) -> Counts:
        if not len(self.table) or not len(other.table):
            return other if len(other.table) else self
        start = min(self.start, other.start)
        places = max(self.start + len(self.table), other.start + len(other.table)) - start
        table = np.zeros((places, self.table.shape[1]), dtype=np.int64)
        for part in (self, other):
            table[part.start - start : part.start - start + len(part.table)] += part.table
        return Counts(start, table)

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Counts)
            and self.start == other.start
            and np.array_equal(self.table, other.table)
        )

    __hash__ = None  # type: ignore[assignment]

    @property
    def places(self) -> Integers:
        """The integers that were counted, gaps included."""
        return np.arange(self.start, self.start + len(self.table))

    @property
    def total(self) -> int:
        """All counts of all kinds."""
        return int(self.table.sum())


def counted(*kinds: NDArray[np.integer]) -> Counts:
    """Counts of the values of each kind, e.g. of the first days and of the last days of users.

    The place of a value costs 8 bytes, so values should lie within some millions of each other.
    """
    met = [kind for kind in kinds if len(kind)]
    if not met:
        return Counts(0, np.zeros((0, len(kinds)), dtype=np.int64))
    start = min(int(kind.min()) for kind in met)
    places = max(int(kind.max()) for kind in met) - start + 1
    columns = [np.bincount(kind.astype(np.int64) - start, minlength=places) for kind in kinds]
    return Counts(start, np.stack(columns, axis=1).astype(np.int64))
