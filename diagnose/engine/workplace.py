"""A private folder for spilled, unpacked and converted rows; and sweeping up after runs that were killed.

A run holds a lock on a file in its folder as long as it lives. A folder whose lock is free belongs to
nobody and is removed by the next run.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from diagnose.locks import abandoned, lock

PREFIX = "diagnose-"
LOCK = "in-use"


@contextmanager
def private_folder(inside: Path | None) -> Iterator[Path]:
    """A new folder, removed afterwards whatever happens; leftovers of killed runs beside it go first."""
    _sweep(Path(inside or tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=inside))
    unlocked = folder / f"{LOCK}.new"  # by its own name only once it is held: a sweeping run may be near
    descriptor = os.open(unlocked, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        lock(descriptor)
        unlocked.rename(folder / LOCK)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def _sweep(inside: Path) -> None:
    for folder in inside.glob(f"{PREFIX}*"):
        if not folder.is_symlink() and abandoned(folder / LOCK):
            shutil.rmtree(folder, ignore_errors=True)
