"""The road through DuckDB's httpfs extension, where the user has installed it. It is never downloaded.

The files are found by a database of its own, which reads nothing else; the one that reads the log may then
open these files only. Credentials are the environment's (AWS_*) and DuckDB's own persistent secrets.
"""

from __future__ import annotations

import io
from typing import Any

import duckdb

from diagnose.engine.addresses import WEB, scheme, shown
from diagnose.engine.duck.connection import rows, text
from diagnose.engine.duck.failures import failure
from diagnose.engine.duck.remote import ANSWER_SECONDS, RemoteFile, unpacking
from diagnose.errors import DiagnoseError, LogError

_LOCKED = {"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
_LONGEST_HEAD = 1_000_000  # bytes within which a header ends
_LINE = (
    f"auto_detect = false, header = false, delim = '\x01', quote = '', escape = '', strict_mode = false, "
    f"max_line_size = {_LONGEST_HEAD}, buffer_size = {2 * _LONGEST_HEAD}, columns = {{'line': 'VARCHAR'}}"
)


class Httpfs:
    """Files that DuckDB itself finds and opens. duckdb.IOException where the extension does not load."""

    name = "httpfs"
    octets, lasting = 0, False

    def __init__(self) -> None:
        self._connection = duckdb.connect(":memory:", config=dict(_LOCKED))
        self._url = ""  # one of the log's
        self.join(self._connection)

    def join(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Load the extension and the secrets: later both are out of reach."""
        connection.execute("LOAD httpfs")
        connection.execute("SET allow_asterisks_in_http_paths = true")  # a signature may hold one
        connection.execute(f"SET http_timeout = {ANSWER_SECONDS}")
        connection.execute("FROM duckdb_secrets()").fetchall()

    def told(self, error: Exception) -> DiagnoseError | None:
        """An answer that a server gave in the middle of the log."""
        return failure(error, self._url) if isinstance(error, duckdb.HTTPException) else None

    def close(self) -> None:
        """End the database that found the files."""
        self._connection.close()

    def files(self, url: str) -> list[RemoteFile]:
        """The URL itself, what matches it, or what lies below it."""
        self._url = url
        if scheme(url) in WEB or any(letter in url for letter in "*?["):
            found = self._sizes(url, url)
        else:
            found = self._below(url) if url.endswith("/") else self._file_or_folder(url)
        if not found:
            raise failure(FileNotFoundError(), url)
        return [self._file(place, octets) for place, octets in found]

    def _file_or_folder(self, url: str) -> list[tuple[str, int]]:
        try:
            return self._sizes(url, url)
        except LogError:
            if found := self._below(url):
                return found
            raise

    def _below(self, url: str) -> list[tuple[str, int]]:
        return self._sizes(f"{url.rstrip('/')}/**", url)

    def _sizes(self, pattern: str, url: str) -> list[tuple[str, int]]:
        """Names and sizes; the content, which is not asked for, is not read."""
        return sorted(self._ask(f"SELECT filename, size FROM read_blob([{text(pattern)}])", url))  # noqa: S608

    def _file(self, place: str, octets: int) -> RemoteFile:
        return RemoteFile(
            address=shown(place),
            place=place,
            octets=octets,
            head=lambda packing: io.BytesIO(self._head(place, packing)),
            whole=lambda: io.BytesIO(self._content(place)),
        )

    def _content(self, place: str) -> bytes:
        return bytes(self._ask(f"SELECT content FROM read_blob([{text(place)}])", place)[0][0])  # noqa: S608

    def _head(self, place: str, packing: str) -> bytes:
        """The first line of a text, or how any parquet file begins: there is no way to ask for bytes."""
        if packing == "none":
            try:
                self._ask(f"SELECT 1 FROM parquet_file_metadata([{text(place)}])", place)  # noqa: S608
                return b"PAR1"
            except LogError:
                pass
        read = f"read_csv([{text(place)}], compression = {text(packing)}, {_LINE})"
        try:
            found = self._ask(f"SELECT line FROM {read} LIMIT 1", place)  # noqa: S608
        except LogError:  # no text: a packed parquet file
            return bytes(unpacking(io.BytesIO(self._content(place)), packing).read(_LONGEST_HEAD))
        return f"{found[0][0] or ''}\n".encode() if found else b""

    def _ask(self, sql: str, url: str) -> list[tuple[Any, ...]]:
        try:
            return rows(self._connection, sql)
        except duckdb.Error as error:
            raise failure(error, url) from None  # the cause may quote the URL
