"""A log on Spark: its SQL types the rows and brings users together, our kernel counts in its workers."""

from __future__ import annotations

import dataclasses
import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from diagnose import schema
from diagnose.engine.clock import Clock, Window
from diagnose.engine.events import Events, read_events, refuse_too_many_events
from diagnose.engine.forecast import LogSize
from diagnose.engine.layout import FAULTS, Layout, RowCounts
from diagnose.engine.log import Advance
from diagnose.engine.options import EngineOptions
from diagnose.engine.reader import Found, Kernel
from diagnose.engine.sample import enough
from diagnose.engine.spark.dialect import SparkDialect, kind
from diagnose.engine.spark.parcels import unpacked
from diagnose.engine.spark.session import errors_as_ours, interruptible
from diagnose.engine.spark.sources import Sources
from diagnose.engine.spark.worker import PARCELS, Count
from diagnose.errors import ResourceError
from diagnose.schema import ArrivalCounts
from diagnose.settings import Settings

NANOSECONDS = "if they were times of nanoseconds without a zone, they were taken as UTC"


class SparkRelation:
    """The rows of a log, as they are. Columns are renamed: no name of a log enters a statement."""

    def __init__(self, frame: Any) -> None:
        names = list(frame.columns)
        types = [kind(field.dataType.simpleString()) for field in frame.schema.fields]
        self.types: Mapping[str, str] = dict(zip(names, types, strict=True))
        self.dialect = SparkDialect(names)
        self.frame = frame.toDF(*(f"c{place}" for place in range(len(names))))

    def ask(self, *aggregates: str) -> tuple[Any, ...]:
        """The one row of a query."""
        from pyspark.sql import functions

        (row,) = self.frame.agg(*(functions.expr(one) for one in aggregates)).collect()
        return tuple(row)


class SparkLog:
    """A table, files or a frame on Spark. Made by `open_log`, which ends a session that it made."""

    engine = "spark"

    def __init__(
        self,
        session: Any,
        sources: Sources,
        *,
        title: str,
        mapping: schema.Mapping,
        settings: Settings,
        window: Window,
        options: EngineOptions,
    ) -> None:
        self._session, self._window, self._options = session, window, options
        self._relation = SparkRelation(sources.frame)
        self.title, self.sources, self._kind = title, sources.names, sources.kind
        self.mapping, self.settings = mapping, settings
        self.size = LogSize(octets=None, rows=None)
        self._read: Events | None = None
        self._valid_rows = self._shown_rows = 0

    @property
    def clock(self) -> Clock:
        """How its times are read."""
        return self._events().clock

    @property
    def notes(self) -> tuple[str, ...]:
        """Of nanoseconds Spark cannot say whether they are epoch numbers or times without a zone."""
        possible = self._kind == "parquet" and self.clock.unit == "ns"
        return (NANOSECONDS,) if possible else ()

    def rows(self) -> RowCounts:
        """The unsorted pass."""
        with errors_as_ours(self.title), interruptible(self._session):
            counts = _row_counts(self._relation, self._events())
        self._valid_rows = counts.by_fault["event"]
        self._shown_rows = self._valid_rows + counts.by_fault["unclicked_impressions"]
        return counts

    def arrival(self) -> ArrivalCounts | None:
        """None: the rows of a table have no order, and those of many files none that Spark keeps."""
        return None

    def histories(self, kernel: Kernel, advance: Advance) -> Iterator[Found]:
        """The sorted pass: one shuffle by user, counted where the rows are; sums and sample come back."""
        with errors_as_ours(self.title), interruptible(self._session):
            rows = self._shown_rows if kernel.layout.impressions else self._valid_rows
            parts = max(1, math.ceil(rows / self._options.partition_rows))
            frame = self._shuffled(kernel.layout, parts)
            found = self._counted(frame, dataclasses.replace(kernel, most_users=_share(kernel, parts)))
            if not enough([drawn for part in found for drawn in part.drawn], users=kernel.most_users):
                found = self._counted(frame, kernel)  # Spark split the users very unevenly
        advance(self._valid_rows)
        yield from found

    def _events(self) -> Events:
        if self._read is None:
            with errors_as_ours(self.title), interruptible(self._session):
                self._read = read_events(self._relation, mapping=self.mapping, window=self._window)
        return self._read

    def _shuffled(self, layout: Layout, parts: int) -> Any:
        """Sorted rows: user, time, item, then what else the log has; every user whole in one part."""
        events = self._events()
        texts = {role: f"CAST({events.kept[role]} AS STRING)" for role in ("category", "event")}
        kept = events.shown if layout.impressions else events.valid
        frame = _selected(self._relation.frame.where(kept), {**events.kept, **texts})
        user = "u" if layout.whole_users else self._relation.dialect.digest("u")
        item = "i" if layout.whole_items else self._relation.dialect.digest("i")
        fields = {"user": user, "time": "t", "item": item}
        for role, names, type_ in (
            ("category", layout.categories, "INT"),
            ("event", layout.events, "SMALLINT"),
        ):
            if role in layout.roles:
                frame = frame.join(self._codes(role, names), on=role, how="left")
                fields[role] = f"CAST(coalesce({role}_code, -1) AS {type_})"
        fields |= {role: role for role in layout.optional if role not in ("category", "event")}
        return _selected(frame, fields).repartition(parts, "user").sortWithinPartitions("user", "time")

    def _codes(self, role: str, names: tuple[str, ...]) -> Any:
        from pyspark.sql import functions

        codes = {role: pa.array(names, pa.string()), f"{role}_code": pa.array(range(len(names)), pa.int32())}
        return functions.broadcast(self._session.createDataFrame(pa.table(codes)))

    def _counted(self, frame: Any, kernel: Kernel) -> list[Found]:
        parcels = frame.mapInArrow(Count(kernel, self._options.batch_rows), PARCELS).toArrow()
        return _found(parcels, kernel.layout)


def _share(kernel: Kernel, parts: int) -> int | None:
    """Users that a part keeps for the sample: its share and eight standard deviations more."""
    if kernel.most_users is None or parts == 1:
        return kernel.most_users
    fair = kernel.most_users / parts
    return min(kernel.most_users, math.ceil(fair + 8 * math.sqrt(fair)) + 1)


def _found(rows: pa.Table, layout: Layout) -> list[Found]:
    """The parcels of all parts, put together from their pieces. ResourceError where a piece was lost."""
    pieces: defaultdict[tuple[str, int], dict[int, bytes]] = defaultdict(dict)
    for row in rows.to_pylist():
        pieces[row["parcel"], row["length"]][row["at"]] = row["bytes"]
    parcels = {key: b"".join(part[at] for at in sorted(part)) for key, part in pieces.items()}
    if any(len(parcel) != length for (_, length), parcel in parcels.items()):
        raise ResourceError("Spark lost a part of the result.", attempt="more memory for the driver")
    return [unpacked(parcels[key], layout) for key in sorted(parcels)]


def _selected(frame: Any, fields: Mapping[str, str]) -> Any:
    return frame.selectExpr(*(f"{sql} AS {name}" for name, sql in fields.items()))


def _row_counts(relation: SparkRelation, events: Events) -> RowCounts:
    """One unsorted pass over the log for faults and names, one for the items."""
    from pyspark.sql import functions

    every = _selected(relation.frame, events.every)
    names = {name: f"CAST({name} AS STRING)" for name in ("category", "event")}
    told = _selected(every, {"fault": events.fault, "t": "t"} | names).groupBy("fault", "category", "event")
    met = told.agg(
        *(
            functions.expr(sql).alias(name)
            for name, sql in (("rows", "count(*)"), ("first", "min(t)"), ("last", "max(t)"))
        )
    ).collect()
    valid = _selected(relation.frame.where(events.valid), {"i": events.kept["i"]})
    (items,) = valid.agg(functions.expr("count(DISTINCT i)")).collect()[0]
    faults: Counter[int] = Counter()
    for row in met:
        faults[row["fault"]] += row["rows"]
    kept = [row for row in met if row["fault"] == 0]
    kinds = _coded(kept, "event")
    refuse_too_many_events(len(kinds))
    return RowCounts(
        by_fault={name: faults[code] for code, name in enumerate(FAULTS)},
        first=min((row["first"] for row in kept), default=None),
        last=max((row["last"] for row in kept), default=None),
        items=items,
        categories=_coded(kept, "category"),
        events=kinds,
        whole_users=events.user.whole,
        whole_items=events.item.whole,
    )


def _coded(met: list[Any], role: str) -> tuple[str, ...]:
    """The names by code: the one with most rows first, equal ones by their text."""
    rows: defaultdict[str, int] = defaultdict(int)
    for row in met:
        if row[role] is not None:
            rows[row[role]] += row["rows"]
    return tuple(sorted(rows, key=lambda name: (-rows[name], name)))
