"""The rows of a published form in SQL, as the table that its roles speak of.

Times that are neither epoch numbers nor ISO are spelled as ISO, cells that hold several rows are unpacked.
"""

from __future__ import annotations

from diagnose.engine.duck.connection import quoted, text
from diagnose.schema import Form
from diagnose.schema.presets import Packed


def shaped(rows: str, form: Form) -> str:
    """SQL of a form's rows, as a table that its roles speak of."""
    spelled = {
        column: f"nullif({quoted(column)}, {text(nothing)})" for column, nothing in form.missing.items()
    }
    if form.time_format:
        moment = form.roles["timestamp"]
        spelled[moment] = _iso(quoted(moment), form.time_format)
    if spelled:
        changed = ", ".join(f"{sql} AS {quoted(column)}" for column, sql in spelled.items())
        rows = f"(SELECT * REPLACE ({changed}) FROM {rows})"  # noqa: S608
    return rows if form.packed is None else _unpacked(rows, form.packed)


def _iso(column: str, time_format: str) -> str:
    """SQL of times as ISO text; what cannot be read stays as it is, to be counted as such."""
    written = "%Y-%m-%dT%H:%M:%S" + ("Z" if "+0000" in time_format else "")
    return f"coalesce(strftime(try_strptime({column}, {text(time_format)}), {text(written)}), {column})"


def _unpacked(rows: str, packed: Packed) -> str:
    """SQL of a row for each of those in a cell. A row without its label gets one that is none."""
    cell, mark = quoted(packed.column), packed.mark
    one = quoted("one of the cell")
    item = f"regexp_replace({one}, {text(f'{mark}[^{mark}]*$')}, '')"
    label = f"coalesce(nullif(regexp_extract({one}, {text(f'{mark}([^{mark}]*)$')}, 1), ''), 'no label')"
    each = f"SELECT *, unnest(string_split({cell}, {text(packed.between)})) AS {one} FROM {rows}"  # noqa: S608
    both = f"{item} AS {quoted(packed.item)}, {label} AS {quoted(packed.label)}"
    return (
        f"(SELECT * EXCLUDE ({cell}, {one}), {both} "  # noqa: S608
        f"FROM ({each}) WHERE {one} <> '')"
    )
