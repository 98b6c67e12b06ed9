"""What the whole of `analyze --no-trial` costs on a million events, stage by stage, against the bare sort.

    python -m benchmarks.analyze [--repeats 3]
    python -m benchmarks.analyze --logs shop --repeats 1      (half a minute, to try it)

Three logs are generated once into a work folder: the shop of `engine_logs`, whose users are heavy-tailed, and
two worlds of `diagnose simulate`. Each run is a process of its own, the runs of one log beside each other and
the whole round again for each repeat. The floor is DuckDB sorting and writing the log, as in
`benchmarks.engine`. Kept as JSON after every run; printed as a table (`analyze_table`).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks import engine_logs
from benchmarks.analyze_table import KEPT, checks, table
from benchmarks.machine import ROOT, circumstances
from benchmarks.measuring import cost

WORK = Path(tempfile.gettempdir()) / "diagnose-benchmark"
THREADS = 2  # for everyone but the run that shows that threads change nothing
STARTS = 7  # of `--help`: a start is short and noisy
WORLDS = {"ecommerce": 20_570, "long_video": 29_550}  # users who make a million events
LOGS = ("shop", *WORLDS)
TASKS = ("floor", "analyze", "one thread", "stages")
LIBRARIES = ("duckdb", "numpy", "pyarrow", "scipy")
Options = argparse.Namespace


@dataclass(frozen=True)
class Task:
    """One run that is to be measured."""

    task: str
    log: str = ""


def main() -> None:
    """Generate the logs, measure, keep, print."""
    options = parsed()
    options.work.mkdir(parents=True, exist_ok=True)
    for log in options.logs:
        _generate(log, options.work)
    kept = circumstances(LIBRARIES) | {"options": {"logs": options.logs, "repeats": options.repeats}}
    kept["runs"] = []
    for repeat in range(options.repeats):
        for task in plan(options):
            run = measured(task, options.work) | {"repeat": repeat}
            print(_line(run), file=sys.stderr, flush=True)
            kept["runs"].append(run)
            kept["checks"] = checks(kept["runs"])
            options.results.parent.mkdir(parents=True, exist_ok=True)
            options.results.write_text(json.dumps(kept, indent=1) + "\n")
    print(table(kept))


def parsed(arguments: Sequence[str] | None = None) -> Options:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--logs", nargs="+", choices=LOGS, default=LOGS)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--work", type=Path, default=WORK, help="folder of logs and reports")
    parser.add_argument("--results", type=Path, default=KEPT)
    options = parser.parse_args(arguments)
    options.work = options.work.absolute()  # runs are elsewhere
    return options


def plan(options: Options) -> Iterator[Task]:
    """One round of runs: those of one log beside each other."""
    for log in options.logs:
        yield from (Task(task, log) for task in TASKS)
    yield from [Task("help")] * STARTS


def measured(task: Task, work: Path) -> dict[str, Any]:
    """The cost of a run, and what it found."""
    scratch, reports = work / "scratch", work / "reports"
    scratch.mkdir(exist_ok=True)
    ran = cost(_command(task, work), folder=ROOT, scratch=scratch)
    run = asdict(task) | {
        "cpu_seconds": round(ran.cpu_seconds, 3),
        "wall_seconds": round(ran.wall_seconds, 3),
        "peak_bytes": ran.peak_bytes,
        "exit_code": ran.exit_code,
    }
    if ran.exit_code:
        return run | {"error": " ".join(ran.stderr.split()[-40:])}
    if task.task == "stages":
        found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
        return run | found
    if task.task in ("analyze", "one thread"):
        return run | {"digest": _digest(reports / f"{_path_of(task.log, work).stem}.json")}
    return run


def _command(task: Task, work: Path) -> list[str]:
    log = str(_path_of(task.log, work))
    analyze = ["-m", "diagnose", "analyze", log, "--no-trial", "--quiet", "--out", str(work / "reports")]
    commands = {
        "floor": ["-m", "benchmarks.engine_child", "floor", log],
        "analyze": [*analyze, "--threads", str(THREADS)],
        "one thread": [*analyze, "--threads", "1"],
        "stages": ["-m", "benchmarks.analyze_child", log, "--threads", str(THREADS)],
        "help": ["-m", "diagnose", "--help"],
    }
    return [sys.executable, *commands[task.task]]


def _path_of(log: str, work: Path) -> Path:
    return work / f"{log}-1m.parquet" if log in WORLDS else engine_logs.path_of(work, 1, "int")


def _generate(log: str, work: Path) -> None:
    """A log, written by a process whose memory does not stay with us."""
    path = _path_of(log, work)
    if path.exists():
        return
    if log in WORLDS:
        made = ["diagnose", "simulate", log, "--users", str(WORLDS[log]), "--out", str(path)]
    else:
        made = ["benchmarks.engine_logs", str(work), "1", "int"]
    subprocess.run([sys.executable, "-m", *made], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def _digest(path: Path) -> str:
    """Of a report's JSON but for what it took."""
    result = json.loads(path.read_text()) | {"timings": None}
    return hashlib.sha256(json.dumps(result, sort_keys=True).encode()).hexdigest()


def _line(run: dict[str, Any]) -> str:
    told = f"{run['cpu_seconds']:.2f} s CPU, {run['wall_seconds']:.2f} s, {run['peak_bytes'] / 1e9:.2f} GB"
    return f"{run['task']} {run['log']}: {told}" + (f"; failed: {run['error']}" if run["exit_code"] else "")


if __name__ == "__main__":
    main()
