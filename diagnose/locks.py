"""Locks on files that a run leaves behind if it is killed: a lock that is free tells that nobody lives there.

The system lets go of a process's locks however it ends: a later run can tell what is left from what is used.
"""

from __future__ import annotations

import os
from pathlib import Path

try:
    import fcntl
except ImportError:  # not a POSIX system: what a killed run leaves there stays
    fcntl = None  # type: ignore[assignment]

HAVE_LOCKS = fcntl is not None


def lock(descriptor: int) -> None:
    """Hold an open file until its last descriptor is closed. Raises OSError where another process does."""
    if fcntl is not None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def abandoned(file: Path) -> bool:
    """Whether a file of this user's is there and no living process holds it."""
    if not HAVE_LOCKS:
        return False
    try:
        descriptor = os.open(file, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        if os.fstat(descriptor).st_uid != os.getuid():
            return False
        lock(descriptor)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True
