"""The package on its way to the workers: a zip of its Python files, the same bytes whenever it is made."""

from __future__ import annotations

import atexit
import functools
import hashlib
import io
import sys
import zipfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from diagnose.engine.workplace import private_folder

_STAMP = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can say


def ship(session: Any) -> None:
    """Give the workers of a session this package. No setting of the session changes."""
    before = list(sys.path)
    try:
        session.addArtifacts(str(archive()), pyfile=True)
    finally:
        sys.path[:] = before  # a classic session puts the zip there, ahead of what the caller imports


@functools.cache
def archive() -> Path:
    """The zip, named by its content. It stays until this process ends: a session serves it to new workers."""
    content = _zipped(Path(__file__).parents[2])
    stack = ExitStack()
    folder = stack.enter_context(private_folder(None))
    atexit.register(stack.close)
    target = folder / f"diagnose-{hashlib.sha256(content).hexdigest()[:16]}.zip"
    target.write_bytes(content)
    return target


def _zipped(package: Path) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(package.rglob("*.py")):
            name = zipfile.ZipInfo(file.relative_to(package.parent).as_posix(), date_time=_STAMP)
            archive.writestr(name, file.read_bytes(), zipfile.ZIP_DEFLATED)
    return stream.getvalue()
