"""A DuckDB of our own: private temp directory, bounded memory, no network, no other files; our errors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import duckdb
import pyarrow as pa

from diagnose.engine.addresses import redacted
from diagnose.engine.options import EngineOptions
from diagnose.errors import DiagnoseError, LogError, ResourceError
from diagnose.formatting import printable


class Origin(Protocol):
    """Where a log lies that is not among the files of this machine."""

    octets: int  # of a database; files are counted one by one
    lasting: bool  # read where it is; otherwise what is needed is copied once

    def join(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make the log readable: load an extension, register a file system, attach a database."""

    def told(self, error: Exception) -> DiagnoseError | None:
        """What the database raised while it read from there, in our words; None where that is not known."""

    def close(self) -> None:
        """Let go of connections."""


def connect(
    files: Sequence[Path | str], *, folder: Path, options: EngineOptions, origin: Origin | None = None
) -> duckdb.DuckDBPyConnection:
    """An in-memory database that may read `files` and what `origin` joins, write in `folder`, and no more."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "temp_directory": str(folder / "spill"),
        "memory_limit": f"{options.memory // 1_000_000}MB",
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "python_enable_replacements": "false",  # a Python variable called `users` is no table
        "preserve_insertion_order": "false",  # the only order that counts is ORDER BY
    }
    config["threads"] = options.workers
    connection = duckdb.connect(":memory:", config=config)
    try:
        connection.execute("SET TimeZone = 'UTC'")
        without_bar(connection)
        if origin is not None:
            origin.join(connection)  # before the doors close: afterwards nothing is loaded or attached
        connection.execute("SET allowed_paths = $1", [[str(file) for file in files]])
        connection.execute("SET allowed_directories = $1", [[str(folder)]])
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
    except BaseException:
        connection.close()
        raise
    return connection


def without_bar(connection: duckdb.DuckDBPyConnection) -> None:
    """No progress bar of DuckDB's: ours tells. Where there is none, in Jupyter, "off" wants ipywidgets."""
    row = connection.execute("SELECT current_setting('enable_progress_bar')").fetchone()
    if row and row[0]:
        connection.execute("SET enable_progress_bar = false")


@contextmanager
def errors_as_ours(source: str, origin: Origin | None = None) -> Iterator[None]:
    """What DuckDB and Arrow raise about a log, as LogError or ResourceError; a bug of ours stays a bug."""
    try:
        with _failures_of(origin):
            yield
    except duckdb.InterruptException as error:
        raise KeyboardInterrupt from error
    except RuntimeError as error:
        if str(error) == "Query interrupted":  # Ctrl-C inside DuckDB 2.0
            raise KeyboardInterrupt from error
        raise
    except duckdb.OutOfMemoryException as error:
        raise _resources(error) from error
    except (
        duckdb.InternalException,
        duckdb.BinderException,
        duckdb.ParserException,
        duckdb.CatalogException,
    ) as error:  # our SQL, hence our bug; it may quote a URL
        raise type(error)(redacted(str(error))) from None
    except duckdb.Error as error:
        secret = redacted(str(error)) != str(error)
        raise _unreadable(source, error) from (None if secret else error)
    except pa.ArrowException as error:
        raise _resources(error) if "Out of Memory" in str(error) else _unreadable(source, error) from error


@contextmanager
def _failures_of(origin: Origin | None) -> Iterator[None]:
    """DuckDB tells of a failed download as of a Python traceback; the origin knows better."""
    try:
        yield
    except (duckdb.Error, pa.ArrowException) as error:
        told = origin.told(error) if origin is not None else None
        if told is None:
            raise
        raise told from None


def _unreadable(source: str, error: Exception) -> LogError | ResourceError:
    text = str(error)
    if "No space left" in text or "max_temp_directory_size" in text:
        return _resources(error)
    told = redacted(text.partition("\nLINE ")[0]).removeprefix(
        "Invalid Input Error: "
    )  # our SQL helps nobody
    lines = [line.strip() for line in told.splitlines() if line.strip()]
    return LogError(
        f"{source}: the log cannot be read.",
        seen=printable(" ".join(lines[:3]), 500) if lines else type(error).__name__,
        attempt="an export of the view: what it reads outside its database stays closed (docs/warehouses.md)"
        if "disabled by configuration" in text
        else "a file whose content is what its name says: .parquet, .csv, .jsonl (also .gz, .zst)",
    )


def _resources(error: Exception) -> ResourceError:
    return ResourceError(
        "Out of memory or disk while the log was read.",
        seen=printable(redacted(str(error)).splitlines()[0], 300),
        attempt="a larger --memory-limit, --temp-dir on a larger disk, or a log of fewer users",
    )


def rows(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[Any] = ()
) -> list[tuple[Any, ...]]:
    """All rows of a (small) query."""
    return connection.execute(sql, list(parameters)).fetchall()


class DuckDialect:
    """DuckDB's spelling."""

    def quoted(self, name: str) -> str:
        """A name as an identifier."""
        return quoted(name)

    def text(self, value: str) -> str:
        """A string as a literal."""
        return text(value)

    def key(self, text: str) -> str:
        """64 bits of a text, signed: the last eight bytes of its md5."""
        bits = f"md5_number_lower({text})"
        half = "CAST(9223372036854775808 AS UBIGINT)"
        signed = f"CAST({bits} - {half} AS BIGINT) - 9223372036854775807 - 1"
        return (
            f"CASE WHEN {bits} < {half} THEN CAST({bits} AS BIGINT) WHEN {bits} IS NOT NULL THEN {signed} END"
        )

    def matches(self, text: str, pattern: str) -> str:
        """Whether a regular expression is found in a text."""
        return f"regexp_matches({text}, '{pattern}')"

    def joined(self, texts: str) -> str:
        """The members of a list, parted by '|'."""
        return f"array_to_string({texts}, '|')"

    def divided(self, number: str, by: int) -> str:
        """A positive integer divided, the remainder dropped."""
        return number if by == 1 else f"{number} // {by}"

    def ticks(self, value: str, kind: str) -> str:
        """Microseconds since 1970 UTC of a column of a time type."""
        if "_NS" in kind:  # a cast would round to the next microsecond; integers of nanoseconds are cut
            return f"epoch_ns(CAST({value} AS TIMESTAMP_NS)) // 1000"
        zoned = kind.startswith(("TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE"))
        return f"epoch_us(CAST({value} AS {'TIMESTAMPTZ' if zoned else 'TIMESTAMP'}))"

    def read_ticks(self, text: str, zoned: str) -> str:
        """Microseconds of an ISO text: the session's zone is UTC, hence so is a text without one."""
        return f"epoch_us(TRY_CAST({text} AS TIMESTAMPTZ))"


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A string as an SQL literal."""
    return "'" + value.replace("'", "''") + "'"
