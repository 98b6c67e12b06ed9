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
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psutil

from diagnose import engine, pipeline
from diagnose.results import Probed
from diagnose.settings import Settings
from diagnose.stages import Silent

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
    """A probe that remembers what its thread took."""

    def __init__(self, measure: pipeline.Probe) -> None:
        self.measure, self.cost = measure, dict[str, float]()

    def __call__(self, *arguments: Any, **named: Any) -> Probed:
        """Measure, and remember."""
        wall, cpu = time.perf_counter(), time.thread_time()
        found = self.measure(*arguments, **named)
        wall, cpu = time.perf_counter() - wall, time.thread_time() - cpu
        self.cost = {"wall_seconds": round(wall, 3), "cpu_seconds": round(cpu, 3)}
        return found


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
    probes = {name: TimedProbe(measure) for name, measure in pipeline.OF_THE_SAMPLE.items()}
    pipeline.OF_THE_SAMPLE = probes
    settings = Settings.from_options(trial=False)
    diagnosis = pipeline.analyze(
        log, settings=settings, listener=stages, options=engine.EngineOptions(threads=threads)
    )
    stages.begin("report")
    with tempfile.TemporaryDirectory() as folder:
        diagnosis.write(folder, "report")
    stages.begin("end")
    result = asdict(diagnosis.result) | {"timings": None}
    return {
        "stages": stages.costs(),
        "probes": {name: probe.cost for name, probe in probes.items()},
        "digest": hashlib.sha256(json.dumps(result, sort_keys=True, default=str).encode()).hexdigest(),
        "events": diagnosis.result.log.events,
        "sampled_users": diagnosis.result.log.sampled_users,
    }


if __name__ == "__main__":
    main()
