"""The events of a log in SQL: typed columns, and why a row is none. Written once for every engine.

u, i       ids: integers where all of them are, text otherwise
t          microseconds since 1970 UTC, or the position
category, event    names (numbers where the column holds numbers; cast to text, they are the name)
session    64 bits that change when the session does
series     64 bits, 0 where the item is of none;  ordinal  its place, -1 where it has none
duration   seconds, NaN where not given
request    64 bits of the impression that a row belongs to, 0 where it names none
clicked    1, or 0 for what was shown and not clicked: no event, but a candidate of its impression
"""

from __future__ import annotations

from collections.abc import Mapping as Names
from dataclasses import dataclass

from diagnose.engine.clock import UNITS, Clock, Window, read_clock
from diagnose.engine.columns import (
    Identifier,
    column,
    identifier,
    named,
    needed,
    ordinal,
    seconds,
    session_key,
)
from diagnose.engine.dialect import Relation
from diagnose.engine.labels import refuse_other_labels, unclicked
from diagnose.engine.layout import MOST_EVENTS
from diagnose.errors import LogError
from diagnose.schema import Mapping

EVENT = ("u", "i", "t", "category", "event", "session", "series", "ordinal", "duration", "request", "clicked")


@dataclass(frozen=True, kw_only=True)
class Events:
    """How the rows of a log are read. Every value is SQL over the log's own columns."""

    clock: Clock
    user: Identifier
    item: Identifier
    every: Names[str, str]  # of any row: those of EVENT, `raw` (the time as it is), `in_...`, `unclicked`
    valid: str  # cheap, for a scan: whether a row is an event
    shown: str  # likewise: whether it is an event or was shown and not clicked
    kept: Names[str, str]  # of rows that are events: those of EVENT, the time without its checks

    @property
    def fault(self) -> str:
        """SQL over the columns of `every`: the code of a row's first fault, 0 for an event."""
        missing = ["u IS NULL", "i IS NULL", "raw IS NULL", "t IS NULL"]
        outside = ["FALSE", "FALSE"]
        if self.clock.ticking:
            outside = [f"t < {self.clock.start}", f"t >= {self.clock.end}"]
        conditions = [*missing, *(f"in_{unit}" for unit in UNITS), *outside, "unclicked"]
        cases = " ".join(f"WHEN {holds} THEN {code}" for code, holds in enumerate(conditions, start=1))
        return f"CASE {cases} ELSE 0 END"


def read_events(relation: Relation, *, mapping: Mapping, window: Window) -> Events:
    """How the columns that play the roles are read. Raises LogError where one cannot play its role."""
    user = identifier(relation, "user", of=needed(relation, mapping, "user"))
    item = identifier(relation, "item", of=needed(relation, mapping, "item"))
    moment = needed(relation, mapping, "timestamp" if mapping.clock else "position")
    clock = read_clock(relation, of=moment, position=not mapping.clock, window=window)
    fields = {
        "u": user.sql,
        "i": item.sql,
        "t": clock.sql,
        "category": named(relation, column(relation, mapping, "category")),
        "event": named(relation, column(relation, mapping, "event")),
        "session": session_key(relation, column(relation, mapping, "session")),
        "series": session_key(relation, column(relation, mapping, "series")),
        "ordinal": ordinal(column(relation, mapping, "ordinal")),
        "duration": seconds(column(relation, mapping, "duration")),
    }
    label = column(relation, mapping, "label")
    refuse_other_labels(relation, label)
    impression = unclicked(label)
    fields |= {"request": session_key(relation, column(relation, mapping, "request"))}
    fields |= {"clicked": f"CAST(CASE WHEN {impression} THEN 0 ELSE 1 END AS SMALLINT)"}
    shown = f"({user.sql}) IS NOT NULL AND ({item.sql}) IS NOT NULL AND ({clock.valid})"
    mixed = {f"in_{unit}": sql for unit, sql in zip(UNITS, clock.mixed, strict=True)}
    return Events(
        clock=clock,
        user=user,
        item=item,
        every=fields | {"raw": clock.raw, "unclicked": impression} | mixed,
        valid=f"{shown} AND NOT ({impression})" if label is not None else shown,
        shown=shown,
        kept=fields | {"t": clock.plain},
    )


def refuse_too_many_events(kinds: int) -> None:
    """An event column with a value for every row is none."""
    if kinds > MOST_EVENTS:
        raise LogError(
            "The event column does not hold kinds of event.",
            seen=f"{kinds:,} different values",
            attempt="--column event=NAME with another column, or --column event= for none",
        )
