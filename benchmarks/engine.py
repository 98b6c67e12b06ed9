"""What the engine costs: its one pass against the bare sort, its growth, its memory, and its peers.

    python -m benchmarks.engine [--sizes 1,10,100] [--ids int,string] [--repeats 3]
    python -m benchmarks.engine --sizes 1 --ids int --only floor ours      (seconds, to try it)

Logs are generated once into a work folder. Each task runs in a process of its own, the tasks of one log in a
row and the whole round again for each repeat, so that what else the machine does falls on all alike.
Only ratios are told (`engine_ratios`). Kept as JSON after every run; printed as a table (`engine_table`).
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks import engine_logs
from benchmarks.engine_ratios import HEAVY, PEERS, checks, limit, ratios
from benchmarks.engine_table import KEPT, table
from benchmarks.machine import ROOT, circumstances
from benchmarks.measuring import cost

WORK = Path(tempfile.gettempdir()) / "diagnose-benchmark"
THREADS = "2"  # for everyone
STARTS = 7  # of `--help`: a start is short and noisy
ANALYZED = 1  # million events of the whole `analyze`
ON_LOGS = ("decode", "floor", "ours", "spill", *PEERS, "spark")
TASKS = (*ON_LOGS, "analyze", "python", "help", "imports")
LIBRARIES = ("duckdb", "numpy", "pyarrow", "pandas", "polars", "scipy", "pyspark")
Options = argparse.Namespace


@dataclass(frozen=True)
class Task:
    """One run that is to be measured."""

    task: str
    ids: str = ""
    millions: int = 0


def main() -> None:
    """Generate the logs, measure, keep, print."""
    options = parsed()
    options.work.mkdir(parents=True, exist_ok=True)
    tasks = list(plan(options))
    for task in tasks:
        if task.ids:
            _generated(task, options.work)
    kept = _circumstances(options) | {"runs": []}
    for repeat in range(options.repeats):
        for task in tasks:
            run = measured(task, options.work) | {"repeat": repeat}
            print(_line(run), file=sys.stderr, flush=True)
            kept["runs"].append(run)
            kept |= {"ratios": ratios(kept["runs"]), "checks": checks(kept["runs"])}
            options.results.parent.mkdir(parents=True, exist_ok=True)
            options.results.write_text(json.dumps(kept, indent=1) + "\n")
    print(table(kept))


def parsed(arguments: Sequence[str] | None = None) -> Options:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sizes", type=_numbers, default=[1, 10, 100], help="millions of events")
    parser.add_argument("--ids", type=lambda text: text.split(","), default=["int", "string"])
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--peers-at", type=int, default=10, help="millions of events for the peers and Spark")
    parser.add_argument("--spark", action="store_true", help="also on a local Spark")
    parser.add_argument(
        "--only", nargs="+", choices=TASKS, default=TASKS, metavar="TASK", help=", ".join(TASKS)
    )
    parser.add_argument("--work", type=Path, default=WORK, help="folder of logs and of what is spilled")
    parser.add_argument("--results", type=Path, default=KEPT)
    options = parser.parse_args(arguments)
    options.work = options.work.absolute()  # tasks run elsewhere
    return options


def plan(options: Options) -> Iterator[Task]:
    """One round of tasks: those of one log beside each other, as their ratios are wanted."""
    for millions in options.sizes:
        for ids in options.ids:
            for task in ON_LOGS:
                if task in options.only and _runs_at(task, millions, options):
                    yield Task(task, ids, millions)
    if "analyze" in options.only:
        if not ("ours" in options.only and ANALYZED in options.sizes and "int" in options.ids):
            yield Task("ours", "int", ANALYZED)  # what it is divided by
        yield Task("analyze", "int", ANALYZED)
    for task in ("python", "help"):
        if task in options.only:
            yield from [Task(task)] * STARTS
    if "imports" in options.only:
        yield Task("imports")


def _runs_at(task: str, millions: int, options: Options) -> bool:
    if task == "spark":
        return bool(options.spark and millions == options.peers_at)
    return task not in PEERS or millions == options.peers_at


def measured(task: Task, work: Path) -> dict[str, Any]:
    """The cost of a task, and what it found."""
    scratch = work / "scratch"
    scratch.mkdir(exist_ok=True)
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "POLARS_MAX_THREADS"), THREADS)
    ran = cost(_command(task, work), folder=ROOT, scratch=scratch, environment=threads)
    run = asdict(task) | {
        "cpu_seconds": round(ran.cpu_seconds, 3),
        "wall_seconds": round(ran.wall_seconds, 3),
        "peak_bytes": ran.peak_bytes,
        "peak_disk_bytes": ran.peak_disk_bytes,
        "exit_code": ran.exit_code,
    }
    if ran.exit_code:
        return run | {"error": " ".join(ran.stderr.split()[-40:])}
    if task.task in ON_LOGS:
        found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
        return run | found
    if task.task == "imports":
        return run | {"imported": sorted(set(re.findall(r"\| *(\w+)\n", ran.stderr)) & {*HEAVY})}
    return run


def _command(task: Task, work: Path) -> list[str]:
    log = str(engine_logs.path_of(work, task.millions, "string" if task.ids == "string" else "int"))
    out = ["--no-trial", "--quiet", "--out", str(work / "reports")]
    commands = {
        "analyze": ["-m", "diagnose", "analyze", log, *out],
        "python": ["-c", "pass"],
        "help": ["-m", "diagnose", "--help"],
        "imports": ["-X", "importtime", "-m", "diagnose", "--help"],
    }
    child = "ours" if task.task == "spill" else task.task
    memory = str(limit(task.task, task.millions))
    usual = ["-m", "benchmarks.engine_child", child, log, "--memory", memory]
    return [sys.executable, *commands.get(task.task, usual)]


def _generated(task: Task, work: Path) -> None:
    """The task's log, written by a process whose memory does not stay with us."""
    command = [sys.executable, "-m", "benchmarks.engine_logs", str(work), str(task.millions), task.ids]
    if not engine_logs.path_of(work, task.millions, "string" if task.ids == "string" else "int").exists():
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def _circumstances(options: Options) -> dict[str, Any]:
    told = {name: getattr(options, name) for name in ("sizes", "ids", "repeats", "peers_at")}
    return circumstances(LIBRARIES) | {"options": told | {"log_version": engine_logs.VERSION}}


def _numbers(text: str) -> list[int]:
    return [int(number) for number in text.split(",")]


def _line(run: dict[str, Any]) -> str:
    place = f" {run['millions']} million, {run['ids']}" if run["ids"] else ""
    told = f"{run['cpu_seconds']:.2f} s CPU, {run['wall_seconds']:.2f} s, {run['peak_bytes'] / 1e9:.2f} GB"
    return f"{run['task']}{place}: {told}" + (f"; failed: {run['error']}" if run["exit_code"] else "")


if __name__ == "__main__":
    main()
