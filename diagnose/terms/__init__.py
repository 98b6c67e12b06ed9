"""`diagnose explain`: every stable identifier and word of a report in plain words, from one source each."""

from diagnose.terms.dictionary import terms
from diagnose.terms.finding import find, names, nearest
from diagnose.terms.telling import listed, told
from diagnose.terms.term import Term

__all__ = ["Term", "find", "listed", "names", "nearest", "terms", "told"]
