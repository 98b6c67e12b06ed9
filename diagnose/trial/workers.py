"""One process a core, one thread each: where arms are trained.

Each worker is `python -m diagnose.trial.workers FOLDER`: it maps the task's .npy files, takes jobs as lines
of JSON on stdin and answers likewise on stdout; scores come back as .npy files. Not multiprocessing: its
spawned children would import the caller's main script again, which breaks scripts without a main guard.
The folder is private, temporary and removed however the trial ends; nothing is ever unpickled.
"""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnose.errors import ResourceError
from diagnose.settings import TrialSettings
from diagnose.trial.device import Device, cores, exhausted, ready
from diagnose.trial.task import Task, load, save

POLL_SECONDS = 0.2  # libraries that take SIGINT too let a waiting thread sleep on: Ctrl-C is seen this late
_KILLED = -9  # what the kernel does to a process when memory runs out
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")


@dataclass(frozen=True)
class Job:
    """One arm, one seed. Jobs of one seed start from the same random numbers: differences are paired."""

    arm: str
    seed: int


@dataclass(frozen=True, eq=False)
class Outcome:
    """What one job gave. test and training_sample (n, C) are scores, the rest says how training went."""

    test: NDArray[np.float32]
    training_sample: NDArray[np.float32]
    curve: tuple[float, ...]
    best: float
    stopped_early: bool
    parameters: int
    train_seconds: float
    score_ms: float  # per 100 candidates


@dataclass(frozen=True)
class Recipe:
    """What all jobs share besides the task."""

    trial: TrialSettings
    half_life: float
    fine_tune: bool
    device: Device = "cpu"


def train_all(
    task: Task,
    jobs: Sequence[Job],
    *,
    recipe: Recipe,
    workers: int | None = None,
    done: Callable[[Job], None] = lambda job: None,
    keep: Callable[[Job, Outcome], None] = lambda job, outcome: None,
) -> dict[Job, Outcome]:
    """Every job's outcome. `keep`, then `done`, are called in this thread as jobs end.

    `workers` None is one a core.
    """
    if not jobs:
        return {}
    count = min(len(jobs), workers or cores())
    with tempfile.TemporaryDirectory(prefix="diagnose-trial-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        save(task, folder)
        (folder / "recipe.json").write_text(json.dumps(asdict(recipe)))
        with _Crew(folder, jobs, count) as crew:
            outcomes = {}
            for _ in jobs:
                job, told = crew.next()
                outcomes[job] = _read(folder, job, told)
                keep(job, outcomes[job])
                done(job)
    return {job: outcomes[job] for job in jobs}


class _Crew:
    """The worker processes and a thread for each that hands it one job after the other."""

    def __init__(self, folder: Path, jobs: Sequence[Job], count: int) -> None:
        self.folder = folder
        self.waiting: queue.SimpleQueue[Job] = queue.SimpleQueue()
        self.answers: queue.SimpleQueue[tuple[Job, dict[str, Any]] | Exception] = queue.SimpleQueue()
        for job in jobs:
            self.waiting.put(job)
        self.processes: list[subprocess.Popen[str]] = []
        self.count = count

    def __enter__(self) -> _Crew:
        try:
            for number in range(self.count):
                process = _start(self.folder, number)
                self.processes.append(process)
                threading.Thread(target=self._feed, args=(process, number), daemon=True).start()
        except BaseException:  # Ctrl-C while they start: nobody else would end those that have
            self.__exit__()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        for process in self.processes:
            process.kill()
        for process in self.processes:
            process.wait()
            for pipe in (process.stdin, process.stdout):
                with suppress(OSError):  # a killed reader leaves a broken pipe behind
                    pipe.close()  # type: ignore[union-attr]

    def next(self) -> tuple[Job, dict[str, Any]]:
        """The next job to end, whichever it is. Raises what went wrong in a worker."""
        while True:
            with suppress(queue.Empty):
                answer = self.answers.get(timeout=POLL_SECONDS)
                if isinstance(answer, Exception):
                    raise answer
                return answer

    def _feed(self, process: subprocess.Popen[str], number: int) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            while not self.waiting.empty():
                job = self.waiting.get_nowait()
                process.stdin.write(json.dumps(asdict(job)) + "\n")
                process.stdin.flush()
                line = process.stdout.readline()
                if not line:
                    raise _failure(process.wait(), self.folder / f"worker{number}.log")
                self.answers.put((job, json.loads(line)))
        except queue.Empty:
            pass  # another worker took the last job
        except Exception as error:
            self.answers.put(error)


def _start(folder: Path, number: int) -> subprocess.Popen[str]:
    package = str(Path(__file__).resolve().parents[2])
    paths = os.pathsep.join([package, *filter(None, [os.environ.get("PYTHONPATH")])])
    with (folder / f"worker{number}.log").open("w") as log:
        return subprocess.Popen(  # noqa: S603  (our own interpreter, our own module)
            [sys.executable, "-m", "diagnose.trial.workers", str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={**os.environ, **_ONE_THREAD, "PYTHONPATH": paths},
        )


def _failure(code: int, log: Path) -> Exception:
    if code == _KILLED:
        return ResourceError(
            "A process that trained the trial's models was killed.",
            seen="most likely too little memory",
            attempt="--budget quick, fewer --users, or --no-trial",
        )
    said = log.read_text()[-2000:]
    return exhausted(said) or RuntimeError(f"a trial worker ended with code {code}:\n{said}")


def _read(folder: Path, job: Job, told: dict[str, Any]) -> Outcome:
    arrays = {name: np.load(_scores(folder, job, name)) for name in ("test", "training_sample")}
    return Outcome(**arrays, **{**told, "curve": tuple(told["curve"])})


def _scores(folder: Path, job: Job, split: str) -> Path:
    return folder / f"scores.{job.arm}.{job.seed}.{split}.npy"


def work(folder: Path) -> None:
    """The worker's whole life: jobs in, outcomes out, until stdin ends."""
    from diagnose.trial.jobs import run_job

    task = load(folder)
    told = json.loads((folder / "recipe.json").read_text())
    recipe = Recipe(TrialSettings(**told.pop("trial")), **told)
    ready(recipe.device)
    jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(folder, jobs), daemon=True).start()
    while True:
        job = jobs.get()
        outcome = run_job(task, job, recipe=recipe)
        for name in ("test", "training_sample"):
            np.save(_scores(folder, job, name), getattr(outcome, name), allow_pickle=False)
        answer = {k: v for k, v in vars(outcome).items() if k not in ("test", "training_sample")}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def _listen(folder: Path, jobs: queue.SimpleQueue[Job]) -> None:
    """Jobs from stdin. Its end means that the parent is gone, however it went: stop, and leave nothing."""
    for line in sys.stdin:
        jobs.put(Job(**json.loads(line)))
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        work(Path(sys.argv[1]))
