"""A log behind an open DuckDB connection: the sort is DuckDB's, the counting that of threads of ours."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from pathlib import Path

import duckdb

from diagnose import schema
from diagnose.engine.clock import Clock, Window
from diagnose.engine.duck.arrival import arrival
from diagnose.engine.duck.connection import errors_as_ours
from diagnose.engine.duck.prepare import DuckRelation, count_rows, materialised, prepare
from diagnose.engine.duck.sizes import log_size
from diagnose.engine.duck.sources import Sources, overridden
from diagnose.engine.events import Events, read_events
from diagnose.engine.layout import Layout, RowCounts
from diagnose.engine.log import Advance
from diagnose.engine.options import EngineOptions
from diagnose.engine.reader import Found, Kernel, Reader
from diagnose.engine.stream import Arrays, arrays, whole_users
from diagnose.schema import ArrivalCounts
from diagnose.settings import Settings

POLL_SECONDS = 0.1  # how often progress is told; a finished reader is noticed at once


class DuckLog:
    """A log of files or a frame. Made by `open_log`, which closes its connection."""

    engine = "duckdb"

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        sources: Sources,
        *,
        mapping: schema.Mapping,
        settings: Settings,
        folder: Path,
        window: Window,
        options: EngineOptions,
    ) -> None:
        self._connection, self._sources, self._folder = connection, sources, folder
        self._window, self._options = window, options
        self.title, self.sources, self.notes = sources.title, sources.names, overridden(connection, sources)
        self.mapping, self.settings = mapping, settings
        self.size = log_size(connection, sources, mapping)
        self._read: Events | None = None

    @property
    def clock(self) -> Clock:
        """How its times are read."""
        return self._events().clock

    def rows(self) -> RowCounts:
        """The unsorted pass."""
        with errors_as_ours(self.title, self._sources.origin):
            wanted, memory = self.settings.trial.run, self._options.memory
            return count_rows(self._connection, self._events(), memory=memory, impressions=wanted)

    def arrival(self) -> ArrivalCounts | None:
        """The order of the first rows."""
        if not self.clock.ticking:
            return None
        most = self.settings.hygiene.arrival_rows
        with errors_as_ours(self.title, self._sources.origin):
            return arrival(
                self._connection,
                self._sources,
                self._events(),
                mapping=self.mapping,
                folder=self._folder,
                most=most,
            )

    def histories(self, kernel: Kernel, advance: Advance) -> Iterator[Found]:
        """The sorted pass, counted by a thread a core: numpy lets go of the interpreter."""
        with errors_as_ours(self.title, self._sources.origin):
            yield from counted(
                whole_users(self._pieces(kernel.layout)),
                kernel,
                advance,
                threads=self._options.workers,
                interrupt=self._connection.interrupt,
            )

    def _pieces(self, layout: Layout) -> Iterator[Arrays]:
        """The sorted rows. The sort begins with the first piece that is asked for, in the asker's thread."""
        for batch in self._connection.sql(_sorted(layout)).to_arrow_reader(self._options.batch_rows):
            if batch.num_rows:
                yield arrays(batch)

    def _events(self) -> Events:
        if self._read is None:
            with errors_as_ours(self.title, self._sources.origin):
                mapping = self.mapping
                sources = materialised(self._connection, self._sources, mapping=mapping, folder=self._folder)
                source = DuckRelation(self._connection, sources)
                self._read = read_events(source, mapping=mapping, window=self._window)
                prepare(self._connection, source, self._read)
        return self._read


def counted(
    users: Iterator[Arrays],
    kernel: Kernel,
    advance: Advance,
    *,
    threads: int,
    interrupt: Callable[[], None],
) -> Iterator[Found]:
    """What `threads` readers find that take turns at a stream of whole users.

    The calling thread only waits: it can then be interrupted while the database sorts, which cannot.
    """
    turn, gone, stopped = threading.Lock(), [0], threading.Event()

    def read() -> Found:
        reader = Reader(kernel)
        while not stopped.is_set():
            with turn:
                columns = next(users, None)
                gone[0] += 0 if columns is None else len(columns[0])
            if columns is None:
                break
            reader.take(columns)
        return reader.found()

    with ThreadPoolExecutor(max_workers=threads) as pool:
        readers = [pool.submit(read) for _ in range(threads)]
        try:
            while wait(readers, timeout=POLL_SECONDS, return_when=FIRST_EXCEPTION).not_done:
                advance(gone[0])
                if any(map(_failed, readers)):
                    break
            yield from [reader.result() for reader in sorted(readers, key=_failed, reverse=True)]
        except BaseException:  # Ctrl-C, or an error of one of them: the others need not go on
            stopped.set()
            interrupt()
            raise


def _failed(reader: Future[Found]) -> bool:
    return reader.done() and reader.exception() is not None


def _sorted(layout: Layout) -> str:
    """SQL of the sorted stream: user, time, item, then the optional columns that the log has."""
    fields, joins = ["u_key", "t", "i_key"], []
    for role, table in (("category", "categories"), ("event", "events")):
        if role in layout.roles:
            kind = "INTEGER" if role == "category" else "SMALLINT"
            fields.append(f"CAST(coalesce({table}.code, -1) AS {kind})")
            joins.append(f"LEFT JOIN {table} USING ({role})")
    fields += [role for role in layout.optional if role not in ("category", "event")]
    named = ", ".join(f"{field} AS c{place}" for place, field in enumerate(fields))
    return f"SELECT {named} FROM keyed {' '.join(joins)} ORDER BY c0, c1"  # noqa: S608
