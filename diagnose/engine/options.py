"""How much of the machine an engine may take."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from diagnose.errors import UsageError

MEMORY_SHARE = 0.5  # of the machine's memory: the sample, the trial and other programs need the rest [0011]
LEAST_MEMORY = 1_000_000_000  # bytes, by default: a sort in less spills at once [0011]
SMALLEST_LIMIT = 64_000_000  # bytes: less does not hold the buffers of two threads [0015]
EngineName = Literal["duckdb", "spark"]
_UNITS = {
    "": 1,
    "kb": 10**3,
    "mb": 10**6,
    "gb": 10**9,
    "tb": 10**12,
    "kib": 2**10,
    "mib": 2**20,
    "gib": 2**30,
}


@dataclass(frozen=True, kw_only=True)
class EngineOptions:
    """Which engine reads the log, and how it may use the machine. None is what the machine gives.

    Naming a Spark session, remote or master chooses Spark; so does a Spark frame as the log.
    """

    engine: EngineName | None = None
    spark_remote: str | None = None  # sc://host:port of a Spark Connect server
    spark_master: str | None = None  # spark://host:port, yarn, local[2] ...
    spark_session: Any = None  # one that is there already, classic or Connect; it is left as it is
    partition_rows: int = 1_000_000  # events of a part of the log on Spark: 40 MB to sort [0017]
    threads: int | None = None
    memory_bytes: int | None = None
    temp_directory: Path | None = None  # the private one is made inside it
    batch_rows: int = 131_072  # of the sorted stream: fewer cost more calls, more save nothing [0015]

    def __post_init__(self) -> None:
        self._refuse_two_engines()
        if self.memory_bytes is not None and self.memory_bytes < SMALLEST_LIMIT:
            raise UsageError(
                "--memory-limit leaves too little to read a log with.",
                seen=f"{self.memory_bytes:,} bytes",
                attempt=f"at least {SMALLEST_LIMIT // 10**6}MB; what does not fit is spilled to --temp-dir",
            )
        if self.temp_directory is not None and not self.temp_directory.is_dir():
            raise UsageError(
                "--temp-dir must be a folder that is there.",
                seen=str(self.temp_directory),
                attempt=f"mkdir -p {self.temp_directory}",
            )

    @property
    def spark(self) -> bool:
        """Whether Spark was chosen."""
        return self.engine == "spark" or any(self._spark_places)

    @property
    def _spark_places(self) -> tuple[bool, bool, bool]:
        return self.spark_remote is not None, self.spark_master is not None, self.spark_session is not None

    def _refuse_two_engines(self) -> None:
        places = {"remote": self.spark_remote, "master": self.spark_master}
        seen = ", ".join(
            f"{name} {place.split(';')[0]}" for name, place in places.items() if place is not None
        )
        seen += " and a session" if self.spark_session is not None else ""
        if self.engine == "duckdb" and seen:
            raise UsageError(
                "The engine is DuckDB, but a place of Spark is named too.",
                seen=seen,
                attempt="--engine spark, or neither --spark-remote nor --spark-master",
            )
        if sum(self._spark_places) > 1:
            raise UsageError(
                "Spark is to be found in two places.",
                seen=seen,
                attempt="one of --spark-remote, --spark-master and, in Python, spark_session",
            )

    @property
    def memory(self) -> int:
        """Bytes that the embedded engine may hold before it spills."""
        return self.memory_bytes or max(LEAST_MEMORY, int(MEMORY_SHARE * _machine_memory()))

    @property
    def workers(self) -> int:
        """Threads that sort and that count."""
        return self.threads or available_cores()


def parse_memory(text: str) -> int:
    """'4GB', '512 MB', '2GiB' in bytes. Raises UsageError on anything else."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]*)\s*", text)
    unit = found.group(2).lower() if found else "?"
    unit = f"{unit}b" if unit in ("k", "m", "g", "t") else unit.removesuffix("b") if unit == "b" else unit
    if not found or unit not in _UNITS:
        raise UsageError(
            "--memory-limit takes a number of bytes.", seen=repr(text), attempt="--memory-limit 4GB"
        )
    return int(float(found.group(1)) * _UNITS[unit])


def available_cores() -> int:
    """Cores that this process may use: a container has fewer than its machine."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _machine_memory() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # not a POSIX machine
        return 2 * LEAST_MEMORY
