"""Times in microseconds since 1970 UTC, whatever they were; or positions, where a log has no times.

The unit of epoch numbers follows from their size: between 1995 and tomorrow, seconds, milliseconds,
microseconds and nanoseconds occupy ranges that do not meet. The unit that most values fit is taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from diagnose.engine.columns import Column, finite
from diagnose.engine.dialect import Relation
from diagnose.errors import LogError
from diagnose.formatting import percent, printable
from diagnose.histories import MICROSECONDS_PER_SECOND

START = datetime(
    1995, 1, 1, tzinfo=UTC
)  # before the first shop on the web; 1970 is a clock that failed [0011]
DAY = timedelta(days=1)
AHEAD = timedelta(days=1)  # clocks and zones may be off by so much [0011]
NUMERIC_SHARE = 0.99  # of texts that are numbers, for the column to be epoch numbers written as text [0011]
UNITS = {"s": (MICROSECONDS_PER_SECOND, 1), "ms": (1000, 1), "us": (1, 1), "ns": (1, 1000)}  # times, over
TOO_EARLY, TOO_LATE = -(2**62), 2**62  # what an impossible number becomes before it is set aside


@dataclass(frozen=True, kw_only=True)
class Clock:
    """How the log's times are read. `sql` is BIGINT: microseconds or the position, NULL where unreadable."""

    sql: str
    raw: str  # the column itself: NULL where there is no value at all
    unit: str
    naive: bool
    note: str
    valid: str  # SQL, cheap: whether the time is there and possible
    plain: str  # SQL, cheap: as `sql`, only for rows that are valid
    start: int | None  # microseconds; None for positions
    end: int | None
    mixed: tuple[str, ...] = ("FALSE",) * len(UNITS)  # SQL, by unit: a time in it and not in the log's

    @property
    def ticking(self) -> bool:
        """Whether there is a clock at all."""
        return self.start is not None


@dataclass(frozen=True)
class Window:
    """The times that can be: from START to a day after `now`."""

    start: int
    end: int

    @classmethod
    def until(cls, now: datetime | None) -> Window:
        """The window as seen at `now` (default: the machine's clock), to the end of that day in UTC.

        A whole day, so that the same log read twice on one day gives the same bytes.
        """
        last = (now or datetime.now(UTC)).astimezone(UTC) + AHEAD
        return cls(
            _microseconds(START), _microseconds(datetime(last.year, last.month, last.day, tzinfo=UTC) + DAY)
        )


def read_clock(relation: Relation, *, of: Column, position: bool, window: Window) -> Clock:
    """The clock of a column. Raises LogError where it has none."""
    if position:
        return _positions(relation, of)
    if of.type.startswith(("TIMESTAMP", "DATE")):
        return _typed(relation, of, window)
    if of.whole or of.fractional:
        return _numbers(relation, of=of, value=of.sql, window=window)
    if of.textual:
        return _texts(relation, of=of, window=window)
    raise LogError(
        f'The column "{printable(of.name, 80)}" cannot be the role "timestamp".',
        seen=f"type {of.type.lower()}",
        attempt="--column timestamp=NAME with epoch numbers, ISO text, dates or timestamps",
    )


def _typed(relation: Relation, of: Column, window: Window) -> Clock:
    zoned = of.type.startswith(("TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE"))
    ticks = relation.dialect.ticks(of.sql, of.type)
    note = "times with a zone, converted to UTC" if zoned else "times without a zone, taken as UTC"
    if of.type == "DATE":
        note = "dates without a time of day, taken as midnight UTC"
    return Clock(
        sql=ticks,
        raw=of.sql,
        unit="date" if of.type == "DATE" else "timestamp",
        naive=not zoned,
        note=note,
        valid=_within(ticks, window.start, window.end),
        plain=ticks,
        start=window.start,
        end=window.end,
    )


def _numbers(relation: Relation, *, of: Column, value: str, window: Window) -> Clock:
    present, low, high = relation.ask(f"count({value})", f"min({value})", f"max({value})")
    unit, best = _unit(relation, value, present=present, ends=(low, high), window=window)
    if present and not best:
        raise LogError(
            f'The column "{printable(of.name, 80)}" holds no time between 1995 and now, in no unit.',
            seen=f"numbers from {low} to {high}",
            attempt="--column timestamp=NAME with another column, or "
            f"--column position={printable(of.name, 80)} where it only tells the order",
        )
    times, over = UNITS[unit]
    scaled = relation.dialect.divided(f"CAST({value} AS BIGINT) * {times}", over)
    if of.fractional or of.textual:
        scaled = f"CAST(round(CAST({value} AS DOUBLE) * {times} / {over}) AS BIGINT)"
    low_raw, high_raw = _bounds(unit, window)
    others = present - best
    odd = f"; {percent(others / present)} of the rows do not fit it" if others else ""
    return Clock(
        sql=f"CASE WHEN {value} < {low_raw} THEN {TOO_EARLY} WHEN {value} >= {high_raw} THEN {TOO_LATE} "
        f"WHEN {value} IS NOT NULL THEN {scaled} END",
        raw=of.sql,
        unit=unit,
        naive=False,
        note=f"epoch {_LONG[unit]}, by their size{odd}",
        valid=_within(value, low_raw, high_raw),
        plain=scaled,
        start=window.start,
        end=window.end,
        mixed=tuple("FALSE" if other == unit else _within(value, *_bounds(other, window)) for other in UNITS),
    )


def _unit(
    relation: Relation, value: str, *, present: int, ends: tuple[Any, Any], window: Window
) -> tuple[str, int]:
    """The unit that most values fit, and how many do. The extremes settle it for nearly every log."""
    for unit in UNITS:
        start, end = _bounds(unit, window)
        if present and all(start <= one < end for one in ends):
            return unit, present
    fits = [f"count(*) FILTER (WHERE {_within(value, *_bounds(unit, window))})" for unit in UNITS]
    return max(zip(UNITS, relation.ask(*fits), strict=True), key=lambda pair: pair[1])


_LONG = {"s": "seconds", "ms": "milliseconds", "us": "microseconds", "ns": "nanoseconds, cut to microseconds"}


_PLACE = "[A-Z][a-z]+/[A-Za-z_/]+"  # Europe/Berlin
_ZONE = f"(Z|UTC|GMT|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?|{_PLACE})"
_OF_DAY = "([01]?[0-9]|2[0-3]):[0-5]?[0-9](:[0-5]?[0-9]([.][0-9]*)?)?"
ISO = f"^[0-9]{{4}}[-/][0-9]{{1,2}}[-/][0-9]{{1,2}}([T ] *{_OF_DAY}( (UTC|GMT|{_PLACE})|{_ZONE})?)?$"


def _texts(relation: Relation, *, of: Column, window: Window) -> Clock:
    text = f"nullif(trim(CAST({of.sql} AS STRING)), '')"
    number = f"TRY_CAST({text} AS DOUBLE)"
    number = f"CASE WHEN {finite(number)} THEN {number} END"
    zoned = relation.dialect.matches(text, f"[0-9]:[0-9].*{_ZONE}$")
    ticks, iso = relation.dialect.read_ticks(text, zoned), relation.dialect.matches(text, ISO)
    present, numbers, readable, odd, with_zone, example = relation.ask(
        *(f"count({one})" for one in (text, number, ticks)),
        f"count(*) FILTER (WHERE {ticks} IS NOT NULL AND NOT {iso})",
        f"count(*) FILTER (WHERE {zoned})",
        f"min({text})",
    )
    if odd:  # an engine takes more than its neighbour does: years of five digits, BC, 24:00
        ticks, readable = f"CASE WHEN {iso} THEN {ticks} END", readable - odd
    if present and numbers >= NUMERIC_SHARE * present:
        return _numbers(relation, of=of, value=f"({number})", window=window)
    if present and not readable:
        raise LogError(
            f'The column "{printable(of.name, 80)}" holds no time that can be read.',
            seen=printable(str(example), 100),
            attempt="times such as 2024-05-31 17:05:00, 2024-05-31T17:05:00+02:00, or epoch numbers",
        )
    naive = with_zone < readable
    note = "ISO text with a zone, converted to UTC"
    if naive:
        note = (
            "ISO text without a zone, taken as UTC"
            if not with_zone
            else "ISO text, taken as UTC where no zone"
        )
    return Clock(
        sql=ticks,
        raw=text,
        unit="text",
        naive=naive,
        note=note,
        valid=_within(ticks, window.start, window.end),
        plain=ticks,
        start=window.start,
        end=window.end,
    )


def _positions(relation: Relation, of: Column) -> Clock:
    if of.nested or of.type.startswith(("TIMESTAMP", "DATE", "TIME", "BOOL", "BLOB")):
        raise LogError(
            f'The column "{printable(of.name, 80)}" cannot be the role "position": whole numbers only.',
            seen=f"type {of.type.lower()}",
            attempt=f"--column timestamp={printable(of.name, 80)}, if it holds times",
        )
    number = of.sql if of.whole else f"TRY_CAST({of.sql} AS DOUBLE)"
    if not of.whole:
        fractions = f"count(*) FILTER (WHERE {number} <> floor({number}))"
        odd = relation.ask(fractions)[0]
        if odd:
            raise LogError(
                f'The column "{printable(of.name, 80)}" cannot be the role "position": whole numbers only.',
                seen=f"{odd:,} rows with a fraction",
            )
    return Clock(
        sql=f"TRY_CAST({number} AS BIGINT)",
        raw=of.sql,
        unit="position",
        naive=False,
        note="positions: the log has order but no time",
        valid=f"TRY_CAST({number} AS BIGINT) IS NOT NULL",
        plain=f"TRY_CAST({number} AS BIGINT)",
        start=None,
        end=None,
    )


def _bounds(unit: str, window: Window) -> tuple[int, int]:
    times, over = UNITS[unit]
    return window.start * over // times, window.end * over // times


def _within(value: str, low: int, high: int) -> str:
    return f"{value} >= {low} AND {value} < {high}"


def _microseconds(moment: datetime) -> int:
    return int((moment - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1))
