"""Which terms a word means: case, spaces and hyphens do not matter; a probe's name may stand before a dot."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from diagnose.errors import UsageError
from diagnose.formatting import printable
from diagnose.terms.dictionary import terms
from diagnose.terms.term import Term

SUGGESTED = 5
LIKE_ENOUGH = 0.55  # of difflib's ratio: "half life" finds half_life_days, "xyz" finds nothing


def find(word: str) -> tuple[Term, ...]:
    """Every term of that name. Raises UsageError with the nearest names where there is none."""
    wanted = _plain(word)
    answers = ((term, (term.name, term.short, *_parts(term))) for term in terms())
    if found := tuple(term for term, names in answers if wanted in map(_plain, names)):
        return found
    near = nearest(word)
    first = f" {near[0]!r}" if near and " " in near[0] else f" {near[0]}" if near else ""
    raise UsageError(
        f"diagnose explain knows no term {printable(word, 80)!r}.",
        seen=f"near it: {', '.join(near)}" if near else "nothing near it",
        attempt=f"diagnose explain{first}" + ("" if near else ", which lists all terms"),
    )


def nearest(word: str) -> list[str]:
    """The names most like a word, best first."""
    wanted = _plain(word)
    names: dict[str, str] = {}
    for term in terms():
        for name in (term.name, term.short):
            names.setdefault(_plain(name), term.name)
    inside = [name for plain, name in names.items() if len(wanted) > 2 and wanted in plain]
    like = [names[name] for name in difflib.get_close_matches(wanted, names, n=9, cutoff=LIKE_ENOUGH)]
    return list(dict.fromkeys([*like, *sorted(inside, key=len)]))[:SUGGESTED]


def names() -> Sequence[str]:
    """Every name that can be typed, for completion."""
    return list(dict.fromkeys(term.name for term in terms()))


def _parts(term: Term) -> list[str]:
    """'DNN, DIN, DIEN' of a glossary answers to each of its words."""
    return term.name.split(", ") if term.group == "word" else []


def _plain(name: str) -> str:
    """Case, spaces, hyphens and apostrophes aside; a number where the name has one is an N."""
    folded = re.sub(r"[\s_\-]+", "_", name.strip().casefold().replace("’", "'"))
    return re.sub(r"(?<=_)(?:\d+(?:\.\d+)?|n)(?=_|$)", "n", folded)
