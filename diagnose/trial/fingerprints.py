"""What a training depends on, as one digest: the same digest, the same numbers."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, fields
from functools import cache
from importlib import metadata
from pathlib import Path

import numpy as np

from diagnose.trial.task import SPLITS, Split, Task
from diagnose.trial.workers import Recipe

FORMAT = 1  # of what is kept; another one is another key
# Whose source a training's numbers come from; how many examples a budget shows is read where arms train.
ROOMS, BESIDE = ("trial", "predictors", "stats"), ("__init__.py", "budgets.py")


def digest(octets: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(octets).hexdigest()


def basis(task: Task, recipe: Recipe) -> str:
    """One digest of all that the jobs of a task and a recipe share."""
    versions = {name: metadata.version(name) for name in ("torch", "numpy")}
    shared = [FORMAT, fingerprint(task), asdict(recipe), versions, source()]
    return digest(json.dumps(shared, sort_keys=True).encode())


def fingerprint(task: Task) -> str:
    """A digest of every array of the task: name, kind, shape and numbers."""
    found = hashlib.sha256()
    arrays = {f"{name}.{entry.name}": getattr(getattr(task, name), entry.name) for name in SPLITS
              for entry in fields(Split)}  # fmt: skip
    arrays |= {name: getattr(task, name) for name in ("item_embeddings", "category_embeddings")}
    for name, array in arrays.items():
        found.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        found.update(np.ascontiguousarray(array).view(np.uint8).data if array.size else b"")
    return found.hexdigest()


@cache
def source() -> str:
    """A digest of our version and of the code that trains: changed code never takes over old results."""
    package = Path(__file__).resolve().parents[1]
    found = hashlib.sha256()
    rooms = (path for room in ROOMS for path in (package / room).rglob("*.py"))
    for path in sorted([*(package / name for name in BESIDE), *rooms]):
        found.update(f"{path.relative_to(package).as_posix()}\n".encode() + path.read_bytes())
    return found.hexdigest()
