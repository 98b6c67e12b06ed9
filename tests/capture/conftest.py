"""Small hand-written histories."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from diagnose.histories import MICROSECONDS_PER_SECOND, Histories

Write = Callable[..., Histories]


@pytest.fixture
def write() -> Write:
    """Histories from each user's (seconds, item, category) rows, already in order."""

    def histories(users: Sequence[Sequence[tuple[float, int, int]]], *, clock: bool = True) -> Histories:
        rows = [row for user in users for row in user]
        lengths = [len(user) for user in users]
        unit = MICROSECONDS_PER_SECOND if clock else 1
        return Histories(
            offsets=np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64),
            user=np.arange(len(users), dtype=np.uint64),
            item=np.array([item for _, item, _ in rows], dtype=np.int64),
            category=np.array([category for _, _, category in rows], dtype=np.int32),
            time=np.array([seconds * unit for seconds, _, _ in rows], dtype=np.int64),
            session=np.zeros(len(rows), dtype=np.int32),
            event=np.zeros(len(rows), dtype=np.int16),
            clock=clock,
        )

    return histories


@pytest.fixture
def random_histories(write: Write) -> Callable[..., Histories]:
    """Users of 1 to `longest` events at whole seconds (with ties), over `days` days."""

    def draw(users: int, *, seed: int, longest: int = 12, days: float = 30.0) -> Histories:
        rng = np.random.default_rng(seed)
        rows = []
        for _ in range(users):
            n = int(rng.integers(1, longest + 1))
            times = np.sort(rng.integers(0, int(days * 86_400), n))
            times = times[np.maximum(0, np.arange(n) - (rng.random(n) < 0.2))]
            rows.append([(int(t), int(rng.integers(0, 9)), int(rng.integers(-1, 4))) for t in np.sort(times)])
        return write(rows)

    return draw
