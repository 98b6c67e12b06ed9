"""Worlds on disk: the log, and its truth beside it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from diagnose.errors import UsageError
from diagnose.simulate.worlds import World

SUFFIXES = (".parquet", ".csv", ".jsonl")
PANEL_USERS = 200  # of a panel beside a log that misses something: what a survey can pay for


def truth_path(path: Path) -> Path:
    """Where the truth of the log at `path` lies: shop.parquet -> shop.truth.json."""
    return path.with_name(f"{path.stem}.truth.json")


def panel_path(path: Path) -> Path:
    """Where the panel of the log at `path` lies: shop.parquet -> shop.panel.csv."""
    return path.with_name(f"{path.stem}.panel.csv")


def write(world: World, path: Path | str) -> tuple[Path, ...]:
    """Writes the log (parquet, csv or jsonl by suffix) and its truth; returns the paths.

    Beside a log that misses something lies a panel: what some users did in all. Each file is complete or
    absent: written under another name, then put in place.
    """
    target = Path(path)
    writers: dict[str, Callable[[pa.Table, Path], None]] = dict(
        zip(SUFFIXES, (_write_parquet, _write_csv, _write_json_lines), strict=True)
    )
    if target.suffix not in writers:
        raise UsageError(
            f"{target.name}: a simulated log is not written in this format.",
            seen=target.suffix or "no suffix",
            attempt=f"one of {', '.join(SUFFIXES)}",
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    truth = truth_path(target)
    _put(target, lambda part: writers[target.suffix](world.table, part))
    _put(
        truth, lambda part: part.write_text(json.dumps(world.truth, indent=2, sort_keys=True) + "\n", "utf-8")
    )
    if world.truth["capture"]["rate"] >= 1:
        return target, truth
    rows = np.random.default_rng(world.truth["scene"]["seed"]).permutation(len(world.totals))[:PANEL_USERS]
    panel = panel_path(target)
    _put(panel, lambda part: _write_csv(world.totals.take(np.sort(rows)), part))
    return target, truth, panel


def _put(target: Path, fill: Callable[[Path], Any]) -> None:
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        fill(part)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _write_parquet(table: pa.Table, path: Path) -> None:
    """Small rather than fast to write: dictionaries for what repeats, deltas for times, zstd over all."""
    import pyarrow.parquet as pq

    packed = [name for name in ("timestamp", "session_id", "duration") if name in table.column_names]
    pq.write_table(
        table,
        path,
        compression="zstd",
        compression_level=19,
        use_dictionary=[name for name in table.column_names if name not in packed],
        column_encoding=dict.fromkeys(packed, "DELTA_BINARY_PACKED"),
        row_group_size=1 << 20,
    )


def _write_csv(table: pa.Table, path: Path) -> None:
    from pyarrow import csv

    csv.write_csv(table, path)


def _write_json_lines(table: pa.Table, path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        for batch in table.to_batches(max_chunksize=65_536):
            file.writelines(
                json.dumps(row, default=lambda value: value.isoformat()) + "\n" for row in batch.to_pylist()
            )
