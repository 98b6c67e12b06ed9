"""Opening a log on the embedded engine: a private folder, a locked-down database, the columns' roles."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb

from diagnose import schema
from diagnose.engine.clock import Window
from diagnose.engine.duck.connection import connect, errors_as_ours
from diagnose.engine.duck.log import DuckLog
from diagnose.engine.duck.prepare import DuckRelation
from diagnose.engine.duck.published import advised, form_of, looks_like, published
from diagnose.engine.duck.sources import Sources, brought, find
from diagnose.engine.options import EngineOptions
from diagnose.engine.workplace import private_folder
from diagnose.errors import LogError
from diagnose.settings import Settings


@contextmanager
def opened(
    source: Any,
    *,
    columns: schema.Overrides,
    settings: Settings,
    options: EngineOptions,
    window: Window,
) -> Iterator[DuckLog]:
    """A log of files, a table or a frame, for as long as it is read."""
    preset = columns.preset if isinstance(columns, schema.AsPublished) else None
    with connected(source, options, preset) as (connection, sources, folder):
        with errors_as_ours(sources.title, sources.origin):
            log = DuckLog(
                connection,
                sources,
                mapping=_mapping(connection, sources, columns),
                settings=settings,
                folder=folder,
                window=window,
                options=options,
            )
        yield log


def _mapping(
    connection: duckdb.DuckDBPyConnection, sources: Sources, columns: schema.Overrides
) -> schema.Mapping:
    """Which column plays which role. An error of a log without a preset names the one that would read it."""
    named = None if sources.framed else sources.names[0]
    try:
        types = DuckRelation(connection, sources).types
        if isinstance(columns, schema.AsPublished):
            columns = replace(columns, form=form_of(sources, columns.preset, types))
            return schema.guess(types, columns, source=named)
        notes = () if isinstance(columns, schema.Alike) else looks_like(types)
        return schema.guess(types, columns, source=named, notes=notes)
    except LogError as error:
        raise advised(error, sources) if not isinstance(columns, schema.AsPublished) else error from None


@contextmanager
def connected(
    source: Any, options: EngineOptions, preset: schema.Preset | None = None
) -> Iterator[tuple[duckdb.DuckDBPyConnection, Sources, Path]]:
    """A database that may read what is behind `source` and no more, what that is, and a private folder."""
    with _found(source, preset) as given, private_folder(options.temp_directory) as folder:
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
def _found(source: Any, preset: schema.Preset | None) -> Iterator[Sources]:
    """The log's sources; their connections end with it."""
    given = find(source)
    try:
        yield given if preset is None else published(given, preset)
    finally:
        if given.origin is not None:
            given.origin.close()
