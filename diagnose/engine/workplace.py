"""A private folder for spilled, unpacked and converted rows; and sweeping up after runs that were killed.

A run holds a lock on a file in its folder as long as it lives; however it dies, the system lets go of it.
A folder whose lock is free belongs to nobody and is removed by the next run.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # not a POSIX system: what a killed run leaves there stays
    fcntl = None  # type: ignore[assignment]

PREFIX = "diagnose-"
LOCK = "in-use"


@contextmanager
def private_folder(inside: Path | None) -> Iterator[Path]:
    """A new folder, removed afterwards whatever happens; leftovers of killed runs beside it go first."""
    sweep(Path(inside or tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=inside))
    lock = None
    try:
        lock = _locked(folder / LOCK)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if lock is not None:
            os.close(lock)


def sweep(inside: Path) -> None:
    """Remove the private folders that no living run holds."""
    if fcntl is None:
        return
    for folder in inside.glob(f"{PREFIX}*"):
        lock = _abandoned(folder)
        if lock is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(lock)


def _abandoned(folder: Path) -> int | None:
    """The lock of a folder that nobody holds; None where somebody does, or where it is none of ours."""
    with contextlib.suppress(OSError):
        if folder.is_dir() and not folder.is_symlink() and folder.stat().st_uid == os.getuid():
            return _locked(folder / LOCK, create=False)
    return None


def _locked(file: Path, *, create: bool = True) -> int | None:
    """An open, locked file; None where there are no locks. Raises OSError where another holds it."""
    if fcntl is None:
        return None
    flags = os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW | (os.O_CREAT if create else 0)
    descriptor = os.open(file, flags, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise
    return descriptor
