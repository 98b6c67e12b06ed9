"""CSV: its separator and header are read here, so that DuckDB guesses nothing.

DuckDB's sniffer, given a file with one line too long, takes everything before that line for a preamble and
skips it without a word. Told the separator, the quote and the columns, it names the broken line instead.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence

from diagnose.engine.duck.connection import text
from diagnose.engine.duck.files import File, opened, place
from diagnose.engine.formats import SEPARATORS
from diagnose.errors import LogError
from diagnose.formatting import printable

LONGEST_LINE = 64_000_000  # bytes of one CSV line or JSON object: longer is a broken quote [0011]
_HEADER = 1_000_000  # characters within which a header ends
_NULLS = "['', 'NULL', 'null', '\\N']"  # how databases write a missing value


def csv_relation(files: Sequence[File], *, packing: str) -> str:
    """The rows of all files as text, joined by column name."""
    groups: dict[tuple[str, tuple[str, ...]], list[File]] = {}
    for file in files:
        groups.setdefault(_heading(file, packing=packing), []).append(file)
    reads = " UNION ALL BY NAME ".join(
        _read(members, separator=separator, names=names, packing=packing)
        for (separator, names), members in groups.items()
    )
    return f"({reads})"


def _read(files: Sequence[File], *, separator: str, names: Sequence[str], packing: str) -> str:
    paths = ", ".join(text(place(file)) for file in files)
    columns = ", ".join(f"{text(name)}: 'VARCHAR'" for name in names)
    return (
        f"SELECT * FROM read_csv([{paths}], auto_detect = false, header = true, delim = {text(separator)}, "  # noqa: S608
        f"quote = '\"', escape = '\"', columns = {{{columns}}}, nullstr = {_NULLS}, "
        f"compression = {text(packing)}, max_line_size = {LONGEST_LINE})"
    )


def _heading(file: File, *, packing: str) -> tuple[str, tuple[str, ...]]:
    """A file's separator and column names, from its first line."""
    try:
        with opened(file, packing) as stream:
            head = stream.read(_HEADER).decode("utf-8-sig", errors="replace")
    except (OSError, EOFError) as error:
        raise LogError(f"{file}: cannot be unpacked.", seen=printable(str(error), 200)) from error
    first = next(iter(head.splitlines()), "")
    separator = max(SEPARATORS, key=first.count)
    names = tuple(next(_rows(head, separator), []))
    if len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise LogError(f"{file}: two columns of one name.", seen=printable(", ".join(twice), 200))
    return separator, names


def _rows(head: str, separator: str) -> Iterator[list[str]]:
    return csv.reader(head.splitlines(keepends=True), delimiter=separator)
