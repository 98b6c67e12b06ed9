"""Frames as logs: those in memory as Arrow tables, the others as streams of the columns that are needed.

No library is imported to tell its frames: their classes say where they come from. A stream goes by once,
into a file of ours, so that neither a query nor a data set is ever in memory whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import duckdb
import pyarrow as pa

from diagnose.engine.duck.connection import quoted
from diagnose.engine.duck.databases import TABLE
from diagnose.engine.duck.files import WANTED
from diagnose.errors import DiagnoseError, LogError, UsageError
from diagnose.formatting import printable

TAKEN = (
    f"{WANTED}; a table of a database; a frame of pandas, polars (also lazy), Spark or pyarrow (Table, "
    "RecordBatch, RecordBatchReader, Dataset); a DuckDB relation; whatever else has __arrow_c_stream__"
)
Rows = Callable[[Sequence[str]], pa.RecordBatchReader]  # of the columns that are asked for


class StreamedFrame:
    """A frame whose rows go by once."""

    lasting = False
    octets = 0  # not known

    def __init__(self, columns: pa.Schema, rows: Rows) -> None:
        self._columns, self._rows = columns, rows
        self._failure: DiagnoseError | None = None

    def join(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make its columns known; its rows come when it is known which of them are needed."""
        connection.register(TABLE, self._columns.empty_table())

    def told(self, _: Exception) -> DiagnoseError | None:
        """What went wrong in the frame's own library."""
        return self._failure

    def close(self) -> None:
        """The frame is its owner's."""

    def reader(self, columns: Sequence[str]) -> pa.RecordBatchReader:
        """The rows, with the columns that are needed."""
        kinds = pa.schema([self._columns.field(name) for name in columns])
        return pa.RecordBatchReader.from_batches(kinds, self._batches(list(columns)))

    def _batches(self, columns: list[str]) -> Iterator[pa.RecordBatch]:
        try:
            for batch in self._rows(columns):
                yield batch.select(columns)
        except Exception as error:  # of any library: DuckDB would tell it as a traceback
            self._failure = _unreadable(error)
            raise


def taken(frame: Any) -> pa.Table | StreamedFrame:
    """A frame as a table or a stream. UsageError for what is none, LogError where it cannot be read."""
    try:
        table = _in_memory(frame)
    except (pa.ArrowException, ValueError, TypeError) as error:
        seen = printable(str(error), 300)
        raise LogError("The frame cannot be read: a column mixes types.", seen=seen) from error
    try:
        found = table if table is not None else _streamed(frame)
    except (pa.ArrowException, duckdb.Error, ValueError, TypeError) as error:
        raise _unreadable(error) from error
    if found is None:
        raise UsageError(f"This is no log: {type(frame).__name__}.", seen=_full_name(frame), attempt=TAKEN)
    return found


def _in_memory(frame: Any) -> pa.Table | None:
    """The table of a frame whose rows are there."""
    if isinstance(frame, (pa.Table, pa.RecordBatch)):
        table = pa.table(frame)
    elif _is(frame, "pandas", "DataFrame"):
        table = pa.Table.from_pandas(frame, preserve_index=False)
    elif _is(frame, "polars", "DataFrame"):
        table = pa.table(frame)
    else:
        return None
    names = [str(name) for name in table.column_names]
    _refuse_twice(names)
    return table.rename_columns(names)


def _streamed(frame: Any) -> StreamedFrame | None:
    """The stream of a frame whose rows are yet to come."""
    found: StreamedFrame | None = None
    if isinstance(frame, duckdb.DuckDBPyRelation):
        columns = frame.limit(0).to_arrow_table().schema
        found = StreamedFrame(
            columns, lambda names: frame.project(", ".join(map(quoted, names))).to_arrow_reader()
        )
    elif _is(frame, "polars", "LazyFrame"):
        columns = pa.table(frame.limit(0).collect()).schema
        found = StreamedFrame(columns, lambda names: pa.table(frame.select(names).collect()).to_reader())
    elif _is(frame, "pyarrow", "Dataset"):
        columns = frame.schema
        found = StreamedFrame(columns, lambda names: frame.scanner(columns=names).to_reader())
    elif isinstance(frame, pa.RecordBatchReader):
        columns = frame.schema
        found = StreamedFrame(columns, lambda _: frame)
    elif hasattr(frame, "__arrow_c_stream__") and not _is(frame, type(frame).__module__, "Series"):
        stream = pa.RecordBatchReader.from_stream(frame)
        columns = stream.schema
        found = StreamedFrame(columns, lambda _: stream)
    if found is not None:
        _refuse_twice(columns.names)
    return found


def _is(frame: Any, library: str, name: str) -> bool:
    """Whether an object is of a library's class, or of one derived from it."""
    home = library.partition(".")[0]
    return any(
        kind.__name__ == name and kind.__module__.partition(".")[0] == home for kind in type(frame).__mro__
    )


def _refuse_twice(names: Sequence[str]) -> None:
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise LogError(
            "The frame has two columns of one name.", seen=", ".join(printable(name, 80) for name in twice)
        )


def _unreadable(error: Exception) -> LogError:
    return LogError(
        "The frame cannot be read.",
        seen=printable(" ".join(f"{type(error).__name__}: {error}".partition("\nLINE ")[0].split()), 300),
        attempt="a query whose connection is open and that runs by itself; a reader that nobody has read yet",
    )


def _full_name(frame: Any) -> str:
    return f"{type(frame).__module__}.{type(frame).__qualname__}"
