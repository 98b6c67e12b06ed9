"""Logs of 1, 10 and 100 million events for the engine's benchmark, written once into a work folder.

A shop that never was, in the shapes that cost an engine: users by a discrete Pareto law (mean 16 events,
a quarter with one, about 5,000 at most), 500,000 items in 200 categories, a few tastes a user, rows in the
order of time, one row in a hundred tied with the one before (same user and time), a tenth of these repeats.
Ids are integers or strings; both spellings tell the same events, so their statistics must agree.

    python -m benchmarks.engine_logs FOLDER MILLIONS int|string
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

Ids = Literal["int", "string"]

VERSION = 1  # of what is written: another number, another file
COLUMNS = ("user_id", "item_id", "category", "event_type", "timestamp")
MILLION = 1_000_000
CHUNK = 1_000_000  # rows drawn and written at once: one row group
SHAPE, SCALE, MOST_EVENTS = 1.1, 3.0, 5_000  # of the Pareto law: mean 16.2, 27 % with one, median 3
CATEGORIES, ITEMS_PER_CATEGORY = 200, 2_500
TASTES, TASTE_SHARE = 5, 0.7  # of a user; of the user's events
TIED_SHARE, REPEATED_SHARE = 0.01, 0.1  # of the rows; of the tied rows
START, SPAN = 1_700_000_000, 90 * 86_400  # seconds: 14 November 2023, ninety days
EVENTS = ("view", "cart", "purchase")

Codes = Mapping[str, NDArray[np.int64]]  # column -> number of the user, item, category, event; the time


def path_of(folder: Path, millions: int, ids: Ids) -> Path:
    """Where the log of a size and spelling lies."""
    return folder / f"log-v{VERSION}-{millions}m-{ids}.parquet"


def write(folder: Path, millions: int, ids: Ids, *, seed: int = 0) -> Path:
    """Write a log unless it is there, whole or not at all."""
    path = path_of(folder, millions, ids)
    if path.exists():
        return path
    unfinished = path.with_suffix(".part")
    schema = pa.schema([(name, pa.string() if _is_text(name, ids) else pa.int64()) for name in COLUMNS])
    names = _names(millions * MILLION) if ids == "string" else {}
    # No Arrow schema in the file: readers choose their own types, as with a file from anywhere.
    with pq.ParquetWriter(unfinished, schema, store_schema=False) as writer:
        for codes in events(millions * MILLION, seed=seed):
            columns = [_spelled(name, codes[name], names) for name in COLUMNS]
            writer.write_table(pa.table(columns, schema=schema), row_group_size=CHUNK)
    return unfinished.replace(path)


def events(rows: int, *, seed: int) -> Iterator[Codes]:
    """The log as numbers, chunk by chunk in the order of time."""
    rng = np.random.default_rng(seed)
    user = users(rows, rng)
    for start in range(0, rows, CHUNK):
        yield _chunk(user[start : start + CHUNK].astype(np.int64), start=start, rows=rows, rng=rng)


def users(rows: int, rng: np.random.Generator) -> NDArray[np.int32]:
    """The user of each row: as many events each as the Pareto law gives, in an order drawn at random."""
    counts = np.zeros(0, dtype=np.int64)
    while (missing := rows - int(counts.sum())) > 0:
        drawn = rng.pareto(SHAPE, max(1_000, missing // 16)) * SCALE + 1
        counts = np.append(counts, np.minimum(drawn, MOST_EVENTS).astype(np.int64))
    user = np.repeat(np.arange(len(counts), dtype=np.int32), counts)[:rows]
    rng.shuffle(user)
    return user


def _chunk(user: NDArray[np.int64], *, start: int, rows: int, rng: np.random.Generator) -> Codes:
    """Some rows. Interests follow the user's tastes, items and events are skewed as in any shop."""
    size = len(user)
    slot = rng.integers(0, TASTES, size)
    taste = _mixed(user * TASTES + slot) % CATEGORIES
    taste = taste * taste // CATEGORIES  # tastes lean to the same few categories
    any_category = (CATEGORIES * rng.random(size) ** 3).astype(np.int64)
    category = np.where(rng.random(size) < TASTE_SHARE, taste, any_category)
    rank = (ITEMS_PER_CATEGORY * rng.random(size) ** 2).astype(np.int64)
    codes = {
        "user_id": user,
        "item_id": category + CATEGORIES * rank,
        "category": category,
        "event_type": (len(EVENTS) * rng.random(size) ** 4).astype(np.int64),
        "timestamp": START + np.arange(start, start + size) * SPAN // rows,
    }
    return _with_ties(codes, rng)


def _with_ties(codes: Codes, rng: np.random.Generator) -> Codes:
    """Rows at the user and time of the row before; some repeat it whole."""
    size = len(codes["user_id"])
    before = np.arange(size) - (rng.random(size) < TIED_SHARE)
    before[0] = 0
    whole = np.where(rng.random(size) < REPEATED_SHARE, before, np.arange(size))
    return {name: code[before if name in ("user_id", "timestamp") else whole] for name, code in codes.items()}


def _mixed(number: NDArray[np.int64]) -> NDArray[np.int64]:
    """A number that looks drawn, the same for the same user and slot (Knuth's multiplicative hash)."""
    return ((number * 2_654_435_761) >> 15) & 0xFFFF


def _is_text(name: str, ids: Ids) -> bool:
    return name == "event_type" or (ids == "string" and name != "timestamp")


def _names(rows: int) -> dict[str, pa.Array]:
    """Every name a log of so many rows may need; rows then take theirs, which is far faster than spelling."""
    most_users = rows // 8  # twice as many as there are
    return {
        "user_id": _texts("u", _user_ids(np.arange(most_users)), width=13),
        "item_id": _texts("item-", np.arange(CATEGORIES * ITEMS_PER_CATEGORY), width=6),
        "category": _texts("category ", np.arange(CATEGORIES), width=1),
    }


def _texts(prefix: str, numbers: NDArray[np.int64], *, width: int) -> pa.Array:
    digits = pc.utf8_lpad(pa.array(numbers).cast(pa.string()), width, "0")
    return pc.binary_join_element_wise(prefix, digits, "")


def _user_ids(user: NDArray[np.int64]) -> NDArray[np.int64]:
    """Ids all over 40 bits, one for each user: dense ids would let an engine index where it should hash."""
    return user * 1_000_003 % 2**40


def _item_ids(item: NDArray[np.int64]) -> NDArray[np.int64]:
    """Likewise for items, over 34 bits."""
    return item * 27_449 + 11


def _spelled(name: str, codes: NDArray[np.int64], names: Mapping[str, pa.Array]) -> pa.Array:
    if name == "event_type":
        return pa.array(EVENTS).take(pa.array(codes))
    if name in names:
        return names[name].take(pa.array(codes))
    ids = {"user_id": _user_ids, "item_id": _item_ids}.get(name)
    return pa.array(ids(codes) if ids else codes)


def main(folder: str, millions: str, ids: Ids) -> None:
    """Write one log and say where it is."""
    print(write(Path(folder), int(millions), ids))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], "string" if sys.argv[3] == "string" else "int")
