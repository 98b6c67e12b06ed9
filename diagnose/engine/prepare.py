"""The log as one SQL view of typed columns, and the dictionaries that turn ids and names into codes.

    prepared   u, i (ids, native type)  t (microseconds or position)  category, event (text)
               session (64 bits)  fault (why a row is set aside, 0 for an event)
    valid      the events of `prepared`, by a condition that DuckDB can push into the scan
    users      u -> salted hash       items   i -> hash        (of the canonical text)
    categories, events   text -> code, numbered in the order of the text

Hashing each distinct id once and joining costs a sixth of hashing every row (docs/decisions/0011).
"""

from __future__ import annotations

from collections.abc import Mapping as Names
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

from diagnose.engine.clock import Clock, Window, read_clock
from diagnose.engine.columns import Column, column, identifier, named, session_key, unclicked
from diagnose.engine.connection import quoted, rows, text
from diagnose.engine.mixing import name_hashes
from diagnose.engine.sources import Sources, relation
from diagnose.errors import LogError
from diagnose.schema import Mapping

FAULTS = (  # by code: 0 is an event; a row has the first fault that holds
    "event",
    "null_user",
    "null_item",
    "null_time",
    "unreadable_time",
    "time_before",
    "time_after",
    "unclicked_impressions",
)
MOST_EVENTS = 32_767  # kinds of event: codes are int16


@dataclass(frozen=True)
class Prepared:
    """What the passes over the log need to know."""

    clock: Clock
    events: tuple[str, ...]
    categories: tuple[str, ...]
    items: int
    roles: frozenset[str]

    @cached_property
    def event_hashes(self) -> NDArray[np.uint64]:
        """By event code; code -1 finds the last, "none"."""
        return name_hashes(self.events)

    @cached_property
    def category_hashes(self) -> NDArray[np.uint64]:
        """By category code, likewise."""
        return name_hashes(self.categories)


def describe(connection: duckdb.DuckDBPyConnection, sources: Sources) -> dict[str, str]:
    """Column name -> type. Only heads and footers are read."""
    if sources.frame is not None:
        connection.register("frame", sources.frame)
    columns = rows(connection, f"DESCRIBE SELECT * FROM {relation(sources)}")  # noqa: S608
    return {str(one[0]): str(one[1]) for one in columns}


def materialised(
    connection: duckdb.DuckDBPyConnection, sources: Sources, *, mapping: Mapping, folder: Path
) -> Sources:
    """Text formats are parsed once, into a parquet file of the needed columns in the private folder."""
    if sources.kind in ("parquet", "frame"):
        return sources
    wanted = tuple(dict.fromkeys(mapping.roles.values()))
    target = folder / "rows.parquet"
    columns = ", ".join(quoted(name) for name in wanted)
    connection.execute(
        f"COPY (SELECT {columns} FROM {relation(sources, wanted)}) "  # noqa: S608
        f"TO {text(str(target))} (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE_BYTES '64MB')"
    )
    return replace(sources, kind="parquet", files=(target,), packing="none", hive=False)


def prepare(
    connection: duckdb.DuckDBPyConnection,
    sources: Sources,
    *,
    mapping: Mapping,
    from_text: bool,
    window: Window,
) -> Clock:
    """Make the views `prepared` and `valid`; returns how its times are read."""
    source = relation(sources)
    types = {str(name): str(kind) for name, kind, *_ in rows(connection, f"DESCRIBE SELECT * FROM {source}")}  # noqa: S608
    user, item = _needed(mapping, "user", types), _needed(mapping, "item", types)
    moment = _needed(mapping, "timestamp" if mapping.clock else "position", types)
    clock = read_clock(connection, source, of=moment, position=not mapping.clock, window=window)
    expressions = {
        "u": identifier(connection, source, "user", of=user, from_text=from_text),
        "i": identifier(connection, source, "item", of=item, from_text=from_text),
        "raw": clock.raw,
        "t": clock.sql,
        "category": named(column(mapping, "category", types)),
        "event": named(column(mapping, "event", types)),
        "session": session_key(column(mapping, "session", types)),
        "unclicked": unclicked(column(mapping, "label", types)),
    }
    fields = ", ".join(f"{sql} AS {name}" for name, sql in expressions.items())
    connection.execute(
        f"CREATE TEMP VIEW prepared AS SELECT u, i, t, category, event, session, {_fault(clock)} AS fault "  # noqa: S608
        f"FROM (SELECT {fields} FROM {source})"
    )
    timely = f"SELECT {fields}, ({clock.valid}) AS timely FROM {source}"  # noqa: S608
    connection.execute(
        f"CREATE TEMP VIEW valid AS SELECT u, i, t, category, event, session FROM ({timely}) "  # noqa: S608
        "WHERE u IS NOT NULL AND i IS NOT NULL AND timely AND NOT unclicked"
    )
    return clock


def make_dictionaries(
    connection: duckdb.DuckDBPyConnection, *, salt: int
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Make the tables users, items, categories and events; returns the names of the last two."""
    for name, key, hashed in (
        ("users", "u", f"xor(md5_number_lower(CAST(u AS VARCHAR)), CAST({salt} AS UBIGINT))"),
        ("items", "i", "md5_number_lower(CAST(i AS VARCHAR))"),
    ):
        connection.execute(
            f"CREATE TEMP TABLE {name} AS SELECT {key}, {hashed} AS hash "  # noqa: S608
            f"FROM (SELECT DISTINCT {key} FROM valid)"
        )
    categories, events = _codes(connection, "categories", "category"), _codes(connection, "events", "event")
    if len(events) > MOST_EVENTS:
        raise LogError(
            "The event column does not hold kinds of event.",
            seen=f"{len(events):,} different values",
            attempt="--column event=NAME with another column, or --column event= for none",
        )
    return categories, events


def _codes(connection: duckdb.DuckDBPyConnection, table: str, key: str) -> tuple[str, ...]:
    connection.execute(
        f"CREATE TEMP TABLE {table} AS SELECT {key}, CAST(row_number() OVER (ORDER BY {key}) - 1 AS INTEGER) "  # noqa: S608
        f"AS code FROM (SELECT DISTINCT {key} FROM valid WHERE {key} IS NOT NULL)"
    )
    return tuple(str(name) for (name,) in rows(connection, f"SELECT {key} FROM {table} ORDER BY code"))  # noqa: S608


def _needed(mapping: Mapping, role: str, types: Names[str, str]) -> Column:
    found = column(mapping, role, types)
    assert found is not None, role
    return found


def _fault(clock: Clock) -> str:
    conditions = ["u IS NULL", "i IS NULL", "raw IS NULL", "t IS NULL", "FALSE", "FALSE", "unclicked"]
    if clock.ticking:
        conditions[4:6] = [f"t < {clock.start}", f"t >= {clock.end}"]
    cases = " ".join(f"WHEN {condition} THEN {code}" for code, condition in enumerate(conditions, start=1))
    return f"CASE {cases} ELSE 0 END"
