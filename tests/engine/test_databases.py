"""Tables and views of databases: the same histories as a frame, nothing written, clear errors."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from reading import START, collect, messy_log, same_histories, table

from diagnose import engine
from diagnose.engine.duck import databases
from diagnose.engine.duck.connection import connect
from diagnose.engine.options import EngineOptions
from diagnose.errors import LogError, UsageError

SECRET = "hunter2"


def duckdb_file(path: Path, log: pa.Table) -> Path:
    """A DuckDB file with the log as a table, as a view, in a schema, and with other tables."""
    with duckdb.connect(str(path)) as connection:
        connection.register("log", log)
        connection.execute("CREATE TABLE events AS FROM log")
        connection.execute("CREATE SCHEMA old")
        connection.execute('CREATE TABLE old."my.events" AS FROM log')
        connection.execute("CREATE TABLE old.events AS FROM log LIMIT 0")
        connection.execute(
            "CREATE VIEW wide AS SELECT CAST(user_id AS HUGEINT) AS user_id, * EXCLUDE user_id FROM events"
        )
    return path


def sqlite_file(path: Path, log: pa.Table, kinds: str = "INTEGER, TEXT, INTEGER, TEXT, TEXT") -> Path:
    """A SQLite file with the log as a table and as a view. Its columns may be declared to be anything."""
    columns = ", ".join(
        f'"{name}" {kind}' for name, kind in zip(log.column_names, kinds.split(","), strict=True)
    )
    connection = sqlite3.connect(path)
    connection.execute(f"CREATE TABLE events ({columns})")
    marks = ", ".join("?" for _ in log.column_names)
    connection.executemany(
        f"INSERT INTO events VALUES ({marks})", [tuple(row.values()) for row in log.to_pylist()]
    )
    connection.execute("CREATE VIEW seen AS SELECT * FROM events")
    connection.commit()
    connection.close()
    return path


def same_log(source: str, log: pa.Table) -> engine.Collected:
    """Assert that a table is this log to the last digit."""
    base, other = collect(log), collect(source)
    same_histories(base.sample, other.sample)
    assert (base.counts, base.facts.fingerprint) == (other.counts, other.facts.fingerprint)
    assert other.facts.sources == (source,)
    return other


@pytest.mark.parametrize("name", ["events", "main.events", "EVENTS", "my.events", "old.my.events", "wide"])
def test_a_table_of_duckdb_is_a_log(tmp_path, name):
    """A table or view, with or without its schema, whatever the case and the dots of its name."""
    log = messy_log(400)
    same_log(f"{duckdb_file(tmp_path / 'shop.duckdb', log)}::{name}", log)


@pytest.mark.parametrize("name", ["events", "main.events", "seen"])
@pytest.mark.parametrize("kinds", ["INTEGER,TEXT,INTEGER,TEXT,TEXT", "TEXT,BLOB,NUMERIC,,", "REAL,,REAL,,"])
def test_a_table_of_sqlite_is_a_log(tmp_path, kinds, name):
    """A table or view, whatever types its columns were declared with: the values count."""
    log = messy_log(400)
    same_log(f"{sqlite_file(tmp_path / 'shop.db', log, kinds)}::{name}", log)


def test_sqlite_values_are_typed_by_our_own_rules(tmp_path):
    """Long numbers keep all digits, bytes are ids, a late text among integers is an id, dates are times."""
    log = table(
        user_id=["007", "7", "late"],
        item_id=[b"\x00\x01", b"\x00\x02", b"\xff"],
        timestamp=["2023-11-14 22:13:20", "2023-11-14T22:14:20+00:00", "2023-11-14 22:15:20.5"],
    )
    counts = collect(f"{sqlite_file(tmp_path / 'shop.db', log, ',,')}::events").counts
    assert (counts.users, counts.items, counts.events) == (3, 3, 3)
    big = table(user_id=[2**62, 2**62 + 1, 2**62 + 2], timestamp=[(START + n) * 1e6 + 0.25 for n in range(3)])
    assert collect(f"{sqlite_file(tmp_path / 'big.db', big, ',,')}::events").counts.users == 3


def test_a_view_keeps_its_types_when_it_is_copied(tmp_path):
    """Integers of 128 bits, enums, UUIDs and whole seconds: a copy of a view is what the view is."""
    file = tmp_path / "kinds.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute(
            "CREATE TABLE events AS SELECT "
            "CAST(i % 9 AS HUGEINT) + 170141183460469231731687303715884105000 AS user_id, uuid() AS item_id, "
            "CAST(make_timestamp(1700000000000000 + i * 1000000) AS TIMESTAMP_S) AS timestamp, "
            "CAST(CASE WHEN i % 2 = 0 THEN 'a' ELSE 'b' END AS ENUM('a', 'b')) AS category "
            "FROM range(200) AS r(i)"
        )
        connection.execute("CREATE VIEW copied AS FROM events")
    there, here = collect(f"{file}::events"), collect(f"{file}::copied")
    same_histories(there.sample, here.sample)
    assert there.counts == here.counts
    assert here.counts.users == 9


def test_rows_are_known_before_reading(tmp_path):
    """A database counts its rows: the forecast is exact."""
    log = messy_log(400)
    for file in (duckdb_file(tmp_path / "shop.duckdb", log), sqlite_file(tmp_path / "shop.db", log)):
        with engine.open_log(f"{file}::events") as opened:
            assert opened.size.rows == 400
            assert opened.size.octets == file.stat().st_size


def test_only_the_columns_that_play_a_role_are_copied(tmp_path, monkeypatch):
    """SQLite is asked for the columns of the mapping, not for all."""
    asked = []
    reader = databases.SqliteTable.reader
    monkeypatch.setattr(
        databases.SqliteTable, "reader", lambda self, columns: asked.extend(columns) or reader(self, columns)
    )
    log = messy_log(100).append_column("noise", pa.array(["x"] * 100))
    collect(f"{sqlite_file(tmp_path / 'shop.db', log, ',,,,,')}::events")
    assert sorted(asked) == sorted(set(log.column_names) - {"noise"})


def test_a_database_is_never_written(tmp_path):
    """Its bytes are the same afterwards, and nothing lies beside it."""
    for file in (
        duckdb_file(tmp_path / "a.duckdb", messy_log(50)),
        sqlite_file(tmp_path / "b.db", messy_log(50)),
    ):
        before, beside = hashlib.sha256(file.read_bytes()).digest(), sorted(tmp_path.iterdir())
        collect(f"{file}::events")
        assert hashlib.sha256(file.read_bytes()).digest() == before
        assert sorted(tmp_path.iterdir()) == beside


def test_the_doors_close_behind_the_database(tmp_path):
    """Only the one database is attached, read-only; a view of it that reads other files finds them closed."""
    file = duckdb_file(tmp_path / "shop.duckdb", messy_log(50))
    with duckdb.connect(str(file)) as connection:
        (tmp_path / "other.csv").write_text("user_id,item_id,timestamp\n1,1,1700000000\n")
        connection.execute(f"CREATE VIEW outside AS FROM '{tmp_path / 'other.csv'}'")
    other = duckdb_file(tmp_path / "other.duckdb", messy_log(50))
    origin = databases.open_table([f"{file}::events"])
    connection = connect([], folder=tmp_path / "private", options=EngineOptions(), origin=origin)
    assert connection.execute(f"SELECT count(*) FROM {databases.TABLE}").fetchone() == (50,)
    for forbidden in (
        f"ATTACH '{other}'",
        "DELETE FROM log_database.main.events",
        f"FROM '{tmp_path / 'other.csv'}'",
    ):
        with pytest.raises(duckdb.Error):
            connection.execute(forbidden)
    connection.close()
    with pytest.raises(LogError, match="an export of the view"):
        collect(f"{file}::outside")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("shop.duckdb::sales", "no table 'sales'.\nFound: events, wide, old.events, old.my.events"),
        ("shop.duckdb", "which of its tables is the log?\nFound: events"),
        ("shop.db::sales", "no table 'sales'.\nFound: events, seen\nTry:   diagnose analyze"),
        ("shop.db", "which of its tables"),
        ("empty.duckdb::events", "Found: no tables"),
        ("twice.duckdb::events", "several tables are called 'events'.\nFound: a.events, b.events"),
        ("text.duckdb::events", "neither a DuckDB nor a SQLite database"),
        ("cut.duckdb::events", "the database cannot be opened"),
        ("cut.db::events", "the database cannot be read"),
        ("none.duckdb::events", "no such database"),
    ],
)
def test_whatever_is_wrong_with_a_database_is_one_clear_error(tmp_path, monkeypatch, name, says):
    """A missing table is told with those that there are; what is no database is told with what it is."""
    monkeypatch.chdir(tmp_path)
    duckdb_file(tmp_path / "shop.duckdb", messy_log(20))
    sqlite_file(tmp_path / "shop.db", messy_log(20))
    duckdb.connect(str(tmp_path / "empty.duckdb")).close()
    with duckdb.connect(str(tmp_path / "twice.duckdb")) as connection:
        connection.execute(
            "CREATE SCHEMA a; CREATE SCHEMA b; CREATE TABLE a.events (x INT); CREATE TABLE b.events (x INT)"
        )
    (tmp_path / "text.duckdb").write_text("user_id,item_id,timestamp\n")
    (tmp_path / "cut.duckdb").write_bytes((tmp_path / "shop.duckdb").read_bytes()[:5_000])
    (tmp_path / "cut.db").write_bytes((tmp_path / "shop.db").read_bytes()[:3_000])
    with pytest.raises(LogError) as caught:
        collect(name)
    assert says in str(caught.value)
    assert name.partition("::")[0] in str(caught.value)
    assert caught.value.exit_code == 3


def test_sqlite_that_breaks_in_the_middle_is_told(tmp_path):
    """A page that is overwritten is found while the rows are read: an error of ours, no traceback."""
    file = sqlite_file(tmp_path / "shop.db", messy_log(20_000))
    content = bytearray(file.read_bytes())
    content[len(content) // 2 :] = b"\xff" * (len(content) - len(content) // 2)
    file.write_bytes(bytes(content))
    with pytest.raises(LogError, match="the database cannot be read"):
        collect(f"{file}::events")


def test_one_table_is_one_log(tmp_path):
    """Several tables, or a table and a file, are wrong usage: a view puts tables together."""
    file = duckdb_file(tmp_path / "shop.duckdb", messy_log(20))
    with pytest.raises(UsageError, match="one table, or files"):
        collect([f"{file}::events", f"{file}::wide"])


def test_postgres_needs_its_extension_and_keeps_its_secret():
    """Without the extension: what to install. With it: the server's own words, without the password."""

    address = f"postgresql://me:{SECRET}@127.0.0.1:1/shop::public.events"
    origin = databases.open_table([address])
    with pytest.raises(UsageError, match="INSTALL postgres") as caught:
        origin.join(_Refusing(load=True))
    assert SECRET not in str(caught.value)
    with pytest.raises(LogError, match="cannot be opened") as refusal:
        origin.join(_Refusing(load=False))
    assert "PGPASSWORD" in str(refusal.value)
    assert SECRET not in str(refusal.value)
    assert refusal.value.__suppress_context__


class _Refusing:
    """A connection whose extension is not there, or whose server does not let us in."""

    def __init__(self, *, load: bool) -> None:
        self.load = load

    def execute(self, statement: str, *_: object) -> None:
        """Fail as DuckDB does, which quotes the whole address."""
        if self.load or statement.startswith("ATTACH"):
            raise duckdb.IOException(f"Unable to connect: {statement}")
