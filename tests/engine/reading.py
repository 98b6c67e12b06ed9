"""Small logs by hand, and one way to read them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from diagnose import engine
from diagnose.settings import SampleSettings, Settings

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
START = 1_700_000_000  # seconds: 2023-11-14


def splitmix(value: int) -> int:
    """The finaliser of splitmix64 in plain Python, on the 64 bits of a signed integer."""
    value = (value + 0x9E3779B97F4A7C15) % 2**64
    value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    value = (value ^ value >> 27) * 0x94D049BB133111EB % 2**64
    return value ^ value >> 31


def sampled(**sample: Any) -> Settings:
    """Settings with other sample settings; by default every user with an event is enough."""
    seed = sample.pop("seed", 0)
    return Settings(seed=seed, sample=SampleSettings(**({"minimum_history": 1, "users": None} | sample)))


def collect(
    source: Any,
    columns: Mapping[str, str] | None = None,
    *,
    settings: Settings | None = None,
    tallies: Mapping[str, Any] | None = None,
    **options: Any,
) -> engine.Collected:
    """Open and read a log as of NOW."""
    opened = engine.open_log(
        source,
        columns=columns,
        settings=settings or sampled(),
        options=engine.EngineOptions(**({"threads": 2} | options)),
        now=NOW,
    )
    with opened as log:
        return engine.collect(log, tallies or {})


def table(**columns: Any) -> pa.Table:
    """A frame of three valid rows (users 1, 1, 2), some columns replaced or added."""
    rows = {"user_id": [1, 1, 2], "item_id": [10, 11, 10], "timestamp": [START, START + 60, START + 120]}
    return pa.table(rows | columns)


def messy_log(events: int = 3_000, *, seed: int = 0, users: int = 90) -> pa.Table:
    """Ties, duplicates, nulls and heavy users: all that the order of a history could hang on."""
    rng = np.random.default_rng(seed)
    user = rng.zipf(1.5, events) % users
    item = rng.integers(0, 12, events)
    time = START + rng.integers(0, 40, events) * 1_000
    event = rng.choice(["view", "buy", "cart"], events)
    category = np.array(["books", "toys", "food"])[item % 3]
    return pa.table(
        {
            "user_id": pa.array(user, mask=rng.random(events) < 0.02),
            "item_id": pa.array([f"i{i}" for i in item]),
            "timestamp": time,
            "event_type": event,
            "category": pa.array(category, mask=rng.random(events) < 0.1),
        }
    )


def same_histories(one: Any, other: Any) -> None:
    """Assert that two samples are the same to the last digit."""
    for field in ("offsets", "user", "item", "category", "time", "session", "event"):
        np.testing.assert_array_equal(getattr(one, field), getattr(other, field), err_msg=field)
    assert (one.categories, one.events, one.clock, one.roles) == (
        other.categories,
        other.events,
        other.clock,
        other.roles,
    )
