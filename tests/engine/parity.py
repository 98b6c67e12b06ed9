"""Logs on which engines could disagree, and a program that reads them on Spark and prints what it found.

    python parity.py FOLDER --place spark_master=local[2] --set spark.sql.ansi.enabled=true

One process speaks to Spark in one way, classic or Connect; so each way is a process of its own.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import whole
from reading import START, collect, sampled

from diagnose.conditions import OF_THE_LOG
from diagnose.errors import DiagnoseError

ODD = ["7", "007", 'a"b', "a'b", "a\x00b", "Ω", "e\u0301", "é", " ", "\\N'; DROP", "\\", "{x}", "c0"]
TIMES = [
    "2024-01-02 03:04:05", "2024-01-02T03:04:05Z", "2024-01-02T03:04:05+05:30", "2024-01-02T03:04:05.123456-08",
    "2024-01-02 03:04", "2024-01-02", "2024-03-31 02:30:00", "2024-03-10 02:30:00", "2024-01-02 03:04:05.5",
    "2024-01-02 03:04:05 UTC", "2024-01-02 03:04:05 Europe/Berlin", "2024-02-30 00:00:00", "yesterday", "",
    "2024-01-02 25:00:00", "2024", "  2024-01-02 03:04:05  ", "1970-01-01 00:00:00", "2031-01-01 00:00:00",
]  # fmt: skip


def odd_log(kind: str, *, events: int = 4_000) -> pa.Table:
    """Nulls, ties, duplicates and odd ids: text, or integers to the ends of 64 bits."""
    rng = np.random.default_rng(7)
    whole = [0, 7, -3, 2**63 - 1, -(2**63), 2**40, -(2**52)]
    names = ODD + [f"u{at}" for at in range(60)] if kind == "text" else whole + list(range(100, 160))
    weight = 1 / (1 + np.arange(len(names)))
    user = rng.choice(len(names), events, p=weight / weight.sum())
    item = rng.integers(0, 40, events)
    time = START + (rng.pareto(0.7, events) * 4_000).astype(np.int64) % 9_000_000
    time[::3] -= time[::3] % 5_000  # many ties
    log = {
        "user_id": pa.array([None if rng.random() < 0.02 else names[at] for at in user]),
        "item_id": pa.array([f"i{at}" if kind == "text" else int(at) - 20 for at in item]),
        "timestamp": pa.array([None if rng.random() < 0.01 else int(at) for at in time]),
        "category": pa.array([None if rng.random() < 0.1 else f"c{at % 7}" for at in item]),
        "event_type": pa.array(rng.choice(["view", "buy"], events)),
    }
    table = pa.table(log)
    return pa.concat_tables([table, table.slice(0, 300)])  # duplicates


def log_of(**columns: Any) -> pa.Table:
    """300 events of 20 users, some columns replaced, added or, where None, left out."""
    rng = np.random.default_rng(3)
    events = 300
    log = {
        "user_id": rng.integers(0, 20, events),
        "item_id": rng.integers(0, 30, events),
        "timestamp": START + rng.integers(0, 90, events) * 600,
    }
    cycled = {name: column for name, column in columns.items() if column is not None}
    kept = {name: column for name, column in log.items() if name not in columns}
    return pa.table(kept | cycled)


def cycled(values: list[Any], kind: pa.DataType | None = None) -> pa.Array:
    """300 values, these over and over in a step that is foreign to the users'."""
    return pa.array([values[at * 7 % len(values)] for at in range(300)], kind)


MOMENTS = [START * 10**9 + at * 1_234_567_891 for at in range(100)]
CASES: dict[str, Callable[[], pa.Table]] = {
    "text": lambda: odd_log("text"),
    "integer": lambda: odd_log("integer"),
    "nanoseconds": lambda: log_of(timestamp=cycled(MOMENTS, pa.timestamp("ns"))),
    "zoned": lambda: log_of(timestamp=cycled([at // 1000 for at in MOMENTS], pa.timestamp("us", "Asia/Tokyo"))),
    "naive": lambda: log_of(timestamp=cycled([at // 1000 for at in MOMENTS], pa.timestamp("us"))),
    "days": lambda: log_of(timestamp=cycled([dt.date(2024, 1, 1 + at) for at in range(20)])),
    "milliseconds": lambda: log_of(timestamp=cycled([at // 10**6 for at in MOMENTS] + [-1, 0, 2**62])),
    "epoch nanoseconds": lambda: log_of(timestamp=cycled([*MOMENTS, -(2**63), 2**63 - 1])),
    "epoch floats": lambda: log_of(timestamp=cycled([at / 10**9 for at in MOMENTS] + [float("nan"), 1e300, None])),
    "epoch text": lambda: log_of(timestamp=cycled([str(at // 10**6) for at in MOMENTS])),
    "ISO text": lambda: log_of(timestamp=cycled(TIMES)),
    "positions": lambda: log_of(timestamp=None, position=cycled(list(range(50)))),
    "integers as text": lambda: log_of(user_id=cycled(["7", "-8", "9", None, ""]), item_id=cycled(["1.0", "22.0"])),
    "zeros before": lambda: log_of(user_id=cycled(["7", "007", "-0", "+7", " 7", "7.0"])),
    "floats": lambda: log_of(user_id=cycled([1.0, 2.0, None, float("nan"), -0.0, 2.0**52])),
    "unsigned": lambda: log_of(user_id=cycled([1, 2, 2**64 - 1], pa.uint64()), item_id=cycled([5, 6], pa.uint32())),
    "decimals": lambda: log_of(user_id=cycled([Decimal(7), Decimal(10**25)], pa.decimal128(38, 0))),
    "lists": lambda: log_of(category=cycled([["a", "b"], ["a"], [], None, ["b", None]])),
    "numbers as categories": lambda: log_of(category=cycled([3, -1, None, 10**15]), event_type=cycled([True, False])),
    "floats as categories": lambda: log_of(category=cycled([3.0, 12345678.0, None, 2.5])),
    "long names": lambda: log_of(category=cycled(["x" * 199 + "é", "y" * 200 + "1", "y" * 200 + "2", ""])),
    "sessions": lambda: log_of(session_id=cycled(["a", "b", None, "c"])),
    "whole sessions": lambda: log_of(session_id=cycled([5, 6, 7, None])),
    "episodes": lambda: log_of(series=cycled(["s1", "s2", None, ""]), ordinal=cycled([1, 2, 3, 5, 8, 13, 21, -4, None])),
    "episodes as text": lambda: log_of(series=cycled([5, 6, None]), ordinal=cycled(["1", "2.0", "x", "", None, "2.5"])),
    "odd ordinals": lambda: log_of(series=cycled([1, 2]), ordinal=cycled([1.0, 2.5, float("nan"), 1e300, -1.0, None])),
    "durations": lambda: log_of(duration=cycled([0.5, 60.0, -3.0, float("nan"), float("inf"), None, 1e9, 7.25])),
    "milliseconds as durations": lambda: log_of(duration_ms=cycled(["900", "61000", "", "long", None])),
    "labels": lambda: log_of(label=cycled(["0", "1", "no", "False", None, "0.0"])),
    "impressions": lambda: log_of(label=cycled([0, 0, 1]), request_id=cycled(["r1", "r2", None, "r3", "r1"])),
    "impressions of text": lambda: odd_log("text").append_column(
        "clicked", pa.array([bool(at % 3 == 0) for at in range(4_300)])
    ),
    "odd labels": lambda: log_of(label=cycled(["0", "1", "2", "maybe", "it's"])),
    "yes and no": lambda: log_of(label=cycled([True, False, None])),
}  # fmt: skip


def write(folder: Path) -> None:
    """All logs as parquet; one besides as CSV, JSON lines, several files and in folders named key=value."""
    for name, make in CASES.items():
        pq.write_table(make(), folder / f"{name}.parquet", row_group_size=1_000)
    whole = odd_log("integer")
    pa.csv.write_csv(whole, folder / "lines.csv")
    rows = (json.dumps(row) + "\n" for row in whole.to_pylist())
    (folder / "lines.jsonl").write_text("".join(rows))
    split(whole, folder / "split")
    for key, part in (("007", whole.slice(0, 900)), ("8", whole.slice(900))):
        inside = folder / "keys" / f"category={key}"
        inside.mkdir(parents=True)
        pq.write_table(part.drop_columns("category"), inside / "part.parquet")


def split(log: pa.Table, folder: Path) -> None:
    """A log in files of three sizes, whose columns differ in order, in type and in which there are."""
    folder.mkdir()
    pq.write_table(log.slice(0, 10), folder / "a.parquet")
    pq.write_table(
        log.slice(10, 3_000).select(log.column_names[::-1]), folder / "b.parquet", row_group_size=70
    )
    pq.write_table(log.slice(3_010).drop_columns("event_type"), folder / "c.parquet")


def read(source: Any, **options: Any) -> dict[str, Any]:
    """What a reading of a log says, in a few values that JSON can hold; or its error."""
    columns = {"position": "position"} if str(source).endswith("positions.parquet") else {}
    try:
        seen = collect(
            source, columns, tallies=OF_THE_LOG, settings=sampled(minimum_history=3, users=11), **options
        )
    except DiagnoseError as error:
        return {"error": error.what, "seen": error.seen}
    return digest(seen)


def digest(seen: Any) -> dict[str, Any]:
    """Each part of a reading as a short hash, but for the counts, which a reader may want to see."""
    names = ("user", "item", "category", "time", "session", "event", "series", "ordinal", "duration")
    arrays = [plain(getattr(seen.sample, name)) for name in (*names, "request", "exposures")]
    parts = {"sample": [arrays, seen.sample.categories, seen.sample.events], "times": plain(seen.times)}
    parts |= {name: plain(tally) for name, tally in seen.tallies.items()}
    hashes = {
        name: hashlib.sha256(json.dumps(part).encode()).hexdigest()[:12] for name, part in parts.items()
    }
    facts = plain(seen.facts)
    return {
        "counts": plain(seen.counts),
        "facts": {k: v for k, v in facts.items() if k not in ("engine", "sources")},
        "notes": list(seen.notes),
    } | hashes


def plain(value: Any) -> Any:
    """A frozen value as what JSON can hold, dictionaries in order."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if hasattr(value, "__dataclass_fields__"):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if hasattr(value, "items"):
        return sorted([plain(key), plain(one)] for key, one in value.items())
    return [plain(one) for one in value] if isinstance(value, (tuple, list)) else value


FILES = [*(f"{name}.parquet" for name in CASES), "lines.csv", "lines.jsonl", "split", "keys"]
LARGE = ("text.parquet", "integer.parquet", "impressions of text.parquet", *FILES[len(CASES) :])
SMALL_PART, LARGE_PART = 150, 600  # events: two parts of a log of 300, eight of the large ones
PLACES = ("spark_remote", "spark_master")


@contextmanager
def spark(place: str, address: str, settings: list[str]) -> Iterator[Any]:
    """A session with some settings."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("parity")
    builder = builder.remote(address) if place == "spark_remote" else builder.master(address)
    if place == "spark_master":
        for name in ("spark.driver.host", "spark.driver.bindAddress"):
            builder = builder.config(name, "127.0.0.1")
        builder = builder.config("spark.ui.enabled", "false").config("spark.ui.showConsoleProgress", "false")
    session = builder.getOrCreate()
    for one in settings:
        session.conf.set(*one.split("=", 1))
    try:
        yield session
    finally:
        session.stop()


def told_of(session: Any) -> dict[str, Any]:
    """What a caller could notice of a session, and of this process."""
    return {
        "settings": dict(session.conf.getAll),
        "tables": sorted(table.name for table in session.catalog.listTables()),
        "tags": sorted(session.getTags()),
        "path": list(sys.path),
        "works": session.range(3).count(),
    }


def home(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Where a worker has this package from."""
    import diagnose

    for _ in batches:
        yield pa.record_batch([pa.array([diagnose.__file__])], names=["home"])


def errors(session: Any, folder: Path) -> dict[str, list[str]]:
    """What is told of logs that cannot be read, line by line."""
    (folder / "broken.parquet").write_bytes(b"PAR1 and nothing more")
    pq.write_table(pa.table({"a": [1], "b": ["x"]}), folder / "columns.parquet")
    (folder / "headers").mkdir(exist_ok=True)
    for name, log in (("1", log_of()), ("2", log_of().select(["item_id", "timestamp", "user_id"]))):
        pa.csv.write_csv(log, folder / "headers" / f"{name}.csv")
    logs = {
        "headers": "headers/*.csv",
        "nowhere": "nowhere.at_all",
        "missing": "missing.parquet",
        "broken": "broken.parquet",
    }
    told = {}
    for name, log in (logs | {"columns": "columns.parquet"}).items():
        source = log if name == "nowhere" else str(folder / log)
        try:
            collect(source, spark_session=session)
        except DiagnoseError as error:
            told[name] = f"{type(error).__name__}: {error}".splitlines()
    return told


def short_of_users(session: Any, source: str) -> dict[str, Any]:
    """A reading whose parts keep one user each at first: too few to know the sample."""
    from diagnose.engine.spark import log

    kept, log._share = log._share, lambda kernel, parts: 1
    try:
        return read(source, spark_session=session, partition_rows=500)
    finally:
        log._share = kept


def main() -> None:
    """Read every log of a folder on Spark; print what was found, by file, and how the session fared."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--place", choices=PLACES, required=True)
    parser.add_argument("--address", required=True)
    parser.add_argument("--trial", action="store_true", help="run one in the whole diagnosis")
    parser.add_argument("--set", action="append", default=[], dest="settings", metavar="NAME=VALUE")
    given = parser.parse_args()
    with spark(given.place, given.address, given.settings) as session:
        frame = session.read.parquet(str(given.folder / "integer.parquet"))
        frame.createOrReplaceTempView("shop_events")
        before = told_of(session)
        parts = {file: LARGE_PART if file in LARGE else SMALL_PART for file in FILES}
        found = {
            file: read(str(given.folder / file), spark_session=session, partition_rows=rows)
            for file, rows in parts.items()
        }
        told = {
            "found": found,
            "whole": whole.told(given.folder, trial=given.trial, spark_session=session, partition_rows=5_000),
            "frame": read(frame),
            "view": read("shop_events", spark_session=session, partition_rows=1_000),
            "short": short_of_users(session, str(given.folder / "integer.parquet")),
            "errors": errors(session, given.folder),
            "session": [before, told_of(session)],
            "shipped": session.range(0, 1, 1, 1).mapInArrow(home, "home string").collect()[0][0],
        }
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main()
