"""One measured task of the engine's benchmark, in a process of its own. Prints what it found as JSON.

    python -m benchmarks.engine_child TASK LOG [--memory BYTES]

decode        read the five needed columns: what no engine can avoid
floor         sort them by user and time and write them: what DuckDB asks for the one sort
ours          all tallies of the log and the sample of users, in one pass
spark         the same on a local Spark
pandas, pandas_tuned, polars   the same statistics as data scientists would write them
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.engine_peers import LAGS

if TYPE_CHECKING:
    import duckdb

    from diagnose.engine import Collected

Found = dict[str, Any]

THREADS = 2
MEMORY = 4_000_000_000
NEEDED = "user_id, item_id, category, event_type, timestamp"
NOW = datetime(2025, 1, 1, tzinfo=UTC)  # a day of its own would change the digest of a run past midnight


def main() -> None:
    """Run the task and print what it found, and what the process had spent before the log was touched."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("task", choices=sorted(TASKS))
    parser.add_argument("log", type=Path)
    parser.add_argument("--memory", type=int, default=MEMORY, help="bytes that the engine may hold")
    options = parser.parse_args()
    print(json.dumps(TASKS[options.task](options.log, options.memory)))


def decode(log: Path, memory: int) -> Found:
    """Decode every value of the five columns: hashes, as footers already know counts and extremes."""
    hashes = ", ".join(f"bit_xor(hash({name}))" for name in NEEDED.split(", "))
    with tempfile.TemporaryDirectory() as folder, _duckdb(folder, memory) as connection:
        connection.sql(f"SELECT {hashes} FROM read_parquet('{log}')").fetchall()
    return {}


def floor(log: Path, memory: int) -> Found:
    """The one sort that histories need, and nothing else."""
    with tempfile.TemporaryDirectory() as folder, _duckdb(folder, memory) as connection:
        connection.execute(
            f"COPY (SELECT {NEEDED} FROM read_parquet('{log}') ORDER BY user_id, timestamp) "
            f"TO '{folder}/sorted.parquet' (FORMAT parquet, COMPRESSION snappy)"
        )
    return {}


def ours(log: Path, memory: int) -> Found:
    """All that `analyze` asks of the whole log."""
    from diagnose import conditions, engine

    spent = time.process_time()
    options = engine.EngineOptions(threads=THREADS, memory_bytes=memory)
    with engine.open_log(log, options=options, now=NOW) as opened:
        collected = engine.collect(opened, conditions.OF_THE_LOG)
    return _told(collected) | {"cpu_of_imports": round(spent, 2)}


def spark_collect(log: Path, _: int) -> Found:
    """The same on Spark, two local workers; their memory is the JVM's own business."""
    from diagnose import conditions, engine

    spent = time.process_time()
    options = engine.EngineOptions(engine="spark", spark_master=f"local[{THREADS}]")
    with engine.open_log(log, options=options, now=NOW) as opened:
        collected = engine.collect(opened, conditions.OF_THE_LOG)
    return _told(collected) | {"cpu_of_imports": round(spent, 2)}


def pandas(log: Path, _: int) -> Found:
    """Whole frames in memory."""
    from benchmarks import engine_pandas

    return {"statistics": engine_pandas.statistics(log)}


def pandas_tuned(log: Path, _: int) -> Found:
    """The same by someone who has profiled it."""
    from benchmarks import engine_pandas_tuned

    return {"statistics": engine_pandas_tuned.statistics(log)}


def polars(log: Path, _: int) -> Found:
    """Whole frames in memory, two threads."""
    from benchmarks import engine_polars

    return {"statistics": engine_polars.statistics(log)}


TASKS: Mapping[str, Callable[[Path, int], Found]] = {
    "decode": decode,
    "floor": floor,
    "ours": ours,
    "spark": spark_collect,
    "pandas": pandas,
    "pandas_tuned": pandas_tuned,
    "polars": polars,
}


def _duckdb(folder: str, memory: int) -> duckdb.DuckDBPyConnection:
    import duckdb

    connection = duckdb.connect(
        config={
            "threads": THREADS,
            "memory_limit": f"{memory // 1_000_000}MB",
            "temp_directory": f"{folder}/spill",
            "preserve_insertion_order": "false",
        }
    )
    connection.execute("SET enable_progress_bar = false")
    return connection


def _told(collected: Collected) -> Found:
    """The digest of all that was collected, whatever engine did it, and the numbers that peers have too."""
    from benchmarks.engine_digest import digest

    facts = {name: value for name, value in vars(collected.facts).items() if name != "engine"}
    parts = {**vars(collected), "facts": facts, "notes": ()}  # notes tell what the engine went through
    digests = {name: digest(part) for name, part in sorted(parts.items())}
    statistics: dict[str, int] = {}
    for name, read in SHARED.items():
        with suppress(
            AttributeError, KeyError
        ):  # a tally that was renamed must not end an hour's measurement
            statistics[name] = int(read(collected))
    return {"digest": digest(digests), "digests": digests, "statistics": statistics}


# Numbers that the peers compute as well, by the peers' names.
SHARED: Mapping[str, Callable[[Collected], Any]] = {
    "events": lambda read: read.counts.events,
    "users": lambda read: read.counts.users,
    "items": lambda read: read.counts.items,
    "duplicates": lambda read: read.counts.duplicates,
    "first_time": lambda read: (read.counts.first_time or 0) // 1_000_000,
    "last_time": lambda read: (read.counts.last_time or 0) // 1_000_000,
    "tied_events": lambda read: read.tallies["log_hygiene"].tied_events,
    "users_seen_once": lambda read: read.tallies["identity"].seen_once,
    "users_living": lambda read: read.tallies["identity"].lifetimes.sum(),
    "births_by_day": lambda read: _by_day(read, 0),
    "deaths_by_day": lambda read: _by_day(read, 1),
    "active_users_by_day": lambda read: _by_day(read, 2),
    "requests_without_history": lambda read: read.tallies["history_depth"].depth[0],
    "requests_with_10": lambda read: read.tallies["history_depth"].depth[10:].sum(),
    "single_items": lambda read: read.tallies["history_depth"].seen_once["items"].part,
    "single_categories": lambda read: read.tallies["history_depth"].seen_once["categories"].part,
    "double_items": lambda read: read.tallies["history_depth"].seen_twice["items"],
    "double_categories": lambda read: read.tallies["history_depth"].seen_twice["categories"],
    "adjacent_pairs": lambda read: _exchangeability(read, 1),
    "s2": lambda read: _exchangeability(read, 2),
    "s2_squared": lambda read: _exchangeability(read, 3),
    "s3": lambda read: _exchangeability(read, 4),
    "pairs_by_lag": lambda read: _weighted(read.tallies["category_match"].by_event.sum(axis=(1, 2)), LAGS),
    "matches_by_lag": lambda read: _weighted(
        read.tallies["category_match"].by_event[..., 1].sum(axis=1), LAGS
    ),
    "pairs_by_octave": lambda read: _weighted(read.tallies["category_match"].by_time.sum(axis=(1, 2))),
    "matches_by_octave": lambda read: _weighted(read.tallies["category_match"].by_time[..., 1].sum(axis=1)),
    "transitions": lambda read: read.tallies["transitions"].observed.sum(),
    "sampled_users": lambda read: len(read.sample),
}


def _by_day(read: Collected, column: int) -> int:
    days = read.tallies["identity"].days
    return _weighted(days.table[:, column], days.places)


def _exchangeability(read: Collected, column: int) -> int:
    return sum(row[column] for row in read.tallies["exchangeability"].sums.values())


def _weighted(counts: Any, places: Iterable[int] | None = None) -> int:
    """A table of counts as one number, as the peers tell theirs."""
    named = range(len(counts)) if places is None else places
    return sum(int(place) * int(number) for place, number in zip(named, counts, strict=True))


if __name__ == "__main__":
    main()
