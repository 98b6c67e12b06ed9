"""What a command costs: CPU seconds, wall seconds, peak memory and peak disk of its whole tree of processes.

CPU time comes from the kernel's own account of every process that ended (`wait4`), memory from looking at the
tree every 50 ms: resident memory where it is one process, the proportional share (PSS) where several share
pages. On Linux, processes that outlive their parent (the JVM of Spark) are waited for and counted too. A run
smaller than the measuring process itself reads as large as that: the kernel's peak begins before `exec`.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

LOOK_SECONDS = 0.05  # between two looks at the memory
PATIENCE_SECONDS = 20.0  # for processes that outlive the command
_ADOPT_ORPHANS = 36  # PR_SET_CHILD_SUBREAPER
_KILOBYTE = 1 if sys.platform == "darwin" else 1024  # unit of ru_maxrss


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What one run took, and what it said."""

    cpu_seconds: float
    wall_seconds: float
    peak_bytes: int
    peak_disk_bytes: int  # under the scratch folder: spilled, converted, written
    exit_code: int
    stdout: str
    stderr: str


def cost(
    command: Sequence[str], *, folder: Path, scratch: Path, environment: Mapping[str, str] | None = None
) -> Cost:
    """Run a command in `folder` with its temporary files in `scratch`; measure both.

    The caller may have no other child processes.
    """
    adopt_orphans()
    with tempfile.TemporaryFile("w+") as stdout, tempfile.TemporaryFile("w+") as stderr:
        began = time.perf_counter()
        places = {"TMPDIR": str(scratch), "SPARK_LOCAL_DIRS": str(scratch)}
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **places, **(environment or {})},
            stdout=stdout,
            stderr=stderr,
        )
        with Watch(scratch) as watch:
            exit_code, cpu, largest = _until_ended(process)
            wall = time.perf_counter() - began
        stdout.seek(0)
        stderr.seek(0)
        return Cost(
            cpu_seconds=cpu + _orphans(),
            wall_seconds=wall,
            peak_bytes=max(watch.peak_bytes, largest),
            peak_disk_bytes=watch.peak_disk_bytes,
            exit_code=exit_code,
            stdout=stdout.read(),
            stderr=stderr.read(),
        )


def adopt_orphans() -> None:
    """Become the parent of our descendants whose own parent ends before them. Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_ADOPT_ORPHANS, 1, 0, 0, 0)


class Watch:
    """Looks at our descendants (adopted ones too) and at a folder, from a thread; keeps the largest sums."""

    def __init__(self, scratch: Path) -> None:
        self.peak_bytes = self.peak_disk_bytes = 0
        self._scratch = scratch
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(LOOK_SECONDS):
            self.peak_bytes = max(self.peak_bytes, tree_bytes())
            self.peak_disk_bytes = max(self.peak_disk_bytes, disk_bytes(self._scratch))


def tree_bytes() -> int:
    """Memory of all processes below us, now."""
    tree = psutil.Process().children(recursive=True)
    # PSS walks every page of a process: worth its time only where processes share them.
    return sum(_bytes(process, shared=len(tree) > 1) for process in tree)


def _bytes(process: psutil.Process, *, shared: bool) -> int:
    try:
        if shared and sys.platform == "linux":
            return int(process.memory_full_info().pss)
        return int(process.memory_info().rss)
    except psutil.Error:  # it ended between two looks
        return 0


def disk_bytes(folder: Path) -> int:
    """Bytes of all files below a folder, as they lie on disk now."""
    total = 0
    for place, _, names in os.walk(folder):  # unlike rglob, it does not mind folders that vanish
        for name in names:
            with suppress(OSError):  # it was removed between two looks
                total += Path(place, name).lstat().st_blocks * 512
    return total


def _until_ended(process: subprocess.Popen[bytes]) -> tuple[int, float, int]:
    """Wait for the command: its exit code, CPU seconds of all that ended so far, its own peak in bytes."""
    cpu = 0.0
    while True:
        pid, status, usage = os.wait4(-1, 0)
        cpu += usage.ru_utime + usage.ru_stime
        if pid == process.pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return process.returncode, cpu, usage.ru_maxrss * _KILOBYTE


def _orphans() -> float:
    """CPU seconds of what outlived the command; what does not end in time is ended."""
    cpu, until = 0.0, time.perf_counter() + PATIENCE_SECONDS
    while True:
        try:
            pid, _, usage = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return cpu
        cpu += usage.ru_utime + usage.ru_stime if pid else 0.0
        if not pid:
            if time.perf_counter() > until:
                for child in psutil.Process().children():
                    child.kill()
            time.sleep(LOOK_SECONDS)
