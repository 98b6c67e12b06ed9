"""A preset: how a well-known public log is published, and whether a file is one of its files.

Nothing is read here. A first line or the names of columns come in; what they are comes out.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from diagnose.schema.aliases import plain

WHOLE = r"-?\d+"
NUMBER = r"-?\d+([.]\d+)?"
ANY = r".*"
SECONDS = r"\d{9,10}"  # since 1970, from 1973 on
ISO = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([.]\d+)?Z"
_TYPED = r"[^:]+:(token|float)(_seq)?"  # RecBole's user_id:token
_KINDS = {"nothing": "", "whole number": WHOLE, "number": NUMBER, "ISO time": ISO, "typed name": _TYPED}


@dataclass(frozen=True, kw_only=True)
class Packed:
    """A column whose cells hold several rows, "N55689-1 N35729-0": items shown, each clicked or not."""

    column: str
    between: str  # what parts the rows of a cell
    mark: str  # what comes before the label
    item: str  # the names that the two columns get
    label: str


@dataclass(frozen=True, kw_only=True)
class Form:
    """One way in which a log is published."""

    file: str  # as its publisher calls it
    names: tuple[str, ...]  # of the columns; in a file with a header those that must be there
    example: str  # a line in the published format, of no real user
    time: str  # in words
    roles: Mapping[str, str] = field(default_factory=dict)  # role -> column, "" for none; names tell the rest
    values: tuple[str, ...] = ()  # of a file without a header: what each cell looks like
    delimiter: str = ","
    quote: str = '"'  # "" where quotes are letters like others
    encoding: str = "utf-8"
    typed: bool = False  # the header says "name:type"
    time_format: str = ""  # of strptime, where times are neither epoch numbers nor ISO
    missing: Mapping[str, str] = field(default_factory=dict)  # column -> what stands for no value
    packed: Packed | None = None

    @property
    def header(self) -> bool:
        """Whether the first line names the columns."""
        return not self.values

    def begins(self, line: str) -> bool:
        """Whether a file of this form may begin with this line."""
        cells = split(line, self.delimiter, self.quote)
        if self.typed:
            return len(cells) > 1 and all(re.fullmatch(_TYPED, cell) for cell in cells)
        if self.header:
            return self.names_in(cells)
        return len(cells) == len(self.values) and all(map(re.fullmatch, self.values, cells))

    def names_in(self, columns: Collection[str]) -> bool:
        """Whether columns of these names are of this form, whatever file they come from."""
        if self.typed:
            return bool(columns) and all(re.fullmatch(_TYPED, name) for name in columns)
        there = {plain(name) for name in columns}
        return bool(self.names) and all(plain(name) in there for name in self.names)

    def told(self) -> str:
        """The form in a few words: file and columns."""
        columns = self.delimiter.replace("\t", " ⇥ ").join(self.names)
        return f"{self.file} ({columns}{'' if self.header else ', no header'})"


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A well-known public log: its forms, what is usually predicted, what its users should know."""

    name: str
    title: str
    forms: tuple[Form, ...]
    target: str | None = None  # the kind of event that is predicted where the user names none
    caveats: tuple[str, ...] = ()

    def begun_by(self, line: str) -> Form | None:
        """The form of a text file, by its first line."""
        return next((form for form in self.forms if form.begins(line)), None)

    def named(self, columns: Collection[str]) -> Form | None:
        """The form whose header has these names."""
        return next((form for form in self.forms if form.header and form.names_in(columns)), None)

    def fitting(self, columns: Collection[str]) -> Form | None:
        """The form of a table, a frame or a file of another kind, by the names of its columns."""
        plain_forms = (form for form in self.forms if not (form.packed or form.time_format or form.missing))
        return self.named(columns) or next((form for form in plain_forms if form.names_in(columns)), None)

    def wanted(self) -> str:
        """The files that it takes, for a message."""
        return "; ".join(form.told() for form in self.forms)


@dataclass(frozen=True)
class AsPublished:
    """The roles of a preset's form, and what the user said, which goes before."""

    preset: Preset
    columns: Mapping[str, str] = field(default_factory=dict)
    form: Form | None = None

    def among(self, columns: Collection[str]) -> dict[str, str]:
        """Role -> column of a log with these columns."""
        assert self.form is not None
        spelled = {plain(name): name for name in columns}
        own = {role: spelled.get(plain(name), name) for role, name in self.form.roles.items()}
        return {**without_rivals(own, self.columns), **self.columns}


def without_rivals(roles: Mapping[str, str], said: Mapping[str, str]) -> dict[str, str]:
    """Roles of less authority that stand beside `said`: other roles, other columns, one kind of time."""
    moments = {"timestamp", "position"}
    timed = any(said.get(role) for role in moments)
    return {
        role: name
        for role, name in roles.items()
        if role not in said and not (timed and role in moments) and (not name or name not in said.values())
    }


def split(line: str, delimiter: str, quote: str) -> list[str]:
    """The cells of a line."""
    if len(delimiter) > 1 or not quote:
        return line.split(delimiter)
    return next(csv.reader([line], delimiter=delimiter, quotechar=quote), [])


def sketched(line: str, delimiters: Sequence[str]) -> str:
    """What a line looks like, without its values, which may be ids: "3 fields parted by ',': text, ..."."""
    delimiter = max(delimiters, key=lambda one: len(line.split(one)))
    cells = line.split(delimiter)
    kinds = [
        next((kind for kind, form in _KINDS.items() if re.fullmatch(form, cell)), "text") for cell in cells
    ]
    if len(cells) == 1:
        return f"one field: {kinds[0]}"
    more = ", ..." if len(kinds) > 12 else ""
    return f"{len(cells)} fields parted by {delimiter!r}: {', '.join(kinds[:12])}{more}"
