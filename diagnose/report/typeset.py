"""How words are set: what no line may part, and names out of a log, each a unit of its own.

A right-to-left name would pull its neighbours along: of "a → b" the reader would see b first, and the arrow
would point the wrong way. So each name is isolated, in HTML by <bdi>, in a drawing by its own tspan.
"""

from __future__ import annotations

import re
import unicodedata

from markupsafe import Markup, escape

from diagnose.formatting import NO_BREAK
from diagnose.report.svg import tag

ARROW = " → "  # between the two interests of a path
_BETWEEN, _ELLIPSIS = Markup(" → "), "…"


def bound(text: str) -> Markup:
    """Escaped, with no line's end between a number and its per cent or inside an option like --no-trial."""
    kept = re.sub(r"(?<=\d) (?=%)", NO_BREAK, str(escape(text)))
    return Markup(re.sub(r"(?<![\w-])--[a-z][a-z-]*", r'<span class="nb">\g<0></span>', kept))  # noqa: S704


def isolated(name: str, widest: int | None = None) -> Markup:
    """A name, or the two of a path, for a page; cut to about `widest` letters."""
    return _BETWEEN.join(Markup("<bdi>{}</bdi>").format(part) for part in _fitted(name, widest))


def drawn(name: str, *, widest: int) -> Markup:
    """The same for a drawing."""
    return _BETWEEN.join(tag("tspan", part, class_="iso") for part in _fitted(name, widest))


def _fitted(name: str, widest: int | None) -> list[str]:
    """The names of a path, one where it is none; each keeps its beginning where both have no room."""
    parts = name.split(ARROW)
    width = sum(map(_width, parts))
    room = width if widest is None else widest - len(ARROW) * (len(parts) - 1)
    if width <= room:
        return parts
    return [_cut(part, max(room // len(parts), room - width + _width(part))) for part in parts]


def _width(text: str) -> int:
    """In letters: those of Chinese and its neighbours take the room of two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _cut(text: str, most: int) -> str:
    if _width(text) <= most:
        return text
    kept = text
    while kept and _width(kept) > most - 1:
        kept = kept[:-1]
    return kept.rstrip() + _ELLIPSIS
