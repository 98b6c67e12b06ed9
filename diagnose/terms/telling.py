"""Terms as lines for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from diagnose.terms.term import Term

LABEL = 14  # columns of a fact's label
WIDEST = 100


def told(found: Sequence[Term], *, width: int) -> str:
    """One entry after the other, an empty line between."""
    return "\n\n".join("\n".join(_entry(term, min(width, WIDEST))) for term in found)


def listed(all_terms: Iterable[Term], *, width: int) -> str:
    """All names by group, as many a line as fit."""
    lines: list[str] = []
    for group, of_group in groupby(all_terms, key=lambda term: term.group):
        names = ", ".join(term.name.replace(" ", "\0") for term in of_group)
        wrapped = _wrapped(names, min(width, WIDEST), "  ")
        lines += [group, *(line.replace("\0", " ") for line in wrapped), ""]
    return "\n".join(lines).rstrip()


def _entry(term: Term, width: int) -> Iterator[str]:
    yield f"{term.name} ({term.group})"
    if term.title:
        yield from _wrapped(term.title, width, "  ")
    if term.told:
        yield from ("", *_wrapped(term.told, width, "  "))
    facts = [*term.facts, *([("Read more", term.page)] if term.page else [])]
    if facts:
        yield ""
    for label, text in facts:
        yield from _wrapped(text, width, " " * (LABEL + 2), first=f"  {label:<{LABEL}}")


def _wrapped(text: str, width: int, indent: str, *, first: str | None = None) -> list[str]:
    return textwrap.wrap(
        text,
        width=max(40, width),
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
