"""Names of logs that are no paths, and what of them is shown."""

from __future__ import annotations

import pytest

from diagnose.engine.addresses import redacted, scheme, shown, stem, table_of

SECRET = "hunter2"


@pytest.mark.parametrize(
    ("name", "public", "called"),
    [
        ("logs/events.parquet", "logs/events.parquet", "events"),
        ("s3://bucket/events/part-?.csv", "s3://bucket/events/part-?.csv", "part-?"),
        ("s3://bucket/events/", "s3://bucket/events/", "events"),
        (f"https://shop.com/e.csv.gz?X-Sig={SECRET}/a.b#{SECRET}", "https://shop.com/e.csv.gz", "e"),
        (f"https://me:{SECRET}@shop.com:80/@v1/e.csv", "https://shop.com:80/@v1/e.csv", "e"),
        (f"http://me:{SECRET}/x@shop.com/e.csv", "http://shop.com/e.csv", "e"),
        (f"https://me:{SECRET}@shop.com", "https://shop.com", "shop.com"),
        (f"s3://{SECRET}:{SECRET}@bucket/e.csv?versionId={SECRET}", "s3://bucket/e.csv", "e"),
        ("abfs://box@account.net/e.csv", "abfs://box@account.net/e.csv", "e"),
        (
            f"postgresql://me:{SECRET}@host:5432/db::s.events",
            "postgresql://host:5432/db::s.events",
            "db-s.events",
        ),
        (f"postgres://host/db?password={SECRET}::events", "postgres://host/db::events", "db-events"),
        (f"postgresql://me:{SECRET}@[::1]/db", "postgresql://[::1]/db", "db"),
        ("shop.duckdb::events", "shop.duckdb::events", "shop-events"),
    ],
)
def test_secrets_are_neither_shown_nor_part_of_a_name(name, public, called):
    """Passwords, signatures and queries are cut off; the rest of an address stays readable."""
    assert shown(name) == public
    assert stem(name) == called
    assert SECRET not in redacted(f'cannot open "{name}": no') + stem(name)


def test_tables_are_told_from_files(tmp_path, monkeypatch):
    """`database::table` is a table, unless there is a file of just this name."""
    monkeypatch.chdir(tmp_path)
    assert table_of("shop.duckdb::events") == ("shop.duckdb", "events")
    assert table_of("postgresql://[::1]/db::s.t") == ("postgresql://[::1]/db", "s.t")
    assert table_of("shop.sqlite") == ("shop.sqlite", "")
    assert table_of("events.csv") is None
    assert table_of("s3://bucket/a::b.csv") is None
    (tmp_path / "odd.db::name.csv").write_text("")
    assert table_of("odd.db::name.csv") is None


def test_a_drive_letter_is_no_scheme():
    """C:\\logs is a path."""
    assert scheme("C:\\logs\\e.csv") is None
    assert scheme("S3://bucket/e.csv") == "s3"
