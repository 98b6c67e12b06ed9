"""The first rows of a log in the order of its file, which DuckDB itself is told to forget.

They are numbered before DuckDB sees them. Files of this machine and frames have an order; tables have none,
and of a file behind a URL the start would be fetched twice.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from diagnose.engine.arrivals import arrival_counts
from diagnose.engine.duck.files import opened
from diagnose.engine.duck.sources import Sources, relation
from diagnose.engine.events import Events
from diagnose.schema import ArrivalCounts, Mapping

HEAD = "head"  # the name of the rows in SQL
PLACE = "place of the row"
TEXT_OCTETS = (
    8_000_000  # of a text file: within one of DuckDB's buffers, so in one thread and in order [0026]
)
NEEDED = ("user", "item", "timestamp", "label")


def arrival(
    connection: duckdb.DuckDBPyConnection,
    sources: Sources,
    events: Events,
    *,
    mapping: Mapping,
    folder: Path,
    most: int,
) -> ArrivalCounts | None:
    """How the first rows arrive, `most` at most; None where the rows have no order, or cannot tell it."""
    wanted = tuple(dict.fromkeys(mapping.roles[role] for role in NEEDED if role in mapping.roles))
    try:
        head = _head(connection, sources, wanted, folder=folder, most=most)
        if head is None or PLACE in head.column_names:
            return None
        numbered = head.append_column(PLACE, pa.array(np.arange(len(head))))
        connection.register(HEAD, numbered)
        sql = (
            f"SELECT hash({events.kept['u']}), {events.kept['t']} FROM "  # noqa: S608
            f'(SELECT * FROM {HEAD} WHERE {events.valid}) ORDER BY "{PLACE}"'
        )
        found = connection.sql(sql).fetchnumpy()
        user, time = (np.asarray(column) for column in found.values())
        return arrival_counts(user, time.astype(np.int64))
    except (duckdb.Error, pa.ArrowException, OSError, EOFError):
        return None  # a courtesy: the log itself is read with its own errors
    finally:
        connection.unregister(HEAD)


def _head(
    connection: duckdb.DuckDBPyConnection,
    sources: Sources,
    wanted: tuple[str, ...],
    *,
    folder: Path,
    most: int,
) -> pa.Table | None:
    """The first rows of the log's first file, or of the frame."""
    if sources.frame is not None:
        return sources.frame.select(list(wanted)).slice(0, most)
    if sources.kind == "table" or not isinstance(file := sources.files[0], Path):
        return None
    if sources.kind == "parquet":
        return _parquet_head(file, wanted, most=most)
    with opened(file, sources.packing) as stream:
        start = stream.read(TEXT_OCTETS)
    whole = start if len(start) < TEXT_OCTETS else start[: start.rfind(b"\n") + 1]
    copy = folder / f"head.{sources.kind}"
    copy.write_bytes(whole)
    few = replace(sources, files=(copy,), packing="none")
    return connection.sql(f"SELECT * FROM {relation(few, wanted)}").to_arrow_table().slice(0, most)  # noqa: S608


def _parquet_head(file: Path, wanted: tuple[str, ...], *, most: int) -> pa.Table | None:
    with pq.ParquetFile(file) as parquet:
        if not set(wanted) <= set(parquet.schema_arrow.names):
            return None  # a column that the folder's name brings
        batch = next(parquet.iter_batches(batch_size=most, columns=list(wanted)), None)
    return None if batch is None else pa.Table.from_batches([batch])
