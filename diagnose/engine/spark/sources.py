"""What Spark reads a log from: a table, paths that its workers can read, or a frame."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from diagnose.engine.addresses import scheme, shown
from diagnose.engine.formats import FORMATS, PACKINGS, SEPARATORS
from diagnose.errors import LogError, UsageError
from diagnose.formatting import printable

_WANTED = "a table name, a Spark frame, or paths of parquet, CSV or JSON lines that Spark's workers can read"


@dataclass(frozen=True, eq=False)
class Sources:
    """The log's rows as a Spark frame, under the names of its columns."""

    names: tuple[str, ...]  # as the user gave them, without secrets
    frame: Any
    kind: str = "table"  # "parquet", "csv", "json"


def frame_of(source: Any) -> Any:
    """The log as a Spark frame, None where it is none."""
    homes = [kind.__module__ for kind in type(source).__mro__]
    return source if any(home.startswith("pyspark.sql.") for home in homes) else None


def title_of(source: Any) -> str:
    """A log's name in messages."""
    many = [source] if isinstance(source, (str, os.PathLike)) else source
    if frame_of(source) is not None or not isinstance(many, Sequence) or not many:
        return "the log"
    rest = f" and {len(many) - 1} more" if len(many) > 1 else ""
    return printable(shown(str(many[0])), 200) + rest


def find(session: Any, source: Any) -> Sources:
    """The log behind a frame, a table's name, or paths."""
    if (frame := frame_of(source)) is not None:
        return Sources(("a Spark frame",), frame)
    if isinstance(source, (str, os.PathLike)):
        source = [source]
    if (
        not isinstance(source, Sequence)
        or not source
        or not all(isinstance(one, (str, os.PathLike)) for one in source)
    ):
        seen = f"{type(source).__module__.partition('.')[0]} {type(source).__name__}"
        attempt = "spark.createDataFrame(frame), or frame.to_spark() of pandas on Spark"
        raise UsageError(f"A log on Spark is {_WANTED}.", seen=seen, attempt=attempt)
    given = [os.fspath(one) for one in source]
    names = tuple(shown(name) for name in given)
    if len(given) == 1 and _is_table(session, given[0]):
        return Sources(names, session.table(given[0]))
    kinds = {_kind(name) for name in given}
    if len(kinds) > 1:
        raise LogError(f"{names[0]}: one log, but files of several kinds.", seen=", ".join(sorted(kinds)))
    kind = kinds.pop()
    return Sources(names, _read(session, [_absolute(name) for name in given], kind), kind)


def _is_table(session: Any, name: str) -> bool:
    """Whether a name is that of a table or view. A path is none, and may not even parse as one."""
    if "/" in name or "\\" in name or Path(name).exists():
        return False
    with suppress(Exception):
        return bool(session.catalog.tableExists(name))
    return False


def _absolute(name: str) -> str:
    """A path of this machine in full: a Connect server or a worker stands in another folder."""
    local = scheme(name) is None and not name.startswith("/")
    return str(Path(name).absolute()) if local else name


def _read(session: Any, paths: list[str], kind: str) -> Any:
    match kind:
        case "csv":
            return _csv(session, paths)
        case "json":
            reader = session.read.option("primitivesAsString", "true").option("mode", "FAILFAST")
            return reader.json(paths)
        case _:
            return session.read.schema(_parquet_schema(session, paths)).parquet(*paths)


def _kind(path: str) -> str:
    """By name; what has no telling name is a folder or glob of parquet."""
    name = path.rstrip("/*").lower()
    for ending in PACKINGS:
        name = name.removesuffix(ending)
    return FORMATS.get(Path(name).suffix, "parquet")


def _parquet_schema(session: Any, paths: list[str]) -> Any:
    """The columns of all files: nanoseconds, which Spark has not, as integers; keys of folders as text."""
    with _probing(session) as probe:
        probe.conf.set("spark.sql.legacy.parquet.nanosAsLong", "true")
        probe.conf.set("spark.sql.sources.partitionColumnTypeInference.enabled", "false")  # key=007 is text
        return probe.read.option("mergeSchema", "true").parquet(*paths).schema


@contextmanager
def _probing(session: Any) -> Iterator[Any]:
    """A session beside the caller's, in which settings may differ."""
    probe = session.newSession()
    try:
        yield probe
    finally:
        if not hasattr(session, "sparkContext"):  # on Connect; a classic one would end the cluster's context
            probe.stop()


def _csv(session: Any, paths: list[str]) -> Any:
    head = session.read.text(paths).first()
    line = head[0] if head else ""
    separator = max(SEPARATORS, key=line.count)
    options = {
        "header": "true",
        "sep": separator,
        "quote": '"',
        "escape": '"',
        "multiLine": "true",  # a quoted field may hold a line break
        "enforceSchema": "false",  # files whose headers differ are an error, not columns mixed up
        "mode": "FAILFAST",
    }
    frame = session.read.options(**options).csv(paths)
    places = [f"c{place}" for place in range(len(frame.columns))]
    bare = [
        f"CASE WHEN {place} NOT IN ('NULL', 'null', CAST(X'5C4E' AS STRING)) THEN {place} END AS {place}"
        for place in places
    ]
    return frame.toDF(*places).selectExpr(*bare).toDF(*(name.lstrip("\ufeff") for name in frame.columns))
