"""Whether this machine's engines work: a query to DuckDB, Spark and its Java, what reads buckets and URLs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from diagnose.checks import Check, installed

LEAST_JAVA = 17  # of Spark 4
PATIENCE = 20  # seconds for Java to say its version
EXTRAS = {"s3fs": "s3://", "gcsfs": "gs://", "aiohttp": "https://"}  # package -> the logs that it reads


def checks() -> Iterator[Check]:
    """DuckDB first: without it no log is read."""
    yield _duckdb()
    yield _spark()
    yield _elsewhere()


def _duckdb() -> Check:
    try:
        import duckdb

        with duckdb.connect(":memory:") as connection:
            answer = connection.execute("SELECT sum(i) FROM range(1000) AS numbers(i)").fetchone()
        if answer == (499_500,):
            return Check(name="engine duckdb", told=f"{duckdb.__version__} answers")
        seen = "a query gives a wrong answer"
    except Exception as error:  # whatever a broken library raises
        seen = f"does not work: {type(error).__name__}"
    return Check(
        name="engine duckdb",
        state="problem",
        told=seen,
        attempt="pip install --force-reinstall duckdb",
    )


def _spark() -> Check:
    version = installed("pyspark")
    if version is None:
        return Check(name="engine spark", told="not installed; only --engine spark needs it")
    java = _java()
    if java is not None and java >= LEAST_JAVA:
        return Check(name="engine spark", told=f"{version}, Java {java}")
    return Check(
        name="engine spark",
        state="note",
        told=f"{version}, but {'no Java' if java is None else f'Java {java}'}",
        attempt=f"Java {LEAST_JAVA} or newer for --spark-master; --spark-remote needs none",
    )


def _java() -> int | None:
    """The main version of the Java that Spark would start, None where there is none that answers."""
    home = os.environ.get("JAVA_HOME")
    program = shutil.which("java", path=str(Path(home) / "bin") if home else None)
    if program is None:
        return None
    try:
        asked = subprocess.run(  # noqa: S603  (the Java that Spark would start)
            [program, "-version"], capture_output=True, text=True, timeout=PATIENCE
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.search(r'version "(?:1\.)?(\d+)', asked.stderr + asked.stdout)
    return int(found.group(1)) if found else None


def _elsewhere() -> Check:
    there = [f"{what} ({package} {version})" for package, what, version in _extras() if version]
    return Check(
        name="logs elsewhere",
        told=", ".join(there) if there else "no extra for s3://, gs:// or https://; local files need none",
    )


def _extras() -> Iterator[tuple[str, str, str | None]]:
    for package, what in EXTRAS.items():
        yield package, what, installed(package)
