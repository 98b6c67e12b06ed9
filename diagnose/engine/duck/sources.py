"""What a log is made of: files, a table, or a frame; and how DuckDB is asked for its rows."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from diagnose.engine.addresses import shown, table_of
from diagnose.engine.duck.connection import Origin, rows, text
from diagnose.engine.duck.databases import TABLE, open_table
from diagnose.engine.duck.files import (
    WANTED,
    File,
    Kind,
    Root,
    below,
    files_here,
    is_data,
    kind_of,
    listed,
    octets,
    place,
    root_of,
    whole,
)
from diagnose.engine.duck.frames import TAKEN, StreamedFrame, taken
from diagnose.engine.duck.remote import RemoteFile, find_remote, is_remote
from diagnose.engine.duck.separated import LONGEST_LINE, csv_relation
from diagnose.engine.duck.shapes import shaped
from diagnose.errors import LogError, UsageError
from diagnose.formatting import printable
from diagnose.schema import Form


@dataclass(frozen=True, eq=False)
class Sources:
    """The log's files, all of one kind, its table, or its frame."""

    names: tuple[str, ...]  # as the user gave them, but for secrets
    kind: Kind
    files: tuple[File, ...] = ()
    packing: str = "none"  # "gzip", "zstd"
    frame: pa.Table | None = None
    hive: frozenset[str] = frozenset()  # the keys of folders named key=value
    origin: Origin | None = None  # where its rows come from, if not only from here
    form: Form | None = None  # as which its text files are published, if that is known

    @property
    def title(self) -> str:
        """The log's name in messages."""
        rest = f" and {len(self.names) - 1} more" if len(self.names) > 1 else ""
        return printable(self.names[0], 200) + rest

    @property
    def framed(self) -> bool:
        """Whether the log is an object of Python, in memory or streamed."""
        return self.frame is not None or isinstance(self.origin, StreamedFrame)

    @property
    def octets(self) -> int:
        """Bytes of the files as they lie, or of the frame."""
        if self.frame is not None:
            return int(self.frame.nbytes)
        return self.origin.octets if self.kind == "table" and self.origin else sum(map(octets, self.files))

    @property
    def lasting(self) -> bool:
        """Whether the rows are read where they are, as often as needed."""
        if self.origin is not None:
            return self.origin.lasting
        return self.kind in ("parquet", "frame")

    @property
    def places(self) -> list[str]:
        """The files as SQL names them."""
        return [place(file) for file in self.files]


def find(source: Any) -> Sources:
    """The log behind a path or URL, several of them, a table, or a frame (frames.TAKEN)."""
    if isinstance(source, (str, os.PathLike)):
        source = [source]
    if not isinstance(source, Sequence):
        found = taken(source)
        if isinstance(found, StreamedFrame):
            return Sources(names=("a frame",), kind="table", origin=found)
        return Sources(names=("a frame",), kind="frame", frame=found)
    if not source or not all(isinstance(one, (str, os.PathLike)) for one in source):
        raise UsageError(f"This is no log: {type(source).__name__}.", seen=_within(source), attempt=TAKEN)
    names = tuple(os.fspath(one) for one in source)
    if any(map(table_of, names)):
        return Sources(names=tuple(map(shown, names)), kind="table", origin=open_table(names))
    far = find_remote(urls) if (urls := [name for name in names if is_remote(name)]) else None
    near = [file for name in names if not is_remote(name) for file in files_here(name)]
    roots = [root for name in names if (root := root_of(name)) is not None]
    try:
        files = tuple(dict.fromkeys([*near, *(_data(far.files, roots) if far else ())]))
        sources = _of_one_kind(tuple(map(shown, names)), files, roots)
    except BaseException:
        if far:
            far.road.close()
        raise
    return replace(sources, origin=far.road) if far else sources


def _of_one_kind(names: tuple[str, ...], files: tuple[File, ...], roots: Sequence[Root]) -> Sources:
    kinds = sorted({kind_of(file) for file in files})
    if len(kinds) > 1:
        raise LogError(f"{names[0]}: one log, but files of several kinds.", seen=listed(kinds))
    kind, packing = kinds[0]
    folders = {part for root in roots for file in files for part in below(file, root)[:-1]}
    hive = frozenset(folder.partition("=")[0] for folder in folders if "=" in folder)
    return Sources(names=names, kind=kind, files=files, packing=packing, hive=hive)


def _data(files: Sequence[RemoteFile], roots: Sequence[Root]) -> list[RemoteFile]:
    """Remote files without those of a named folder that are no part of a log."""
    kept = [file for file in files if all(is_data(file, root) for root in roots if below(file, root))]
    if not kept:
        raise LogError(f"{printable(str(roots[-1]), 200)}: the folder holds no log files.", attempt=WANTED)
    return kept


def brought(sources: Sources, folder: Path) -> Sources:
    """The same log with those files copied into `folder` that cannot be read in parts where they lie.

    These are packed parquet files, unpacked on the way, and files of web servers that give all or nothing.
    """
    packed = sources.kind == "parquet" and sources.packing != "none"
    files: list[File] = []
    for number, file in enumerate(sources.files):
        if not packed and (isinstance(file, Path) or file.in_parts):
            files.append(file)
            continue
        copy = folder / f"copied-{number}"
        files.append(copy)
        try:
            with whole(file, sources.packing if packed else "none") as stream, copy.open("wb") as plain:
                shutil.copyfileobj(stream, plain, 1 << 20)
        except (OSError, EOFError, pa.ArrowException) as error:
            raise LogError(f"{file}: cannot be unpacked.", seen=printable(str(error), 200)) from error
    return replace(
        sources,
        files=tuple(files),
        packing="none" if packed else sources.packing,
        hive=frozenset() if packed else sources.hive,
    )


def relation(sources: Sources, columns: Sequence[str] | None = None) -> str:
    """The table function of the log's rows. Text formats give text only; JSON needs its `columns` named."""
    files = "[" + ", ".join(map(text, sources.places)) + "]"
    if sources.kind in ("frame", "table"):
        return TABLE if sources.kind == "table" else "frame"
    if sources.kind == "parquet":
        return f"read_parquet({files}, union_by_name = true, hive_partitioning = {bool(sources.hive)})"
    if sources.kind == "csv":
        rows_of = csv_relation(sources.files, packing=sources.packing, form=sources.form)
        return rows_of if sources.form is None else shaped(rows_of, sources.form)
    packing = (
        "uncompressed" if sources.packing == "none" else sources.packing
    )  # JSON knows no "none" before 2.0
    common = f"compression = {text(packing)}, union_by_name = true, hive_partitioning = false"
    limits = f"maximum_object_size = {LONGEST_LINE}, records = true, {common}"
    if columns is None:
        return f"read_json({files}, sample_size = 200000, {limits})"
    named = ", ".join(f"{text(name)}: 'VARCHAR'" for name in columns)
    return f"read_json({files}, columns = {{{named}}}, {limits})"


def overridden(connection: duckdb.DuckDBPyConnection, sources: Sources) -> tuple[str, ...]:
    """What is told where a folder named key=value brings a column that its files have, too."""
    if not sources.hive or sources.kind != "parquet":
        return ()
    files = ", ".join(map(text, sources.places))
    names = {name for (name,) in rows(connection, f"SELECT DISTINCT name FROM parquet_schema([{files}])")}  # noqa: S608
    twice = ", ".join(f'"{printable(name, 80)}"' for name in sorted(names & sources.hive))
    return (f"the folders' names (key=value) override the column {twice} of the files",) if twice else ()


def _within(source: Sequence[Any]) -> str:
    kinds = sorted({type(one).__name__ for one in source})
    return f"of {', '.join(kinds[:5])}" if kinds else "nothing in it"
