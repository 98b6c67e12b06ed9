"""Both reports on disk, whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from diagnose.report.contract import render_json
from diagnose.report.html import render_html
from diagnose.results import Result


def write(result: Result, folder: Path, stem: str) -> tuple[Path, Path]:
    """Write `stem`.html and `stem`.json into `folder`, made where missing; returns both paths.

    Each is written beside its place and renamed into it, so a reader never meets half a file,
    and both are on disk before the first is renamed: a failure leaves the older pair as it was.
    """
    page, document = folder / f"{stem}.html", folder / f"{stem}.json"
    texts = {document: render_json(result), page: render_html(result)}
    folder.mkdir(parents=True, exist_ok=True)
    waiting: dict[Path, Path] = {}
    try:
        for path, text in texts.items():
            waiting[path] = _beside(path, text)
        for path, temporary in waiting.items():
            temporary.replace(path)
    finally:
        for temporary in waiting.values():
            temporary.unlink(missing_ok=True)
    return page, document


def _beside(path: Path, text: str) -> Path:
    """The text in a new file of the same folder: only there is renaming one step."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:80]}.", suffix=".part", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(0o666 & ~_umask())  # mkstemp keeps files private; a report is to be shared
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
