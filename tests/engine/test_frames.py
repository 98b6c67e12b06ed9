"""Frames of every kind are one log; what is no frame is told what is."""

from __future__ import annotations

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset
import pyarrow.parquet as pq
import pytest
from reading import collect, messy_log, same_histories, table

from diagnose.errors import LogError, UsageError


class Streams:
    """An object of an unknown library that speaks Arrow's stream protocol."""

    def __init__(self, log: pa.Table) -> None:
        self.log = log

    def __arrow_c_stream__(self, requested_schema=None):
        return self.log.__arrow_c_stream__(requested_schema)


def relation(log: pa.Table) -> duckdb.DuckDBPyRelation:
    """A query of a connection of the caller's own, over a table in it."""
    connection = duckdb.connect()
    connection.register("frame", log)
    connection.execute("CREATE TABLE log AS SELECT * FROM frame")
    return connection.sql("SELECT * FROM log")


def dataset(log: pa.Table, folder) -> pa.dataset.Dataset:
    """Two files of a folder as pyarrow sees them."""
    half = len(log) // 2
    pq.write_table(log.slice(0, half), folder / "a.parquet")
    pq.write_table(log.slice(half), folder / "b.parquet")
    return pa.dataset.dataset(folder)


KINDS = {
    "pandas": lambda log, folder: log.to_pandas(),
    "a table": lambda log, folder: log,
    "a batch": lambda log, folder: log.combine_chunks().to_batches()[0],
    "a reader": lambda log, folder: log.to_reader(max_chunksize=37),
    "a data set": dataset,
    "polars": lambda log, folder: pl.from_arrow(log),
    "lazy polars": lambda log, folder: pl.from_arrow(log).lazy(),
    "lazy polars over a file": lambda log, folder: pl.scan_parquet(list(dataset(log, folder).files)),
    "a relation": lambda log, folder: relation(log),
    "a relation of the default connection": lambda log, folder: duckdb.from_arrow(log),
    "another library": lambda log, folder: Streams(log),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_log_is_the_same_in_every_frame(tmp_path, kind):
    """Histories, counts and fingerprint do not depend on what holds the rows."""
    log = messy_log(400)
    base, other = collect(log), collect(KINDS[kind](log, tmp_path))
    same_histories(base.sample, other.sample)
    assert base.facts == other.facts
    assert base.counts == other.counts


def test_only_the_needed_columns_are_asked_for(tmp_path):
    """Of a relation the columns without a role are never computed."""
    log = relation(messy_log(400))
    wide = log.project("*, error('nobody needs this') AS note")
    assert collect(wide).facts.events == collect(messy_log(400)).facts.events
    with pytest.raises(duckdb.Error):
        wide.fetchall()


def test_a_relation_stays_its_owner_s():
    """Reading neither consumes nor changes a relation, nor closes its connection."""
    log = relation(messy_log(400))
    first, second = collect(log), collect(log)
    assert first.facts == second.facts
    assert len(log.fetchall()) == len(messy_log(400))


def test_types_of_a_database_survive_the_stream():
    """Enums, 128-bit numbers, uuids and times with a zone are what they were."""
    query = duckdb.sql(
        "SELECT i::HUGEINT AS user_id, uuid() AS item_id, 'a'::ENUM('a') AS event_type, "
        "TIMESTAMPTZ '2024-01-01 00:00:00+00' + to_minutes(i) AS timestamp FROM range(9) t(i)"
    )
    found = collect(query)
    assert (found.facts.events, found.facts.users, found.facts.items) == (9, 9, 9)
    assert found.facts.first_event == "2024-01-01T00:00:00Z"


def test_what_goes_wrong_in_a_frame_is_told_in_its_words():
    """An error in the middle of a query, and a connection that was closed, are errors of the log."""
    log = relation(messy_log(400))
    broken = log.project("* REPLACE (CAST(concat('x', user_id) AS INTEGER) AS user_id)")
    with pytest.raises(LogError, match="frame cannot be read") as told:
        collect(broken)
    assert "Conversion" in told.value.seen
    connection = duckdb.connect()
    connection.execute("CREATE TABLE log AS SELECT 1 AS user_id")
    closed = connection.table("log")
    connection.close()
    with pytest.raises(LogError, match="frame cannot be read"):
        collect(closed)
    reader = table().to_reader()
    reader.read_all()
    with pytest.raises(LogError, match="no rows"):
        collect(reader)


@pytest.mark.parametrize(
    "thing",
    [
        7,
        None,
        {"user_id": [1], "item_id": [2]},
        pd.Series([1, 2], name="user_id"),
        pl.Series("user_id", [1, 2]),
        [{"user_id": 1}],
        [pd.DataFrame()],
        [],
    ],
    ids=lambda thing: type(thing).__name__,
)
def test_what_is_no_log_is_told_what_is(thing):
    """One message names what was given and everything that is taken."""
    with pytest.raises(UsageError, match="This is no log") as told:
        collect(thing)
    assert "DuckDB relation" in told.value.attempt
    assert "pandas" in told.value.attempt


def test_two_columns_of_one_name_are_an_error():
    """Which of them is meant, nobody can say."""
    for twice in (table(), table().to_reader()):
        renamed = pa.table(twice).rename_columns(["user_id", "item_id", "user_id"])
        with pytest.raises(LogError, match="one name"):
            collect(renamed if twice.__class__ is pa.Table else renamed.to_reader())


def test_a_role_that_is_open_is_asked_for_in_python():
    """A frame's missing column is told as the call would name it."""
    with pytest.raises(LogError, match="the frame") as told:
        collect(duckdb.sql("SELECT 1 AS uid, 2 AS sku, 3 AS place"))
    assert told.value.attempt.startswith("columns={")


def test_no_library_is_imported_to_tell_its_frames():
    """Reading a pyarrow table loads neither polars nor Spark."""
    import subprocess
    import sys

    code = (
        "import sys, pyarrow as pa\nfrom diagnose.engine.duck.frames import taken\n"
        "taken(pa.table({'a': [1]}))\nassert 'polars' not in sys.modules and 'pyspark' not in sys.modules"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
