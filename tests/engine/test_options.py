"""How much of the machine a run may take, and what it leaves when it is killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time

import pyarrow.parquet as pq
import pytest
from reading import collect, messy_log, sampled, table

from diagnose import simulate
from diagnose.engine import EngineOptions, parse_memory
from diagnose.engine.duck.connection import without_bar
from diagnose.engine.duck.log import counted
from diagnose.engine.layout import Layout
from diagnose.engine.reader import Kernel
from diagnose.engine.workplace import LOCK, private_folder
from diagnose.errors import UsageError


@pytest.mark.parametrize(
    ("text", "octets"),
    [("4GB", 4 * 10**9), ("512 MB", 512 * 10**6), ("2GiB", 2**31), ("1.5g", 1_500_000_000), ("99", 99)],
)
def test_memory_is_read_as_people_write_it(text, octets):
    """Decimal and binary units, with and without blanks."""
    assert parse_memory(text) == octets


@pytest.mark.parametrize("text", ["", "lots", "-1GB", "4 parsecs"])
def test_memory_that_is_no_number_is_wrong_usage(text):
    """The message names what was given and what works."""
    with pytest.raises(UsageError, match="--memory-limit 4GB"):
        parse_memory(text)


def test_options_that_cannot_be_are_told(tmp_path):
    """Too little memory, a temp folder that is not there."""
    with pytest.raises(UsageError, match="--memory-limit"):
        EngineOptions(memory_bytes=1_000)
    with pytest.raises(UsageError, match="--temp-dir"):
        EngineOptions(temp_directory=tmp_path / "no")


def test_a_column_in_files_and_folder_names_is_told(tmp_path):
    """event=view/ with an event column inside: the folder's name wins, and the notes say so."""
    (tmp_path / "event=view").mkdir()
    pq.write_table(table(event=["x", "y", "z"]), tmp_path / "event=view" / "a.parquet")
    seen = collect(tmp_path)
    assert seen.sample.events == ("view",)
    assert any('override the column "event"' in note for note in seen.notes)


def test_what_a_dead_run_left_is_removed_and_the_living_stay(tmp_path):
    """A folder whose lock is free goes with the next run; one that is held, and a stranger's, stay."""
    dead, foreign = tmp_path / "diagnose-dead", tmp_path / "diagnose-data"
    dead.mkdir()
    (dead / LOCK).touch()
    (dead / "rows.parquet").write_bytes(b"x")
    foreign.mkdir()
    (foreign / "precious.txt").touch()
    with private_folder(tmp_path) as living, private_folder(tmp_path) as other:
        assert living.exists()
        assert other.exists()
        assert not dead.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["diagnose-data"]


def test_ctrl_c_ends_a_run_while_the_database_sorts():
    """The waiting thread is interrupted and stops the sorting one at once, not when the sort is over."""
    interrupted = threading.Event()

    def sorting():
        assert interrupted.wait(30), "nobody interrupted the sort"
        raise RuntimeError("Query interrupted")
        yield

    def pressed(rows):
        raise KeyboardInterrupt

    layout = Layout(True, (), (), frozenset(), True, True)
    kernel = Kernel(layout, sampled(), {}, None)
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        list(counted(sorting(), kernel, pressed, threads=2, interrupt=interrupted.set))
    assert interrupted.is_set()
    assert time.monotonic() - start < 20


def test_an_error_of_one_reader_ends_the_others():
    """What a tally raises is what the caller meets, whichever thread met it."""

    def broken(histories, settings):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        collect(messy_log(5_000), tallies={"broken": broken}, threads=3, batch_rows=2_048)


def _killed_while_reading(command, temp, moments):
    """Starts a run and kills it soon after its private folder is there."""
    before = set(temp.iterdir())
    run = subprocess.Popen(command, start_new_session=True)
    while run.poll() is None and set(temp.iterdir()) <= before:
        time.sleep(0.001)
    time.sleep(moments.uniform(0, 0.05))
    return run


@pytest.mark.slow
def test_a_killed_run_leaves_nothing_that_the_next_does_not_clean(tmp_path):
    """SIGKILL at 20 moments, half of them while the log is read: no half report, and after one good run no
    temp files. The shop is too small for most probes, so that reading and writing are much of a run.
    """
    log, temp, out = tmp_path / "log.csv", tmp_path / "temp", tmp_path / "r"
    temp.mkdir()
    simulate.write(simulate.world("stable", users=300, seed=1), log)
    command = [sys.executable, "-m", "diagnose", "analyze", str(log), "--no-trial", "--quiet"]
    command += ["--temp-dir", str(temp), "--out", str(out)]
    start = time.monotonic()
    assert subprocess.run(command).returncode == 0
    whole = time.monotonic() - start
    moments, left = random.Random(5), 0
    for turn in range(20):
        if turn % 2:
            run = _killed_while_reading(command, temp, moments)
        else:
            run = subprocess.Popen(command, start_new_session=True)
            time.sleep(moments.uniform(0.1, whole * 1.05))
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        left += bool(list(temp.iterdir()))
        pages = [path for path in out.iterdir() if path.suffix in (".html", ".json")]
        assert sorted(path.name for path in pages) == ["log.html", "log.json"]
        assert (out / "log.html").read_text().rstrip().endswith("</html>")
        assert (out / "log.json").read_text().rstrip().endswith("}")
    assert left > 5  # or nothing was there to be cleaned
    assert subprocess.run(command).returncode == 0
    assert not list(temp.iterdir())
    assert sorted(path.name for path in out.iterdir()) == ["log.html", "log.json"]


def test_a_log_is_read_within_its_options(tmp_path):
    """One thread, little memory and a temp folder of its own: read all the same, the folder left empty."""
    pq.write_table(messy_log(5_000), tmp_path / "log.parquet")
    temp = tmp_path / "temp"
    temp.mkdir()
    seen = collect(tmp_path / "log.parquet", threads=1, memory_bytes=64_000_000, temp_directory=temp)
    assert seen.counts.rows == 5_000
    assert not list(temp.iterdir())


def test_a_progress_bar_that_is_not_there_is_not_turned_off():
    """In Jupyter without ipywidgets DuckDB has no bar and refuses to be told so."""

    class Jupyter:
        def execute(self, statement):
            assert statement.startswith("SELECT"), "required package 'ipywidgets' is missing"
            return self

        def fetchone(self):
            return (False,)

    without_bar(Jupyter())
