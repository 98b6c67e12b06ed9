"""Runs the parts of a long benchmark: resumable, side by side, and the page that tells what they found."""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from benchmarks.kept import ROOT, Found, Task, confirm, done, forget_stale, in_turn, keep, stale
from benchmarks.real_logs import BEGIN, END

INTERRUPTED = 130
TIMES = ("seconds", "cpu_seconds")  # of a result that tells beside others what it took
TRAINED = {"cases": ("outcome", "leaning", "capture", "trial")}  # parts that train networks, and what is told
RETRIED = 3  # results of each cell made again, evenly spread, before the others are taken over


class Part(Protocol):
    """A module that judges one thing."""

    NAME: str  # also of the file of its results

    def tasks(self, *, smoke: bool, data: Path | None) -> list[Task]:
        """All that is to be done; two worlds a cell for a smoke test."""

    def run(self, task: Task) -> Found:
        """Do one of them."""

    def report(self, results: Sequence[tuple[Task, Found]]) -> str:
        """What was found, in Markdown."""


@dataclass(frozen=True)
class Benchmark:
    """Several parts under their titles, and the page that tells of them."""

    family: str  # its module in benchmarks/, and the folder of its results
    page: Path
    parts: Mapping[str, Part]  # by title

    @property
    def by_name(self) -> Mapping[str, Part]:
        """Its parts by their own name."""
        return {part.NAME: part for part in self.parts.values()}

    def tasks(self, names: Iterable[str], *, smoke: bool, data: Path | None) -> list[Task]:
        """All tasks of some parts."""
        chosen = [self.by_name[name] for name in names]
        return [
            replace(task, family=self.family, own=(module_of(part),))
            for part in chosen
            for task in part.tasks(smoke=smoke, data=data)
        ]


def module_of(part: Part) -> str:
    """The module that says what a part does: results hang on it too."""
    return str(getattr(part, "__name__", type(part).__module__))


def main(benchmark: Benchmark, words: str | None, arguments: Sequence[str] | None = None) -> int:
    """Do what is not kept yet, or write the page; 0, or 1 where a task failed."""
    options = _options(benchmark, words, arguments)
    names = options.only.split(",") if options.only else list(benchmark.by_name)
    if options.table or options.forget:
        _tidy(benchmark, options)
        return 0
    tasks = benchmark.tasks(names, smoke=options.smoke, data=options.data)
    if options.confirm:
        return _confirm(tasks, workers=options.workers)
    kept = {task.key for task, _ in done(tasks)}
    waiting = in_turn(task for task in tasks if task.key not in kept and task.there)
    print(f"{len(tasks):,} tasks, {len(kept):,} kept, {len(waiting):,} to do", flush=True)
    until = time.monotonic() + 60 * options.minutes
    try:
        failed = sum(not fine for fine in _done_abreast(waiting, options.workers, until))
    except KeyboardInterrupt:
        print("\nstopped; what was finished is kept", file=sys.stderr)
        return INTERRUPTED
    print(forecast(benchmark, names, options.data))
    return int(failed > 0)


def _options(benchmark: Benchmark, words: str | None, arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=words, formatter_class=argparse.RawDescriptionHelpFormatter)
    parts = benchmark.by_name
    parser.add_argument("--smoke", action="store_true", help="two worlds a cell")
    parser.add_argument("--only", metavar="PART[,PART]", help=", ".join(parts))
    parser.add_argument("--data", type=Path, help="folder of the public logs")
    parser.add_argument("--workers", type=int, default=2, help="processes, one a core")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="start nothing later than this")
    parser.add_argument("--table", action="store_true", help="write the page from what is kept")
    parser.add_argument("--forget", action="store_true", help="drop results of older code")
    parser.add_argument("--confirm", action="store_true", help="take over older results found unchanged")
    options = parser.parse_args(arguments)
    if options.only and not set(options.only.split(",")) <= set(parts):
        parser.error(f"--only takes some of {', '.join(parts)}")
    return options


def _tidy(benchmark: Benchmark, options: argparse.Namespace) -> None:
    every = {
        title: benchmark.tasks([part.NAME], smoke=False, data=options.data)
        for title, part in benchmark.parts.items()
    }
    if options.forget:
        print(sum(forget_stale(tasks) for tasks in every.values()), "stale results forgotten")
    if options.table:
        write_page(benchmark, every)


def _confirm(tasks: Sequence[Task], *, workers: int) -> int:
    """Make some older results of each cell again; where they are the same, all of its cell are today's."""
    cells = _alike(stale([task for task in tasks if task.there]))
    commit, changed = _commit(), 0
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_quiet) as pool:
        again = {
            cell: [(entry, pool.submit(do, task)) for task, entry in _spread(held)]
            for cell, held in cells.items()
        }
        for cell, held in cells.items():
            same = all(_same(cell[0], entry, made.result()) for entry, made in again[cell])
            changed += not same
            print(f"{' / '.join(cell)}: {'the same' if same else 'CHANGED'}, {len(held)} results", flush=True)
            for task, entry in held if same else ():
                confirm(task, entry, commit=commit)
    print(f"{len(cells):,} cells, {changed} changed")
    return int(changed > 0)


def _same(part: str, entry: Found, made: Found) -> bool:
    """To the last digit; of trained networks, which no two processors make alike, what is told of them."""
    one, other = plain(entry["found"]), plain(made["found"])
    if part in TRAINED:
        one, other = ({name: found.get(name) for name in TRAINED[part]} for found in (one, other))
    return bool(one == other)


def _alike(entries: Sequence[tuple[Task, Found]]) -> Mapping[tuple[str, ...], list[tuple[Task, Found]]]:
    """Results by cell; cells of a single result, as of public logs, with others of their measure."""
    cells: dict[tuple[str, ...], list[tuple[Task, Found]]] = {}
    for task, entry in entries:
        cells.setdefault((task.part, *task.cell), []).append((task, entry))
    single = [cell for cell, held in cells.items() if len(held) == 1]
    for part, world, measure in single:
        cells.setdefault((part, "each of", measure), []).extend(cells.pop((part, world, measure)))
    return cells


def _spread(held: Sequence[tuple[Task, Found]]) -> Sequence[tuple[Task, Found]]:
    """`RETRIED` of a cell, from its first to its last; what times itself is never the same again."""
    step = max(1, (len(held) - 1) // max(1, RETRIED - 1))
    return [each for each in held[::step] if not each[0].timed][:RETRIED]


def plain(found: Any) -> Any:
    """As it would be read from its line of JSON, without what it took: no time is the same twice."""
    if isinstance(found, Mapping):
        return {name: plain(each) for name, each in found.items() if name not in TIMES}
    return json.loads(json.dumps(found))


def _done_abreast(waiting: Sequence[Task], workers: int, until: float) -> Iterator[bool]:
    """Do the tasks, those that suffer no other beside them first; whether each went well."""
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
    benchmark: Benchmark = import_module(f"benchmarks.{task.family}").BENCHMARK
    found = benchmark.by_name[task.part].run(task)
    return {"found": found, "seconds": round(time.process_time() - began, 2), "load": load}


def forecast(benchmark: Benchmark, names: Iterable[str], data: Path | None) -> str:
    """Processor minutes of each part, in full and left, judged by the worlds that are kept."""
    lines = []
    for name in names:
        tasks = benchmark.tasks([name], smoke=False, data=data)
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


def write_page(benchmark: Benchmark, every: Mapping[str, Sequence[Task]]) -> None:
    """Replace what stands between the markers of the page by the kept results of today's code."""
    told = "\n\n".join(
        f"## {title}\n\n{_section(benchmark.parts[title], tasks)}" for title, tasks in every.items()
    )
    page = benchmark.page
    text = page.read_text() if page.exists() else f"{BEGIN}\n{END}\n"
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    page.write_text(f"{before}{BEGIN}\n{told}\n{END}{after}")


def _section(part: Part, tasks: Sequence[Task]) -> str:
    results = done(tasks)
    if not results:
        return "Not run on this code yet."
    days = sorted({entry["date"] for _, entry in results})
    commits = ", ".join(sorted({entry["commit"] for _, entry in results}))
    again = sorted({entry["confirmed"] for _, entry in results if "confirmed" in entry})
    seeds = [task.seed for task, _ in results]
    when = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    note = f"{len(results):,} of {len(tasks):,} tasks, {when}, commits {commits}"
    note += f" (found unchanged at {', '.join(again)})" if again else ""
    drawn = f"seeds {min(seeds)} to {max(seeds)}" if max(seeds) > min(seeds) else f"seed {seeds[0]}"
    return f"{note}, {drawn}.\n\n{part.report(results)}"


def _commit() -> str:
    ran = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return ran.stdout.strip()
