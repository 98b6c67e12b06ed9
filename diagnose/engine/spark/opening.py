"""Opening a log on Spark: a session, the package on its workers, the columns' roles."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from diagnose import schema
from diagnose.engine.clock import Window
from diagnose.engine.options import EngineOptions
from diagnose.engine.spark.log import SparkLog, SparkRelation
from diagnose.engine.spark.session import errors_as_ours, session
from diagnose.engine.spark.shipping import ship
from diagnose.engine.spark.sources import find, frame_of, title_of
from diagnose.engine.spark.worker import GREETING, greet
from diagnose.errors import UsageError
from diagnose.settings import Settings


@contextmanager
def opened(
    source: Any,
    *,
    columns: schema.Overrides,
    settings: Settings,
    options: EngineOptions,
    window: Window,
) -> Iterator[SparkLog]:
    """A log of a table, paths or a frame, for as long as it is read."""
    frame, title = frame_of(source), title_of(source)
    with session(options, frame) as spark:
        with errors_as_ours(title):
            sources = find(spark, source)
            types = SparkRelation(sources.frame).types
            named = None if frame is not None else sources.names[0]
            if isinstance(columns, schema.AsPublished):
                columns = _with_form(columns, types, title=title)
            mapping = schema.guess(types, columns, source=named)
            ship(spark)
            spark.range(0, 1, 1, 1).mapInArrow(greet, GREETING).collect()  # told before the long passes
            log = SparkLog(
                spark,
                sources,
                title=title,
                mapping=mapping,
                settings=settings,
                window=window,
                options=options,
            )
        yield log


def _with_form(told: schema.AsPublished, columns: Collection[str], *, title: str) -> schema.AsPublished:
    """The preset's form that has these columns: here names must tell, for Spark parts and names the rows."""
    form = told.preset.fitting(columns)
    if form is None:
        raise UsageError(
            f"{title}: on Spark a preset takes tables and files whose columns have the published names.",
            seen=f"other names; the preset {told.preset.name} takes {told.preset.wanted()}",
            attempt="the embedded engine (no --engine, no --spark-...), or a table with these names",
        )
    return replace(told, form=form)
