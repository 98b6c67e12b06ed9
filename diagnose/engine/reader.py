"""One reader of sorted rows: whole users in, sums and a sample out. It runs wherever the rows are.

A reader knows no database: DuckDB's stream, a thread of this process, a worker of a Spark cluster and a test
on five hand-written users all feed it the same arrays, and what two readers found adds up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from diagnose.engine.accounts import StreamCounts
from diagnose.engine.layout import Layout
from diagnose.engine.sample import Drawn, Sampler
from diagnose.engine.stream import Arrays, Rows, assemble, whole_users
from diagnose.engine.times import TimeCounts
from diagnose.histories import Histories
from diagnose.settings import Settings


class Tally(Protocol):
    """Sums over whole users. Takes Histories, returns something that `+` adds up; items are 64-bit hashes."""

    def __call__(self, histories: Histories, *, settings: Settings) -> Any:
        """The sums of one batch."""


@dataclass(frozen=True)
class Kernel:
    """What is to be read, and what is to be summed up over it."""

    layout: Layout
    settings: Settings
    tallies: Mapping[str, Tally]
    most_users: int | None  # that a reader keeps for the sample; None is all

    def read(self, pieces: Iterator[Arrays]) -> Found:
        """Everything that a sorted stream of (user, time, item, ...) arrays holds."""
        reader = Reader(self)
        for columns in whole_users(pieces):
            reader.take(columns)
        return reader.found()

    def rows(self, columns: Arrays) -> Rows:
        """The columns by name: user, time, item, then the optional ones that the log has."""
        named = dict.fromkeys(("category", "event", "session"))
        return Rows(*columns[:3], **named | dict(zip(self.layout.optional, columns[3:], strict=True)))  # type: ignore[arg-type]


@dataclass(frozen=True)
class Found:
    """What a reader found: sums that add up, and its part of the sample."""

    counts: StreamCounts
    times: TimeCounts
    tallies: Mapping[str, Any]
    drawn: tuple[Drawn, ...]

    def __add__(self, other: Found) -> Found:
        names = self.tallies.keys() | other.tallies.keys()
        return Found(
            counts=self.counts + other.counts,
            times=self.times + other.times,
            tallies={name: _sum(self.tallies.get(name), other.tallies.get(name)) for name in sorted(names)},
            drawn=self.drawn + other.drawn,
        )


class Reader:
    """Sums up whole users as they pass by."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel = kernel
        sample = kernel.settings.sample
        self._counts, self._times, self._tallies = StreamCounts(), TimeCounts(), dict[str, Any]()
        self._sampler = Sampler(users=kernel.most_users, minimum_history=sample.minimum_history)
        self._minimum = sample.minimum_history

    def take(self, columns: Arrays) -> None:
        """Look at the next whole users."""
        kernel = self.kernel
        batch = assemble(kernel.rows(columns), layout=kernel.layout, settings=kernel.settings)
        if not batch.histories.n_events:  # users who clicked nothing
            return
        self._sampler.take(batch.histories)
        self._counts += StreamCounts.of(batch, minimum_history=self._minimum)
        self._times += TimeCounts.of(batch.histories)
        for name, tally in kernel.tallies.items():
            part = tally(batch.histories, settings=kernel.settings)
            self._tallies[name] = _sum(self._tallies.get(name), part)

    def found(self) -> Found:
        """All that was seen."""
        drawn = self._sampler.drawn()
        return Found(self._counts, self._times, self._tallies, (drawn,) if drawn else ())


def _sum(one: Any, other: Any) -> Any:
    return one if other is None else other if one is None else one + other
