"""A DuckDB of our own: private temp directory, bounded memory, no network, no other files; our errors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from diagnose.engine.options import EngineOptions
from diagnose.errors import LogError, ResourceError
from diagnose.formatting import printable


def connect(files: Sequence[Path], *, folder: Path, options: EngineOptions) -> duckdb.DuckDBPyConnection:
    """An in-memory database that may read `files`, write under `folder`, and nothing else."""
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
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET enable_progress_bar = false")
    connection.execute("SET allowed_paths = $1", [[str(file) for file in files]])
    connection.execute("SET allowed_directories = $1", [[str(folder)]])
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return connection


@contextmanager
def errors_as_ours(source: str) -> Iterator[None]:
    """What DuckDB and Arrow raise about a log, as LogError or ResourceError; a bug of ours stays a bug."""
    try:
        yield
    except duckdb.InterruptException as error:
        raise KeyboardInterrupt from error
    except RuntimeError as error:
        if str(error) == "Query interrupted":  # Ctrl-C inside DuckDB 2.0
            raise KeyboardInterrupt from error
        raise
    except duckdb.InternalException:
        raise
    except duckdb.OutOfMemoryException as error:
        raise _resources(error) from error
    except (duckdb.BinderException, duckdb.ParserException, duckdb.CatalogException):
        raise  # our SQL, hence our bug
    except duckdb.Error as error:
        raise _unreadable(source, error) from error
    except pa.ArrowException as error:
        raise _resources(error) if "Out of Memory" in str(error) else _unreadable(source, error) from error


def _unreadable(source: str, error: Exception) -> LogError | ResourceError:
    text = str(error)
    if "No space left" in text or "max_temp_directory_size" in text:
        return _resources(error)
    told = text.partition("\nLINE ")[0].removeprefix("Invalid Input Error: ")  # our SQL helps nobody
    lines = [line.strip() for line in told.splitlines() if line.strip()]
    return LogError(
        f"{source}: the log cannot be read.",
        seen=printable(" ".join(lines[:3]), 500) if lines else type(error).__name__,
        attempt="a file whose content is what its name says: .parquet, .csv, .jsonl (also .gz, .zst)",
    )


def _resources(error: Exception) -> ResourceError:
    return ResourceError(
        "Out of memory or disk while the log was read.",
        seen=printable(str(error).splitlines()[0], 300),
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
