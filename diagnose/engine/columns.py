"""From the columns that play the roles to five typed SQL expressions: user, item, time, label, session ...

Ids keep their native type while they are grouped; what is hashed is their *canonical text*: 7 and '7' are
one, '007' is another. Floats that are whole become integers, because pandas turns ids with gaps into floats.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as Names
from dataclasses import dataclass

import duckdb

from diagnose.engine.connection import quoted, rows
from diagnose.errors import LogError
from diagnose.formatting import printable
from diagnose.schema import Mapping

LONGEST_NAME = 200  # characters of a category or event that are kept; longer ones end in their hash [0011]
_INTEGER = re.compile(r"^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$")
_FRACTIONAL = re.compile(r"^(FLOAT|DOUBLE|DECIMAL)")
_WHOLE_TEXT = r"-?[0-9]+\.0+"  # "7.0": an integer id that went through a float on its way to CSV
_LARGEST_WHOLE = 2**53  # beyond it a float no longer tells neighbouring ids apart


@dataclass(frozen=True)
class Column:
    """A column of the log: its SQL name and its type."""

    name: str
    type: str

    @property
    def sql(self) -> str:
        """Quoted."""
        return quoted(self.name)

    @property
    def nested(self) -> bool:
        """A list, a struct, a map: nothing that can be an id or a time."""
        return self.type.endswith("]") or self.type.startswith(("STRUCT", "MAP", "UNION"))

    @property
    def whole(self) -> bool:
        """An integer type."""
        return bool(_INTEGER.match(self.type)) or bool(re.match(r"^DECIMAL\(\d+,0\)$", self.type))

    @property
    def fractional(self) -> bool:
        """A type that may hold fractions."""
        return bool(_FRACTIONAL.match(self.type)) and not self.whole

    @property
    def textual(self) -> bool:
        """Text, or a dictionary of texts."""
        return self.type == "VARCHAR" or self.type.startswith("ENUM")


def column(mapping: Mapping, role: str, types: Names[str, str]) -> Column | None:
    """The column that plays a role."""
    name = mapping.roles.get(role)
    return (
        None if name is None else Column(name, types[name].upper() if "ENUM" not in types[name] else "ENUM")
    )


def identifier(
    connection: duckdb.DuckDBPyConnection, relation: str, role: str, *, of: Column, from_text: bool
) -> str:
    """SQL of an id: NULL where it is missing or empty. Raises LogError where it cannot be an id."""
    if of.nested:
        raise _not_an_id(role, of, f"type {of.type.lower()}")
    if of.whole:
        return of.sql if not of.type.startswith("DECIMAL") else f"CAST({of.sql} AS HUGEINT)"
    if of.fractional:
        return _whole_float(connection, relation, role, of=of)
    plain = f"nullif(CAST({of.sql} AS VARCHAR), '')"
    if from_text and _all_whole_text(connection, relation, of):
        return f"regexp_replace({plain}, '\\.0+$', '')"
    return plain


def named(of: Column | None) -> str:
    """SQL of a category or event: its text, long ones cut and told apart by their hash; NULL where empty."""
    if of is None:
        return "CAST(NULL AS VARCHAR)"
    flat = f"array_to_string({of.sql}, '|')" if of.type.endswith("[]") else f"CAST({of.sql} AS VARCHAR)"
    if not of.textual and not of.nested:
        return flat
    cut = f"left({flat}, {LONGEST_NAME}) || '… ' || md5({flat})"
    return f"nullif(CASE WHEN length({flat}) > {LONGEST_NAME} THEN {cut} ELSE {flat} END, '')"


def session_key(of: Column | None) -> str:
    """SQL of a session: any BIGINT that changes when the session does."""
    if of is None:
        return "CAST(0 AS UBIGINT)"
    return f"coalesce(md5_number_lower(CAST({of.sql} AS VARCHAR)), CAST(0 AS UBIGINT))"


def unclicked(of: Column | None) -> str:
    """SQL: whether a row is an impression that was not clicked."""
    if of is None or of.nested:
        return "FALSE"
    words = f"lower(CAST({of.sql} AS VARCHAR)) IN ('false', 'f', 'no', 'n')"
    return (
        f"coalesce({words} OR TRY_CAST({of.sql} AS DOUBLE) = 0, FALSE)"
        if of.type != "BOOLEAN"
        else (f"coalesce(NOT {of.sql}, FALSE)")
    )


def _whole_float(connection: duckdb.DuckDBPyConnection, relation: str, role: str, *, of: Column) -> str:
    value = f"CAST({of.sql} AS DOUBLE)"
    odd = f"isfinite({value}) AND ({value} <> floor({value}) OR abs({value}) >= {_LARGEST_WHOLE})"
    asked = f"count(*) FILTER (WHERE {odd} OR isinf({value})), min({of.sql}) FILTER (WHERE {odd})"
    found = rows(connection, f"SELECT {asked} FROM {relation}")  # noqa: S608
    if found[0][0]:
        raise _not_an_id(role, of, f"{found[0][0]:,} rows with a fraction or beyond 2^53: {found[0][1]}")
    return f"CASE WHEN isfinite({value}) THEN CAST({value} AS BIGINT) END"


def _all_whole_text(connection: duckdb.DuckDBPyConnection, relation: str, of: Column) -> bool:
    """Whether every value reads '7.0'. The extremes are asked first: they settle it for nearly every log."""
    low, high = rows(connection, f"SELECT min({of.sql}), max({of.sql}) FROM {relation}")[0]  # noqa: S608
    if not all(isinstance(end, str) and re.fullmatch(_WHOLE_TEXT, end) for end in (low, high)):
        return False
    misses = f"{of.sql} <> '' AND NOT regexp_full_match({of.sql}, '{_WHOLE_TEXT}')"
    return not rows(connection, f"SELECT count(*) FILTER (WHERE {misses}) FROM {relation}")[0][0]  # noqa: S608


def _not_an_id(role: str, of: Column, seen: str) -> LogError:
    return LogError(
        f'The column "{printable(of.name, 80)}" cannot be the role "{role}": ids are text or integers.',
        seen=seen,
        attempt=f"--column {role}=NAME with another column, or write the ids as text",
    )
