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
from diagnose.schema import Form

LONGEST_LINE = 64_000_000  # bytes of one CSV line or JSON object: longer is a broken quote [0011]
_HEADER = 1_000_000  # characters within which a header ends
_NULLS = "['', 'NULL', 'null', '\\N']"  # how databases write a missing value


_Heading = tuple[str, tuple[str, ...]]  # separator, names of the columns


def csv_relation(files: Sequence[File], *, packing: str, form: Form | None = None) -> str:
    """The rows of all files as text, joined by column name. `form`: how they are published, if known."""
    groups: dict[_Heading, list[File]] = {}
    for file in files:
        heading = _heading(file, packing=packing) if form is None else _published(file, form, packing=packing)
        groups.setdefault(heading, []).append(file)
    reads = " UNION ALL BY NAME ".join(
        _read(members, heading, packing=packing, form=form) for heading, members in groups.items()
    )
    return f"({reads})"


def _read(files: Sequence[File], heading: _Heading, *, packing: str, form: Form | None) -> str:
    separator, names = heading
    header, quote, encoding = (
        (True, '"', "utf-8") if form is None else (form.header, form.quote, form.encoding)
    )
    paths = ", ".join(text(place(file)) for file in files)
    columns = ", ".join(f"{text(name)}: 'VARCHAR'" for name in names)
    return (
        f"SELECT * FROM read_csv([{paths}], auto_detect = false, header = {header}, "  # noqa: S608
        f"delim = {text(separator)}, quote = {text(quote)}, escape = {text(quote)}, "
        f"encoding = {text(encoding)}, columns = {{{columns}}}, nullstr = {_NULLS}, "
        f"compression = {text(packing)}, max_line_size = {LONGEST_LINE})"
    )


def _published(file: File, form: Form, *, packing: str) -> _Heading:
    """The separator and column names of a published form; the types of a typed header are dropped."""
    if not form.header:
        return form.delimiter, form.names
    _, names = _heading(file, packing=packing, separator=form.delimiter)
    return form.delimiter, tuple(name.split(":")[0] for name in names) if form.typed else names


def _heading(file: File, *, packing: str, separator: str = "") -> _Heading:
    """A file's separator and column names, from its first line."""
    try:
        with opened(file, packing) as stream:
            head = stream.read(_HEADER).decode("utf-8-sig", errors="replace")
    except (OSError, EOFError) as error:
        raise LogError(f"{file}: cannot be unpacked.", seen=printable(str(error), 200)) from error
    first = next(iter(head.splitlines()), "")
    separator = separator or max(SEPARATORS, key=first.count)
    names = tuple(next(_rows(head, separator), []))
    if len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise LogError(f"{file}: two columns of one name.", seen=printable(", ".join(twice), 200))
    return separator, names


def _rows(head: str, separator: str) -> Iterator[list[str]]:
    return csv.reader(head.splitlines(keepends=True), delimiter=separator)
