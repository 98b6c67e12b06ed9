"""Names of logs that are no paths: URLs, and tables of databases; and what of them may be shown.

A URL may hold secrets: a password before its host, a signature behind its question mark. Neither leaves this
program: not in a message, not in a report, not in the name of a file.
"""

from __future__ import annotations

import re
from pathlib import Path

BUCKETS = ("s3", "s3a", "gs", "gcs", "az", "abfs", "abfss")
WEB = ("http", "https")
POSTGRES = ("postgres", "postgresql")
DATABASE_ENDINGS = (".duckdb", ".ddb", ".sqlite", ".sqlite3", ".db", ".db3")

_ENDINGS = (
    r"([.](parquet|pq|csv|tsv|txt|inter|dat|jsonl?|ndjson|gz|gzip|zst|zstd|duckdb|ddb|sqlite3?|db3?))+$"
)
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]+)://")
_URL = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+://[^\s'\"<>]+")
_LOGIN = re.compile(r"^(?:[^/@]*|[^/@:]*:(?!\d+(?:/|$))[^@]*)@")  # "user:password@"; not the "@" of a path
_QUERY = re.compile(r"\?[\w.~%-]+=.*$", re.DOTALL)  # in a bucket another "?" stands for any one letter


def scheme(name: str) -> str | None:
    """'s3' of 's3://bucket/log.parquet'; None of a path."""
    found = _SCHEME.match(name)
    return found.group(1).lower() if found else None


def table_of(name: str) -> tuple[str, str] | None:
    """A database and the name of one of its tables (maybe empty); None where the name is no such thing."""
    database, parted, table = name.rpartition("::")
    if scheme(name) in POSTGRES:
        return (database, table) if scheme(database) and "]" not in table else (name, "")  # "[::1]" is a host
    if scheme(name) or (parted and Path(name).exists()):
        return None
    if parted and (Path(database).is_file() or database.lower().endswith(DATABASE_ENDINGS)):
        return database, table
    return (name, "") if name.lower().endswith(DATABASE_ENDINGS) and not Path(name).is_dir() else None


def shown(name: str) -> str:
    """A name without its secrets; a path as it is."""
    protocol = scheme(name)
    if protocol is None:
        return name
    if found := table_of(name):
        return _public(found[0], protocol) + (f"::{found[1]}" if found[1] else "")
    return _public(name, protocol)


def _public(url: str, protocol: str) -> str:
    """A URL without login and query."""
    start, address = url[: len(protocol) + 3], url[len(protocol) + 3 :]
    if protocol not in BUCKETS:
        address = re.split(r"[?#]", _LOGIN.sub("", address), maxsplit=1)[0]
    elif protocol.startswith(("s3", "g")):  # elsewhere "container@account" is the address
        address = _LOGIN.sub("", address)
    return start + _QUERY.sub("", address)


def redacted(text: str) -> str:
    """A message in which every URL is shown without its secrets."""
    return _URL.sub(lambda found: shown(found.group()), text)


def stem(name: str) -> str:
    """What a report of this log may be called: its last part without endings, a table after its database."""
    found = table_of(name)
    last = re.split(r"[/\\]", shown(found[0] if found else name).rstrip("/\\"))[-1]
    kept = re.sub(_ENDINGS, "", last, flags=re.IGNORECASE)
    return f"{kept}-{found[1]}" if found and found[1] else kept
