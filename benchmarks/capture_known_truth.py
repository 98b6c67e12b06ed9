"""Logs whose truth is known: what is said of capture with evidence from outside, and without any.

A simulated shop, and public logs that see everything, stand in for the whole of behaviour; a part of their
events for the platform's log. The whole goes through files and engine as a user's log would. With a panel of
user totals, or a second log that saw half of everything by itself, the interval of grade A should hold the
share that is left; on a video platform that of grade B, by the series alone. Without any evidence the answer
must be grade C: no interval, and never a number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.kept import Found, Task
from benchmarks.shares import table, told
from diagnose import conditions, simulate
from diagnose.engine import EngineOptions
from diagnose.results import Capture
from diagnose.settings import CaptureSettings, Settings
from diagnose.stages import Silent

NAME = "known_truth"
PANEL, SECOND, SERIES = "panel", "second log", "series"
PROBES = {PANEL: "panel", SECOND: "second_log", SERIES: "serial_gaps"}
USERS, PANEL_USERS, SEEDS, FIRST_SEED = 1_000, 200, 20, 90_000
RATES = (1.0, 0.6, 0.3, 0.1, 0.03)
LOSSES = ("events", "sessions", "categories", "identity")
OTHER = 0.5  # of all events that the second observer sees
DRAWS = 6  # of categories of a public log
REAL: Mapping[str, tuple[float, ...]] = {  # shares of the categories that stand for the platform
    "taobao-userbehavior-815u": (0.6, 0.3, 0.1),
    "dunnhumby-completejourney-sample75k": (0.6, 0.3, 0.1),
    "web-browsing-150users": (0.1, 0.03),
}
WORLDS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "shop": ("ecommerce", {}),
    "video": ("long_video", {"capture": 1.0, "hand_off_share": 0.0}),
}
MODULES = ("diagnose.conditions", "diagnose.capture.family", "diagnose.simulate.shop")


def tasks(*, smoke: bool, data: Path | None = None) -> list[Task]:
    """Every loss at every rate by panel and second log; draws of categories of the public logs by panel."""
    simulated = [
        Task(
            part=NAME,
            world=f"shop, {loss} {rate:g}",
            measure=measure,
            seed=FIRST_SEED + seed,
            modules=MODULES,
        )
        for loss in LOSSES
        for rate in RATES
        for measure in (PANEL, SECOND)
        for seed in range(2 if smoke else SEEDS)
        if not (measure == SECOND and loss == "identity")  # a second log has the ids of the first
    ]
    video = [
        Task(
            part=NAME,
            world=f"video, events {rate:g}",
            measure=SERIES,
            seed=FIRST_SEED + seed,
            modules=MODULES,
        )
        for rate in RATES
        for seed in range(2 if smoke else SEEDS)
    ]
    public = [
        Task(
            part=NAME,
            world=f"{log}, categories {rate:g}",
            measure=PANEL,
            seed=FIRST_SEED + seed,
            modules=MODULES,
            place=str(data) if data else "",
            there=data is not None and (data / f"{log}.parquet").exists(),
        )
        for log, rates in REAL.items()
        for rate in rates
        for seed in range(2 if smoke else DRAWS)
    ]
    return simulated + video + public


def run(task: Task) -> dict[str, Any]:
    """The share that is left, the interval that is told, and what is told without any evidence."""
    rng = np.random.default_rng(task.seed)
    name, _, lost = task.world.rpartition(", ")
    loss, rate = lost.split()
    if name in WORLDS:
        scenario, knobs = WORLDS[name]
        whole = simulate.world(scenario, users=USERS, seed=task.seed, **knobs).table
    else:
        whole = _columns(pq.read_table(Path(task.place) / f"{name}.parquet"))
    log = left(whole, loss, float(rate), rng=rng)
    with TemporaryDirectory() as folder:
        given = _evidence(task.measure, whole, Path(folder), rng=rng)
        known, bare = told_of(log, given), told_of(_without_series(log), CaptureSettings())
    share = _own(log) / whole.num_rows
    said = next((s for s in known.statements if s.probe == PROBES[task.measure]), None)
    return {
        "truth": share,
        "bare": [bare.grade, bare.low, bare.high],
        **({"interval": [said.low, said.high]} if said else {}),
    }


def left(whole: pa.Table, loss: str, rate: float, *, rng: np.random.Generator) -> pa.Table:
    """What a log of so much of the behaviour holds: single events, sessions, categories, or one id."""
    if rate >= 1:
        return whole
    if loss == "events":
        return whole.filter(pa.array(rng.random(whole.num_rows) < rate))
    column = "category" if loss == "categories" else "session_id"
    _, code = np.unique(np.asarray(whole[column].to_pylist(), dtype=str), return_inverse=True)
    if loss == "categories":
        kept = _categories(code, rate, rng=rng)
    else:
        kept = (rng.random(int(code.max()) + 1) < rate)[code]
    if loss != "identity":
        return whole.filter(pa.array(kept))
    users = np.where(kept, np.asarray(whole["user_id"].to_pylist(), dtype=str), code.astype(str))
    return whole.set_column(whole.column_names.index("user_id"), "user_id", pa.array(users))


def _without_series(log: pa.Table) -> pa.Table:
    """A bare log: users, items, times, categories."""
    return log.drop_columns([name for name in ("series", "ordinal") if name in log.column_names])


def _categories(code: np.ndarray, rate: float, *, rng: np.random.Generator) -> np.ndarray:
    """Categories in random order until they hold that share of the events, (E,): sizes differ widely."""
    sizes = np.bincount(code)
    order = rng.permutation(len(sizes))
    before = np.cumsum(sizes[order]) - sizes[order]
    kept = np.zeros(len(sizes), dtype=np.bool_)
    kept[order[before < rate * len(code)]] = True
    return np.asarray(kept[code])


def _own(log: pa.Table) -> int:
    """Events under ids of people: where identities are split, visitors have a number for a name."""
    users = np.asarray(log["user_id"].to_pylist(), dtype=str)
    return int((~np.char.isdigit(users)).sum()) if np.char.startswith(users, "u").any() else log.num_rows


def _columns(log: pa.Table) -> pa.Table:
    """A public log with the columns that the losses need."""
    return log.select(
        [name for name in log.column_names if name in ("user_id", "item_id", "category", "timestamp")]
    )


def _evidence(measure: str, whole: pa.Table, folder: Path, *, rng: np.random.Generator) -> CaptureSettings:
    """What an outside observer of the whole has to say, as a file; series need none."""
    if measure == SERIES:
        return CaptureSettings()
    if measure == SECOND:
        path = folder / "second.parquet"
        pq.write_table(whole.filter(pa.array(rng.random(whole.num_rows) < OTHER)), path)
        return CaptureSettings(second_logs=(str(path),))
    counted = whole.group_by("user_id").aggregate([("item_id", "count")]).sort_by("user_id")
    most = min(PANEL_USERS, int(0.7 * counted.num_rows))
    some = counted.take(np.sort(rng.permutation(counted.num_rows)[:most]))
    path = folder / "panel.parquet"
    pq.write_table(some.rename_columns(["user_id", "events"]), path)
    return CaptureSettings(panel=str(path))


def told_of(log: pa.Table, given: CaptureSettings) -> Capture:
    """What the tool says of capture."""
    settings = Settings(capture=given)
    read, outside = conditions.read(
        log, {}, settings=settings, listener=Silent(), options=EngineOptions(threads=1)
    )
    sample, _ = conditions.with_interests(read.sample, settings)
    return conditions.captured(read, sample, outside, settings)[1]


def report(results: Sequence[tuple[Task, Found]]) -> str:
    """A table: coverage and width of grades A and B; and the grade of the bare logs."""
    cells: dict[tuple[str, str], list[Found]] = {}
    for task, kept in results:
        cells.setdefault((task.world, task.measure), []).append(kept["found"])
    bare = [found["bare"] for entries in cells.values() for found in entries]
    held = [_holds(found) for entries in cells.values() for found in entries if "interval" in found]
    silent = sum("interval" not in found for entries in cells.values() for found in entries)
    head = [
        "log, loss and rate",
        "evidence",
        "worlds",
        "share that is left",
        "interval holds it",
        "median width",
    ]
    return "\n\n".join(
        [
            f"Of all intervals of grade A or B {told(held)} hold the share that is left (90 % asked); "
            f"in {silent} cases none was told. Without evidence: grade C and (0, 1] in "
            f"{told(grade == 'C' and (low, high) == (0, 1) for grade, low, high in bare)} (100 % asked).",
            table(head, [_row(*cell, entries) for cell, entries in cells.items()]),
        ]
    )


def _holds(found: Found) -> bool:
    low, high = found["interval"]
    return bool(low <= found["truth"] <= high)


def _row(world: str, evidence: str, entries: Sequence[Found]) -> list[str]:
    seen = [found for found in entries if "interval" in found]
    shares = f"{median(found['truth'] for found in entries):.3f}"
    row = [world, evidence, str(len(entries)), shares]
    if not seen:
        return [*row, "none told", "-"]
    width = median(found["interval"][1] - found["interval"][0] for found in seen)
    return [*row, told(map(_holds, seen)), f"{width:.3f}"]
