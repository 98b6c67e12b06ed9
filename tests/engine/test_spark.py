"""Spark beside DuckDB: a session in this process, a standalone master with a worker, a Connect server.

Each is a process of its own, for one process speaks to Spark in one way; `parity.py` is what runs there.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

import pytest

pytest.importorskip("pyspark", reason="the extra `spark` is not installed")
if shutil.which("java") is None:
    pytest.skip("no Java on this machine", allow_module_level=True)

import whole
from cluster import LOOPBACK, SHORT_LIVED, connect_server, standalone
from parity import FILES, read, write

from diagnose import simulate

pytestmark = pytest.mark.spark
HERE = Path(__file__).parent
OURS = {"SPARK_LOCAL_IP": LOOPBACK, "PYSPARK_PYTHON": sys.executable, "JDK_JAVA_OPTIONS": SHORT_LIVED}
SECONDS = 600  # a busy machine; a run that hangs is an error
UNLIKE = {  # Spark has no nanoseconds: they are read as integers, and told so
    "nanoseconds.parquet": ("notes", "counts"),
    "epoch nanoseconds.parquet": ("notes",),
}
REFUSED = ("odd labels.parquet",)  # with the same words on every engine
TRIED = {"local": False, "standalone": True, "connect": False}  # the ways on which a trial runs too


def alone(name: str) -> pytest.MarkDecorator:
    """For tests that share a cluster, a server or a reading: one process runs them all."""
    return pytest.mark.xdist_group(name)


EVERY_WAY = pytest.mark.parametrize("way", [pytest.param(way, marks=alone(way)) for way in TRIED])


def ran(command: Sequence[str], **environment: str) -> subprocess.CompletedProcess[str]:
    """A program of its own, with nothing of this process's Spark."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SPARK_", "PYSPARK_"))}
    return subprocess.run(
        [sys.executable, *command],
        env=kept | OURS | environment,
        cwd=HERE,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )


def on_spark(folder: Path, way: str, address: str, *settings: str, **environment: str) -> dict:
    """What parity.py finds."""
    place = "spark_remote" if way == "connect" else "spark_master"
    options = [part for one in settings for part in ("--set", one)]
    options += ["--trial"] * TRIED[way]
    command = ["parity.py", str(folder), "--place", place, "--address", address, *options]
    told = ran(command, PYTHONPATH=str(HERE.parents[1]), **environment)
    assert told.returncode == 0, told.stderr[-4_000:]
    return json.loads(told.stdout)


@pytest.fixture(scope="module")
def logs(tmp_path_factory):
    """All logs on which engines could disagree."""
    folder = tmp_path_factory.mktemp("logs")
    write(folder)
    whole.write(folder)
    return folder


@pytest.fixture(scope="module")
def on_duckdb(logs):
    """What DuckDB finds in each."""
    return {file: read(str(logs / file)) for file in FILES}


@pytest.fixture(scope="module")
def master():
    """A standalone master and one worker."""
    with standalone() as url:
        yield url


@pytest.fixture(scope="module")
def remote():
    """A Connect server whose sessions are in another time zone."""
    with connect_server(conf={"spark.sql.session.timeZone": "Asia/Kolkata"}) as url:
        yield url


@pytest.fixture(scope="module")
def local_reading(logs):
    """In this machine's own process, without ANSI mode, host and session in other time zones."""
    settings = ("spark.sql.ansi.enabled=false", "spark.sql.session.timeZone=America/New_York")
    return on_spark(logs, "local", "local[2]", *settings, TZ="Asia/Tokyo")


@pytest.fixture(scope="module")
def standalone_reading(logs, master):
    """On a cluster, in ANSI mode."""
    return on_spark(logs, "standalone", master, "spark.sql.ansi.enabled=true", TZ="Australia/Adelaide")


@pytest.fixture(scope="module")
def connect_reading(logs, remote):
    """Through Connect, with small batches."""
    settings = ("spark.sql.ansi.enabled=true", "spark.sql.execution.arrow.maxRecordsPerBatch=17")
    return on_spark(logs, "connect", remote, *settings)


@EVERY_WAY
def test_spark_finds_what_duckdb_finds(way, on_duckdb, request):
    """Every tally, every count and the sampled users are the same, on every log and every way to Spark."""
    found = request.getfixturevalue(f"{way}_reading")["found"]
    for file, told in on_duckdb.items():
        unlike = UNLIKE.get(file, ())
        assert ("error" in told) == (file in REFUSED), file
        kept, other = ({k: v for k, v in one.items() if k not in unlike} for one in (told, found[file]))
        assert other == kept, file


@EVERY_WAY
def test_frames_and_tables_are_logs(way, on_duckdb, request):
    """A Spark frame and a view by its name are read like the file behind them."""
    reading = request.getfixturevalue(f"{way}_reading")
    assert reading["frame"] == reading["view"] == on_duckdb["integer.parquet"]


@EVERY_WAY
def test_a_whole_diagnosis_is_the_same(way, logs, request):
    """Every probe, and on the cluster a trial: the JSON differs in the name of the engine alone."""
    found = request.getfixturevalue(f"{way}_reading")["whole"]
    on_duckdb = whole.told(logs, trial=TRIED[way])
    assert (found["trial"]["status"] == "skipped") == (not TRIED[way])
    assert [one["log"].pop("engine") for one in (found, on_duckdb)] == ["spark", "duckdb"]
    assert found == on_duckdb


@alone("local")
def test_a_very_uneven_split_costs_a_second_pass_and_no_digit(local_reading, on_duckdb):
    """Where a part kept too few users for the sample the pass is made again, and the result is the same."""
    assert local_reading["short"] == on_duckdb["integer.parquet"]


@EVERY_WAY
def test_a_session_is_left_as_it_was(way, request):
    """Settings, views, tags and Python's path are as before, and the session goes on working."""
    before, after = request.getfixturevalue(f"{way}_reading")["session"]
    assert before == after
    assert before["works"] == 3


@EVERY_WAY
def test_the_package_reaches_the_workers(way, request):
    """What workers run came as a zip from this process, whatever is installed there."""
    assert ".zip/diagnose/" in request.getfixturevalue(f"{way}_reading")["shipped"]


@EVERY_WAY
def test_what_cannot_be_read_is_told_in_three_lines(way, request):
    """No such table or path, broken files, a column of no use: what, what was seen, what to try."""
    told = request.getfixturevalue(f"{way}_reading")["errors"]
    assert told["nowhere"][0].startswith("LogError: nowhere.at_all")
    assert "header" in told["headers"][1]
    assert told["broken"][0].startswith("LogError:")
    assert "no column plays the role" in told["columns"][0]
    for lines in told.values():
        assert len(lines) == 3, lines
        assert lines[1].startswith("Found: ")
        assert lines[2].startswith("Try:   ")
        assert len(lines[1]) < 450


def test_the_engine_alone_is_spark_on_this_machine_with_this_python(tmp_path):
    """Where nothing says which Spark and which Python, both are those of the command itself."""
    log = write_one(tmp_path)
    arguments = ["inspect", str(log), "--engine", "spark"]
    command = (
        f"import os; del os.environ['PYSPARK_PYTHON']; from diagnose.cli import main; main({arguments!r})"
    )
    told = ran(["-c", command], PATH="/usr/bin:/bin")
    assert told.returncode == 0, told.stderr[-4_000:]
    assert "users" in told.stdout


def test_workers_without_numpy_are_told(tmp_path):
    """A worker's Python that lacks numpy or pyarrow is one clear error, before the long passes."""
    venv.create(tmp_path / "bare", with_pip=False, symlinks=True)
    write_one(tmp_path)
    told = ran(
        ["-m", "diagnose", "inspect", str(tmp_path / "log.parquet"), "--spark-master", "local[1]"],
        PYSPARK_PYTHON=str(tmp_path / "bare" / "bin" / "python"),
        PYTHONPATH=str(HERE.parent.parent),
    )
    assert told.returncode == 2, told.stderr
    assert "Spark's workers lacks a package" in told.stderr
    assert "PYSPARK_PYTHON" in told.stderr


@pytest.mark.parametrize(
    "way", [pytest.param("master", marks=alone("standalone")), pytest.param("remote", marks=alone("connect"))]
)
def test_analyze_on_spark_writes_the_same_report(way, tmp_path, request):
    """The whole command on a cluster and through Connect: the JSON differs in engine and timings alone."""
    log = write_one(tmp_path)
    results = []
    for name, place in (("duck", []), ("spark", [f"--spark-{way}", request.getfixturevalue(way)])):
        options = ["--no-trial", "--quiet", *place, "--out", str(tmp_path / name)]
        told = ran(["-m", "diagnose", "analyze", str(log), *options])
        assert told.returncode == 0, told.stderr[-4_000:]
        results.append(json.loads((tmp_path / name / "log.json").read_text()))
        assert (tmp_path / name / "log.html").exists()
        del results[-1]["timings"]
    assert [result["log"].pop("engine") for result in results] == ["duckdb", "spark"]
    assert results[0] == results[1]


def write_one(folder: Path) -> Path:
    """A shop so small that most probes say that it is."""
    paths = simulate.write(simulate.world("ecommerce", users=300), folder / "log.parquet")
    return Path(next(iter(paths)))
