"""From the columns that play the roles to typed SQL expressions: user, item, category, event, session.

One set of rules for every engine; what SQL dialects spell differently is in `dialect`. 7 and '7' are one id,
'007' is another. Floats that are whole become integers, because pandas turns ids with gaps into floats.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from diagnose.engine.dialect import Relation
from diagnose.errors import LogError
from diagnose.formatting import printable
from diagnose.schema import Mapping

LONGEST_NAME = 200  # characters of a category or event that are kept; longer ones end in their hash [0011]
_INTEGER = re.compile(r"^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$")
_FRACTIONAL = re.compile(r"^(FLOAT|DOUBLE|DECIMAL)")
_WHOLE_TEXT = r"-?[0-9]+[.]0+"  # "7.0": an integer id that went through a float on its way to CSV
_INTEGER_TEXT = r"-?[0-9]+"
_LARGEST_WHOLE = 2**53  # beyond it a float no longer tells neighbouring ids apart


_INT64 = 2**63
_HIGHEST_PLACE = 2**31 - 1
_LONGEST_SECONDS = 366 * 86_400  # of a duration: more is the end of a number's range, not of a film


@dataclass(frozen=True)
class Column:
    """A column of the log: its name, its type in DuckDB's words, its name as SQL."""

    name: str
    type: str
    sql: str

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


@dataclass(frozen=True)
class Identifier:
    """SQL of an id, NULL where missing or empty; `whole`: all are 64-bit integers, and so is the SQL."""

    sql: str
    whole: bool


def column(relation: Relation, mapping: Mapping, role: str) -> Column | None:
    """The column that plays a role."""
    name = mapping.roles.get(role)
    if name is None:
        return None
    kind = relation.types[name]
    return Column(name, kind.upper() if "ENUM" not in kind else "ENUM", relation.dialect.quoted(name))


def needed(relation: Relation, mapping: Mapping, role: str) -> Column:
    """The column of a role that no log can do without."""
    found = column(relation, mapping, role)
    assert found is not None, role
    return found


def identifier(relation: Relation, role: str, *, of: Column) -> Identifier:
    """An id as integer where all of them are, as text otherwise. Raises LogError where it cannot be an id.

    Integers in any dress are one id: 7, 7.0 in a float column, and '7' where every text is an integer.
    """
    if of.nested:
        raise _not_an_id(role, of, f"type {of.type.lower()}")
    if of.whole:
        return _integers(relation, of)
    if of.fractional:
        return Identifier(_whole_float(relation, role, of=of), whole=True)
    return _texts(relation, of)


def named(relation: Relation, of: Column | None) -> str:
    """SQL of a category or event, NULL where empty: cast to text, it is its name.

    Long texts are cut and told apart by their hash. Numbers stay numbers until they are named.
    """
    if of is None:
        return "CAST(NULL AS STRING)"
    if of.whole or of.type == "BOOLEAN":
        return of.sql
    if of.type in ("FLOAT", "DOUBLE"):
        return _float_name(of.sql)
    flat = relation.dialect.joined(of.sql) if of.type.endswith("[]") else f"CAST({of.sql} AS STRING)"
    if not of.textual and not of.nested:
        return flat
    cut = f"concat(left({flat}, {LONGEST_NAME}), '… ', md5({flat}))"
    return f"nullif(CASE WHEN length({flat}) > {LONGEST_NAME} THEN {cut} ELSE {flat} END, '')"


def session_key(relation: Relation, of: Column | None) -> str:
    """SQL of a session or series: any 64 bits that change when it does; 0 where there is none."""
    if of is None:
        return "CAST(0 AS BIGINT)"
    if re.fullmatch(r"(TINY|SMALL|BIG)?INT(EGER)?", of.type):
        return f"coalesce(CAST({of.sql} AS BIGINT), 0)"
    return f"coalesce({relation.dialect.key(f'CAST({of.sql} AS STRING)')}, 0)"


def ordinal(of: Column | None) -> str:
    """SQL of an item's place in its series, -1 where it has none that can be one."""
    if of is None or of.nested:
        return "CAST(-1 AS INT)"
    number = f"TRY_CAST({of.sql} AS DOUBLE)"
    # Bounded before it is rounded: a strict Spark makes an integer of it, and stops where it cannot.
    possible = f"CASE WHEN {number} BETWEEN 0 AND {_HIGHEST_PLACE} THEN {number} END"
    return f"CAST(CASE WHEN {possible} = floor({possible}) THEN {possible} ELSE -1 END AS INT)"


def seconds(of: Column | None) -> str:
    """SQL of a duration in seconds, NaN where there is none; a column's name says where it is not seconds."""
    if of is None or of.nested:
        return "CAST('NaN' AS FLOAT)"
    number = f"TRY_CAST({of.sql} AS DOUBLE)"
    value = f"{number} * {seconds_each(of.name)}"
    held = f"CASE WHEN {finite(number)} AND {value} BETWEEN 0 AND {_LONGEST_SECONDS} THEN {value} END"
    return f"CAST(coalesce({held}, CAST('NaN' AS DOUBLE)) AS FLOAT)"


def seconds_each(name: str) -> float:
    """How many seconds one of a duration column is, by the column's name: duration_ms, watch_minutes."""
    last = re.split(r"[\W_]+", re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower().strip("_"))[-1]
    return {"ms": 1e-3, "millis": 1e-3, "milliseconds": 1e-3, "min": 60.0, "minutes": 60.0}.get(last, 1.0)


def finite(value: str) -> str:
    """SQL: whether a number is neither infinite nor NaN (which compares as the largest) nor NULL."""
    return f"(abs({value}) <= 1.7976931348623157E308)"


def _integers(relation: Relation, of: Column) -> Identifier:
    """An integer type; beyond 64 bits its text is the id."""
    if re.match(r"^(UBIGINT|HUGEINT|UHUGEINT|DECIMAL)", of.type):
        beyond = f"{of.sql} >= {_INT64} OR {of.sql} < -{_INT64}"
        if relation.ask(f"count(*) FILTER (WHERE {beyond})")[0]:
            return Identifier(f"CAST({of.sql} AS STRING)", whole=False)
    return Identifier(f"CAST({of.sql} AS BIGINT)", whole=True)


def _whole_float(relation: Relation, role: str, *, of: Column) -> str:
    value = f"CAST({of.sql} AS DOUBLE)"
    odd = f"({value} <> floor({value}) OR abs({value}) >= {_LARGEST_WHOLE})"
    many, example = relation.ask(
        f"count(*) FILTER (WHERE {odd} AND NOT {_nan(value)})", f"min({of.sql}) FILTER (WHERE {odd})"
    )
    if many:
        raise _not_an_id(role, of, f"{many:,} rows with a fraction or beyond 2^53: {example}")
    return f"CASE WHEN {finite(value)} THEN TRY_CAST({value} AS BIGINT) END"


def _float_name(value: str) -> str:
    """12.0 is named 12: a column of integers with gaps is one of floats in pandas. NaN has no name."""
    whole = f"{value} = floor({value}) AND abs({value}) < {_LARGEST_WHOLE}"
    named = (
        f"CASE WHEN {whole} THEN CAST(TRY_CAST({value} AS BIGINT) AS STRING) ELSE CAST({value} AS STRING) END"
    )
    return f"CASE WHEN {finite(f'CAST({value} AS DOUBLE)')} THEN {named} END"


def _nan(value: str) -> str:
    return f"isnan({value})"


def _texts(relation: Relation, of: Column) -> Identifier:
    """Text; integers where every text is the canonical form of one, or of one that went through a float."""
    plain = f"nullif(CAST({of.sql} AS STRING), '')"
    low, high = relation.ask(f"min({plain})", f"max({plain})")  # the extremes settle it for nearly every log
    for form, integer in (
        (_WHOLE_TEXT, f"regexp_replace({plain}, '[.]0+$', '')"),
        (_INTEGER_TEXT, plain),
    ):
        if not all(isinstance(end, str) and re.fullmatch(form, end, re.ASCII) for end in (low, high)):
            continue
        number = f"TRY_CAST({integer} AS BIGINT)"
        shaped = relation.dialect.matches(plain, f"^{form}$")
        same = f"{shaped} AND coalesce(CAST({number} AS STRING) = {integer}, FALSE)"
        if not relation.ask(f"count(*) FILTER (WHERE {plain} IS NOT NULL AND NOT ({same}))")[0]:
            return Identifier(number, whole=True)
    return Identifier(plain, whole=False)


def _not_an_id(role: str, of: Column, seen: str) -> LogError:
    return LogError(
        f'The column "{printable(of.name, 80)}" cannot be the role "{role}": ids are text or integers.',
        seen=seen,
        attempt=f"--column {role}=NAME with another column, or write the ids as text",
    )
