"""Tables and views of databases: DuckDB and SQLite files, PostgreSQL. Opened to be read, never written.

A DuckDB file is attached as it is, PostgreSQL by DuckDB's extension where it loads. SQLite is read by
Python's own module: it is always there, and it gives each value as it lies, whatever its column was declared
to be. The values come as text and get their types by our own rules, like those of CSV (docs/decisions/0018).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import duckdb
import pyarrow as pa

from diagnose.engine.addresses import POSTGRES, redacted, scheme, shown, table_of
from diagnose.engine.duck.connection import Origin, quoted, rows, text
from diagnose.engine.duck.remote import ANSWER_SECONDS
from diagnose.errors import DiagnoseError, LogError, UsageError
from diagnose.formatting import printable

TABLE = "attached"  # what SQL calls the log's table, whatever its own name
_DATABASE = "log_database"
_HOMES = ("main", "public")  # the schema of tables that are named without one
_MOST_LISTED = 30  # tables in a message
_BATCH = 50_000  # rows of SQLite at once: they are Python objects for a moment [0018]
_TABLES = {
    "base": "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = $1",
    "duckdb": "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = $1 AND NOT internal "
    "UNION SELECT schema_name, view_name FROM duckdb_views() WHERE database_name = $1 AND NOT internal",
    "postgres": "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = $1 "
    "AND schema_name NOT IN ('information_schema', 'pg_catalog')",
    "sqlite": "SELECT 'main', name FROM sqlite_master "
    "WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'",
}

Name = tuple[str, str]  # of a table: schema, table


def open_table(names: Sequence[str]) -> Origin:
    """The one table of a log. UsageError for several, LogError where there is no such database."""
    found = table_of(names[0])
    if found is None or len(names) > 1:
        raise UsageError(
            "A log is one table, or files.",
            seen=", ".join(printable(shown(name), 100) for name in names),
            attempt="a view in the database that puts the tables together",
        )
    database, table = found
    if scheme(database) in POSTGRES:
        return AttachedTable("postgres", database, table)
    try:
        with Path(database).open("rb") as file:
            head = file.read(16)
    except OSError as error:
        raise LogError(f"{printable(database)}: no such database.", seen=error.strerror or "") from error
    if head[8:12] == b"DUCK":
        return AttachedTable("duckdb", database, table)
    if head == b"SQLite format 3\0":
        return SqliteTable(database, table)
    raise LogError(
        f"{printable(database)}: neither a DuckDB nor a SQLite database.",
        seen=repr(head),
        attempt="the file that DuckDB or SQLite opens",
    )


class AttachedTable:
    """A table that DuckDB itself reads."""

    def __init__(self, kind: str, database: str, table: str) -> None:
        self._kind, self._database, self._table = kind, database, table
        self.lasting = False  # a view may be costly, or differ when it is asked again
        self.octets = Path(database).stat().st_size if kind == "duckdb" else 0

    def join(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Attach the database, find the table in it."""
        self._attach(connection)
        there = sorted(rows(connection, _TABLES[self._kind], [_DATABASE]))
        name = chosen(there, self._table, database=self._database)
        self.lasting = self._kind == "duckdb" and bool(
            rows(
                connection, f"{_TABLES['base']} AND schema_name = $2 AND table_name = $3", [_DATABASE, *name]
            )
        )
        whole_name = ".".join(map(quoted, (_DATABASE, *name)))
        connection.execute(f"CREATE TEMP VIEW {TABLE} AS SELECT * FROM {whole_name}")  # noqa: S608

    def told(self, _: Exception) -> None:
        """DuckDB's own words are good enough."""

    def close(self) -> None:
        """It goes with the connection."""

    def _attach(self, connection: duckdb.DuckDBPyConnection) -> None:
        try:
            if self._kind == "postgres":
                _load_postgres(connection)
                address = self._database + ("&" if "?" in self._database else "?")
                address += f"connect_timeout={ANSWER_SECONDS}"
                connection.execute(f"ATTACH {text(address)} AS {_DATABASE} (TYPE postgres, READ_ONLY)")
            else:
                connection.execute(f"ATTACH {text(self._database)} AS {_DATABASE} (TYPE duckdb, READ_ONLY)")
        except duckdb.Error as error:
            raise LogError(
                f"{printable(shown(self._database), 200)}: the database cannot be opened.",
                seen=printable(" ".join(redacted(str(error)).split()), 400),
                attempt="PGPASSWORD or ~/.pgpass for the password"
                if self._kind == "postgres"
                else "again when no other program writes to it, or an export (docs/warehouses.md)",
            ) from None  # the cause may quote the password


class SqliteTable:
    """A table that Python reads and DuckDB gets as text."""

    lasting = False

    def __init__(self, database: str, table: str) -> None:
        self._failure: DiagnoseError | None = None
        self._database, self._table, self._name = database, table, ""
        self.octets = Path(database).stat().st_size
        self._connection = sqlite3.connect(
            f"file:{quote(str(Path(database).absolute()))}?mode=ro", uri=True, check_same_thread=False
        )
        self._connection.text_factory = lambda content: content.decode("utf-8", "replace")

    def join(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Find the table and its columns; its rows come when it is known which are needed."""
        there = sorted(self._ask(_TABLES["sqlite"]))
        self._name = chosen(there, self._table, database=self._database)[1]
        columns = [str(name) for _, name, *_ in self._ask(f"PRAGMA table_info({quoted(self._name)})")]
        connection.register(TABLE, _as_text([()] * len(columns), columns))

    def told(self, _: Exception) -> DiagnoseError | None:
        """What went wrong here, which DuckDB does not know."""
        return self._failure

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    @property
    def rows(self) -> int:
        """How many rows the table has."""
        return int(self._ask(f"SELECT count(*) FROM {quoted(self._name)}")[0][0])  # noqa: S608

    def reader(self, columns: Sequence[str]) -> pa.RecordBatchReader:
        """The rows, as text, of the columns that are needed."""
        wanted = ", ".join(map(quoted, columns))
        kinds = pa.schema([(name, pa.string()) for name in columns])
        return pa.RecordBatchReader.from_batches(kinds, self._batches(wanted, columns))

    def _batches(self, wanted: str, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        try:
            cursor = self._connection.execute(f"SELECT {wanted} FROM {quoted(self._name)}")  # noqa: S608
            while found := cursor.fetchmany(_BATCH):
                yield from _as_text(list(zip(*found, strict=True)), columns).to_batches()
        except sqlite3.Error as error:
            self._failure = self._unreadable(error)
            raise

    def _ask(self, sql: str) -> list[tuple[Any, ...]]:
        try:
            return self._connection.execute(sql).fetchall()
        except sqlite3.Error as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: sqlite3.Error) -> LogError:
        return LogError(
            f"{printable(self._database, 200)}: the database cannot be read.",
            seen=printable(str(error), 200),
            attempt="again when no other program writes to it, or an export (docs/warehouses.md)",
        )


def chosen(there: Sequence[Name], wanted: str, *, database: str) -> Name:
    """The one table of this name, with or without its schema. LogError with all tables where none is."""
    fits = [name for name in there if wanted in (name[1], ".".join(name))]
    fits = fits or [name for name in there if wanted.lower() in (name[1].lower(), ".".join(name).lower())]
    if len(fits) > 1:  # as SQL does it
        fits = [name for name in fits if name[0] in _HOMES] or fits
    if len(fits) == 1:
        return fits[0]
    what = f"several tables are called {wanted!r}." if fits else f"no table {wanted!r}."
    names = [table if home in _HOMES else f"{home}.{table}" for home, table in fits or there]
    more = f" and {len(names) - _MOST_LISTED} more" if len(names) > _MOST_LISTED else ""
    address = printable(shown(database), 200)
    raise LogError(
        f"{address}: {what if wanted else 'which of its tables is the log?'}",
        seen=printable(", ".join(names[:_MOST_LISTED]), 2_000) + more if names else "no tables",
        attempt=f"diagnose analyze '{address}::{names[0] if names else 'TABLE'}'",
    )


def _load_postgres(connection: duckdb.DuckDBPyConnection) -> None:
    try:
        connection.execute("LOAD postgres")
    except duckdb.Error as error:
        raise UsageError(
            "PostgreSQL is read by an extension of DuckDB, which does not load.",
            seen=printable(str(error).splitlines()[0], 300),
            attempt="once: python -c \"import duckdb; duckdb.sql('INSTALL postgres')\"; "
            "or an export (docs/warehouses.md)",
        ) from error


def _as_text(columns: Sequence[Sequence[Any]], names: Sequence[str]) -> pa.Table:
    return pa.table([pa.array(map(_spelled, column), pa.string()) for column in columns], names=list(names))


def _spelled(value: Any) -> str | None:
    """A value of SQLite as text: numbers with all their digits, bytes as hexadecimal."""
    if value is None or isinstance(value, str):
        return value
    return value.hex() if isinstance(value, bytes) else repr(value)
