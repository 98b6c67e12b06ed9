"""What a long benchmark does one by one, and the keeping of it: a run goes on where the last one stopped.

A result is kept as one line of JSON under benchmarks/results/FAMILY/, keyed by its task and by the code that
it hangs on: the modules that the measure imports, directly or not, without their comments, and the settings
that these read. So a change of one probe makes its own results stale and no others. Results that a change
cannot have touched need not be made again: `confirm` takes them over where some of each cell, made again on
today's code, are the same to the last digit.
"""

from __future__ import annotations

import ast
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

from diagnose.settings import Settings

ROOT = Path(__file__).parent.parent
KEPT = ROOT / "benchmarks" / "results"
# The records and words of results: they hold numbers and make none.
CARRIERS = (
    "diagnose.results",
    "diagnose.errors",
    "diagnose.formatting",
    "diagnose.settings",
)

Found = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Task:
    """One world (or log) and what is measured on it."""

    part: str
    family: str = "drift"  # the benchmark, and the folder of its results
    world: str  # the name of the cell
    measure: str
    seed: int
    plan: Mapping[str, Any] = field(default_factory=dict)  # what is simulated; the seed apart
    modules: tuple[str, ...] = ()  # what the result hangs on, with all that they import
    own: tuple[str, ...] = ()  # and what it hangs on by itself: the module that says what is done
    place: str = ""  # the folder of the logs, which is nobody's business
    there: bool = True  # False: its log is not in the folder
    alone: bool = False  # nothing else may run beside it: it takes all cores, or times itself
    timed: bool = False  # it times itself: never the same again

    @property
    def cell(self) -> tuple[str, str]:
        """Where the result is told."""
        return self.world, self.measure

    @property
    def key(self) -> str:
        """The same task on the same code has the same one."""
        named = [self.part, self.world, self.measure, self.seed, dict(sorted(self.plan.items()))]
        return _digest(json.dumps([named, version(self.modules), *map(own_version, self.own)]))


def in_turn(tasks: Iterable[Task]) -> list[Task]:
    """Tasks in an order in which every cell is done to the same share at any time."""
    cells: dict[tuple[str, str, str], list[Task]] = {}
    for task in tasks:
        cells.setdefault((task.part, *task.cell), []).append(task)
    placed = [
        ((place + 0.5) / len(cell), number, task)
        for number, cell in enumerate(cells.values())
        for place, task in enumerate(cell)
    ]
    return [task for *_, task in sorted(placed, key=lambda entry: entry[:2])]


@cache
def version(modules: tuple[str, ...]) -> str:
    """A digest of these modules of `diagnose` and of all that they import, and of the settings they read."""
    closure = sorted(_closure(modules))
    trees = {name: syntax(name) for name in closure if name not in CARRIERS}
    settings = Settings()
    read = {
        attribute.attr
        for tree in trees.values()
        for attribute in ast.walk(tree)
        if isinstance(attribute, ast.Attribute)
    }
    values = {each.name: repr(getattr(settings, each.name)) for each in fields(settings) if each.name in read}
    values.pop("seed", None)  # of the task
    return _digest(json.dumps([[ast.dump(tree) for tree in trees.values()], closure, values]))


@cache
def own_version(module: str) -> str:
    """A digest of one module, whatever it imports: of a benchmark's part that is the whole package."""
    return _digest(ast.dump(syntax(module)))


def _closure(modules: Iterable[str]) -> set[str]:
    waiting, met = list(modules), set()
    while waiting:
        name = waiting.pop()
        if name in met:
            continue
        met.add(name)
        if name not in CARRIERS:
            waiting += [each for each in _imports(syntax(name)) if _path(each).exists()]
    return met


def _imports(tree: ast.Module) -> Iterator[str]:
    """Modules of the package that are imported, and names that may be modules."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(("diagnose", "benchmarks")):
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def syntax(name: str) -> ast.Module:
    """A module's syntax without docstrings; comments are no part of it."""
    tree = ast.parse(_path(name).read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
            node.body = node.body[1:]
    return tree


def _path(name: str) -> Path:
    path = ROOT.joinpath(*name.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def kept_path(task: Task) -> Path:
    """Where the results of a task's part lie."""
    return KEPT / task.family / f"{task.part}.jsonl"


def load(path: Path) -> dict[str, Found]:
    """The kept results of a part by the key of their task, whatever code they are of."""
    entries = {}
    for line in path.read_text().splitlines() if path.exists() else []:
        with suppress(json.JSONDecodeError):  # a line cut off: its task is done again
            entry = json.loads(line)
            entries[entry["key"]] = entry
    return entries


def done(tasks: Sequence[Task]) -> list[tuple[Task, Found]]:
    """Of these tasks, those whose result on today's code is kept, with it."""
    kept = {path: load(path) for path in {kept_path(task) for task in tasks}}
    return [(task, kept[kept_path(task)][task.key]) for task in tasks if task.key in kept[kept_path(task)]]


def stale(tasks: Sequence[Task]) -> list[tuple[Task, Found]]:
    """Of these tasks, those of which only a result on older code is kept, with the latest such."""
    named = {path: _by_name(load(path)) for path in {kept_path(task) for task in tasks}}
    fresh = {task.key for task, _ in done(tasks)}
    return [
        (task, entry)
        for task in tasks
        if task.key not in fresh and (entry := named[kept_path(task)].get((*task.cell, task.seed)))
    ]


def confirm(task: Task, entry: Found, *, commit: str) -> None:
    """Take a result of older code over, as one of today's: its kind was found unchanged at this commit."""
    _append(kept_path(task), {**entry, "key": task.key, "confirmed": commit})


def keep(task: Task, *, found: Found, **circumstances: Any) -> None:
    """Append the result of a task."""
    named = {"part": task.part, "world": task.world, "measure": task.measure, "seed": task.seed}
    _append(kept_path(task), {"key": task.key, **named, **circumstances, "found": found})


def forget_stale(tasks: Sequence[Task]) -> int:
    """Drop what is of other code or of no task any more, of one part; how many results that were."""
    path, wanted = kept_path(tasks[0]), {task.key for task in tasks}
    entries = load(path)
    stay = [entry for key, entry in entries.items() if key in wanted]
    if len(stay) < len(entries):
        text = "".join(json.dumps(entry, separators=(",", ":")) + "\n" for entry in stay)
        path.write_text(text)
    return len(entries) - len(stay)


def _by_name(entries: Mapping[str, Found]) -> dict[tuple[str, str, int], Found]:
    return {(entry["world"], entry["measure"], entry["seed"]): entry for entry in entries.values()}


def _append(path: Path, entry: Found) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = not path.exists() or path.read_bytes()[-1:] in (b"", b"\n")
    with path.open("a") as file:
        file.write(("" if whole else "\n") + json.dumps(entry, separators=(",", ":")) + "\n")
