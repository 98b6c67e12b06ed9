"""Presets on the embedded engine: which files they take, and which preset a log looks like."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from diagnose import schema
from diagnose.engine.duck.files import File, below, opened, root_of
from diagnose.engine.duck.sources import Sources
from diagnose.errors import DiagnoseError, LogError
from diagnose.formatting import printable
from diagnose.schema import presets

_LINE = 1_000_000  # bytes within which a first line ends
_PARTERS = ("::", ",", "\t", ";", "|")


def published(sources: Sources, preset: schema.Preset) -> Sources:
    """The log's files with the preset's form that they have; in a folder the others are left out.

    Raises LogError where a file is none of the preset's, or where the files are of several forms.
    """
    if sources.kind != "csv":
        return sources  # the names of its columns tell
    forms = {file: preset.begun_by(_first_line(file, sources.packing)) for file in sources.files}
    kept = {file: form for file, form in forms.items() if form is not None or not _in_folder(file, sources)}
    wrong = next((file for file, form in kept.items() if form is None), None) if kept else sources.files[0]
    if wrong is not None:
        raise _no_file_of(preset, wrong, _first_line(wrong, sources.packing))
    found = list(dict.fromkeys(form.file for form in kept.values() if form is not None))
    if len(found) > 1:
        raise LogError(
            f"{sources.title}: files of several forms of the preset {preset.name}.",
            seen=", ".join(found),
            attempt="the files of one of them",
        )
    return replace(sources, files=tuple(kept), form=next(iter(kept.values())))


def form_of(sources: Sources, preset: schema.Preset, columns: Collection[str]) -> schema.Form:
    """The form of a log whose columns are known. LogError where it is none of the preset's."""
    form = sources.form or preset.fitting(columns)
    if form is None:
        raise LogError(
            f"{sources.title}: not published as the preset {preset.name} knows it.",
            seen=f"columns {schema.listed(list(columns))}",
            attempt=preset.wanted(),
        )
    return form


def looks_like(columns: Collection[str]) -> tuple[str, ...]:
    """What is told of a log that could be read without a preset, but looks like one."""
    found = presets.named(columns)
    if found is None:
        return ()
    return (f"it looks like {found.title}: --preset {found.name} reads it as such and tells its caveats",)


def advised(error: LogError, sources: Sources) -> LogError:
    """The error of a log that was read without a preset, with the preset that would read it."""
    try:
        line = _first_line(sources.files[0], sources.packing) if sources.kind == "csv" else ""
    except DiagnoseError:
        return error
    if (found := presets.begun_by(line)) is None:
        return error
    advice = f"--preset {found.name}: the file looks like {found.title}"
    return LogError(error.what, seen=f"a first line of {presets.sketched(line, _PARTERS)}", attempt=advice)


def _no_file_of(preset: schema.Preset, file: File, line: str) -> LogError:
    other = presets.begun_by(line)
    return LogError(
        f"{printable(str(file), 200)}: no file of the preset {preset.name}.",
        seen=f"a first line of {presets.sketched(line, _PARTERS)}",
        attempt=f"--preset {other.name}: it looks like {other.title}" if other else preset.wanted(),
    )


def _in_folder(file: File, sources: Sources) -> bool:
    """Whether a file was found in a folder that was named, not named itself."""
    return any(below(file, root) for name in sources.names if (root := root_of(name)) is not None)


def _first_line(file: File, packing: str) -> str:
    try:
        with opened(file, packing) as stream:
            head: bytes = stream.read(_LINE)
    except (OSError, EOFError, pa.ArrowException) as error:
        name = str(file) if isinstance(file, Path) else file.address
        raise LogError(f"{name}: cannot be unpacked.", seen=printable(str(error), 200)) from error
    return next(iter(head.decode("utf-8-sig", errors="replace").splitlines()), "")
