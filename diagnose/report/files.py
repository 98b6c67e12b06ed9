"""Both reports on disk, whole or not at all."""

from __future__ import annotations

import contextlib
import glob
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from diagnose.locks import abandoned, lock
from diagnose.report.contract import render_json
from diagnose.report.html import render_html
from diagnose.report.markdown import render_markdown
from diagnose.results import Result


def write(result: Result, folder: Path, stem: str, *, markdown: bool = False) -> tuple[Path, ...]:
    """Write `stem`.html and `stem`.json into `folder`, made where missing; returns their paths.

    `markdown`: also `stem`.md. Each is written beside its place and renamed into it, so a reader never
    meets half a file, and all are on disk before the first is renamed: a failure leaves the older ones.
    """
    page, document = folder / f"{stem}.html", folder / f"{stem}.json"
    texts = {document: render_json(result), page: render_html(result)}
    if markdown:
        texts[folder / f"{stem}.md"] = render_markdown(result)
    place(texts)
    return page, document, *(path for path in texts if path not in (page, document))


def write_json(record: object, folder: Path, stem: str) -> Path:
    """Write `stem`.json alone, likewise; returns its path."""
    document = folder / f"{stem}.json"
    place({document: render_json(record)})
    return document


def place(texts: Mapping[Path, str]) -> None:
    """Write every text at its path, or none where one cannot be written; folders are made where missing."""
    for path in texts:
        path.parent.mkdir(parents=True, exist_ok=True)
    _sweep(texts)
    with contextlib.ExitStack() as held:
        waiting = {path: held.enter_context(_beside(path, text)) for path, text in texts.items()}
        for path, temporary in waiting.items():
            temporary.replace(path)


def _sweep(paths: Iterable[Path]) -> None:
    """Remove what runs that were killed while they wrote these reports left behind."""
    for path in paths:
        for left in path.parent.glob(f".{glob.escape(path.name[:80])}.*.part"):
            if abandoned(left):
                left.unlink(missing_ok=True)


@contextlib.contextmanager
def _beside(path: Path, text: str) -> Iterator[Path]:
    """The text in a new file of the same folder, for only there is renaming one step; held while in use."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:80]}.", suffix=".part", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            lock(stream.fileno())
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
            temporary.chmod(0o666 & ~_umask())  # mkstemp keeps files private; a report is to be shared
            yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
