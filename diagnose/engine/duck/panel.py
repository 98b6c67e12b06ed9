"""Reading a panel: a small file of totals; ids become the hashes that the log's users have, and are gone."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from diagnose.engine.columns import Column, named
from diagnose.engine.duck.connection import errors_as_ours, quoted, rows
from diagnose.engine.duck.files import WANTED
from diagnose.engine.duck.opening import connected
from diagnose.engine.duck.prepare import DuckRelation
from diagnose.engine.mixing import mixed, text_hash, user_salt
from diagnose.engine.options import EngineOptions
from diagnose.errors import LogError
from diagnose.formatting import count
from diagnose.schema.panel import Panel, PanelColumns, SegmentPanel, UserPanel, panel_columns
from diagnose.settings import Settings

_WHOLE = re.compile(r"(-?[0-9]+)(?:[.]0+)?", re.ASCII)
Row = tuple[Any, ...]  # the key as text, the total, the number of users; what is missing is None


def read(source: Any, *, settings: Settings, options: EngineOptions) -> Panel:
    """The totals of a panel's file. Raises LogError with all its faults at once."""
    with connected(source, options) as (connection, sources, _):
        if sources.kind == "table":
            raise LogError(f"{sources.title}: a panel is a file.", attempt=WANTED)
        with errors_as_ours(sources.title, sources.origin):
            relation = DuckRelation(connection, sources)
            columns = panel_columns(tuple(relation.types), source=sources.title)
            found = _rows(connection, relation, columns, most=settings.anchors.most_panel_rows)
    if faults := _faults(found, columns, most=settings.anchors.most_panel_rows):
        raise LogError(
            f"{sources.title}: {'; '.join(faults)}.",
            seen=f"{count(len(found))} rows",
            attempt="one row for each user or segment, with its total over the days of the log",
        )
    total = np.array([row[1] for row in found], dtype=np.float64) * (columns.seconds or 1.0)
    if columns.key == "user":
        return _of_users(found, total, columns, seed=settings.seed)
    return _of_segments(found, total, columns)


def _rows(
    connection: duckdb.DuckDBPyConnection, relation: DuckRelation, columns: PanelColumns, *, most: int
) -> list[Row]:
    """Key, total and users of every row, up to one more than `most`."""
    kind = relation.types[columns.key_column]
    key = named(relation, Column(columns.key_column, kind.upper(), quoted(columns.key_column)))
    number = "TRY_CAST({} AS DOUBLE)"
    users = number.format(quoted(columns.users)) if columns.users else "CAST(NULL AS DOUBLE)"
    return rows(
        connection,
        f"SELECT CAST({key} AS VARCHAR), {number.format(quoted(columns.total))}, {users} "  # noqa: S608
        f"FROM {relation.sql} LIMIT {most + 1}",
    )


def _faults(found: Sequence[Row], columns: PanelColumns, *, most: int) -> list[str]:
    """What is wrong with the rows. Ids are counted, never told."""
    if not found:
        return ["the panel holds no rows"]
    if len(found) > most:
        return [f"more than {count(most)} rows: a log of events is --second-log, a panel holds totals"]
    totals = [row[1] for row in found]
    there = [total for total in totals if total is not None and math.isfinite(total)]
    keys = Counter(_spellings(str(row[0]))[0] for row in found if row[0] is not None)
    again = sum(1 for times in keys.values() if times > 1)
    people = {row[2] for row in found} if columns.users else {1.0}
    told = {
        f"rows without a {columns.key}": len(found) - sum(keys.values()),
        "totals that are missing or no number": len(totals) - len(there),
        "totals below zero": sum(total < 0 for total in there),
        f"{columns.key}s with more than one row (add their totals up first)": again,
    }
    faults = [f"{count(number)} {what}" for what, number in told.items() if number]
    if there and not any(total > 0 for total in there):
        faults.append("no total is above zero")
    if len(people) > 1 or not all(one is not None and one >= 1 for one in people):
        faults.append("the number of users is not one number above zero on all rows: it is the panel's size")
    return faults


def _of_users(found: Sequence[Row], total: NDArray[np.float64], columns: PanelColumns, *, seed: int) -> Panel:
    """Every spelling of every id as a hash: the integer's where it is one, the text's."""
    whole: list[tuple[int, int]] = []
    texts: list[tuple[int, int]] = []
    for owner, row in enumerate(found):
        spellings = _spellings(str(row[0]))
        texts += [(text_hash(text), owner) for text in spellings]
        number = int(spellings[0]) if _canonical(spellings[0]) else None
        whole += [(number % 2**64, owner)] if number is not None and -(2**63) <= number < 2**63 else []
    numbers = np.array([number for number, _ in whole], dtype=np.uint64)
    hashes = np.concatenate([mixed(numbers), np.array([key for key, _ in texts], dtype=np.uint64)])
    hashes ^= np.uint64(user_salt(seed))
    owners = np.array([owner for _, owner in (*whole, *texts)], dtype=np.int64)
    order = np.argsort(hashes, kind="stable")
    return UserPanel(
        hashes=hashes[order], owner=owners[order], total=total, measure=columns.measure, note=columns.note
    )


def _of_segments(found: Sequence[Row], total: NDArray[np.float64], columns: PanelColumns) -> Panel:
    return SegmentPanel(
        names=tuple(str(row[0]) for row in found),
        key=columns.key,
        total=total,
        measure=columns.measure,
        note=columns.note,
        users=int(found[0][2]) if columns.users else None,
    )


def _spellings(text: str) -> tuple[str, ...]:
    """How the log may spell an id: 7.0, which went through a float, is 7 or stays 7.0."""
    shaped = _WHOLE.fullmatch(text)
    if shaped and shaped[1] != text and _canonical(shaped[1]):
        return shaped[1], text
    return (text,)


def _canonical(text: str) -> bool:
    """Whether a text is how an integer is written: '007' is another id than '7'."""
    return bool(_WHOLE.fullmatch(text)) and "." not in text and len(text) < 25 and str(int(text)) == text
