"""The unsorted pass: why rows are set aside, and how finely the times are cut."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from diagnose.engine.connection import rows
from diagnose.engine.prepare import FAULTS

QUANTA = (1, 1_000, 1_000_000, 60_000_000, 3_600_000_000, 86_400_000_000)  # us, ms, s, min, h, day
DIVIDING_SHARE = 0.999  # of the times: a few strays (a clock set by hand) do not hide the quantum [0011]


@dataclass(frozen=True)
class RawCounts:
    """Rows by fault; of the events (duplicates still among them) first and last time and the quantum."""

    by_fault: Mapping[str, int]
    quantum: int
    first: int | None
    last: int | None

    @property
    def rows(self) -> int:
        """All rows."""
        return sum(self.by_fault.values())


def count_rows(connection: duckdb.DuckDBPyConnection) -> RawCounts:
    """One pass over the view `prepared`."""
    dividing = ", ".join(f"count(*) FILTER (WHERE t % {quantum} = 0)" for quantum in QUANTA)
    found = rows(
        connection,
        f"SELECT fault, count(*), min(t), max(t), {dividing} "  # noqa: S608
        "FROM prepared GROUP BY fault",
    )
    by_code = {int(row[0]): row[1:] for row in found}
    events, first, last, *divided = by_code.get(0, (0, None, None, *[0] * len(QUANTA)))
    quantum = max(
        quantum for quantum, hits in zip(QUANTA, divided, strict=True) if hits >= DIVIDING_SHARE * events
    )
    return RawCounts(
        by_fault={name: int(by_code.get(code, (0,))[0]) for code, name in enumerate(FAULTS)},
        quantum=quantum,
        first=first,
        last=last,
    )
