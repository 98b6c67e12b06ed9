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
from diagnose.engine.duck.sources import find, unpacked
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
    """A log of files or a frame, for as long as it is read."""
    given = find(source)
    with private_folder(options.temp_directory) as folder:
        sources = unpacked(given, folder)
        connection = connect(sources.files, folder=folder, options=options)
        try:
            with errors_as_ours(given.title):
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
