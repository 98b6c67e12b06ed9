"""The one gate for words that came out of a log: names of columns, categories, files.

Markup is escaped by the templates; what passes here are characters that no escaping stops:
controls, bidirectional overrides, lone surrogates, and names without end. They are shown as
\\x00 or \\u202e rather than dropped, so that two names stay two names.
"""

from __future__ import annotations

import dataclasses
import unicodedata
from collections.abc import Mapping
from typing import Any, TypeVar

LONGEST = 600  # characters: longer than any sentence of ours, shorter than a name meant to flood a page
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_HARMLESS = frozenset("\N{SOFT HYPHEN}\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}")  # scripts need these
Record = TypeVar("Record")


def visible(text: str, *, longest: int = LONGEST) -> str:
    """`text` with white space as spaces, unseen characters spelt out, and an end."""
    kept = "".join(_shown(letter) for letter in text[: longest + 1])
    return kept if len(text) <= longest else f"{kept[:longest]}… ({len(text):,} characters)"


def _shown(letter: str) -> str:
    if letter in "\n\r\t":
        return " "
    if letter in _HARMLESS or unicodedata.category(letter) not in _HIDDEN:
        return letter
    code = ord(letter)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


def cleaned(record: Record) -> Record:
    """A copy of a result in which every string is `visible`."""
    copy: Record = _cleaned(record)
    return copy


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, Mapping):
        return {visible(str(key)): _cleaned(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return type(value)(_cleaned(item) for item in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: _cleaned(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return type(value)(**fields)
    return value
