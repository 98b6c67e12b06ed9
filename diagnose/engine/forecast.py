"""What reading will take, said before it starts."""

from __future__ import annotations

from dataclasses import dataclass

from diagnose.formatting import count, duration, size
from diagnose.settings import Settings

ROWS_PER_SECOND = 500_000.0  # read, sorted, tallied: 2 cores, with room for the tallies [0011]
TEXT_ROWS_PER_SECOND = 150_000.0  # parsing CSV and JSON lines comes on top [0011]
BYTES_PER_TEXT_ROW = 60  # of CSV or JSON lines, whose rows nobody has counted [0011]
BYTES_PER_ROW = 60  # of memory while the log is sorted, up to DuckDB's limit; then it spills [0011]
LEAST_BYTES = 500_000_000  # the program with its libraries, the sample and the batches [0011]


@dataclass(frozen=True, kw_only=True)
class LogSize:
    """What is known of a log before it is read."""

    octets: int | None  # None where only the engine could tell
    rows: int | None  # None for text formats
    fetched: int = 0  # bytes that come over the network


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """What reading is likely to take, measured on another machine."""

    rows: int
    seconds: float
    octets: float  # memory at the peak


def estimate(size: LogSize, *, memory_limit: int | None = None) -> Estimate:
    """Time and memory of reading a log of this size: within a factor of two or three, not nearer."""
    expected = size.rows if size.rows is not None else (size.octets or 0) // BYTES_PER_TEXT_ROW
    seconds = expected / ROWS_PER_SECOND + (0.0 if size.rows is not None else expected / TEXT_ROWS_PER_SECOND)
    sorting = expected * BYTES_PER_ROW
    held = min(sorting, memory_limit) if memory_limit else sorting
    return Estimate(rows=expected, seconds=1.0 + seconds, octets=LEAST_BYTES + held)


def forecast(log: LogSize, settings: Settings, *, memory_limit: int | None = None) -> str:
    """A line for the user: what reading will take, roundly."""
    if log.octets is None:
        return "Spark reads the log: a few scans of its columns and one shuffle by user"
    if not log.octets and log.rows is None:
        return "the rows are streamed, and only reading tells how many there are"
    likely = estimate(log, memory_limit=memory_limit)
    users = "all users" if settings.sample.users is None else f"up to {count(settings.sample.users)} users"
    rows = f"{count(log.rows)} rows" if log.rows is not None else f"about {count(_round(likely.rows))} rows"
    held = f" ({size(log.octets)})" if log.octets else ""
    if log.fetched:
        held = f" ({size(log.octets)}, of which {size(log.fetched)} are downloaded)"
    return (
        f"{rows}{held}, {users}: reading takes about {duration(_round(likely.seconds))} "
        f"and {size(_round(likely.octets))} of memory"
    )


def _round(value: float) -> float:
    """One significant digit, upwards: it is no better known than that."""
    digits = 10 ** max(0, len(str(int(value))) - 1)
    return float(-(-int(value) // digits) * digits)
