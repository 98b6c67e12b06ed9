"""One `analyze --no-trial` with the CPU time of each stage and probe. Prints them as JSON.

    python -m benchmarks.analyze_child LOG [--threads N]

A stage has the CPU time of the whole process between its beginning and the next one's, a probe that of the
thread it ran in. Until the first line of our own it is the stage "start": Python and its imports.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import tempfile
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psutil

from diagnose import engine, pipeline
from diagnose.drift import family
from diagnose.results import Probed
from diagnose.settings import Settings
from diagnose.stages import Silent

SCHEDULED = Path("/proc/thread-self/schedstat")  # nanoseconds run and waited for a core, on Linux
Costs = dict[str, dict[str, float]]


class StageCosts(Silent):
    """Takes the time whenever a stage begins."""

    def __init__(self) -> None:
        self.marks = [("start", psutil.Process().create_time(), 0.0)]
        self.begin("opening")

    def begin(self, name: str) -> None:
        """The stage before ends here."""
        self.marks.append((name, time.time(), time.process_time()))

    def stage(self, name: str) -> None:
        """A stage of the pipeline begins; its label starts with its name."""
        self.begin(name.split(":")[0].split()[0].lower())

    def costs(self) -> Costs:
        """Wall and CPU seconds of each stage."""
        pairs = zip(self.marks[:-1], self.marks[1:], strict=True)
        return {
            name: {"wall_seconds": round(then[1] - wall, 3), "cpu_seconds": round(then[2] - cpu, 3)}
            for (name, wall, cpu), then in pairs
        }


class TimedProbe:
    """A probe that remembers what its thread took, and which thread that was."""

    def __init__(self, measure: pipeline.Probe) -> None:
        self.measure, self.cost, self.thread = measure, dict[str, float](), 0

    def __call__(self, *arguments: Any, **named: Any) -> Probed:
        """Measure, and remember."""
        self.thread, before = threading.get_ident(), _clocks()
        found = self.measure(*arguments, **named)
        taken = (round(now - then, 3) for now, then in zip(_clocks(), before, strict=True))
        self.cost = dict(zip(("wall_seconds", "cpu_seconds", "waited_seconds"), taken, strict=True))
        return found


def _clocks() -> tuple[float, float, float]:
    """Wall and CPU seconds of this thread, and how long it was ready while other programs had the cores."""
    try:
        waited = int(SCHEDULED.read_text().split()[1]) / 1e9
    except OSError:  # not Linux: then a wall time holds what others took
        waited = 0.0
    return time.perf_counter(), time.thread_time(), waited


def main(arguments: Sequence[str] | None = None) -> None:
    """Analyze a log and print what it took."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("log", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args(arguments)
    print(json.dumps(analyzed(options.log, threads=options.threads)))


def analyzed(log: Path, *, threads: int) -> Mapping[str, Any]:
    """What the stages and probes took, and a digest of the result."""
    stages = StageCosts()
    probes = {}
    for kind in ("OF_THE_SAMPLE", "OF_BOTH"):
        timed = {name: TimedProbe(measure) for name, measure in getattr(family, kind).items()}
        setattr(family, kind, timed)
        probes |= timed
    settings = Settings.from_options(trial=False)
    diagnosis = pipeline.analyze(
        log, settings=settings, listener=stages, options=engine.EngineOptions(threads=threads)
    )
    stages.begin("report")
    with tempfile.TemporaryDirectory() as folder:
        diagnosis.write(folder, "report")
    stages.begin("end")
    result = asdict(diagnosis.result) | {"timings": None}
    costs = stages.costs()
    return {
        "undisturbed_seconds": round(_undisturbed(costs, probes.values()), 3),
        "stages": costs,
        "probes": {name: probe.cost for name, probe in probes.items()},
        "digest": hashlib.sha256(json.dumps(result, sort_keys=True, default=str).encode()).hexdigest(),
        "events": diagnosis.result.log.events,
        "sampled_users": diagnosis.result.log.sampled_users,
    }


def _undisturbed(costs: Costs, probes: Iterable[TimedProbe]) -> float:
    """Wall seconds but for the time when the process was ready and other programs had the cores.

    While the probes run the busiest thread counts; what reading waited in threads of its own stays in.
    """
    threads: dict[int, float] = {}
    for probe in probes:
        own = probe.cost["wall_seconds"] - probe.cost["waited_seconds"]
        threads[probe.thread] = threads.get(probe.thread, 0.0) + own
    others = sum(cost["wall_seconds"] for name, cost in costs.items() if name != "drift")
    return others - _clocks()[2] + max(threads.values())


if __name__ == "__main__":
    main()
