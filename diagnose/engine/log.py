"""An opened log: which column is what, and one sorted pass that serves every tally and the sample."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import duckdb

from diagnose import schema
from diagnose.engine.accounts import Passed, hygiene_counts, iso, log_facts
from diagnose.engine.clock import Window
from diagnose.engine.connection import EngineOptions, connect, errors_as_ours, private_folder, rows
from diagnose.engine.forecast import LogSize, forecast
from diagnose.engine.mixing import user_salt
from diagnose.engine.prepare import Prepared, describe, make_dictionaries, materialised, prepare
from diagnose.engine.rawrows import RawCounts, count_rows
from diagnose.engine.sample import Sampler
from diagnose.engine.sources import Sources, find, relation, unpacked
from diagnose.engine.stream import Batch, sorted_users
from diagnose.errors import LogError
from diagnose.formatting import count
from diagnose.histories import Histories
from diagnose.results import LogFacts
from diagnose.schema import HygieneCounts
from diagnose.settings import Settings

Tally = Callable[[Histories], Any]


class Listener(Protocol):
    """Whoever wants to know how the log is read."""

    def mapping(self, lines: Sequence[str]) -> None:
        """How the columns are read, a line each."""

    def forecast(self, text: str) -> None:
        """What reading will take."""

    def advance(self, text: str, fraction: float) -> None:
        """Reading is so far (0 to 1)."""


@dataclass(frozen=True, eq=False)
class Collected:
    """All that one pass brings: the tallies summed over the log, the sampled users, the counts, the facts."""

    tallies: Mapping[str, Any]
    sample: Histories
    counts: HygieneCounts
    facts: LogFacts  # `interest_source` is what the log has; the caller knows whether clusters are used
    mapping: Mapping[str, str]  # role -> column
    notes: tuple[str, ...]  # how the times were read and what else should be told


class DuckLog:
    """A log behind an open DuckDB connection. Made by `open_log`, which closes it."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        sources: Sources,
        *,
        mapping: schema.Mapping,
        settings: Settings,
        workplace: _Workplace,
    ) -> None:
        self._connection, self._sources, self._settings = connection, sources, settings
        self._workplace = workplace
        self.mapping = mapping
        self.size = LogSize(octets=sources.octets, rows=_known_rows(connection, sources))

    def collect(
        self, tallies: Mapping[str, Tally], *, advance: Callable[[str, float], None] | None = None
    ) -> Collected:
        """Read the whole log once in order: sum each tally over batches of whole users, collect the sample.

        A tally takes Histories (items are 64-bit hashes) and returns something that `+` adds up. Raises
        LogError where no event is left, UsageError where `settings.target_event` is no event of the log.
        """
        with errors_as_ours(self._sources.title):
            raw, prepared = self._prepared()
            sums, sampler, passed = dict[str, Any](), _sampler(self._settings), Passed()
            for batch in self._batches(prepared):
                sampler.take(batch.histories)
                passed.add(batch)
                for name, tally in tallies.items():
                    part = tally(batch.histories)
                    sums[name] = sums[name] + part if name in sums else part
                if advance:
                    advance("events in order", min(1.0, passed.rows / max(1, raw.by_fault["event"])))
            counts = hygiene_counts(raw, passed, prepared=prepared, with_history=sampler.with_history)
        sample = sampler.sample()
        return Collected(
            tallies=sums,
            sample=sample,
            counts=counts,
            facts=log_facts(counts, passed, sources=self._sources.names, sampled=len(sample)),
            mapping=dict(self.mapping.roles),
            notes=(prepared.clock.note,),
        )

    def _prepared(self) -> tuple[RawCounts, Prepared]:
        work = self._workplace
        sources = materialised(self._connection, self._sources, mapping=self.mapping, folder=work.folder)
        clock = prepare(
            self._connection,
            sources,
            mapping=self.mapping,
            from_text=self._sources.kind in ("csv", "json"),
            window=work.window,
        )
        raw = count_rows(self._connection)
        _refuse_without_events(raw, source=self._sources.title, window=work.window)
        categories, events = make_dictionaries(self._connection, salt=user_salt(self._settings.seed))
        schema.target_codes(events, self._settings.target_event)  # told before the sort
        items = int(rows(self._connection, "SELECT count(*) FROM items")[0][0])
        roles = frozenset(self.mapping.roles)
        return raw, Prepared(clock=clock, events=events, categories=categories, items=items, roles=roles)

    def _batches(self, prepared: Prepared) -> Iterator[Batch]:
        return sorted_users(
            self._connection,
            prepared=prepared,
            settings=self._settings,
            salt=user_salt(self._settings.seed),
            batch_rows=self._workplace.options.batch_rows,
        )


@contextmanager
def open_log(
    source: Any,
    *,
    columns: Mapping[str, str] | None = None,
    settings: Settings | None = None,
    options: EngineOptions | None = None,
    now: datetime | None = None,
) -> Iterator[DuckLog]:
    """Open files, folders, globs or a frame as a log; nothing but heads and footers is read yet.

    `columns`: role -> column name, where the names do not tell. `now`: times a day after it are impossible.
    Raises LogError where the log cannot be read or its columns do not tell their roles.
    """
    options, given = options or EngineOptions(), find(source)
    with private_folder(options) as folder:
        sources = unpacked(given, folder)
        connection = connect(sources.files, folder=folder, options=options)
        try:
            with errors_as_ours(given.title):
                types = describe(connection, sources)
                mapping = schema.guess(
                    types, columns or {}, source=None if given.frame is not None else given.names[0]
                )
                log = DuckLog(
                    connection,
                    sources,
                    mapping=mapping,
                    settings=settings or Settings(),
                    workplace=_Workplace(folder, Window.until(now), options),
                )
            yield log
        finally:
            connection.close()


def read(
    source: Any,
    *,
    columns: Mapping[str, str],
    settings: Settings,
    listener: Listener,
    tallies: Mapping[str, Tally],
) -> Collected:
    """Open a log, tell how it is read and what that will take, and read it."""
    with open_log(source, columns=columns, settings=settings) as log:
        listener.mapping(log.mapping.lines())
        listener.forecast(forecast(log.size, settings))
        collected = log.collect(tallies, advance=listener.advance)
    listener.mapping(collected.notes)
    return collected


@dataclass(frozen=True)
class _Workplace:
    folder: Path
    window: Window
    options: EngineOptions


def _sampler(settings: Settings) -> Sampler:
    return Sampler(users=settings.sample.users, minimum_history=settings.sample.minimum_history)


def _known_rows(connection: duckdb.DuckDBPyConnection, sources: Sources) -> int | None:
    """Rows as the files' footers tell; None where only reading would tell."""
    if sources.frame is not None:
        return int(sources.frame.num_rows)
    if sources.kind != "parquet":
        return None
    return int(rows(connection, f"SELECT count(*) FROM {relation(sources)}")[0][0])  # noqa: S608


def _refuse_without_events(raw: RawCounts, *, source: str, window: Window) -> None:
    if raw.rows == 0:
        raise LogError(f"{source}: the log holds no rows.", attempt="a file with a row for each event")
    if raw.by_fault["event"]:
        return
    found = {name.replace("_", " "): number for name, number in raw.by_fault.items() if number}
    raise LogError(
        f"{source}: none of the {count(raw.rows)} rows is an event with a user, an item and a possible time "
        f"({iso(window.start)} to {iso(window.end)}).",
        seen=", ".join(f"{count(number)} rows with {name}" for name, number in found.items()),
        attempt="--column ROLE=NAME with the columns that hold user, item and timestamp",
    )
