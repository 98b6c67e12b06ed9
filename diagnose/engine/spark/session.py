"""A Spark session, the caller's or ours while the log is read; and Spark's errors as ours."""

from __future__ import annotations

import os
import re
import socket
import sys
import uuid
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

from diagnose.engine.options import EngineOptions
from diagnose.errors import LogError, ResourceError, UsageError
from diagnose.formatting import printable

REACH_SECONDS = 10.0  # to answer a call: Spark itself would try for ten minutes
CONNECT_PORT, MASTER_PORT = 15002, 7077
_CANCELLED = ("SPARK_JOB_CANCELLED", "OPERATION_CANCELED")
_QUIET = {
    "spark.app.name": "diagnose",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
}
_HERE = ("local", "spark://127.", "spark://localhost", "spark://[::1]")
_CONFIGURED = ("SPARK_HOME", "SPARK_CONF_DIR", "SPARK_REMOTE", "MASTER", "PYSPARK_GATEWAY_PORT")
_LACKING = re.compile(r"(?:ModuleNotFoundError: No module named|PACKAGE_NOT_INSTALLED\W+)\W*([\w.]+)")
_NOISE = re.compile(
    r"An error occurred while calling \S+\s*:?\s*|(?:\b[a-z]+[.])+[A-Z]\w*(?:Exception|Error):\s*"
)
_SUPPLY = 'pip install "scenario-fit[spark]", and Java 17 unless Spark is reached by --spark-remote'


@contextmanager
def session(options: EngineOptions, frame: Any = None) -> Iterator[Any]:
    """The session of a frame, of the options, or of this process; a new one is stopped at the end."""
    existing = frame.sparkSession if frame is not None else options.spark_session
    if existing is not None:
        yield existing
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # pandas 3: no pandas passes through Spark here
        existing = _spark().sql.SparkSession.getActiveSession()
        if existing is not None and options.spark_remote is None and options.spark_master is None:
            yield existing
            return
        _refuse_a_second(existing, options)
        made = _made(options)
    try:
        yield made
    finally:
        made.stop()


def _refuse_a_second(existing: Any, options: EngineOptions) -> None:
    """Spark would give the session that is there, with our settings in it, and we would stop it."""
    if existing is not None and options.spark_master is not None:
        raise UsageError(
            "A Spark session is open in this process already.",
            seen=f"spark_master {options.spark_master}",
            attempt="spark_session= with that session, or a process of its own",
        )


@contextmanager
def interruptible(session: Any) -> Iterator[None]:
    """Jobs begun here end when the caller is interrupted; no other job of the session does."""
    tag = f"diagnose-{uuid.uuid4().hex}"
    session.addTag(tag)
    try:
        yield
    except BaseException:
        with suppress(Exception):  # the session may be what failed
            session.interruptTag(tag)
        raise
    finally:
        with suppress(Exception):
            session.removeTag(tag)


@contextmanager
def errors_as_ours(title: str) -> Iterator[None]:
    """What Spark raises about a log or its workers, in three lines; a bug of ours stays a bug."""
    from py4j.protocol import Py4JError
    from pyspark.errors import ParseException, PySparkException

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            yield
    except ParseException:
        raise  # our SQL, hence our bug
    except (PySparkException, Py4JError) as error:
        if any(sign in str(error) for sign in _CANCELLED):
            raise KeyboardInterrupt from error  # Ctrl-C reaches the jobs first, or somebody ended them
        told = _told(title, str(error))
        if told is None:
            raise
        raise told from error


def _told(title: str, text: str) -> Exception | None:
    """An error of Spark as one of ours; None where it is a bug."""
    if lacking := _LACKING.search(text):
        return UsageError(
            "The Python of Spark's workers lacks a package.",
            seen=lacking.group(1),
            attempt="numpy and pyarrow for the workers' Python; PYSPARK_PYTHON says which Python that is",
        )
    if "PYTHON_VERSION_MISMATCH" in text or "Cannot run program" in text:
        return UsageError(
            "Spark's workers run another Python than this one, or none.",
            seen=_first(text),
            attempt=f"PYSPARK_PYTHON=/path/to/python{sys.version_info.major}.{sys.version_info.minor} "
            "where the session (or its Connect server) is started",
        )
    if any(sign in text for sign in ("OutOfMemory", "maxResultSize", "No space left", "Java heap space")):
        return ResourceError(
            "Spark ran out of memory or disk while the log was read.",
            seen=_first(text),
            attempt="more memory for driver and executors, or fewer users (--users 5000)",
        )
    if 'File "' in text and "/diagnose/" in text and "diagnose.errors" not in text:
        return None
    return LogError(
        f"{title}: Spark cannot read the log.",
        seen=_first(text),
        attempt="a table name, or a path that Spark's workers can read, of parquet, CSV or JSON lines",
    )


def _first(text: str) -> str:
    """What an error says, without the stack and the class names of the JVM."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    causes = [line for line in lines if line.startswith("Caused by:")]
    told = [_NOISE.sub("", line) for line in lines if not line.startswith("at ")][:2] + causes[-1:]
    return printable(_NOISE.sub("", " ".join(filter(None, told))).lstrip(": "), 400)


def _spark() -> Any:
    try:
        import pyspark.sql
    except ImportError as error:
        raise UsageError("The Spark engine needs pyspark.", seen=str(error), attempt=_SUPPLY) from error
    return pyspark


def _made(options: EngineOptions) -> Any:
    from pyspark.errors import PySparkException

    builder = _spark().sql.SparkSession.builder
    place = options.spark_remote or options.spark_master or ""
    _reach(place)
    try:
        if options.spark_remote is not None:
            return builder.remote(options.spark_remote).create()
        return _classic(builder, options.spark_master)
    except (PySparkException, ImportError, RuntimeError) as error:
        raise UsageError(
            "Spark cannot be started or reached.", seen=_first(str(error)), attempt=_SUPPLY
        ) from error


def _classic(builder: Any, master: str | None) -> Any:
    """A session with a driver in this process. On this machine the workers run this very Python."""
    settings, variables = dict(_QUIET), dict[str, str]()
    if master is None and not any(name in os.environ for name in _CONFIGURED):
        master = "local[*]"  # what Spark would take, too
    if master is not None:
        settings["spark.master"] = master
    if master is not None and master.startswith(_HERE):
        settings |= {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
        variables = {"PYSPARK_PYTHON": sys.executable, "PYSPARK_DRIVER_PYTHON": sys.executable}
    for name, value in settings.items():
        builder = builder.config(name, value)
    with _environment({name: value for name, value in variables.items() if name not in os.environ}):
        return builder.getOrCreate()


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    os.environ.update(variables)
    try:
        yield
    finally:
        for name in variables:
            os.environ.pop(name, None)


def _reach(place: str) -> None:
    """Refuse an address at which nothing answers: at once, and with its name."""
    if not place.startswith(("sc://", "spark://")):
        return
    parts = urlsplit(place.split(",")[0].split(";")[0])
    port = CONNECT_PORT if parts.scheme == "sc" else MASTER_PORT
    try:
        host, port = parts.hostname or "", parts.port or port
        socket.create_connection((host, port), timeout=REACH_SECONDS).close()
    except (OSError, ValueError) as error:
        raise UsageError(
            f"No Spark answers at {printable(place.split(';')[0], 200)}.",
            seen=printable(str(error), 200),
            attempt="--spark-remote sc://host:15002 (a Connect server) or --spark-master spark://host:7077",
        ) from error
