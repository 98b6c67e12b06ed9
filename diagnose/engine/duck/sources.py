"""What a log is made of: files, folders, globs, or a frame; and how DuckDB is asked for its rows."""

from __future__ import annotations

import contextlib
import glob
import gzip
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from diagnose.engine.duck.connection import text
from diagnose.engine.duck.separated import LONGEST_LINE, csv_relation
from diagnose.errors import LogError, UsageError
from diagnose.formatting import printable

Kind = Literal["parquet", "csv", "json", "frame"]
_KINDS: dict[str, Kind] = {
    ".parquet": "parquet",
    ".pq": "parquet",
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".inter": "csv",
    ".dat": "csv",
    ".json": "json",
    ".jsonl": "json",
    ".ndjson": "json",
}
_PACKED = {".gz": "gzip", ".gzip": "gzip", ".zst": "zstd", ".zstd": "zstd"}
_WANTED = "a file, folder or glob of .parquet, .csv or .jsonl files (also .gz, .zst)"


@dataclass(frozen=True, eq=False)
class Sources:
    """The log's files, all of one kind, or its frame."""

    names: tuple[str, ...]  # as the user gave them
    kind: Kind
    files: tuple[Path, ...] = ()
    packing: str = "none"  # "gzip", "zstd"
    frame: pa.Table | None = None
    hive: bool = False  # folders named key=value
    notes: tuple[str, ...] = ()  # what should be told of how they are read

    @property
    def title(self) -> str:
        """The log's name in messages."""
        rest = f" and {len(self.names) - 1} more" if len(self.names) > 1 else ""
        return printable(self.names[0], 200) + rest

    @property
    def octets(self) -> int:
        """Bytes of the files as they lie on disk, or of the frame."""
        return (
            self.frame.nbytes if self.frame is not None else sum(file.stat().st_size for file in self.files)
        )


def find(source: Any) -> Sources:
    """The log behind a path, several paths, or a pandas, pyarrow or polars frame."""
    if isinstance(source, (str, os.PathLike)):
        source = [source]
    if not isinstance(source, Sequence):
        return Sources(names=("a frame",), kind="frame", frame=_as_table(source))
    if not source or not all(isinstance(one, (str, os.PathLike)) for one in source):
        raise UsageError(f"A log is {_WANTED}, or a frame.", seen=type(source).__name__)
    names = tuple(os.fspath(one) for one in source)
    found = [file for name in names for file in _files(name)]
    files = tuple(dict.fromkeys(found))
    kinds = sorted({_kind(file) for file in files})
    if len(kinds) > 1:
        raise LogError(f"{names[0]}: one log, but files of several kinds.", seen=_listed(kinds))
    kind, packing = kinds[0]
    roots = [Path(name) for name in names if Path(name).is_dir()]
    hive = any("=" in part for root in roots for file in files for part in _below(file, root))
    notes = _overridden(files, roots) if hive and kind == "parquet" and packing == "none" else ()
    return Sources(names=names, kind=kind, files=files, packing=packing, hive=hive, notes=notes)


def unpacked(sources: Sources, folder: Path) -> Sources:
    """The same log with packed parquet files unpacked into `folder`: a parquet file is read from its end."""
    if sources.kind != "parquet" or sources.packing == "none":
        return sources
    files = []
    for number, file in enumerate(sources.files):
        files.append(folder / f"unpacked-{number}.parquet")
        try:
            with _opened(file, sources.packing) as packed, files[-1].open("wb") as plain:
                shutil.copyfileobj(packed, plain, 1 << 20)
        except (OSError, EOFError, pa.ArrowException) as error:
            raise LogError(f"{file}: cannot be unpacked.", seen=printable(str(error), 200)) from error
    return Sources(names=sources.names, kind="parquet", files=tuple(files))


def relation(sources: Sources, columns: Sequence[str] | None = None) -> str:
    """The table function of the log's rows. Text formats give text only; JSON needs its `columns` named."""
    files = "[" + ", ".join(text(str(file)) for file in sources.files) + "]"
    if sources.kind == "frame":
        return "frame"
    if sources.kind == "parquet":
        return f"read_parquet({files}, union_by_name = true, hive_partitioning = {str(sources.hive).lower()})"
    if sources.kind == "csv":
        return csv_relation(sources.files, packing=sources.packing, opened=_opened)
    common = f"compression = {text(sources.packing)}, union_by_name = true, hive_partitioning = false"
    limits = f"maximum_object_size = {LONGEST_LINE}, records = true, {common}"
    if columns is None:
        return f"read_json({files}, sample_size = 200000, {limits})"
    named = ", ".join(f"{text(name)}: 'VARCHAR'" for name in columns)
    return f"read_json({files}, columns = {{{named}}}, {limits})"


def _files(name: str) -> list[Path]:
    path = Path(name)
    if path.is_file():
        return [path.absolute()]
    if path.is_dir():
        inside = sorted(file for file in path.rglob("*") if file.is_file() and _is_data(file, path))
        if not inside:
            raise LogError(f"{printable(name)}: the folder holds no log files.", attempt=_WANTED)
        return [file.absolute() for file in inside]
    matched = [Path(match).absolute() for match in sorted(glob.glob(name, recursive=True))]  # noqa: PTH207 (absolute patterns)
    matched = [match for match in matched if match.is_file()]
    if matched:
        return matched
    what = "no file matches" if any(letter in name for letter in "*?[") else "no such file or folder"
    raise LogError(f"{printable(name)}: {what}.", attempt=_WANTED)


def _is_data(file: Path, root: Path) -> bool:
    hidden = any(part.startswith(("_", ".")) for part in _below(file, root))
    return not hidden and _stripped(file).suffix.lower() in _KINDS


def _below(file: Path, root: Path) -> tuple[str, ...]:
    absolute = root.absolute()
    return file.absolute().relative_to(absolute).parts if file.absolute().is_relative_to(absolute) else ()


def _kind(file: Path) -> tuple[Kind, str]:
    """By name; where the name says nothing, by the first bytes. An impostor is told at once."""
    packing = _PACKED.get(file.suffix.lower(), "none")
    try:
        with _opened(file, packing) as stream:
            head = stream.read(64)
    except (OSError, EOFError, pa.ArrowException) as error:
        raise LogError(f"{file}: cannot be opened.", seen=printable(str(error), 200)) from error
    if not head.strip():
        raise LogError(f"{file}: the file is empty.", attempt=_WANTED)
    by_content: Kind = "parquet" if head[:4] == b"PAR1" else "json" if head.lstrip()[:1] in b"{[" else "csv"
    kind = _KINDS.get(_stripped(file).suffix.lower(), by_content)
    if (kind == "parquet") != (by_content == "parquet"):
        seen = "text" if by_content != "parquet" else "a parquet file"
        raise LogError(f"{file}: named like {kind}, but its content is not.", seen=seen, attempt=_WANTED)
    return kind, packing


def _listed(kinds: list[tuple[Kind, str]]) -> str:
    return ", ".join(kind if packing == "none" else f"{kind} ({packing})" for kind, packing in kinds)


def _overridden(files: Sequence[Path], roots: Sequence[Path]) -> tuple[str, ...]:
    """What is told where a folder named key=value brings a column that its files have, too."""
    import pyarrow.parquet as parquet  # only where there are such folders

    keys = {
        part.partition("=")[0]
        for root in roots
        for file in files
        for part in _below(file, root)[:-1]
        if "=" in part
    }
    twice: set[str] = set()
    for file in files:
        with contextlib.suppress(OSError, pa.ArrowException):  # a broken file is told when it is read
            twice |= keys & set(parquet.read_schema(file).names)
    if not twice:
        return ()
    names = ", ".join(f'"{printable(name, 80)}"' for name in sorted(twice))
    return (f"the folders' names (key=value) override the column {names} of the files",)


def _stripped(file: Path) -> Path:
    return file.with_suffix("") if file.suffix.lower() in _PACKED else file


def _opened(file: Path, packing: str) -> Any:
    if packing == "gzip":
        return gzip.open(file, "rb")
    return pa.input_stream(str(file), compression="zstd") if packing == "zstd" else file.open("rb")


def _as_table(frame: Any) -> pa.Table:
    """An Arrow table of a pandas, pyarrow or polars frame."""
    try:
        if isinstance(frame, (pa.Table, pa.RecordBatch)):
            table = pa.table(frame)
        elif type(frame).__module__.startswith("pandas"):
            table = pa.Table.from_pandas(frame, preserve_index=False)
        else:
            collected = frame.collect() if hasattr(frame, "collect") else frame
            if not hasattr(collected, "__arrow_c_stream__"):
                raise UsageError(f"A log is {_WANTED}, or a frame.", seen=type(frame).__name__)
            table = pa.table(collected)
    except (pa.ArrowException, ValueError, TypeError) as error:
        seen = printable(str(error), 300)
        raise LogError("The frame cannot be read: a column mixes types.", seen=seen) from error
    names = [str(name) for name in table.column_names]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise LogError("The frame has two columns of one name.", seen=", ".join(twice))
    return table.rename_columns(names)
