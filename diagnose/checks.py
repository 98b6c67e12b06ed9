"""What `diagnose doctor` says of one thing: whether it is well, and what to do where it is not.

Each room makes the checks of the libraries that only it may import.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib import metadata
from typing import Literal

State = Literal["ok", "note", "problem"]
_PATHS = re.compile(r"(?:[A-Za-z]:\\|[~.]{0,2}/)[^\s'\":,;)]+")


@dataclass(frozen=True, kw_only=True)
class Check:
    """One line. A problem is something that no run can do without; a note slows a run or narrows it."""

    name: str
    told: str
    state: State = "ok"
    attempt: str = ""  # what to do about it


def installed(package: str) -> str | None:
    """The version of a package, None where it is not installed. Nothing is imported."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def without_paths(text: str) -> str:
    """Words of a library without the paths in them: what is checked is pasted into public places."""
    return _PATHS.sub("…", text)
