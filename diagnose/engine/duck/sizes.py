"""How large a log is before it is read, and how much of it comes over the network."""

from __future__ import annotations

import duckdb

from diagnose.engine.duck.connection import rows, text
from diagnose.engine.duck.databases import SqliteTable
from diagnose.engine.duck.files import octets
from diagnose.engine.duck.frames import StreamedFrame
from diagnose.engine.duck.remote import RemoteFile
from diagnose.engine.duck.sources import Sources, relation
from diagnose.engine.forecast import LogSize
from diagnose.schema import Mapping


def log_size(connection: duckdb.DuckDBPyConnection, sources: Sources, mapping: Mapping) -> LogSize:
    """Bytes as they lie, rows where footers or a database tell them, and what is downloaded."""
    return LogSize(
        octets=sources.octets,
        rows=_known_rows(connection, sources),
        fetched=_fetched(connection, sources, mapping),
    )


def _known_rows(connection: duckdb.DuckDBPyConnection, sources: Sources) -> int | None:
    """Rows as the files' footers or the database tell; None where only reading would tell."""
    if sources.frame is not None:
        return int(sources.frame.num_rows)
    if isinstance(sources.origin, SqliteTable):
        return sources.origin.rows
    if sources.kind not in ("parquet", "table") or isinstance(sources.origin, StreamedFrame):
        return None
    return int(rows(connection, f"SELECT count(*) FROM {relation(sources)}")[0][0])  # noqa: S608


def _fetched(connection: duckdb.DuckDBPyConnection, sources: Sources, mapping: Mapping) -> int:
    """Bytes that come over the network: of parquet files the columns that play a role, of others all."""
    far = [file for file in sources.files if isinstance(file, RemoteFile)]
    if not far or sources.kind != "parquet":
        return sum(map(octets, far))
    places = ", ".join(text(file.place) for file in far)
    wanted = ", ".join(map(text, mapping.roles.values()))
    asked = (
        f"SELECT coalesce(sum(total_compressed_size), 0) FROM parquet_metadata([{places}]) "  # noqa: S608
        f"WHERE split_part(path_in_schema, ', ', 1) IN ({wanted})"
    )
    return int(rows(connection, asked)[0][0])
