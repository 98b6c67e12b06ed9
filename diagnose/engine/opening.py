"""Opening a log, and the whole of what `analyze` needs in one call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from diagnose import schema
from diagnose.engine.clock import Window
from diagnose.engine.forecast import estimate, forecast
from diagnose.engine.log import Collected, Listener, Log, collect
from diagnose.engine.options import EngineOptions
from diagnose.engine.reader import Tally
from diagnose.settings import Settings


@contextmanager
def open_log(
    source: Any,
    *,
    columns: schema.Overrides | None = None,
    settings: Settings | None = None,
    options: EngineOptions | None = None,
    now: datetime | None = None,
) -> Iterator[Log]:
    """Open files, folders, globs, URLs, a table or a frame as a log; only heads and footers are read yet.

    `columns`: role -> column name, where the names do not tell, or the roles of another log, or a preset.
    `now`: times a day after it are impossible. Raises LogError where the log cannot be read or its columns
    do not tell their roles.
    """
    options, settings, window = options or EngineOptions(), settings or Settings(), Window.until(now)
    with _opener(source, options)(
        source, columns=columns or {}, settings=settings, options=options, window=window
    ) as log:
        yield log


def _opener(source: Any, options: EngineOptions) -> Any:
    """The chosen engine's way to open a log, loaded only now. A Spark frame chooses for itself."""
    if options.spark or any(kind.__module__.startswith("pyspark.") for kind in type(source).__mro__):
        from diagnose.engine.spark.opening import opened as on_spark

        return on_spark
    from diagnose.engine.duck.opening import opened as on_duckdb

    return on_duckdb


def read(
    source: Any,
    *,
    columns: schema.Overrides,
    settings: Settings,
    listener: Listener,
    tallies: Mapping[str, Tally],
    options: EngineOptions | None = None,
) -> Collected:
    """Open a log, tell how it is read and what that will take, and read it."""
    options = options or EngineOptions()
    with open_log(source, columns=columns, settings=settings, options=options) as log:
        listener.mapping(log.mapping.lines())
        told = forecast(log.size, settings, memory_limit=options.memory)
        known = log.size.octets is not None
        listener.forecast(told, estimate(log.size).seconds if known else None)
        collected = collect(log, tallies, advance=listener.advance)
    listener.mapping(collected.notes)
    return collected
