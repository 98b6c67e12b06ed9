"""Files, folders, globs and frames; and what cannot be read."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from reading import START, collect, messy_log, same_histories, sampled, table

from diagnose import engine
from diagnose.engine import EngineOptions
from diagnose.engine.duck.connection import connect, errors_as_ours
from diagnose.engine.workplace import private_folder
from diagnose.errors import LogError, ResourceError, UsageError


def packed(path: Path, packing: str, content: bytes) -> Path:
    """Write content, packed as the name will say."""
    if packing == ".gz":
        content = gzip.compress(content)
    elif packing == ".zst":
        content = pa.compress(content, codec="zstd", asbytes=True)
    target = path.with_name(path.name + packing)
    target.write_bytes(content)
    return target


def written(log: pa.Table, path: Path) -> bytes:
    """The log as parquet, CSV or JSON lines."""
    if path.suffix == ".parquet":
        pq.write_table(log, path)
    elif path.suffix == ".csv":
        pa.csv.write_csv(log, path)
    else:
        path.write_text("".join(json.dumps(row) + "\n" for row in log.to_pylist()))
    return path.read_bytes()


@pytest.mark.parametrize("packing", ["", ".gz", ".zst"])
@pytest.mark.parametrize("suffix", [".parquet", ".csv", ".jsonl"])
def test_every_format_gives_the_same_histories(tmp_path, suffix, packing):
    """Parquet, CSV and JSON lines, plain or packed: the same log, to the last digit."""
    log = messy_log(400)
    (tmp_path / "raw").mkdir()
    file = packed(tmp_path / f"log{suffix}", packing, written(log, tmp_path / "raw" / f"log{suffix}"))
    base, other = collect(log), collect(str(file))
    same_histories(base.sample, other.sample)
    assert base.counts == other.counts
    assert base.facts.fingerprint == other.facts.fingerprint


def test_frames_of_three_libraries_give_the_same_histories():
    """pandas, pyarrow and polars frames are one log; ids that pandas made floats are undone."""
    log = messy_log(400)
    base = collect(log).sample
    for frame in (log.to_pandas(), pl.from_arrow(log), pl.from_arrow(log).lazy()):
        same_histories(base, collect(frame).sample)
    assert log.to_pandas()["user_id"].dtype == float


def test_a_float_that_went_through_csv_is_an_integer_again(tmp_path):
    """Ids written as 7.0 by pandas are 7; one id of another form leaves them all as they are."""
    log = table().to_pandas()
    log["user_id"] = log["user_id"].astype(float)
    log.to_csv(tmp_path / "log.csv", index=False)
    same_histories(collect(table()).sample, collect(tmp_path / "log.csv").sample)
    (tmp_path / "odd.csv").write_text(f"user_id,item_id,timestamp\n7.0,1,{START}\n7,1,{START}\n")
    assert collect(tmp_path / "odd.csv").counts.users == 2


def test_csv_is_text_whatever_its_first_rows(tmp_path):
    """Leading zeros stay, and a late odd value among numbers is an id like any other."""
    rows = "".join(f"{number},1,{START + number}\n" for number in range(30_000))
    (tmp_path / "log.csv").write_text(
        "user_id,item_id,timestamp\n" + rows + f"007,1,{START}\nlate,1,{START}\n"
    )
    assert collect(tmp_path / "log.csv").counts.users == 30_002


@pytest.mark.parametrize("separator", ["\t", ";", "|", ","])
def test_csv_separators_are_found(tmp_path, separator):
    """Tabs, semicolons, bars and commas all part columns, RecBole's typed names included."""
    lines = [["user_id:token", "item_id:token", "timestamp:float"]]
    lines += [[str(user), "i", f"{START + user}.5"] for user in range(9)]
    (tmp_path / "log.inter").write_text("".join(separator.join(line) + "\n" for line in lines))
    assert collect(tmp_path / "log.inter").counts.users == 9


def test_quoted_cells_may_hold_anything(tmp_path):
    """Quotes, separators, line ends and ten million characters in a cell are content."""
    cells = ['say ""hi""', "a,b", "two\nlines", "x" * 10_000_000]
    rows = "".join(f'"{cell}",i,{START + at}\n' for at, cell in enumerate(cells))
    (tmp_path / "log.csv").write_text("user_id,item_id,timestamp\n" + rows)
    assert collect(tmp_path / "log.csv").counts.users == 4


def test_files_of_differing_columns_are_joined_by_name(tmp_path):
    """A column that a file lacks is missing there; ids that are missing are counted."""
    (tmp_path / "log").mkdir()
    pq.write_table(table(category=["a", "b", "c"]), tmp_path / "log" / "1.parquet")
    pq.write_table(table(user_id=["x", "x", "y"]).drop_columns("item_id"), tmp_path / "log" / "2.parquet")
    counts = collect(tmp_path / "log").counts
    assert (counts.events, counts.null_item, counts.categories) == (3, 3, 3)


def test_a_folder_is_its_log_files_only(tmp_path):
    """Hidden files, markers and other files in a folder are no part of the log."""
    (tmp_path / "sub").mkdir()
    pq.write_table(table(), tmp_path / "sub" / "a.parquet")
    (tmp_path / "_SUCCESS").write_text("")
    (tmp_path / ".hidden.parquet").write_text("no")
    (tmp_path / "README.md").write_text("hello")
    assert collect(tmp_path).counts.rows == 3


def test_folders_named_key_value_bring_their_columns(tmp_path):
    """A hive partition is a column: event=view/..."""
    for event in ("view", "buy"):
        (tmp_path / f"event={event}").mkdir()
        pq.write_table(table(), tmp_path / f"event={event}" / "a.parquet")
    assert collect(tmp_path).sample.events == ("buy", "view")


def bad_logs(folder: Path) -> dict[str, str]:
    """Broken logs, each with what its message must say."""
    (folder / "text.parquet").write_text("user_id,item_id,timestamp\n1,2,3\n")
    (folder / "cut.parquet").write_bytes(b"PAR1" + b"\0" * 100)
    (folder / "empty.parquet").write_bytes(b"")
    (folder / "empty.csv").write_text("")
    (folder / "heading.csv").write_text("user_id,item_id,timestamp\n")
    (folder / "ragged.csv").write_text(
        "user_id,item_id,timestamp\n" + f"1,2,{START}\n" * 50 + "1,2,3,4,5,6\n"
    )
    (folder / "broken.jsonl").write_text('{"user_id": 1, "item_id": 2, "timestamp": 3}\n{"user_id": \n')
    (folder / "cut.csv.gz").write_bytes(gzip.compress(b"user_id,item_id\n" * 5000)[:60])
    (folder / "not.csv.zst").write_bytes(b"user_id,item_id,timestamp\n")
    (folder / "none").mkdir()
    pq.write_table(table().slice(0, 0), folder / "rowless.parquet")
    pq.write_table(table(timestamp=pa.nulls(3, pa.int64())), folder / "timeless.parquet")
    (folder / "not-really.csv").write_bytes((folder / "rowless.parquet").read_bytes())
    return {
        "text.parquet": "named like parquet",
        "cut.parquet": "cannot be read",
        "empty.parquet": "file is empty",
        "empty.csv": "file is empty",
        "heading.csv": "holds no rows",
        "ragged.csv": "CSV Error on Line: 52",
        "broken.jsonl": "cannot be read",
        "cut.csv.gz": "",
        "not.csv.zst": "cannot be opened",
        "none": "holds no log files",
        "rowless.parquet": "holds no rows",
        "timeless.parquet": "3 rows with null time",
        "missing.parquet": "no such file",
        "*.avro": "no file matches",
        "not-really.csv": "named like csv",
    }


def test_whatever_cannot_be_read_is_one_clear_error(tmp_path):
    """Every broken log ends in a LogError that names it, says what is wrong, and leaves nothing behind."""
    logs = bad_logs(tmp_path)
    (tmp_path / "temp").mkdir()
    for name, says in logs.items():
        with pytest.raises(LogError) as caught:
            collect(str(tmp_path / name), temp_directory=tmp_path / "temp")
        assert says in str(caught.value), (name, str(caught.value))
        assert "LINE 1" not in str(caught.value)
        assert name in str(caught.value), (name, str(caught.value))
        assert caught.value.exit_code == 3
        assert not list((tmp_path / "temp").iterdir())


def test_no_log_at_all_is_wrong_usage():
    """A number or an empty list is no log."""
    for source in (3, [], [3]):
        with pytest.raises(UsageError, match="This is no log"):
            collect(source)


def test_frames_that_cannot_be_a_table_are_refused():
    """A pandas column of mixed types, or two columns of one name, is told."""
    mixed = pd.DataFrame({"user_id": [1, "a"], "item_id": [1, 2], "timestamp": [START, START]})
    with pytest.raises(LogError, match="mixes types"):
        collect(mixed)
    twice = pa.table([[1], [2], [START]], names=["user_id", "user_id", "timestamp"])
    with pytest.raises(LogError, match="two columns of one name"):
        collect(twice)


def test_the_private_folder_goes_whatever_happens(tmp_path):
    """Spilled and unpacked rows are removed after a good run and after a failing tally."""
    log = packed(tmp_path / "log.csv", ".gz", written(table(), tmp_path / "log.csv"))
    temp = tmp_path / "temp"
    temp.mkdir()
    collect(log, temp_directory=temp)

    def fail(histories, settings):
        assert list(temp.iterdir())
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        collect(log, tallies={"fail": fail}, temp_directory=temp)
    assert not list(temp.iterdir())


def test_the_database_is_locked_down(tmp_path):
    """Only the given files can be read, only the private folder written, and no setting changed."""
    allowed, other = tmp_path / "a.parquet", tmp_path / "b.parquet"
    pq.write_table(table(), allowed)
    pq.write_table(table(), other)
    options = EngineOptions()
    with private_folder(options.temp_directory) as folder:
        connection = connect([allowed], folder=folder, options=options)
        assert connection.execute(f"SELECT count(*) FROM '{allowed}'").fetchone() == (3,)
        for forbidden in (
            f"SELECT * FROM '{other}'",
            f"COPY (SELECT 1) TO '{tmp_path}/c.csv'",
            "INSTALL httpfs",
            "SET memory_limit = '1GB'",
            f"ATTACH '{tmp_path}/d.db'",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(forbidden)
        connection.close()


def test_errors_of_the_database_become_ours():
    """Out of memory is exit code 6, an unreadable log 3, a fault in our SQL stays a bug."""
    with pytest.raises(ResourceError), errors_as_ours("x"):
        raise duckdb.OutOfMemoryException("Out of Memory Error: failed to allocate")
    with pytest.raises(LogError, match="x: the log cannot be read"), errors_as_ours("x"):
        raise duckdb.InvalidInputException("Invalid Input Error: no")
    with pytest.raises(KeyboardInterrupt), errors_as_ours("x"):
        raise RuntimeError("Query interrupted")
    with pytest.raises(duckdb.BinderException), errors_as_ours("x"):
        raise duckdb.BinderException("Binder Error: ours")


def test_too_little_memory_is_exit_code_six():
    """A log that does not fit ends in a ResourceError, not in a traceback."""
    with pytest.raises(ResourceError) as caught:
        collect(
            table(user_id=["x" * 90_000_000, "y" * 90_000_000, "z" * 90_000_000]), memory_bytes=64_000_000
        )
    assert caught.value.exit_code == 6


def test_an_unknown_target_is_told_before_the_sort():
    """`--target` names an event of the log or ends in a message that lists them."""
    from dataclasses import replace

    with pytest.raises(UsageError, match="Found: buy, cart, view"):
        collect(messy_log(100), settings=replace(sampled(), target_event="buys"))


def test_size_and_forecast_are_known_before_reading(tmp_path):
    """Rows of parquet come from its footer; of text they are guessed from its bytes, and said to be."""
    pq.write_table(messy_log(3_000), tmp_path / "log.parquet")
    (tmp_path / "log.csv").write_bytes(written(messy_log(3_000), tmp_path / "x.csv"))
    with engine.open_log(tmp_path / "log.parquet") as log:
        assert log.size.rows == 3_000
        assert "3,000 rows" in engine.forecast(log.size, sampled(users=20_000))
    with engine.open_log(tmp_path / "log.csv") as log:
        assert log.size.rows is None
        assert 1_000 < engine.estimate(log.size).rows < 9_000
        assert "about" in engine.forecast(log.size, sampled())


def test_a_larger_log_is_forecast_to_take_longer():
    """Seconds grow with the rows; memory stops at the limit, where the sort spills."""
    small, large = (
        engine.estimate(engine.LogSize(octets=1, rows=rows), memory_limit=10**9) for rows in (10**6, 10**8)
    )
    assert small.seconds < large.seconds / 50
    assert small.octets < large.octets < 2 * 10**9
