"""The road through fsspec: buckets and web servers as a file system of ours inside DuckDB.

DuckDB stays without a network: it asks this file system for bytes, which knows the files of the log only. A
file's name in SQL is its address without secrets, so none of DuckDB's messages can hold one.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import duckdb
import fsspec
from fsspec.asyn import sync

from diagnose.engine.addresses import BUCKETS, WEB, scheme, shown
from diagnose.engine.duck.failures import failure
from diagnose.engine.duck.remote import ANSWER_SECONDS, PACKED, SILENT_SECONDS, RemoteFile, unpacking
from diagnose.errors import DiagnoseError, LogError
from diagnose.formatting import printable

for library in ("fsspec", "s3fs", "gcsfs", "adlfs"):  # they would print what is told by an error of ours
    logging.getLogger(library).addHandler(logging.NullHandler())

TRIES = 3  # of one piece of a file: a lost connection does not end a long download [0018]
PAUSE_SECONDS = 1.0  # between them
_BLOCK = 1 << 23  # bytes asked for at once where a file is read from start to end [0018]
_AHEAD = {"cache_type": "readahead", "block_size": _BLOCK}
_START = {"cache_type": "readahead", "block_size": 1 << 16}  # of a file whose head is looked at
_EXACTLY = {"cache_type": "none"}  # of a parquet file only DuckDB knows which bytes are needed
_IN_ONE = {"block_size": 0}  # the whole file as one answer


class Buckets:
    """Files that fsspec finds and opens."""

    name = "fsspec"
    octets, lasting = 0, False

    def __init__(self, urls: Sequence[str]) -> None:
        self._failure: DiagnoseError | None = None
        self._systems: dict[str, Any] = {}
        for protocol in {scheme(url) or "" for url in urls}:
            try:
                self._systems[protocol] = _system(protocol)
            except ImportError as error:
                raise ImportError(str(error), name=protocol) from error
        self._places: dict[str, tuple[str, int]] = {}  # place -> URL and size

    def join(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Give DuckDB the files of the log, and no others."""
        connection.register_filesystem(_Files(self))

    def told(self, _: Exception) -> DiagnoseError | None:
        """What went wrong here: DuckDB only knows that something did."""
        return self._failure

    def close(self) -> None:
        """End the connections: none outlives the log."""
        for system in self._systems.values():
            session = getattr(system, "_session", None)
            if session is not None and not getattr(session, "closed", True):
                sync(system.loop, session.close)

    def files(self, url: str) -> list[RemoteFile]:
        """The URL itself, what matches it, or what lies below it."""
        with self._in_our_words(url):
            found = [self._file(*one) for one in _listed(self._systems[scheme(url) or ""], url)]
        if not found:
            raise LogError(
                f"{printable(shown(url), 200)}: no file matches.",
                attempt="the address as your cloud's own tool lists it",
            )
        return found

    def stream(self, place: str, **how: Any) -> _Stream:
        """A file, to be read in a way of fsspec's."""
        url, size = self._places[place]
        known = {"size": size} if size and scheme(url) in WEB else {}  # saves a question
        with self._in_our_words(url):
            opened = self._systems[scheme(url) or ""].open(url, "rb", **how, **known)
        return _Stream(opened, lambda: self._in_our_words(url))

    def size(self, place: str) -> int:
        """The size of a file."""
        return self._places[place][1]

    def _file(self, url: str, octets: int | None) -> RemoteFile:
        place = shown(url)
        if self._places.get(place, (url, 0))[0] != url:
            place = f"{place}#{len(self._places)}"  # the same but for what is not shown
        self._places[place] = url, octets or 0
        in_parts = scheme(url) in BUCKETS or _in_parts(self._systems[scheme(url) or ""], url, octets)
        start, every = (_START, _AHEAD) if in_parts else (_IN_ONE, _IN_ONE)
        return RemoteFile(
            address=place,
            place=place,
            octets=octets or 0,
            head=lambda packing: unpacking(self.stream(place, **start), packing),
            whole=lambda: self.stream(place, **every),
            in_parts=in_parts,
        )

    @contextmanager
    def _in_our_words(self, url: str) -> Iterator[None]:
        """Errors in our words. DuckDB keeps only the text of what Python raises: so they are kept here."""
        try:
            yield
        except (DiagnoseError, ImportError):
            raise
        except Exception as error:  # libraries for servers raise whatever they like
            self._failure = failure(error, url)
            raise self._failure from None  # the cause may quote the URL


class _Stream:
    """What DuckDB and the unpackers need of a file: `read`, from where `seek` says."""

    closed = False

    def __init__(self, opened: Any, in_our_words: Callable[[], Any]) -> None:
        self._opened, self._in_our_words = opened, in_our_words

    def read(self, octets: int = -1) -> bytes:
        """The next bytes."""
        with self._in_our_words():
            return _read(self._opened, octets)

    def seek(self, at: int, whence: int = 0) -> int:
        """Go to a place."""
        return int(self._opened.seek(at, whence))

    def tell(self) -> int:
        """Where we are."""
        return int(self._opened.tell())

    def close(self) -> None:
        """No more is needed."""
        self.closed = True
        self._opened.close()

    def readable(self) -> bool:
        """Yes: asked by unpackers."""
        return True

    def seekable(self) -> bool:
        """Not for unpackers: they read from start to end."""
        return False

    def writable(self) -> bool:
        """Never."""
        return False

    def __enter__(self) -> _Stream:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Files(fsspec.AbstractFileSystem):  # type: ignore[misc]  # fsspec has no types
    """The log's files, as DuckDB asks for them."""

    protocol = (*BUCKETS, *WEB)
    cachable = False

    def __init__(self, road: Buckets, **_: Any) -> None:  # fsspec adds what the user set for real buckets
        super().__init__()
        self._road = road

    def open(self, path: str, mode: str = "rb", **_: Any) -> _Stream:
        """A file of the log. DuckDB asks for large pieces, but for small ones of a file that it unpacks."""
        return self._road.stream(path, **(_AHEAD if path.lower().endswith(PACKED) else _EXACTLY))

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        """Its size."""
        return {"name": path, "size": self._road.size(path), "type": "file"}

    def glob(self, path: str, **_: Any) -> list[str]:
        """Files are found before; here each name stands for itself, whatever letters it holds."""
        return [path]

    def modified(self, path: str) -> datetime:
        """Asked for, and of no use: a log is read once."""
        return datetime(1970, 1, 1, tzinfo=UTC)


def _system(protocol: str) -> Any:
    """fsspec's file system, with time limits where its own are none or too short for a long download."""
    options: Mapping[str, Any] = {}
    if protocol in WEB:
        import aiohttp

        limits = aiohttp.ClientTimeout(total=None, sock_connect=ANSWER_SECONDS, sock_read=SILENT_SECONDS)
        options = {"client_kwargs": {"timeout": limits, "trust_env": True}}
    elif protocol.startswith("s3"):
        options = {"config_kwargs": {"connect_timeout": ANSWER_SECONDS, "read_timeout": SILENT_SECONDS}}
    return fsspec.filesystem(protocol, skip_instance_cache=True, **options)


def _listed(system: Any, url: str) -> list[tuple[str, int | None]]:
    """URLs and sizes of the files behind a URL."""
    protocol = scheme(url) or ""
    if protocol in WEB:
        return [(url, system.info(url)["size"])]
    if any(letter in url for letter in "*?["):
        found = system.glob(url, detail=True).values()
    else:
        here = system.info(url)
        found = [here] if here["type"] == "file" else system.find(url, detail=True).values()
    return sorted((f"{protocol}://{one['name']}", one["size"]) for one in found if one["type"] == "file")


def _in_parts(system: Any, url: str, octets: int | None) -> bool:
    """Whether a web server gives the middle of a file when it is asked for; some say so and do not."""
    if not octets or octets < 2:
        return False
    try:
        with system.open(url, "rb", **_EXACTLY) as opened:
            opened.seek(octets - 1)
            return len(_read(opened, 1)) == 1
    except ValueError:  # fsspec's word for an answer that holds all of the file
        return False


def _read(opened: Any, octets: int) -> bytes:
    """The next bytes of a file, asked for again where the connection is lost."""
    at = opened.tell()
    for _ in range(TRIES - 1):
        try:
            return bytes(opened.read(octets))
        except ValueError:  # not a matter of luck
            raise
        except Exception:  # what a lost connection raises differs from library to library
            time.sleep(PAUSE_SECONDS)
            opened.seek(at)
    return bytes(opened.read(octets))
