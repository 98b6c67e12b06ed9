"""What goes wrong between here and a server, in three lines. No secret of the URL is among them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import duckdb

from diagnose.engine.addresses import WEB, redacted, scheme, shown
from diagnose.errors import DiagnoseError, LogError, ResourceError
from diagnose.formatting import printable

_CREDENTIALS = {
    **dict.fromkeys(
        ("s3", "s3a"), "AWS_PROFILE or AWS_ACCESS_KEY_ID in the environment; FSSPEC_S3_ANON=true without any"
    ),
    **dict.fromkeys(
        ("gs", "gcs"), "gcloud auth application-default login, or GOOGLE_APPLICATION_CREDENTIALS"
    ),
    **dict.fromkeys(("az", "abfs", "abfss"), "AZURE_STORAGE_CONNECTION_STRING in the environment"),
    **dict.fromkeys(WEB, "a fresh signed URL, or the login in ~/.netrc"),
}
_DUCKDB = {
    "[Tt]imed out|[Tt]imeout": "Timeout",
    "resolve hostname|connect to server": "Connect",
    "No files found": "NoSuch",
}


def failure(error: BaseException, url: str) -> DiagnoseError:
    """An error of a server, of the network, or of what talks to them, as ours."""
    chain = tuple(_chain(error))
    status = next(filter(None, map(_status, chain)), None)
    address = printable(shown(url), 200)
    kinds = " ".join(map(_kind, chain))
    if any(isinstance(one, TimeoutError) for one in chain) or "Timeout" in kinds:
        return ResourceError(
            f"{address}: no answer in time.",
            seen=_seen(error, status),
            attempt="again later, or a copy on disk",
        )
    if status in (401, 403) or "PermissionError" in kinds or "Credential" in kinds:
        return LogError(
            f"{address}: access is denied.",
            seen=_seen(error, status),
            attempt=_CREDENTIALS.get(scheme(url) or "", ""),
        )
    if status in (404, 410) or (status is None and _is_missing(chain)):
        return LogError(
            f"{address}: no such file, folder or bucket.",
            seen=_seen(error, status),
            attempt="the address as your cloud's own tool lists it",
        )
    if "Connect" in kinds or "gaierror" in kinds or "Endpoint" in kinds:
        return LogError(
            f"{address}: the server cannot be reached.",
            seen=_seen(error, status),
            attempt="another spelling of the host, or the network of this machine",
        )
    return LogError(f"{address}: cannot be read.", seen=_seen(error, status), attempt="a copy of it on disk")


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _is_missing(chain: tuple[BaseException, ...]) -> bool:
    """Not found; fsspec says so too where no server answered, and keeps what happened as the cause."""
    return isinstance(chain[-1], FileNotFoundError) or "NoSuch" in _kind(chain[-1])


def _kind(error: BaseException) -> str:
    """The name of an error's class; where it is DuckDB's, which has one for all, what its text says."""
    if isinstance(error, duckdb.Error):
        return next((kind for words, kind in _DUCKDB.items() if re.search(words, str(error))), "")
    return type(error).__name__


def _status(error: Any) -> int | None:
    """The HTTP status in an error of aiohttp, botocore, gcsfs or DuckDB."""
    if isinstance(error, duckdb.Error):
        told = re.search(r"\(HTTP ([45]\d\d)\b", str(error))
        return int(told.group(1)) if told else None
    response = getattr(error, "response", None)
    if isinstance(response, dict):
        found = response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    else:
        found = getattr(error, "code" if type(error).__name__ == "HttpError" else "status", None)
    return int(found) if isinstance(found, int) and 400 <= found < 600 else None


def _seen(error: BaseException, status: int | None) -> str:
    last = tuple(_chain(error))[-1]
    text = " ".join(redacted(str(last).partition("\nLINE ")[0]).split())
    kind = f"HTTP {status}" if status else type(last).__name__
    return printable(f"{kind}: {text}" if text and not status else kind, 200)
