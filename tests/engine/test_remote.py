"""Logs behind URLs: the same histories, few bytes, no secret told, and each thing that can go wrong."""

from __future__ import annotations

import gc
import subprocess
import sys
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from reading import START, collect, messy_log, same_histories, sampled, table
from test_sources import packed, written
from web import Web, serving

from diagnose import engine
from diagnose.engine.duck import buckets, httpfs
from diagnose.engine.duck.connection import connect
from diagnose.engine.duck.remote import find_remote
from diagnose.engine.options import EngineOptions
from diagnose.errors import DiagnoseError, LogError, ResourceError, UsageError

pytest.importorskip("aiohttp", reason="the extra 'http' is not installed")

SECRET = "hunter2"
SIGNED = f"?X-Amz-Signature={SECRET}&part=a*b/c.d"


def httpfs_loads() -> bool:
    """Whether this machine has the extension."""
    try:
        httpfs.Httpfs().close()
    except duckdb.Error:
        return False
    return True


needs_httpfs = pytest.mark.skipif(not httpfs_loads(), reason="DuckDB's httpfs extension is not installed")


@pytest.fixture
def web(monkeypatch):
    """A server on the loopback device, and no httpfs: with it a bucket would be looked for in the world."""

    def absent(*_):
        raise duckdb.IOException("not installed")

    monkeypatch.setattr(httpfs.Httpfs, "join", absent)
    monkeypatch.setattr(buckets, "PAUSE_SECONDS", 0.01)
    with serving() as web:
        yield web


@pytest.fixture
def bucket(web, monkeypatch):
    """The same server as S3."""
    pytest.importorskip("s3fs", reason="the extra 's3' is not installed")
    monkeypatch.setenv("AWS_ENDPOINT_URL", web.url(""))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    return web


def same_log(source: object, log: pa.Table) -> engine.Collected:
    """Assert that a source is this log to the last digit."""
    base, other = collect(log), collect(source)
    same_histories(base.sample, other.sample)
    assert (base.counts, base.facts.fingerprint) == (other.counts, other.facts.fingerprint)
    return other


def parts(folder: Path, log: pa.Table) -> tuple[bytes, bytes]:
    """A log in two parquet files."""
    half = len(log) // 2
    return written(log.slice(0, half), folder / "1.parquet"), written(log.slice(half), folder / "2.parquet")


@pytest.mark.parametrize("ranges", [True, False])
@pytest.mark.parametrize("packing", ["", ".gz", ".zst"])
@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".jsonl"])
def test_every_format_of_a_web_server_gives_the_same_histories(tmp_path, web, suffix, packing, ranges):
    """Parquet, CSV and JSON lines, plain or packed, of servers that give parts of a file and that do not."""
    log = messy_log(400)
    (tmp_path / "raw").mkdir()
    file = packed(tmp_path / f"log{suffix}", packing, written(log, tmp_path / "raw" / f"log{suffix}"))
    web.ranges, web.content[f"/{file.name}"] = ranges, file.read_bytes()
    assert same_log(web.url(f"/{file.name}{SIGNED}"), log).facts.sources == (web.url(f"/{file.name}"),)


@pytest.mark.parametrize(
    "source",
    [
        "s3://shop/log/events",
        "s3://shop/log/events/",
        "s3a://shop/log/events",
        "s3://shop/log/*/*.parquet",
        "s3://shop/log/**/?.parquet",
        ["s3://shop/log/events/1.parquet", "s3://shop/log/events/2.parquet"],
    ],
)
def test_files_folders_and_globs_of_a_bucket_are_one_log(tmp_path, bucket, source):
    """A key, several, a prefix with markers and other files beside the log's, a glob: the same log."""
    log = messy_log(400)
    for number, content in enumerate(parts(tmp_path, log), start=1):
        bucket.content[f"/shop/log/events/{number}.parquet"] = content
    bucket.content |= {"/shop/log/events/_SUCCESS": b"", "/shop/log/events/README.md": b"hello"}
    same_log(source, log)


def test_files_here_and_there_are_one_log(tmp_path, bucket):
    """A file on disk, one of a bucket and one of a web server may be parts of one log."""
    log = messy_log(300)
    for number, name in enumerate(("/a.parquet", "/shop/b.parquet", "/c.parquet")):
        bucket.content[name] = written(log.slice(100 * number, 100), tmp_path / "x.parquet")
    (tmp_path / "here.parquet").write_bytes(bucket.content["/a.parquet"])
    same_log([str(tmp_path / "here.parquet"), "s3://shop/b.parquet", bucket.url("/c.parquet")], log)


def test_folders_of_a_bucket_named_key_value_bring_their_columns(bucket, tmp_path):
    """A hive partition is a column; where the files have it too, it is told."""
    for event in ("view", "buy"):
        content = written(table(event_type=["x"] * 3), tmp_path / "x.parquet")
        bucket.content[f"/shop/log/event_type={event}/1.parquet"] = content
    collected = collect("s3://shop/log")
    assert collected.sample.events == ("buy", "view")
    assert 'override the column "event_type"' in collected.notes[-1]


def test_addresses_that_differ_in_their_query_are_two_files(web):
    """/download?file=1 and ?file=2 are told apart, though neither is shown."""
    rows = {
        "1": f"user_id,item_id,timestamp\n1,1,{START}\n",
        "2": f"user_id,item_id,timestamp\n2,1,{START}\n",
    }
    web.by_query |= {f"/download?file={name}": content.encode() for name, content in rows.items()}
    collected = collect([web.url("/download?file=1"), web.url("/download?file=2")])
    assert collected.counts.users == 2
    assert collected.facts.sources == (web.url("/download"), web.url("/download"))


def wide(events: int) -> pa.Table:
    """A log among 40 columns that play no role."""
    rng = np.random.default_rng(0)
    noise = {f"x{number}": rng.integers(0, 2**60, events) for number in range(40)}
    roles = {
        "user_id": rng.integers(0, 500, events),
        "item_id": rng.integers(0, 9, events),
        "timestamp": START + np.arange(events),
    }
    return pa.table(roles | noise)


def test_only_the_columns_that_play_a_role_are_downloaded(tmp_path, web):
    """Of 43 columns 3 come over the network, and the forecast says how much that is."""
    web.content["/log.parquet"] = written(wide(100_000), tmp_path / "x.parquet")
    whole = len(web.content["/log.parquet"])
    with engine.open_log(web.url("/log.parquet")) as log:
        told = engine.forecast(log.size, sampled())
        log.rows()
    assert sum(web.sent) < whole / 4
    assert f"({whole / 1e6:.0f} MB, of which 1 MB are downloaded)" in told


def test_a_log_is_downloaded_once(tmp_path, web):
    """However often the engine reads its rows: it keeps a copy of what it needs. Heads are seen twice."""
    web.content["/log.csv"] = written(messy_log(150_000), tmp_path / "log.csv")
    with engine.open_log(web.url("/log.csv")) as log:
        before = sum(web.sent)
        engine.collect(log, {})
    assert sum(web.sent) - before < len(web.content["/log.csv"]) + 2_000_000


def test_a_lost_connection_does_not_end_a_download(tmp_path, web):
    """An answer that stops in the middle is asked for again."""
    log = messy_log(400)
    web.content["/log.parquet"] = written(log, tmp_path / "log.parquet")
    web.lost = 2
    same_log(web.url("/log.parquet"), log)
    assert web.lost == 0


def test_the_database_has_no_network_of_its_own(tmp_path, web):
    """It reads the log's files through us, by names without secrets, and no other file of the same server."""
    web.content |= {f"/{name}.parquet": written(table(), tmp_path / "x.parquet") for name in "ab"}
    found = find_remote([web.url(f"/a.parquet{SIGNED}")])
    places = [file.place for file in found.files]
    connection = connect(places, folder=tmp_path, options=EngineOptions(), origin=found.road)
    assert places == [web.url("/a.parquet")]
    assert connection.execute(f"SELECT count(*) FROM '{places[0]}'").fetchone() == (3,)
    for forbidden in (
        f"SELECT * FROM '{web.url('/b.parquet')}'",
        "LOAD httpfs",
        "INSTALL httpfs",
        f"ATTACH '{web.url('/a.duckdb')}'",
        f"COPY (SELECT 1) TO '{web.url('/c.parquet')}'",
    ):
        with pytest.raises(duckdb.Error):
            connection.execute(forbidden)
    connection.close()
    found.road.close()


@pytest.mark.parametrize(
    ("status", "kind", "says"),
    [
        (404, LogError, "no such file, folder or bucket"),
        (403, LogError, "access is denied"),
        (401, LogError, "access is denied"),
        (410, LogError, "no such file"),
        (500, LogError, "cannot be read"),
    ],
)
def test_what_a_server_answers_is_told_in_three_lines(web, status, kind, says):
    """What, what was seen, what to try; and no secret of the address."""
    web.status["/log.parquet"] = status
    address = web.url(f"/log.parquet{SIGNED}").replace("//", f"//me:{SECRET}@")
    message = failing(address, kind)
    assert says in message
    assert f"HTTP {status}" in message
    assert web.url("/log.parquet") in message


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("s3://shop/none.parquet", "no such file, folder or bucket"),
        ("s3://no-such-bucket/log.parquet", "no such file, folder or bucket"),
        ("s3://shop/*.avro", "no file matches"),
        ("s3://shop/other", "holds no log files"),
        ("s3://shop/empty.csv", "the file is empty"),
        ("s3://shop/odd.parquet", "named like parquet"),
        (["s3://shop/odd.csv", "s3://shop/odd.json"], "several kinds"),
    ],
)
def test_what_is_wrong_in_a_bucket_is_told(bucket, address, says):
    """Missing keys, buckets and matches, and files that are not what they are called."""
    bucket.content |= {
        "/shop/other/README.md": b"x",
        "/shop/empty.csv": b"",
        "/shop/odd.parquet": b"user_id,item_id,timestamp\n",
        "/shop/odd.csv": b"user_id,item_id,timestamp\n",
        "/shop/odd.json": b"{}\n",
    }
    assert says in failing(address, LogError)


def test_a_public_bucket_needs_no_credentials(tmp_path, bucket, monkeypatch):
    """What the user has set for fsspec is obeyed: `anon` opens what is closed without credentials."""
    import fsspec

    log = messy_log(100)
    bucket.content["/shop/log.parquet"] = written(log, tmp_path / "log.parquet")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    assert "FSSPEC_S3_ANON=true" in failing("s3://shop/log.parquet", LogError)
    monkeypatch.setitem(fsspec.config.conf, "s3", {"anon": True})
    same_log("s3://shop/log.parquet", log)


def test_a_bucket_that_is_closed_names_the_credentials(bucket):
    """403 is no missing file: the message says where credentials are looked for."""
    bucket.content["/shop/log.parquet"] = b""
    bucket.status["/shop/log.parquet"] = 403
    assert "AWS_PROFILE" in failing("s3://shop/log.parquet", LogError)


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/log.csv", "http://nohost.invalid/log.csv"])
def test_a_server_that_is_not_there_is_told(web, address):
    """No host of the name, or none that listens."""
    assert "the server cannot be reached" in failing(address + SIGNED, LogError)


def read_from_a_silent(web: Web) -> None:
    """A log whose server says nothing any more once the log is opened."""
    with engine.open_log(web.url(f"/log.parquet{SIGNED}")) as log:
        web.silent = 0.6
        log.rows()


@pytest.mark.parametrize("when", ["found", "read"])
def test_a_silent_server_ends_in_a_resource_error(tmp_path, web, monkeypatch, when):
    """Time is a resource: exit code 6, whether the server falls silent at once or in the middle."""
    monkeypatch.setattr(buckets, "SILENT_SECONDS", 0.2)
    monkeypatch.setattr(buckets, "TRIES", 1)
    web.content["/log.parquet"] = written(messy_log(400), tmp_path / "log.parquet")
    web.silent = 0.6 if when == "found" else 0.0
    with pytest.raises(ResourceError, match="no answer in time") as caught:
        read_from_a_silent(web)
    assert caught.value.exit_code == 6
    assert SECRET not in str(caught.value)


def test_access_that_ends_in_the_middle_is_told(tmp_path, web):
    """A signature may expire between the first look and the download: DuckDB's traceback is not shown."""
    web.content["/log.parquet"] = written(messy_log(400), tmp_path / "log.parquet")
    with engine.open_log(web.url(f"/log.parquet{SIGNED}")) as log:
        web.status["/log.parquet"] = 403
        with pytest.raises(LogError, match="access is denied") as caught:
            log.rows()
    assert SECRET not in str(caught.value)
    assert caught.value.__suppress_context__


def failing(source: object, kind: type[DiagnoseError]) -> str:
    """The message of a log that cannot be read: what, and what was seen or to try; no secret in it."""
    with pytest.raises(kind) as caught:
        collect(source)
    assert SECRET not in str(caught.value)
    assert "Found:" in str(caught.value) or "Try:" in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("module", "address", "extra"),
    [
        ("aiohttp", "https://shop.com/log.csv", '"scenario-fit[http]"'),
        ("gcsfs", "gs://shop/log.csv", '"scenario-fit[gcs]"'),
        ("gcsfs", ["http://127.0.0.1:1/log.csv", "gs://shop/log.csv"], '"scenario-fit[gcs]"'),
        ("adlfs", "az://shop/log.csv", "adlfs"),
    ],
)
def test_a_missing_package_is_named(web, monkeypatch, module, address, extra):
    """Neither road is there: exit code 2, and what to install."""
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(UsageError, match="a package is missing") as caught:
        collect(address)
    assert f"pip install {extra}" in str(caught.value)
    assert ("INSTALL httpfs" in str(caught.value)) == (module != "adlfs")


def test_other_kinds_of_url_are_refused():
    """ftp:// is wrong usage, told with what can be read."""
    with pytest.raises(UsageError, match="s3://, gs://, az://, https://"):
        collect(f"ftp://me:{SECRET}@host/log.csv")


def test_where_httpfs_is_refused_the_other_road_is_taken(tmp_path, web, monkeypatch):
    """httpfs knows fewer credentials; what it was told is only the end where there is no other road."""
    log = messy_log(400)
    web.content["/log.parquet"] = written(log, tmp_path / "log.parquet")

    def denied(*_):
        raise LogError("x: access is denied.", attempt="a key")

    monkeypatch.setattr(httpfs.Httpfs, "join", lambda *_: None)
    monkeypatch.setattr(httpfs.Httpfs, "files", denied)
    same_log(web.url("/log.parquet"), log)
    monkeypatch.setitem(sys.modules, "aiohttp", None)
    with pytest.raises(LogError, match="access is denied") as caught:
        collect(web.url("/log.parquet"))
    assert 'a key; or pip install "scenario-fit[http]"' in str(caught.value)


@needs_httpfs
@pytest.mark.parametrize("packing", ["", ".gz", ".zst"])
@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".jsonl"])
def test_httpfs_gives_the_same_histories(tmp_path, monkeypatch, suffix, packing):
    """The road of DuckDB's own, alone: every format, and no secret in the names."""
    monkeypatch.setitem(sys.modules, "aiohttp", None)
    log = messy_log(400)
    (tmp_path / "raw").mkdir()
    file = packed(tmp_path / f"log{suffix}", packing, written(log, tmp_path / "raw" / f"log{suffix}"))
    with serving() as web:
        web.content[f"/{file.name}"] = file.read_bytes()
        assert same_log(web.url(f"/{file.name}{SIGNED}"), log).facts.sources == (web.url(f"/{file.name}"),)
        assert "no such file" in failing(web.url(f"/none{suffix}{SIGNED}"), LogError)


@needs_httpfs
def test_httpfs_opens_the_files_of_the_log_only(tmp_path):
    """The extension is loaded before the doors close, and nothing behind another URL can be read."""
    with serving() as web:
        web.content |= {f"/{name}.parquet": written(table(), tmp_path / "x.parquet") for name in "ab"}
        found = find_remote([web.url("/a.parquet")])
        assert found.road.name == "httpfs"
        places = [file.place for file in found.files]
        connection = connect(places, folder=tmp_path, options=EngineOptions(), origin=found.road)
        assert connection.execute(f"SELECT count(*) FROM '{places[0]}'").fetchone() == (3,)
        with pytest.raises(duckdb.Error, match="disabled by configuration"):
            connection.execute(f"SELECT * FROM '{web.url('/b.parquet')}'")
        connection.close()
        found.road.close()


def test_no_secret_reaches_screen_report_or_file_names(tmp_path, web, capfd):
    """A whole diagnosis of a signed URL with a password: neither is in anything that is written."""
    from diagnose.cli import main

    web.content["/log.parquet"] = written(messy_log(3_000), tmp_path / "log.parquet")
    address = web.url(f"/log.parquet{SIGNED}").replace("//", f"//me:{SECRET}@")
    main(["analyze", address, "--no-trial", "--out", str(tmp_path / "out")], standalone_mode=False)
    written_files = list((tmp_path / "out").iterdir())
    told = "".join(capfd.readouterr()) + "".join(file.read_text() + file.name for file in written_files)
    assert {file.name for file in written_files} == {"log.html", "log.json"}
    assert web.url("/log.parquet") in told
    assert SECRET not in told


def test_connections_end_with_the_log(tmp_path, web):
    """Each log ends its own sessions, a bad one too: pytest makes an error of any that is left open."""
    web.content["/log.parquet"] = written(table(), tmp_path / "log.parquet")
    with engine.open_log(web.url("/log.parquet")) as log:
        session = log._sources.origin._systems["http"]._session
        assert not session.closed
    assert session.closed
    web.content["/log.parquet"] = b""
    with pytest.raises(LogError):
        collect(web.url("/log.parquet"))
    gc.collect()


def test_a_local_log_imports_nothing_for_urls(tmp_path):
    """fsspec, aiohttp and s3fs are imported for a URL only."""
    pq.write_table(table(), tmp_path / "log.parquet")
    code = (
        "import sys; from diagnose import engine\n"
        f"with engine.open_log({str(tmp_path / 'log.parquet')!r}) as log: log.rows()\n"
        "print([name for name in ('fsspec', 'aiohttp', 's3fs') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
