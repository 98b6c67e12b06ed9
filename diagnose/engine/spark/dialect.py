"""Spark's spelling of what SQL dialects spell differently, the same in ANSI mode and any time zone."""

from __future__ import annotations

import re
from collections.abc import Sequence

_KINDS = {  # Spark's simple names of types in DuckDB's words, which the rules of columns know
    "tinyint": "TINYINT",
    "smallint": "SMALLINT",
    "int": "INTEGER",
    "bigint": "BIGINT",
    "float": "FLOAT",
    "double": "DOUBLE",
    "boolean": "BOOLEAN",
    "date": "DATE",
    "timestamp": "TIMESTAMP WITH TIME ZONE",
    "timestamp_ntz": "TIMESTAMP",
    "binary": "BLOB",
}
_SPELLINGS = (  # of ISO texts that Spark does not take, and those that it does
    ("^([0-9]+)/([0-9]+)/", "$1-$2-"),
    ("^([0-9-]+)$", "$1 00:00:00"),
    ("^([0-9-]+)[T ] *", "$1 "),
    ("^([0-9-]+ [0-9]+:[0-9]+)($|[^0-9:])", "$1:00$2"),
    ("[.]($|[^0-9])", "$1"),
    (" ?(UTC|GMT)$", "Z"),
)
_MICROSECONDS_PER_DAY = 86_400_000_000


class SparkDialect:
    """Spark SQL over a frame whose columns were renamed c0, c1, ...: no name of a log enters a statement."""

    def __init__(self, names: Sequence[str]) -> None:
        self._places = {name: place for place, name in enumerate(names)}

    def quoted(self, name: str) -> str:
        """A column of the log as an identifier."""
        return f"c{self._places[name]}"

    def text(self, value: str) -> str:
        """A string as a literal, whatever the session makes of quotes and backslashes."""
        return f"CAST(X'{value.encode().hex()}' AS STRING)"

    def key(self, text: str) -> str:
        """64 bits of a text, signed: the last eight bytes of its md5, little-endian."""
        digest = f"md5(CAST({text} AS BINARY))"
        turned = ", ".join(f"substr({digest}, {place}, 2)" for place in range(31, 16, -2))
        return f"CAST(conv(concat({turned}), 16, -10) AS BIGINT)"

    def digest(self, text: str) -> str:
        """The same 64 bits as eight bytes, at a quarter of the price: the workers read them as a number."""
        return f"unhex(substr(md5(CAST({text} AS BINARY)), 17, 16))"

    def matches(self, text: str, pattern: str) -> str:
        """Whether a regular expression is found in a text."""
        return f"({text} RLIKE {self._pattern(pattern)})"

    def _pattern(self, pattern: str) -> str:
        """A regular expression as a literal. Java's $ would take a line break before the end, too."""
        return self.text(pattern.replace("$", r"\z"))

    def joined(self, texts: str) -> str:
        """The members of a list, parted by '|'."""
        return f"array_join({texts}, '|')"

    def divided(self, number: str, by: int) -> str:
        """A positive integer divided, the remainder dropped."""
        return number if by == 1 else f"({number} div {by}L)"

    def ticks(self, value: str, kind: str) -> str:
        """Microseconds since 1970 UTC of a column of a time type."""
        if kind == "DATE":
            return f"unix_date({value}) * {_MICROSECONDS_PER_DAY}L"
        return f"unix_micros({value})"

    def read_ticks(self, text: str, zoned: str) -> str:
        """Microseconds of an ISO text; one without a zone is given UTC, whatever the session's zone is."""
        for pattern, spelled in _SPELLINGS:
            text = f"regexp_replace({text}, {self._pattern(pattern)}, {self.text(spelled)})"
        known = f"CASE WHEN {zoned} THEN {text} ELSE concat({text}, 'Z') END"
        return f"unix_micros(TRY_CAST({known} AS TIMESTAMP_LTZ))"


def kind(simple: str) -> str:
    """A type of Spark in DuckDB's words."""
    if simple.startswith("decimal"):
        return simple.upper()
    if simple == "string" or re.match(r"^(string collate|varchar|char)\b", simple):
        return "VARCHAR"
    if simple.startswith("array<"):
        return f"{kind(simple[6:-1])}[]"
    return _KINDS.get(simple, simple.upper())
