"""Opening a log on Spark: a session, the package on its workers, the columns' roles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from diagnose import schema
from diagnose.engine.clock import Window
from diagnose.engine.options import EngineOptions
from diagnose.engine.spark.log import SparkLog, SparkRelation
from diagnose.engine.spark.session import errors_as_ours, session
from diagnose.engine.spark.shipping import ship
from diagnose.engine.spark.sources import find, frame_of, title_of
from diagnose.engine.spark.worker import GREETING, greet
from diagnose.settings import Settings


@contextmanager
def opened(
    source: Any,
    *,
    columns: Mapping[str, str] | schema.Alike,
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
