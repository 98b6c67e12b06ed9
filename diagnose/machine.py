"""What this machine gives a run: cores, memory, disk, settings of threads, the terminal. Nothing is named.

A container often has less than its machine: limits of control groups are read beside the machine's own.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from diagnose.checks import Check
from diagnose.formatting import size

LEAST_MEMORY, ROOMY_MEMORY = 500_000_000, 3_000_000_000  # bytes: the program itself; with a trial
LEAST_DISK, ROOMY_DISK = 100_000_000, 2_000_000_000  # bytes: a report; a sort that spills
NARROW = 60  # columns: below it tables wrap
CGROUP = Path("/sys/fs/cgroup")
THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMEXPR_NUM_THREADS")
UNLIMITED = 1 << 60  # bytes; control groups write about 2^63 where there is no limit


def checks(reports: Path) -> Iterator[Check]:
    """`reports`: the folder reports go to; it need not be there yet."""
    yield cores()
    yield memory()
    yield _disk("temporary folder", Path(tempfile.gettempdir()), "--temp-dir FOLDER, or TMPDIR")
    yield _disk("report folder", reports, "--out FOLDER")
    yield threads()
    yield terminal()


def cores() -> Check:
    """Cores of the machine, of this process, and of its control group."""
    whole, usable = os.cpu_count() or 1, len(_affinity())
    quota = _quota()
    told = f"{usable} usable of {whole}"
    if quota is None or quota >= usable:
        return Check(name="cores", told=told)
    return Check(
        name="cores",
        state="note",
        told=f"{told}, and time for {quota:.3g} of them",
        attempt=f"--threads {max(1, int(quota))}: more would only wait for one another",
    )


def memory() -> Check:
    """Memory of the machine, what is free of it, and the limit of the control group."""
    total, free, limit = _total_memory(), _free_memory(), _memory_limit()
    parts = [f"{size(free)} free" if free is not None else "", f"of {size(total)}" if total else ""]
    told = " ".join(filter(None, parts)) or "not told by this system"
    if limit is not None:
        told += f", limited to {size(limit)}"
    usable = min(value for value in (free, limit, UNLIMITED) if value is not None)
    if usable < LEAST_MEMORY:
        attempt = f"free some: a run needs {size(LEAST_MEMORY)} at least"
        return Check(name="memory", state="problem", told=told, attempt=attempt)
    if usable < ROOMY_MEMORY:
        attempt = "--no-trial, --budget quick or fewer --users: a trial takes about 2 GB"
        return Check(name="memory", state="note", told=told, attempt=attempt)
    if limit is not None and total and limit < total / 2:
        attempt = (
            f"--memory-limit {limit // 2_000_000_000 or 1}GB: by default a sort takes half the machine's"
        )
        return Check(name="memory", state="note", told=told, attempt=attempt)
    return Check(name="memory", told=told)


def _disk(name: str, folder: Path, elsewhere: str) -> Check:
    """Room in a folder, or in what it will be made in; the folder is not named."""
    there = next((place for place in (folder, *folder.absolute().parents) if place.is_dir()), Path("/"))
    if not os.access(there, os.W_OK):
        return Check(name=name, state="problem", told="cannot be written to", attempt=elsewhere)
    free = shutil.disk_usage(there).free
    if free < LEAST_DISK:
        return Check(name=name, state="problem", told=f"{size(free)} free", attempt=elsewhere)
    if free < ROOMY_DISK and name.startswith("temporary"):
        attempt = f"{elsewhere}: what does not fit into memory is spilled there"
        return Check(name=name, state="note", told=f"{size(free)} free", attempt=attempt)
    return Check(name=name, told=f"{size(free)} free")


def threads() -> Check:
    """Settings of threads. Probes and training set one thread themselves, a process or thread a core."""
    given = {name: os.environ[name] for name in THREADS if os.environ.get(name, "").isdigit()}
    told = ", ".join(f"{name}={value}" for name, value in given.items()) or "nothing set"
    if os.environ.get("CUDA_LAUNCH_BLOCKING") == "1":
        return Check(
            name="threads",
            state="note",
            told=f"{told}, CUDA_LAUNCH_BLOCKING=1",
            attempt="unset CUDA_LAUNCH_BLOCKING: it makes training on a GPU wait at every step",
        )
    return Check(name="threads", told=f"{told}; probes and training take one thread a core whatever is set")


def terminal() -> Check:
    """Where results go: a terminal or not, how wide, which letters it can show, colour or none."""
    encoding = (sys.stdout.encoding or "unknown").lower()
    parts = ["a terminal" if sys.stdout.isatty() else "no terminal"]
    parts += [f"{shutil.get_terminal_size().columns} columns", encoding]
    parts += [name for name in ("NO_COLOR", "FORCE_COLOR") if os.environ.get(name)]
    parts += ["TERM=dumb"] if os.environ.get("TERM") == "dumb" else []
    told = ", ".join(parts)
    if "utf" not in encoding:
        attempt = "PYTHONUTF8=1: letters that it cannot show are replaced"
        return Check(name="terminal", state="note", told=told, attempt=attempt)
    if sys.stdout.isatty() and shutil.get_terminal_size().columns < NARROW:
        return Check(name="terminal", state="note", told=told, attempt="a wider window: lines wrap")
    return Check(name="terminal", told=told)


def _affinity() -> range | set[int]:
    return os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)


def _quota() -> float | None:
    """Cores' worth of time that the control group gives, None without a limit."""
    words = _read(CGROUP / "cpu.max").split()
    if not words:
        words = [_read(CGROUP / "cpu" / f"cpu.cfs_{name}_us").strip() for name in ("quota", "period")]
    numbers = [int(word) for word in words if word.isdigit()]
    return numbers[0] / numbers[1] if len(numbers) == 2 and numbers[1] else None


def _total_memory() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # not a POSIX machine
        return None


def _free_memory() -> int | None:
    for line in _read(Path("/proc/meminfo")).splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return None


def _memory_limit() -> int | None:
    """Bytes that the control group allows, None without a limit."""
    for place in (CGROUP / "memory.max", CGROUP / "memory" / "memory.limit_in_bytes"):
        text = _read(place).strip()
        if text.isdigit() and int(text) < UNLIMITED:
            return int(text)
    return None


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
