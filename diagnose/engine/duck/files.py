"""The files of a log, here or behind URLs: which they are, of which kind, how they are opened."""

from __future__ import annotations

import glob
import gzip
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import pyarrow as pa

from diagnose.engine.addresses import BUCKETS, scheme, shown
from diagnose.engine.duck.remote import RemoteFile, unpacking
from diagnose.engine.formats import FORMATS, PACKINGS, Format
from diagnose.errors import LogError
from diagnose.formatting import printable

File = Path | RemoteFile
Root = Path | str  # a folder that was named, on disk or as a URL
Kind = Format | Literal["frame", "table"]

WANTED = "a file, folder, glob or URL of .parquet, .csv or .jsonl files (also .gz, .zst)"


def files_here(name: str) -> list[Path]:
    """The file of this name, the log files of the folder, or what matches the glob. LogError for none."""
    path = Path(name)
    if path.is_file():
        return [path.absolute()]
    if path.is_dir():
        root = path.absolute()
        inside = sorted(file for file in root.rglob("*") if file.is_file() and is_data(file, root))
        if not inside:
            raise LogError(f"{printable(name)}: the folder holds no log files.", attempt=WANTED)
        return inside
    matched = [Path(match).absolute() for match in sorted(glob.glob(name, recursive=True))]  # noqa: PTH207 (absolute patterns)
    matched = [match for match in matched if match.is_file()]
    if matched:
        return matched
    what = "no file matches" if any(letter in name for letter in "*?[") else "no such file or folder"
    raise LogError(f"{printable(name)}: {what}.", attempt=WANTED)


def root_of(name: str) -> Root | None:
    """The folder that a name names, if it may be one: those below it may be called key=value."""
    if scheme(name) is None:
        return Path(name).absolute() if Path(name).is_dir() else None
    return shown(name).rstrip("/") if scheme(name) in BUCKETS and not set(name) & set("*?[") else None


def below(file: File, root: Root) -> tuple[str, ...]:
    """The names of the folders between a root and a file, and the file's; none where it lies elsewhere."""
    if isinstance(file, RemoteFile):
        inside = isinstance(root, str) and file.address.startswith(f"{root}/")
        return tuple(file.address.removeprefix(f"{root}/").split("/")) if inside else ()
    return file.relative_to(root).parts if isinstance(root, Path) and file.is_relative_to(root) else ()


def is_data(file: File, root: Root) -> bool:
    """Whether a file of a folder is part of the log: not hidden, and named like one."""
    hidden = any(part.startswith(("_", ".")) for part in below(file, root))
    return not hidden and _ending(file) in FORMATS


def kind_of(file: File) -> tuple[Kind, str]:
    """Kind and packing, by name; where that says nothing, by the first bytes. An impostor is told at once."""
    packing = PACKINGS.get(_last_ending(file), "none")
    try:
        with opened(file, packing) as stream:
            head = stream.read(64)
    except (OSError, EOFError, pa.ArrowException) as error:
        raise LogError(f"{file}: cannot be opened.", seen=printable(str(error), 200)) from error
    if not head.strip():
        raise LogError(f"{file}: the file is empty.", attempt=WANTED)
    by_content: Kind = "parquet" if head[:4] == b"PAR1" else "json" if head.lstrip()[:1] in b"{[" else "csv"
    kind = FORMATS.get(_ending(file), by_content)
    if (kind == "parquet") != (by_content == "parquet"):
        seen = "text" if by_content != "parquet" else "a parquet file"
        raise LogError(f"{file}: named like {kind}, but its content is not.", seen=seen, attempt=WANTED)
    return kind, packing


def opened(file: File, packing: str) -> Any:
    """The unpacked content from its start. Of a remote file only the start is sure to be there."""
    if isinstance(file, RemoteFile):
        return file.head(packing)
    if packing == "gzip":
        return gzip.open(file, "rb")
    return pa.input_stream(str(file), compression="zstd") if packing == "zstd" else file.open("rb")


def whole(file: File, packing: str) -> Any:
    """The unpacked content, all of it."""
    return unpacking(file.whole(), packing) if isinstance(file, RemoteFile) else opened(file, packing)


def octets(file: File) -> int:
    """The size of a file as it lies."""
    return file.octets if isinstance(file, RemoteFile) else file.stat().st_size


def place(file: File) -> str:
    """A file as SQL names it."""
    return file.place if isinstance(file, RemoteFile) else str(file)


def listed(kinds: Sequence[tuple[Kind, str]]) -> str:
    """Kinds of file, for a message."""
    return ", ".join(kind if packing == "none" else f"{kind} ({packing})" for kind, packing in kinds)


def _last_ending(file: File) -> str:
    return PurePosixPath(str(file)).suffix.lower()


def _ending(file: File) -> str:
    """What a file's name ends in, before what says how it is packed."""
    path = PurePosixPath(str(file))
    return (path.with_suffix("") if path.suffix.lower() in PACKINGS else path).suffix.lower()
