"""Kept results: files that `diagnose analyze` wrote, read back and drawn again.

All files are read and drawn before anything is written, and every faulty one is named at once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import jinja2

from diagnose.errors import UsageError
from diagnose.report.contract import REDO, parse_json
from diagnose.report.files import place
from diagnose.report.html import render_html
from diagnose.report.markdown import render_markdown
from diagnose.results import Result

LARGEST = 64_000_000  # bytes: a hundred times a large result; more was never written by us
ODD = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
    jinja2.TemplateError,
)
Value = TypeVar("Value")


def read_results(paths: Sequence[Path]) -> list[Result]:
    """The results of these files, in their order. Raises one UsageError that names every faulty file."""
    found = _each(dict.fromkeys(paths), _read)
    return [found[path] for path in paths]


def redraw(paths: Sequence[Path], *, folder: Path | None = None, markdown: bool = False) -> list[Path]:
    """Draw kept results as HTML (and Markdown) again; returns what was written, all of it or nothing.

    Pages go beside their file, or into `folder`. No file that was given is ever written over.
    """
    once = list(dict.fromkeys(paths))
    pages = _each(once, lambda path: _pages(_read(path), _stem(path, folder), markdown=markdown))
    _distinct(pages)
    texts = {page: text for drawn in pages.values() for page, text in drawn.items()}
    try:
        place(texts)
    except OSError as error:
        raise UsageError("The pages cannot be written.", seen=str(error), attempt="--out FOLDER") from error
    return list(texts)


def _each(paths: Iterable[Path], work: Callable[[Path], Value]) -> dict[Path, Value]:
    done, faults = {}, []
    for path in paths:
        try:
            done[path] = work(path)
        except UsageError as error:
            faults.append(f"{path}: {error.what} {error.seen}".strip())
    _stop(faults)
    return done


def _stop(faults: Sequence[str]) -> None:
    if not faults:
        return
    what = "A file cannot be used." if len(faults) == 1 else f"{len(faults)} files cannot be used."
    raise UsageError(what, seen="\n       ".join(faults), attempt=REDO)


def _read(path: Path) -> Result:
    text = _text(path)
    try:
        return parse_json(text)
    except UsageError:
        if _trial_alone(text):
            raise UsageError("This is a trial alone (`diagnose trial`): it has no verdict.") from None
        raise


def _text(path: Path) -> str:
    try:
        if path.exists() and not path.is_file():
            raise UsageError("This is no file.")
        if path.stat().st_size > LARGEST:
            raise UsageError(f"This is larger than any result ({path.stat().st_size:,} bytes).")
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise UsageError("This is not text, so no JSON.") from None
    except OSError as error:
        raise UsageError(f"{error.strerror or 'It cannot be read'}.") from error
    except ValueError as error:  # a name that no file can have
        raise UsageError("This is no name of a file.", seen=str(error)) from error


def _trial_alone(text: str) -> bool:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(document, dict) and "trial" in document and "verdict" not in document


def _stem(path: Path, folder: Path | None) -> Path:
    return (path.parent if folder is None else folder) / path.stem


def _pages(result: Result, stem: Path, *, markdown: bool) -> dict[Path, str]:
    """Path to text. A result that reads but cannot be drawn was not written by us."""
    try:
        pages = {stem.with_name(f"{stem.name}.html"): render_html(result)}
        if markdown:
            pages[stem.with_name(f"{stem.name}.md")] = render_markdown(result)
    except ODD as error:
        raise UsageError("This result cannot be drawn.", seen=f"{type(error).__name__}: {error}") from error
    return pages


def _distinct(pages: Mapping[Path, Mapping[Path, str]]) -> None:
    """Raises UsageError where a page would take the place of a result or of another page."""
    given = {path.resolve() for path in pages}
    taken: dict[Path, Path] = {}
    faults = []
    for path, drawn in pages.items():
        for page in drawn:
            first = taken.setdefault(page.resolve(), path)
            if page.resolve() in given:
                faults.append(f"{path}: its page would be written over {page}.")
            elif first != path:
                faults.append(f"{path}: its page would be that of {first}, {page}.")
    _stop(faults)
