"""The log as SQL views of typed columns, one unsorted pass over them, and the codes of ids and names.

    prepared   u, i (ids: integers where all are, text otherwise)  t (microseconds or position)
               category, event (text)  session, series (64 bits)  ordinal, duration (numbers)
               fault (why a row is set aside, 0 for an event)
    valid      the events of `prepared`, by a condition that DuckDB can push into the scan
    shown      the same and what was shown without being clicked, where a trial ranks it
    met        what the unsorted pass counted: fault, category, event, rows, first, last
    users      u -> key, items  i -> key: 64-bit hashes, only where ids are text and few
    keyed      the rows of `shown`, else the events of `valid`, with u_key, i_key: 64-bit keys
    categories, events   text -> code, the one with most rows 0, equal ones by their text

Hashing each distinct text once and joining costs a sixth of hashing every row (docs/decisions/0011), but
holds all of them in memory: where that is too much, every row is hashed.
"""

from __future__ import annotations

from collections.abc import Mapping as Names
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from diagnose.engine.dialect import Dialect
from diagnose.engine.duck.connection import DuckDialect, quoted, rows, text
from diagnose.engine.duck.databases import TABLE, SqliteTable
from diagnose.engine.duck.frames import StreamedFrame
from diagnose.engine.duck.sources import Sources, relation
from diagnose.engine.events import EVENT, Events, refuse_too_many_events
from diagnose.engine.layout import FAULTS, RowCounts
from diagnose.schema import Mapping

DICTIONARY_SHARE = 0.25  # of the memory, for the keys of users and as much for those of items [0015]
TEXT_BYTES = 200  # that a text of an id takes with its key, in a table and in a join [0015]


class DuckRelation:
    """The rows of a log, as they are."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, sources: Sources) -> None:
        self._connection, self.sql = connection, relation(sources)
        self.dialect: Dialect = DuckDialect()
        columns = rows(connection, f"DESCRIBE SELECT * FROM {self.sql}")  # noqa: S608
        self.types: Names[str, str] = {str(name): str(kind) for name, kind, *_ in columns}

    def ask(self, *aggregates: str) -> tuple[Any, ...]:
        """The one row of a query."""
        return rows(self._connection, f"SELECT {', '.join(aggregates)} FROM {self.sql}")[0]  # noqa: S608


def materialised(
    connection: duckdb.DuckDBPyConnection, sources: Sources, *, mapping: Mapping, folder: Path
) -> Sources:
    """Text is parsed once, what lies elsewhere fetched once: a parquet file of the needed columns."""
    if sources.lasting:
        return sources
    wanted = tuple(dict.fromkeys(mapping.roles.values()))
    target = folder / "rows.parquet"
    if isinstance(sources.origin, (SqliteTable, StreamedFrame)):
        connection.register(TABLE, sources.origin.reader(wanted))
    types = DuckRelation(connection, sources).types if sources.kind == "table" else {}
    columns = ", ".join(_storable(name, types.get(name, "")) for name in wanted)
    connection.execute(
        f"COPY (SELECT {columns} FROM {relation(sources, wanted)}) "  # noqa: S608
        f"TO {text(str(target))} (FORMAT parquet, COMPRESSION snappy, ROW_GROUP_SIZE_BYTES '64MB')"
    )
    return replace(sources, kind="parquet", files=(target,), packing="none", hive=frozenset(), origin=None)


def _storable(name: str, kind: str) -> str:
    """SQL of a column for a parquet file, which has no 128-bit integers: as text they stay what they are."""
    wide = kind in ("HUGEINT", "UHUGEINT")
    return f"CAST({quoted(name)} AS VARCHAR) AS {quoted(name)}" if wide else quoted(name)


def prepare(connection: duckdb.DuckDBPyConnection, source: DuckRelation, events: Events) -> None:
    """Make the views `prepared` and `valid`."""
    every = ", ".join(f"{sql} AS {name}" for name, sql in events.every.items())
    kept = ", ".join(f"{sql} AS {name}" for name, sql in events.kept.items())
    connection.execute(
        f"CREATE TEMP VIEW prepared AS SELECT {', '.join(EVENT)}, {events.fault} AS fault "  # noqa: S608
        f"FROM (SELECT {every} FROM {source.sql})"
    )
    for view, condition in (("valid", events.valid), ("shown", events.shown)):
        connection.execute(
            f"CREATE TEMP VIEW {view} AS SELECT {kept} FROM (SELECT * FROM {source.sql} WHERE {condition})"  # noqa: S608
        )


def count_rows(
    connection: duckdb.DuckDBPyConnection, events: Events, *, memory: int, impressions: bool
) -> RowCounts:
    """One unsorted pass over the log; then the dictionaries that the sorted one joins. `memory`: bytes.

    `impressions`: whether the sorted pass is to bring what was shown and not clicked, too.
    """
    connection.execute(
        "CREATE TEMP TABLE met AS SELECT fault, category, event, count(*) AS rows, min(t) AS first, "
        "max(t) AS last FROM prepared GROUP BY fault, category, event"
    )
    by_code = dict(rows(connection, "SELECT fault, sum(rows) FROM met GROUP BY fault"))
    first, last = rows(connection, "SELECT min(first), max(last) FROM met WHERE fault = 0")[0]
    kinds = _codes(connection, "events", "event", "SMALLINT")
    beside = impressions and bool(by_code.get(FAULTS.index("unclicked_impressions")))
    items = _keyed(connection, events, memory=memory, rows_of="shown" if beside else "valid")
    return RowCounts(
        by_fault={name: int(by_code.get(code, 0)) for code, name in enumerate(FAULTS)},
        first=first,
        last=last,
        items=items,
        categories=_codes(connection, "categories", "category", "INTEGER"),
        events=kinds,
        whole_users=events.user.whole,
        whole_items=events.item.whole,
    )


def _keyed(connection: duckdb.DuckDBPyConnection, events: Events, *, memory: int, rows_of: str) -> int:
    """Make the view `keyed`; returns the number of distinct items of events.

    A dictionary knows the ids of events: where other rows come along, every row is hashed.
    """
    fields, joins, distinct = [], [], 0
    for role, name, of in (("users", "u", events.user), ("items", "i", events.item)):
        field, distinct = name, 0
        if not of.whole:
            most = int(memory * DICTIONARY_SHARE / TEXT_BYTES)
            distinct = _dictionary(connection, role, name, most=most) if rows_of == "valid" else 0
            field = f"{role}.key" if distinct else DuckDialect().key(name)
            joins += [f"JOIN {role} USING ({name})"] if distinct else []
        fields.append(f"{field} AS {name}_key")
    connection.execute(
        f"CREATE TEMP VIEW keyed AS SELECT {', '.join(fields)}, {', '.join(EVENT[2:])} "  # noqa: S608
        f"FROM {rows_of} {' '.join(joins)}"
    )
    item = "i" if events.item.whole else DuckDialect().key("i")
    return distinct or int(rows(connection, f"SELECT count(DISTINCT {item}) FROM valid")[0][0])  # noqa: S608


def _dictionary(connection: duckdb.DuckDBPyConnection, table: str, name: str, *, most: int) -> int:
    """Make the keys of all distinct texts and tell how many; 0 and no table where they are too many."""
    try:
        connection.execute(
            f"CREATE TEMP TABLE {table} AS SELECT {name}, {DuckDialect().key(name)} AS key "  # noqa: S608
            f"FROM (SELECT DISTINCT {name} FROM valid)"
        )
    except duckdb.OutOfMemoryException:
        return 0
    distinct = int(rows(connection, f"SELECT count(*) FROM {table}")[0][0])  # noqa: S608
    if distinct > most:
        connection.execute(f"DROP TABLE {table}")
        return 0
    return distinct


def _codes(connection: duckdb.DuckDBPyConnection, table: str, name: str, kind: str) -> tuple[str, ...]:
    found = (
        f"SELECT {name}, CAST({name} AS VARCHAR) AS name, sum(rows) AS rows FROM met "  # noqa: S608
        f"WHERE fault = 0 AND {name} IS NOT NULL GROUP BY {name}"
    )
    if table == "events":
        refuse_too_many_events(int(rows(connection, f"SELECT count(*) FROM ({found})")[0][0]))  # noqa: S608
    connection.execute(
        f"CREATE TEMP TABLE {table} AS SELECT {name}, name, "  # noqa: S608
        f"CAST(row_number() OVER (ORDER BY rows DESC, name) - 1 AS {kind}) AS code FROM ({found})"
    )
    return tuple(str(one) for (one,) in rows(connection, f"SELECT name FROM {table} ORDER BY code"))  # noqa: S608
