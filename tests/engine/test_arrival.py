"""The order of rows in a file: rows that come too late are counted, wherever they lie."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading import START, collect, sampled

from diagnose.engine.arrivals import arrival_counts

ROWS = 5_000


def log(time):
    rng = np.random.default_rng(0)
    user, item = rng.integers(0, 300, len(time)), rng.integers(0, 50, len(time))
    return pa.table({"user_id": [f"u{u}" for u in user], "item_id": item, "timestamp": time})


def written(table, folder, kind):
    path = folder / f"log.{kind}"
    if kind == "parquet":
        pq.write_table(table, path, row_group_size=700)
    elif kind == "csv":
        pc.write_csv(table, path)
    else:
        rows = zip(*(table[name].to_pylist() for name in table.column_names), strict=True)
        lines = (json.dumps(dict(zip(table.column_names, row, strict=True))) for row in rows)
        path.write_text("\n".join(lines) + "\n")
    return path


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 9)), min_size=1, max_size=40))
def test_late_rows_by_hand(rows):
    """A row is late where its user had a later one before it, in a loop as in numpy."""
    user, time = (np.array(column) for column in zip(*rows, strict=True))
    found = arrival_counts(user.astype(np.uint64), time.astype(np.int64))
    if found.newest_first:
        rows = rows[::-1]
    late = sum(any(u == v and s > t for v, s in rows[:k]) for k, (u, t) in enumerate(rows))
    assert (found.rows, found.late) == (len(rows), late)


@pytest.mark.parametrize("kind", ["frame", "parquet", "csv", "jsonl"])
def test_every_kind_of_file_has_its_order(tmp_path, kind):
    """In order, backwards, and with a fiftieth of the rows days too late: the same from frame and file."""
    time = START + np.sort(np.random.default_rng(1).integers(0, 5_000_000, ROWS))
    stray = time.copy()
    stray[50::50] = START
    found = []
    for one in (time, time[::-1], stray):
        table = log(one)
        source = table if kind == "frame" else str(written(table, tmp_path, kind))
        found.append(collect(source).arrival)
    forth, back, late = found
    assert (forth.rows, forth.late, forth.newest_first) == (ROWS, 0, False)
    assert (back.rows, back.late, back.newest_first) == (ROWS, 0, True)
    assert 60 <= late.late <= 99
    assert not late.newest_first


def test_positions_and_tables_have_no_arrival():
    """Positions are not times: nothing is late."""
    assert collect(log(np.arange(ROWS)), {"position": "timestamp"}).arrival is None


def test_only_valid_rows_count_and_only_so_many():
    """Rows set aside arrive nowhere; the setting bounds what is read."""
    from dataclasses import replace

    from diagnose.settings import HygieneSettings

    time = START + np.arange(ROWS)
    time[10] = 0
    few = replace(sampled(), hygiene=HygieneSettings(arrival_rows=100))
    assert collect(log(time), settings=few).arrival.rows == 99
