"""What runs inside Spark's Python workers: whole users in, one parcel of sums a part out.

Everything here and below needs numpy and pyarrow alone; the package comes as a zip (`shipping`).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from diagnose.engine.reader import Kernel
from diagnose.engine.spark.parcels import packed
from diagnose.engine.stream import Arrays

PARCELS = "parcel string, length long, at long, bytes binary"  # a name, its bytes in all, a piece of them
GREETING = "numpy string"
PIECE = 1_000_000  # bytes of a parcel in a row: a task's result is sent row by row


@dataclass(frozen=True)
class Count:
    """Reads the sorted rows of one part of the log. For mapInArrow."""

    kernel: Kernel
    batch_rows: int

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """One parcel of what the part holds; nothing where it holds no rows."""
        found = self.kernel.read(self._pieces(batches))
        if not found.counts.rows:
            return
        parcel, name = packed(found), uuid.uuid4().hex
        for at in range(0, len(parcel), PIECE):
            yield pa.record_batch(
                {
                    "parcel": pa.array([name]),
                    "length": pa.array([len(parcel)], pa.int64()),
                    "at": pa.array([at], pa.int64()),
                    "bytes": pa.array([parcel[at : at + PIECE]], pa.binary()),
                }
            )

    def _pieces(self, batches: Iterator[pa.RecordBatch]) -> Iterator[Arrays]:
        """Spark's small batches joined to larger ones: each call of the kernel has its price."""
        waiting: list[Arrays] = []
        for batch in batches:
            if batch.num_rows:
                waiting.append(tuple(_numbers(column) for column in batch.columns))
            if sum(len(piece[0]) for piece in waiting) >= self.batch_rows:
                yield _joined(waiting)
                waiting = []
        if waiting:
            yield _joined(waiting)


def greet(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """A sign of life: this module, with all that it needs, was loaded. For mapInArrow."""
    for _ in batches:
        yield pa.record_batch([pa.array([np.__version__])], names=["numpy"])


def _numbers(column: pa.Array) -> NDArray[Any]:
    """A column without nulls; ids that came as eight bytes are the 64 bits that they are, little-endian."""
    if not pa.types.is_binary(column.type):
        return np.from_dlpack(column)
    _, offsets, content = column.buffers()
    start = int(np.frombuffer(offsets, dtype="<i4", count=1, offset=4 * column.offset)[0])
    return np.frombuffer(content, dtype="<i8", count=len(column), offset=start)


def _joined(pieces: list[Arrays]) -> Arrays:
    return tuple(np.concatenate(columns) for columns in zip(*pieces, strict=True))
