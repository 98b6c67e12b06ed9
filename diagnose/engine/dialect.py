"""The few words in which SQL dialects differ, and what may be asked of a log's rows.

The rules of columns and clocks are written once, in the SQL that DuckDB and Spark share (CAST AS STRING,
TRY_CAST, FILTER, CASE); a dialect brings the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol


class Dialect(Protocol):
    """How one engine spells what the other spells differently."""

    def quoted(self, name: str) -> str:
        """A name as an identifier."""

    def text(self, value: str) -> str:
        """A string as a literal."""

    def key(self, text: str) -> str:
        """64 signed bits of a text: bytes 8 to 15 of its md5, little-endian. NULL of NULL."""

    def matches(self, text: str, pattern: str) -> str:
        """Whether a regular expression is found in a text."""

    def joined(self, texts: str) -> str:
        """The members of a list, parted by '|'."""

    def divided(self, number: str, by: int) -> str:
        """A positive integer divided, the remainder dropped."""

    def ticks(self, value: str, kind: str) -> str:
        """Microseconds since 1970 UTC of a column of a time type (DuckDB's name of the type)."""

    def read_ticks(self, text: str, zoned: str) -> str:
        """Microseconds of an ISO text, NULL where it is none. `zoned`: SQL, whether it names its zone."""


class Relation(Protocol):
    """The rows of a log, before anything is decided about them."""

    types: Mapping[str, str]  # column -> type, in DuckDB's words

    @property
    def dialect(self) -> Dialect:
        """How its SQL is spelled."""

    def ask(self, *aggregates: str) -> tuple[Any, ...]:
        """The one row of `SELECT {aggregates} FROM` the log."""
