"""Text that GitHub-flavoured Markdown shows as it is, whatever a log calls its columns.

Two gates. Markup: every character that begins any is escaped. And what GitHub makes out of finished text:
@mentions, #123, addresses, :emoji:, hashes of commits. No escape stops these, for they are looked for after
the escapes are gone; an empty character (U+200B) within them does, as update bots of pull requests do it.

Reference  GitHub Flavored Markdown Spec 0.29, with its autolinks, tables and strikethrough.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from diagnose.report.strings import visible

EMPTY = "\N{ZERO WIDTH SPACE}"  # `visible` spells it out where a log has one, so every one here is ours
_MARKUP = {letter: f"\\{letter}" for letter in "\\`*_[]~#"} | {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    "|": "&#124;",  # not a backslash: tables are cut at bars before escapes are read
    "$": "&#36;",
    EMPTY: "&#8203;",
}
_LINKED = (  # where a link would be seen: the empty character goes behind what matched
    re.compile(r"@"),
    re.compile(r"#(?=\w)"),
    re.compile(r"\bgh-(?=\d)", re.IGNORECASE),
    re.compile(r":(?=//)"),
    re.compile(r"\bwww(?=\.)", re.IGNORECASE),
    re.compile(r":(?=[\w+-]+:)"),
)
_COMMIT = re.compile(r"(?<![0-9a-z])[0-9a-f]{7,}(?![0-9a-z])", re.IGNORECASE)
_NUMBERED = re.compile(r"(\d{1,9})(?=[.)](?:\s|$))")
_MARKER = re.compile(r"[=/]|[-+](?=\s|$)|-[-\s]*$")
_NAME = re.compile(r"[A-Za-z0-9_.]+")


def plain(text: str) -> str:
    """`text` on one line, read as nothing but text: in a paragraph, a list, a heading, a cell."""
    shown = re.sub(" +", " ", visible(text, longest=len(text))).strip()
    for linked in _LINKED:
        shown = linked.sub(lambda found: found[0] + EMPTY, shown)
    shown = _COMMIT.sub(_cut, shown)
    escaped = "".join(_MARKUP.get(letter, letter) for letter in shown)
    return _not_a_block(escaped)


def code(name: str) -> str:
    """A stable identifier as code; anything else as plain text."""
    return f"`{name}`" if _NAME.fullmatch(name) else plain(name)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are Markdown already."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def bullets(items: Iterable[str]) -> str:
    """A list of items that are Markdown already."""
    return "\n".join(f"- {item}" for item in items)


def _cut(found: re.Match[str]) -> str:
    """No six digits of a hash in a row: GitHub takes seven for a commit."""
    return EMPTY.join(found[0][start : start + 6] for start in range(0, len(found[0]), 6))


def _not_a_block(text: str) -> str:
    """Nothing at the start of a line that begins a list, a rule, or a command of a review tool."""
    if _MARKER.match(text):
        return f"\\{text}"
    number = _NUMBERED.match(text)
    return f"{number[0]}\\{text[number.end() :]}" if number else text
