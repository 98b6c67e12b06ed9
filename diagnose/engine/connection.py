"""A DuckDB of our own: private temp directory, bounded memory, no network, no other files; our errors."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from diagnose.errors import LogError, ResourceError
from diagnose.formatting import printable

MEMORY_SHARE = 0.5  # of the machine's memory: the sample, the trial and other programs need the rest [0011]
LEAST_MEMORY = 1_000_000_000  # bytes: a sort in less spills at once [0011]


@dataclass(frozen=True, kw_only=True)
class EngineOptions:
    """How the embedded engine may use the machine. None is what the machine gives."""

    threads: int | None = None
    memory_bytes: int | None = None
    temp_directory: Path | None = None  # the private one is made inside it
    batch_rows: int = 500_000  # of the sorted stream: 20 MB of arrays, far above the cost of a call [0011]

    @property
    def memory(self) -> int:
        """Bytes that DuckDB may hold before it spills."""
        return self.memory_bytes or max(LEAST_MEMORY, int(MEMORY_SHARE * _machine_memory()))


@contextmanager
def private_folder(options: EngineOptions) -> Iterator[Path]:
    """A new folder for spilled and converted rows, removed afterwards whatever happens."""
    folder = Path(tempfile.mkdtemp(prefix="diagnose-", dir=options.temp_directory))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


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
    if options.threads:
        config["threads"] = options.threads
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
        attempt="a machine with more memory, TMPDIR on a larger disk, or a log of fewer users",
    )


def _machine_memory() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # not a POSIX machine
        return 2 * LEAST_MEMORY


def rows(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[Any] = ()
) -> list[tuple[Any, ...]]:
    """All rows of a (small) query."""
    return connection.execute(sql, list(parameters)).fetchall()


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A string as an SQL literal."""
    return "'" + value.replace("'", "''") + "'"
