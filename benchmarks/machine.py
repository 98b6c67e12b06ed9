"""Where a benchmark ran: what its numbers hang on."""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import platform
import re
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).parent.parent


def circumstances(libraries: Iterable[str]) -> dict[str, Any]:
    """The day, the commit, the machine and the versions of those libraries that are installed."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    installed = {found.name.lower() for found in importlib.metadata.distributions()}
    versions = {name: importlib.metadata.version(name) for name in libraries if name in installed}
    return {
        "date": datetime.date.today().isoformat(),
        "commit": commit.stdout.strip(),
        "machine": {
            "cores": os.cpu_count(),
            "cpu": _cpu_model(),
            "memory_gb": round(psutil.virtual_memory().total / 1e9),
            "load": round(os.getloadavg()[0], 1),
        },
        "versions": {"python": platform.python_version()} | versions,
    }


def measured_at(kept: Mapping[str, Any]) -> str:
    """The same in a sentence, for the line above a table."""
    machine = kept["machine"]
    return (
        f"Measured {kept['date']} at commit {kept['commit']}: {machine['cores']} cores ({machine['cpu']}), "
        f"{machine['memory_gb']} GB, load {machine['load']} at the start"
    )


def _cpu_model() -> str:
    try:
        found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    except OSError:  # not Linux
        return platform.processor()
    return found[1] if found else platform.machine()
