"""Opening a log on the embedded engine: a private folder, a locked-down database, the columns' roles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from diagnose import schema
from diagnose.engine.clock import Window
from diagnose.engine.duck.connection import connect, errors_as_ours
from diagnose.engine.duck.log import DuckLog
from diagnose.engine.duck.prepare import DuckRelation
from diagnose.engine.duck.sources import Sources, brought, find
from diagnose.engine.options import EngineOptions
from diagnose.engine.workplace import private_folder
from diagnose.settings import Settings


@contextmanager
def opened(
    source: Any,
    *,
    columns: Mapping[str, str] | schema.Alike,
    settings: Settings,
    options: EngineOptions,
    window: Window,
) -> Iterator[DuckLog]:
    """A log of files, a table or a frame, for as long as it is read."""
    with connected(source, options) as (connection, sources, folder):
        with errors_as_ours(sources.title, sources.origin):
            types = DuckRelation(connection, sources).types
            named = None if sources.frame is not None else sources.names[0]
            log = DuckLog(
                connection,
                sources,
                mapping=schema.guess(types, columns, source=named),
                settings=settings,
                folder=folder,
                window=window,
                options=options,
            )
        yield log


@contextmanager
def connected(
    source: Any, options: EngineOptions
) -> Iterator[tuple[duckdb.DuckDBPyConnection, Sources, Path]]:
    """A database that may read what is behind `source` and no more, what that is, and a private folder."""
    with _found(source) as given, private_folder(options.temp_directory) as folder:
        sources = brought(given, folder)
        with errors_as_ours(given.title, given.origin):
            connection = connect(sources.places, folder=folder, options=options, origin=given.origin)
        try:
            if sources.frame is not None:
                with errors_as_ours(given.title, given.origin):
                    connection.register("frame", sources.frame)
            yield connection, sources, folder
        finally:
            connection.close()


@contextmanager
def _found(source: Any) -> Iterator[Sources]:
    """The log's sources; their connections end with it."""
    given = find(source)
    try:
        yield given
    finally:
        if given.origin is not None:
            given.origin.close()
