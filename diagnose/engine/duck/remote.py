"""Files behind URLs, by one of two roads: DuckDB's httpfs extension where it loads, fsspec where it does not.

Both roads find files and let DuckDB itself read them, in parts: of a parquet file only the columns that play
a role come over the network. Credentials are those of the environment, as the road knows them; a road that
finds the door closed leaves the log to the other one (docs/decisions/0018).
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import duckdb
import pyarrow as pa

from diagnose.engine.addresses import BUCKETS, WEB, scheme, shown
from diagnose.engine.duck.connection import Origin
from diagnose.errors import DiagnoseError, UsageError
from diagnose.formatting import printable

PACKED = (".gz", ".gzip", ".zst", ".zstd")
ANSWER_SECONDS = 30  # until a server is reached; then it is taken for down [0018]
SILENT_SECONDS = 60  # without a byte; busy buckets have been seen to pause for half a minute [0018]


@dataclass(frozen=True, eq=False)
class RemoteFile:
    """A file behind a URL. As text it is its address without secrets."""

    address: str
    place: str  # what SQL calls it: on a road of our own the address, else the URL with all it holds
    octets: int
    head: Callable[
        [str], Any
    ]  # packing -> a stream of its content, unpacked, of which only the start is sure
    whole: Callable[[], Any]  # -> a stream of all its bytes, as they are
    in_parts: bool = True  # the server gives parts of it; otherwise it is copied before it is read

    def __str__(self) -> str:
        return self.address


class Road(Origin, Protocol):
    """One way to files behind URLs."""

    name: str

    def files(self, url: str) -> list[RemoteFile]:
        """The file of a URL, those that match it, or those below it. LogError where there are none."""


@dataclass(frozen=True, eq=False)
class Found:
    """The files of some URLs, in order, and the road to them."""

    road: Road
    files: tuple[RemoteFile, ...]


def is_remote(name: str) -> bool:
    """Whether a name is a URL. UsageError where it is one of a kind that nobody here can read."""
    protocol = scheme(name)
    if protocol is not None and protocol not in (*BUCKETS, *WEB):
        raise UsageError(
            f"{printable(shown(name), 200)}: URLs of this kind cannot be read.",
            seen=f"{protocol}://",
            attempt="s3://, gs://, az://, https://, or postgresql://host/database::table",
        )
    return protocol is not None


def find_remote(urls: Sequence[str]) -> Found:
    """The files of all URLs, by the first road that reaches them all."""
    from diagnose.engine.duck.httpfs import Httpfs

    closed: DiagnoseError | None = None
    try:
        if all(scheme(url) in _HTTPFS for url in urls):
            return _found(Httpfs(), urls)
    except duckdb.Error:
        pass  # not installed, the usual case, or made for another DuckDB
    except DiagnoseError as error:
        closed = error  # it may know fewer credentials than the other road
    try:
        from diagnose.engine.duck.buckets import Buckets

        return _found(Buckets(urls), urls)
    except ImportError as error:
        lacking = next((url for url in urls if scheme(url) == error.name), urls[0])
        raise _missing_package(lacking, closed) from error


def unpacking(stream: Any, packing: str) -> Any:
    """A stream of bytes, unpacked."""
    if packing == "gzip":
        return gzip.GzipFile(fileobj=stream)
    return pa.CompressedInputStream(pa.PythonFile(stream, mode="r"), "zstd") if packing == "zstd" else stream


def _found(road: Road, urls: Sequence[str]) -> Found:
    try:
        files = {file.place: file for url in urls for file in road.files(url)}
    except BaseException:
        road.close()
        raise
    return Found(road=road, files=tuple(files.values()))


def _missing_package(url: str, closed: DiagnoseError | None) -> DiagnoseError:
    """What to install; where httpfs is there but was refused, that too."""
    package, extra = _PACKAGES[scheme(url) or ""]
    attempt = f"pip install {extra}"
    if closed is not None:
        attempt = f"{closed.attempt}; or {attempt}, which knows more kinds of credentials"
        return type(closed)(closed.what, seen=closed.seen, attempt=attempt)
    httpfs = scheme(url) in _HTTPFS
    once = ", or once: python -c \"import duckdb; duckdb.sql('INSTALL httpfs')\""
    return UsageError(
        f"{printable(shown(url), 200)}: a package is missing that reads such addresses.",
        seen=f"no {package}" + (", nor DuckDB's httpfs extension" if httpfs else ""),
        attempt=attempt + (once if httpfs else ""),
    )


_HTTPFS = ("s3", "s3a", "gs", "gcs", *WEB)
_PACKAGES = {
    **dict.fromkeys(("s3", "s3a"), ("s3fs", '"scenario-fit[s3]"')),
    **dict.fromkeys(("gs", "gcs"), ("gcsfs", '"scenario-fit[gcs]"')),
    **dict.fromkeys(WEB, ("aiohttp", '"scenario-fit[http]"')),
    **dict.fromkeys(("az", "abfs", "abfss"), ("adlfs", "adlfs")),
}
