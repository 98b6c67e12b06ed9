"""A whole diagnosis of a small shop, on whatever engine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

import diagnose
from diagnose import simulate
from diagnose.engine import EngineOptions
from diagnose.settings import Settings, TrialSettings
from tests.light import USERS, light

SHOP = "shop.parquet"
NO_TRIAL = TrialSettings(run=False)
TRIED = TrialSettings(budget="quick", history=10, epochs=1, validation_targets=100, negatives=9)


def write(folder: Path) -> None:
    """The shop, as a file of a folder."""
    pq.write_table(simulate.world("ecommerce", users=USERS, seed=1).table, folder / SHOP)


def told(folder: Path, *, trial: bool, **options: Any) -> dict[str, Any]:
    """What its diagnosis says, but for the timings; `options` are those of the engine."""
    settings = light(Settings(trial=TRIED if trial else NO_TRIAL))
    diagnosis = diagnose.analyze(str(folder / SHOP), settings=settings, options=EngineOptions(**options))
    result = json.loads(diagnosis.to_json())
    del result["timings"]
    return result
