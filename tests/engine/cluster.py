"""Spark for real, on this machine alone: a standalone master with one worker, and a Connect server.

pip's pyspark has no start scripts for a cluster, so its `spark-class` and `spark-submit` start the
daemons. Everything they need came with pip: nothing is downloaded, and nothing listens but on loopback.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pyspark

LOOPBACK = "127.0.0.1"
SPARK_HOME = Path(pyspark.__file__).parent
READY_SECONDS = 180  # a master takes 5 seconds, a Connect server 10; two busy cores take far longer
STOP_SECONDS = 10  # shutdown hooks remove the folders of executors; later than this they are stuck
TAIL_LINES = 40
SHORT_LIVED = (
    "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # JVMs of minutes: optimising code costs as much again
)

MASTER_READY = re.compile(r"Starting Spark master at (spark://\S+)(?=[\s\S]*New state: ALIVE)")
WORKER_READY = re.compile(r"Successfully registered with master (spark://\S+)")
CONNECT_READY = re.compile(r"Spark Connect server started at: (\S+:\d+)")


@contextmanager
def standalone(*, cores: int = 2, memory: str = "2g", seconds: float = READY_SECONDS) -> Iterator[str]:
    """Run a standalone master and one worker; yields the master's spark://127.0.0.1:port.

    A driver needs spark.driver.host and spark.driver.bindAddress = 127.0.0.1, and PYSPARK_PYTHON in *its*
    environment: the workers run the Python that the driver names.
    """
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(
                tempfile.TemporaryDirectory(prefix="spark-cluster-", ignore_cleanup_errors=True)
            )
        )
        environment = _environment(folder, python=sys.executable) | {"SPARK_DAEMON_MEMORY": "512m"}
        anywhere = ("--host", LOOPBACK, "--port", "0", "--webui-port", "0")
        master = _running(
            _daemon("master.Master", *anywhere), MASTER_READY, folder / "master.log", environment, seconds
        )
        url = stack.enter_context(master)
        size = ("--cores", str(cores), "--memory", memory, "--work-dir", str(folder / "work"))
        worker = _running(
            _daemon("worker.Worker", *anywhere, *size, url),
            WORKER_READY,
            folder / "worker.log",
            environment,
            seconds,
        )
        stack.enter_context(worker)
        yield url


@contextmanager
def connect_server(
    master: str = "local[2]",
    *,
    conf: Mapping[str, str] | None = None,
    python: str = sys.executable,
    seconds: float = READY_SECONDS,
) -> Iterator[str]:
    """Run a Connect server on `master`; yields its sc://127.0.0.1:port.

    `python` runs the workers' functions: name one without this package to test that it is shipped.
    Stop every session before leaving: a client left open calls the dead server for ten minutes at exit.
    """
    with tempfile.TemporaryDirectory(prefix="spark-connect-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        settings = {
            "spark.connect.grpc.binding.address": LOOPBACK,
            "spark.connect.grpc.binding.port": "0",
            "spark.driver.host": LOOPBACK,
            "spark.driver.bindAddress": LOOPBACK,
            "spark.ui.enabled": "false",
            "spark.sql.warehouse.dir": str(folder / "warehouse"),
        } | dict(conf or {})
        command = [
            str(SPARK_HOME / "bin" / "spark-submit"),
            *("--class", "org.apache.spark.sql.connect.service.SparkConnectServer"),
            *("--master", master),
            *(part for key, value in settings.items() for part in ("--conf", f"{key}={value}")),
        ]
        environment = _environment(folder, python=python)
        with _running(command, CONNECT_READY, folder / "connect.log", environment, seconds) as address:
            yield f"sc://{address}"


def _daemon(name: str, *options: str) -> list[str]:
    """Command line of one of Spark's own daemons."""
    return [str(SPARK_HOME / "bin" / "spark-class"), f"org.apache.spark.deploy.{name}", *options]


def _environment(folder: Path, *, python: str) -> dict[str, str]:
    """This process's environment without its Spark and Hadoop settings, and with ours.

    PYTHONPATH goes too: workers must find the package because it was shipped, not by luck.
    """
    foreign = ("SPARK_", "PYSPARK_", "HADOOP_", "YARN_", "PYTHONPATH")
    ours = {
        "SPARK_HOME": str(SPARK_HOME),
        "SPARK_CONF_DIR": str(folder),
        "SPARK_LOCAL_IP": LOOPBACK,
        "SPARK_LOCAL_DIRS": str(folder),
        "SPARK_MASTER_OPTS": "-Dspark.master.rest.enabled=false",  # or it takes port 6066
        "PYSPARK_PYTHON": python,
        "PYSPARK_DRIVER_PYTHON": python,
        "JDK_JAVA_OPTIONS": SHORT_LIVED,
    }
    return {key: value for key, value in os.environ.items() if not key.startswith(foreign)} | ours


@contextmanager
def _running(
    command: list[str], ready: re.Pattern[str], log: Path, environment: dict[str, str], seconds: float
) -> Iterator[str]:
    """Start a daemon in a process group of its own; yields what `ready` captures in its log."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=log.parent,
            start_new_session=True,
        )
    try:
        yield _wait(process, ready, log, seconds)
    finally:
        _stop(process)


def _wait(process: subprocess.Popen[bytes], ready: re.Pattern[str], log: Path, seconds: float) -> str:
    """Wait until the log says that the daemon is ready; an error shows the end of the log."""
    deadline = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < deadline:
        if found := ready.search(log.read_text(errors="replace")):
            return found.group(1)
        time.sleep(0.1)
    fate = f"not ready in {seconds:g} s" if process.returncode is None else f"exit {process.returncode}"
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-TAIL_LINES:])
    raise RuntimeError(f"{log.stem}: {fate}; its log ends:\n{tail}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the daemon and all it started.

    Executors are in the daemon's group. The Python workers are not, but end when their executor does.
    """
    _signal_group(process, signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
    _signal_group(process, signal.SIGKILL)
    process.wait()


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Signal the group; its leader may be gone while others of the group are not."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)
