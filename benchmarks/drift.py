"""Judge the drift probes: false alarms, half-lives, detection, the closest peer, speed, real logs.

    python -m benchmarks.drift [--smoke] [--only PART[,PART]] [--minutes N] [--workers 2] [--data DIR]
    python -m benchmarks.drift --table

Every finished world is kept under benchmarks/results/drift/ at once, so a run that was cut off goes on
where it stopped, and only what hangs on changed code is done again. Cells fill evenly: a partial run has
some worlds of each. `--smoke` does two worlds a cell. `--data` is the folder of the public logs (not part of
the project). `--table` writes what is kept of today's code to docs/drift_benchmark.md; `--forget` drops the
rest.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks import (
    drift_detection,
    drift_false_alarms,
    drift_half_lives,
    drift_peer,
    drift_real_logs,
    drift_speed,
)
from benchmarks.drift_tasks import ROOT, Task, done, forget_stale, in_turn, keep
from benchmarks.real_logs import BEGIN, END

PAGE = ROOT / "docs" / "drift_benchmark.md"
PARTS: dict[str, Any] = {
    part.NAME: part
    for part in (
        drift_false_alarms,
        drift_half_lives,
        drift_detection,
        drift_peer,
        drift_speed,
        drift_real_logs,
    )
}
TITLES = {
    "false_alarms": "False alarms",
    "half_lives": "Half-lives",
    "detection": "Detection",
    "peer": "Against the closest peer",
    "speed": "Speed",
    "real_logs": "Real logs",
}
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what is not kept yet, or write the page; 0, or 1 where a task failed."""
    options = _options(arguments)
    names = options.only.split(",") if options.only else list(PARTS)
    if options.table or options.forget:
        every = {name: PARTS[name].tasks(smoke=False, data=options.data) for name in PARTS}
        if options.forget:
            print(sum(forget_stale(name, tasks) for name, tasks in every.items()), "stale results forgotten")
        if options.table:
            write_page(every)
        return 0
    tasks = [task for name in names for task in PARTS[name].tasks(smoke=options.smoke, data=options.data)]
    kept = {task.key for task, _ in done(tasks)}
    waiting = in_turn(task for task in tasks if task.key not in kept and task.there)
    print(f"{len(tasks):,} tasks, {len(kept):,} kept, {len(waiting):,} to do", flush=True)
    until = time.monotonic() + 60 * options.minutes
    try:
        failed = sum(not fine for fine in _done_abreast(waiting, options.workers, until))
    except KeyboardInterrupt:
        print("\nstopped; what was finished is kept", file=sys.stderr)
        return INTERRUPTED
    print(forecast(names, options.data))
    return int(failed > 0)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--smoke", action="store_true", help="two worlds a cell")
    parser.add_argument("--only", metavar="PART[,PART]", help=", ".join(PARTS))
    parser.add_argument("--data", type=Path, help="folder of the public logs")
    parser.add_argument("--workers", type=int, default=2, help="processes, one a core")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="start nothing later than this")
    parser.add_argument("--table", action="store_true", help="write the page from what is kept")
    parser.add_argument("--forget", action="store_true", help="drop results of older code")
    options = parser.parse_args(arguments)
    if options.only and not set(options.only.split(",")) <= set(PARTS):
        parser.error(f"--only takes some of {', '.join(PARTS)}")
    return options


def _done_abreast(waiting: Sequence[Task], workers: int, until: float) -> Iterator[bool]:
    """Do the tasks, those that time themselves first and alone; whether each went well."""
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"  # the workers inherit it
    commit = _commit()
    for number, some in (
        (1, [t for t in waiting if t.alone]),
        (workers, [t for t in waiting if not t.alone]),
    ):
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(number, mp_context=context, initializer=_quiet) as pool:
            try:
                yield from _kept_as_they_end(pool, some, number, until, commit)
            except KeyboardInterrupt:
                for child in multiprocessing.active_children():
                    child.terminate()
                raise


def _kept_as_they_end(
    pool: ProcessPoolExecutor, tasks: Sequence[Task], workers: int, until: float, commit: str
) -> Iterator[bool]:
    """No more tasks are handed out than there are workers, so that the clock can stop the run."""
    left, running = iter(tasks), dict[Future[dict[str, Any]], Task]()
    finished = 0
    while True:
        while len(running) < workers and time.monotonic() < until and (task := next(left, None)):
            running[pool.submit(do, task)] = task
        if not running:
            return
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            task, finished = running.pop(future), finished + 1
            if (error := future.exception()) is not None:
                print(f"failed: {task}", *traceback.format_exception(error), file=sys.stderr)
            else:
                keep(task, commit=commit, date=date.today().isoformat(), **future.result())
                print(
                    f"{finished:,} of {len(tasks):,}: {task.part}, {task.world}, {task.measure}", flush=True
                )
            yield error is None


def _quiet() -> None:
    """A worker dies of Ctrl-C without a word: the main process says what is to be said."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def do(task: Task) -> dict[str, Any]:
    """Run a task where this is called; its result and what it cost."""
    load, began = round(os.getloadavg()[0], 1), time.process_time()
    found = PARTS[task.part].run(task)
    return {"found": found, "seconds": round(time.process_time() - began, 2), "load": load}


def forecast(names: Iterable[str], data: Path | None) -> str:
    """Processor minutes of each part, in full and left, judged by the worlds that are kept."""
    lines = []
    for name in names:
        tasks = PARTS[name].tasks(smoke=False, data=data)
        kept = done(tasks)
        cost: dict[Any, list[float]] = {}
        for task, entry in kept:
            cost.setdefault(task.cell, []).append(entry["seconds"])
        known = [sum(cost[t.cell]) / len(cost[t.cell]) for t in tasks if t.cell in cost]
        spent = sum(sum(seconds) for seconds in cost.values())
        unknown = len(tasks) - len(known)
        lines.append(
            f"{name}: {len(kept):,} of {len(tasks):,} done; {sum(known) / 60:.0f} processor minutes in full, "
            f"{(sum(known) - spent) / 60:.0f} left"
            + (f", and {unknown:,} tasks in cells not yet tried" if unknown else "")
        )
    return "\n".join(lines)


def write_page(every: dict[str, list[Task]]) -> None:
    """Replace what stands between the markers of the page by the kept results of today's code."""
    told = "\n\n".join(f"## {TITLES[name]}\n\n{_section(name, tasks)}" for name, tasks in every.items())
    text = PAGE.read_text() if PAGE.exists() else f"{BEGIN}\n{END}\n"
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n{told}\n{END}{after}")


def _section(name: str, tasks: Sequence[Task]) -> str:
    results = done(tasks)
    if not results:
        return "Not run on this code yet."
    days = sorted({entry["date"] for _, entry in results})
    commits = ", ".join(sorted({entry["commit"] for _, entry in results}))
    seeds = [task.seed for task, _ in results]
    when = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    note = f"{len(results):,} of {len(tasks):,} tasks, {when}, commits {commits}"
    drawn = f"seeds {min(seeds)} to {max(seeds)}" if max(seeds) > min(seeds) else f"seed {seeds[0]}"
    return f"{note}, {drawn}.\n\n{PARTS[name].report(results)}"


def _commit() -> str:
    ran = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return ran.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
