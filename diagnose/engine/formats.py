"""The formats of files that a log may be kept in, by the endings of their names. The same on every engine."""

from __future__ import annotations

from typing import Literal

Format = Literal["parquet", "csv", "json"]
FORMATS: dict[str, Format] = {
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
PACKINGS = {".gz": "gzip", ".gzip": "gzip", ".zst": "zstd", ".zstd": "zstd"}
SEPARATORS = (",", "\t", ";", "|", " ")  # of CSV; an earlier one wins a draw
