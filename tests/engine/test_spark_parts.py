"""What of the Spark engine needs no Spark: parcels, the zip, the share of a part, options, errors."""

from __future__ import annotations

import dataclasses
import io
import subprocess
import sys
import zipfile
from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from parity import odd_log, plain
from reading import collect, messy_log, sampled

from diagnose import engine
from diagnose.conditions import OF_THE_LOG
from diagnose.engine import EngineOptions, LogSize
from diagnose.engine.log import layout_of
from diagnose.engine.reader import Kernel
from diagnose.engine.sample import Drawn, enough, smallest
from diagnose.engine.spark import log as spark_log
from diagnose.engine.spark.parcels import packed, unpacked
from diagnose.engine.spark.session import _told
from diagnose.engine.spark.shipping import archive
from diagnose.engine.spark.sources import _kind, find
from diagnose.engine.spark.worker import Count, _numbers
from diagnose.engine.stream import whole_users
from diagnose.errors import LogError, ResourceError, UsageError


@pytest.fixture(scope="module")
def part():
    """What one reader found, and the layout of what it read."""
    options = EngineOptions(threads=1)
    settings = sampled(minimum_history=3, users=None)
    with engine.open_log(odd_log("text"), settings=settings, options=options) as log:
        layout = layout_of(log, log.rows())
        (found,) = log.histories(Kernel(layout, settings, OF_THE_LOG, most_users=None), lambda rows: None)
    return found, layout


def test_a_parcel_brings_back_what_was_packed(part):
    """Every tally, the counts and the sample, with their types; arrays to the last bit."""
    found, layout = part
    again = unpacked(packed(found), layout)
    assert plain(again) == plain(found)
    assert again.drawn[0].histories.user.dtype == np.uint64
    assert {name: type(one) for name, one in again.tallies.items()} == {
        name: type(one) for name, one in found.tallies.items()
    }
    assert plain(again + again) == plain(found + found)


def test_a_parcel_holds_no_pickle_and_no_class_of_others(part):
    """Arrays are read without pickle; a structure that names a class of another package is refused."""
    found, layout = part
    with np.load(io.BytesIO(packed(found)), allow_pickle=False) as arrays:
        assert all(not arrays[name].dtype.hasobject for name in arrays)
    foreign = dataclasses.make_dataclass("Foreign", [("value", int)])
    with pytest.raises(TypeError, match="no tally of ours"):
        unpacked(packed(dataclasses.replace(found, tallies={"foreign": foreign(1)})), layout)
    with pytest.raises(TypeError, match="cannot be part of a tally"):
        packed(dataclasses.replace(found, tallies={"odd": np.array([object()])}))


def test_a_worker_joins_batches_and_reads_eight_bytes_as_a_number():
    """Ids as integers or as eight bytes, in small batches with offsets: the arrays of the kernel."""
    ids = np.array([5, -3, 2**63 - 1, -(2**63)], dtype="<i8")
    column = pa.array([one.tobytes() for one in ids], pa.binary())
    assert _numbers(column).tolist() == ids.tolist()
    assert _numbers(column.slice(1, 2)).tolist() == ids[1:3].tolist()
    batches = [pa.record_batch([column.slice(at, 1), pa.array([at])], names=["u", "t"]) for at in range(4)]
    pieces = list(Count(kernel=None, batch_rows=3)._pieces(iter(batches)))
    assert [len(user) for user, _ in pieces] == [3, 1]
    assert np.concatenate([user for user, _ in pieces]).tolist() == ids.tolist()


def test_users_are_cut_whatever_their_order():
    """Users that lie together but in no order of their keys stay whole across pieces."""
    users = np.array([5, 5, 1, 1, 1, 9, 2, 2])
    pieces = [(users[at : at + 3],) for at in range(0, 8, 3)]
    told = [user.tolist() for (user,) in whole_users(iter(pieces))]
    assert [user for piece in told for user in piece] == users.tolist()
    assert not any(set(one) & set(other) for one, other in pairwise(told))


def test_the_zip_is_python_alone_and_always_the_same():
    """Two processes make the same bytes, named by their content, without the templates of the report."""
    with zipfile.ZipFile(archive()) as opened:
        names = opened.namelist()
    assert "diagnose/engine/spark/worker.py" in names
    assert all(name.endswith(".py") for name in names)
    code = "from diagnose.engine.spark.shipping import archive; print(archive().name)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == archive().name


def test_a_part_keeps_enough_users_for_the_sample():
    """A fair split of 20,000 users into 50 parts fits the share of each, and the share is small."""
    rng = np.random.default_rng(0)
    kernel = Kernel(None, sampled(), {}, most_users=20_000)
    share = spark_log._share(kernel, 50)
    assert share < 700
    assert np.bincount(rng.integers(0, 50, 20_000)).max() <= share
    assert spark_log._share(kernel, 1) == 20_000
    assert spark_log._share(Kernel(None, sampled(), {}, most_users=None), 50) is None


def test_too_few_users_are_noticed():
    """A part that kept fewer than its share of the smallest is not taken for the sample."""
    log = collect(messy_log()).sample
    order = log.select(np.argsort(log.user))
    cut = Drawn(order.select(np.arange(10)), complete=int(order.user[9]))
    assert enough([cut], users=10)
    assert not enough([cut], users=11)
    assert not enough([cut], users=None)
    with pytest.raises(ValueError, match="too few"):
        smallest([cut], users=11)


def test_a_log_that_moves_while_it_is_read_is_refused(tmp_path):
    """The two passes must see the same events: what one saw and the other did not is an error."""
    with engine.open_log(messy_log()) as log:
        raw = log.rows()
        moved = dataclasses.replace(raw, by_fault={**raw.by_fault, "event": raw.by_fault["event"] + 1})
        log.rows = lambda: moved
        with pytest.raises(LogError, match="changed while it was read"):
            engine.collect(log, {})


@pytest.mark.parametrize(
    "places",
    [
        {"engine": "duckdb", "spark_master": "local[2]"},
        {"spark_remote": "sc://here", "spark_master": "local[2]"},
        {"spark_session": object(), "spark_master": "local[2]"},
    ],
)
def test_one_engine_in_one_place(places):
    """DuckDB with a place of Spark, or Spark in two places, is refused."""
    with pytest.raises(UsageError):
        EngineOptions(**places)
    assert EngineOptions(spark_master="local[2]").spark
    assert not EngineOptions(engine="duckdb").spark


@pytest.mark.parametrize("place", ["spark_remote", "spark_master"])
def test_where_nothing_answers_is_told_at_once(place):
    """An address without a Spark ends in seconds with its name, not after ten minutes of retries."""
    pytest.importorskip("pyspark")
    address = {"spark_remote": "sc://127.0.0.1:1/;token=secret", "spark_master": "spark://127.0.0.1:1"}[place]
    with pytest.raises(UsageError, match="No Spark answers at") as raised:
        collect("events", **{place: address})
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("text", "kind", "says"),
    [
        ("ModuleNotFoundError: No module named 'numpy'", UsageError, "lacks a package"),
        ("[PYTHON_VERSION_MISMATCH] Python in worker has", UsageError, "another Python"),
        ("java.lang.OutOfMemoryError: Java heap space", ResourceError, "memory"),
        ("bigger than spark.driver.maxResultSize", ResourceError, "memory"),
        ("[PATH_NOT_FOUND] Path does not exist", LogError, "cannot read"),
        ('Traceback:\n File "/x/diagnose/engine/reader.py", line 3\nKeyError', type(None), ""),
    ],
)
def test_errors_of_spark_are_ours_but_bugs_are_not(text, kind, says):
    """What Spark raises says what to try; an error out of our own code on a worker stays a bug."""
    told = _told("log", text)
    assert type(told) is kind
    assert says in str(told or "")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("s3://b/events/", "parquet"),
        ("/x/*.csv.gz", "csv"),
        ("a.JSONL", "json"),
        ("hdfs:///x/y=1/*", "parquet"),
        ("b.tsv", "csv"),
    ],
)
def test_kinds_of_files_go_by_name(path, kind):
    """What has no telling name is parquet."""
    assert _kind(path) == kind


def test_frames_of_others_are_no_log_on_spark():
    """A pandas frame is refused before any session is asked, with what to try."""
    with pytest.raises(UsageError, match="A log on Spark is") as raised:
        find(session=None, source=pd.DataFrame({"user_id": [1]}))
    assert "createDataFrame" in str(raised.value)


def test_nothing_is_known_of_a_log_on_spark_before_it_is_read():
    """The forecast says so, instead of a number."""
    assert "one shuffle" in engine.forecast(LogSize(octets=None, rows=None), sampled(users=5))
