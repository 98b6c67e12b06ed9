"""Opening a log on the embedded engine: a private folder, a locked-down database, the columns' roles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

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
    columns: Mapping[str, str],
    settings: Settings,
    options: EngineOptions,
    window: Window,
) -> Iterator[DuckLog]:
    """A log of files, a table or a frame, for as long as it is read."""
    with _found(source) as given, private_folder(options.temp_directory) as folder:
        sources = brought(given, folder)
        with errors_as_ours(given.title, given.origin):
            connection = connect(sources.places, folder=folder, options=options, origin=given.origin)
        try:
            with errors_as_ours(given.title, given.origin):
                if sources.frame is not None:
                    connection.register("frame", sources.frame)
                types = DuckRelation(connection, sources).types
                named = None if given.frame is not None else given.names[0]
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
