"""Finished arms kept in a folder of the user's, so that an interrupted trial goes on from there.

What a job gave is kept as soon as it ends under a key made of all it depends on: the arrays of the task,
the recipe that its worker is handed (with the device), arm, seed, the versions of what computes and our own
source. Scores are .npy files, the rest is JSON; nothing is unpickled; no id of a user or an item is in it.
Nothing that lies there is believed before its key, kinds, digests, shapes and numbers have been checked.
"""

from __future__ import annotations

import io
import json
import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnose.errors import UsageError
from diagnose.locks import abandoned, lock
from diagnose.trial.fingerprints import basis, digest
from diagnose.trial.task import Task
from diagnose.trial.workers import Job, Outcome, Recipe

SCORES = ("test", "training_sample")
LARGEST_JSON = 1_000_000  # bytes; what a job tells is some hundred
Note = Callable[[str], None]


def prepare(folder: Path) -> None:
    """Make the folder where it is missing. Raises UsageError where nothing can be kept in it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise UsageError(
            "--keep names no folder in which files can be written.",
            seen=f"{folder}: {error.strerror or error}",
            attempt="--keep trials",
        ) from error


class Damaged(Exception):  # noqa: N818  (not an error: the job is trained again, and this is told)
    """What is kept of a job cannot be believed, and why."""


@dataclass(frozen=True)
class Shelf:
    """The place in a folder of one task under one recipe. `note` is told what a user should know."""

    folder: Path
    basis: str  # digest of all that its jobs share
    shapes: Mapping[str, tuple[int, ...]]  # of the scores
    note: Note

    @classmethod
    def of(cls, folder: Path, task: Task, recipe: Recipe, *, note: Note) -> Shelf:
        """The shelf for this task and recipe; what a killed run left half written is removed."""
        for left in folder.glob(".kept.*.part"):
            if abandoned(left):
                left.unlink(missing_ok=True)
        shapes = {name: getattr(task, name).base.shape for name in SCORES}
        return cls(folder, basis(task, recipe), shapes, note)

    def taken(self, jobs: Sequence[Job]) -> dict[Job, Outcome]:
        """The outcomes of those jobs that ended before; what is damaged is told and left out."""
        found = {}
        for job in jobs:
            try:
                outcome = self._read(job)
            except Damaged as reason:
                self.note(
                    f"{self.folder}: what is kept of {job.arm}, seed {job.seed}, is {reason}; trained again."
                )
                continue
            if outcome is not None:
                found[job] = outcome
        strangers = sum(1 for _ in self.folder.iterdir()) - len(self._names(jobs))
        beside = f"; {strangers} other files there are left alone" if strangers > 0 else ""
        self.note(f"{self.folder}: {len(found)} of {len(jobs)} trainings taken over{beside}.")
        return found

    def keep(self, job: Job, outcome: Outcome) -> None:
        """Keep what a job gave: scores first, the JSON that vouches for them last, each whole or not."""
        scores = {name: _npy(getattr(outcome, name)) for name in SCORES}
        if not all(np.isfinite(getattr(outcome, name)).all() for name in SCORES):
            return  # would not be believed
        told = {key: value for key, value in vars(outcome).items() if key not in SCORES}
        document = {
            "key": self._key(job),
            "job": asdict(job),
            "digests": {name: digest(octets) for name, octets in scores.items()},
            "outcome": told,
        }
        try:
            for name, octets in scores.items():
                _place(self._path(job, f"{name}.npy"), octets)
            text = json.dumps(document, sort_keys=True, indent=1, allow_nan=False) + "\n"
            _place(self._path(job, "json"), text.encode())
        except (OSError, ValueError) as error:  # keeping is a help: a full disk must not end the trial
            self.note(f"{self.folder}: {job.arm}, seed {job.seed}, could not be kept: {error}")

    def _key(self, job: Job) -> str:
        return digest(json.dumps([self.basis, job.arm, job.seed]).encode())

    def _path(self, job: Job, ending: str) -> Path:
        return self.folder / f"{job.arm}-{job.seed}-{self._key(job)[:16]}.{ending}"

    def _names(self, jobs: Sequence[Job]) -> list[Path]:
        endings = ("json", *(f"{name}.npy" for name in SCORES))
        paths = (self._path(job, ending) for job in jobs for ending in endings)
        return [path for path in paths if path.exists()]

    def _read(self, job: Job) -> Outcome | None:
        path = self._path(job, "json")
        if not path.exists():
            return None
        document = _json(_octets(path, longest=LARGEST_JSON))
        if document.get("key") != self._key(job) or document.get("job") != asdict(job):
            raise Damaged("of another run")
        digests = document.get("digests")
        if not isinstance(digests, dict):
            raise Damaged("without digests")
        scores: dict[str, Any] = {name: self._scores(job, name, digests.get(name)) for name in SCORES}
        return Outcome(**scores, **_told(document.get("outcome")))

    def _scores(self, job: Job, name: str, told: object) -> NDArray[np.float32]:
        shape = self.shapes[name]
        like = _npy(np.zeros(shape, dtype=np.float32))  # its length and header, so that no header is parsed
        header = like[: len(like) - 4 * int(np.prod(shape))]
        octets = _octets(self._path(job, f"{name}.npy"), longest=len(like))
        if digest(octets) != told:
            raise Damaged("not what was written")
        if len(octets) != len(like) or not octets.startswith(header):
            raise Damaged("of another shape")
        scores = np.frombuffer(octets, dtype=np.float32, offset=len(header)).reshape(shape)
        if not np.isfinite(scores).all():
            raise Damaged("not finite")
        return scores


def _npy(scores: NDArray[np.float32]) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.ascontiguousarray(scores), allow_pickle=False)
    return buffer.getvalue()


def _octets(path: Path, *, longest: int) -> bytes:
    """What is in a file; Damaged where it is missing, no file or longer than it can be."""
    try:
        if not path.is_file():
            raise Damaged("not complete")
        with path.open("rb") as stream:
            octets = stream.read(longest + 1)
    except OSError as error:
        raise Damaged(f"unreadable ({error.strerror})") from error
    if len(octets) > longest:
        raise Damaged("longer than it can be")
    return octets


def _json(octets: bytes) -> dict[str, Any]:
    try:
        document = json.loads(octets)
    except (ValueError, RecursionError) as error:
        raise Damaged("no JSON") from error
    if not isinstance(document, dict):
        raise Damaged("no JSON of ours")
    return document


_LARGEST = 1e300  # neither infinite nor an integer that no float can hold; nothing is smaller than NaN


def _number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < _LARGEST


def _numbers(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_number, value))


_KINDS: Mapping[str, Callable[[object], bool]] = {
    "curve": _numbers,
    "best": _number,
    "stopped_early": lambda value: isinstance(value, bool),
    "parameters": lambda value: _number(value) and isinstance(value, int),
    "train_seconds": _number,
    "score_ms": _number,
}


def _told(outcome: object) -> dict[str, Any]:
    """What a job tells beside its scores, each of its kind."""
    if not isinstance(outcome, dict) or set(outcome) != set(_KINDS):
        raise Damaged("not what a job tells")
    if wrong := [name for name, is_kind in _KINDS.items() if not is_kind(outcome[name])]:
        raise Damaged(f"wrong in {', '.join(wrong)}")
    return {**outcome, "curve": tuple(outcome["curve"])}


def _place(path: Path, octets: bytes) -> None:
    """Write beside the place and rename into it: a reader never meets half a file."""
    handle, name = tempfile.mkstemp(prefix=".kept.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            lock(stream.fileno())
            stream.write(octets)
            stream.flush()
            os.fsync(stream.fileno())
            Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
