"""One short text for all that a pass over a log found, so that two runs can be compared to the last digit."""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator, Mapping, Set
from typing import Any

import numpy as np


def digest(found: Any) -> str:
    """sha256 of a canonical text: neither the order of a mapping nor the width of an integer shows."""
    lines = hashlib.sha256()
    for line in canonical("", found):
        lines.update(line.encode())
        lines.update(b"\n")
    return lines.hexdigest()


def canonical(place: str, found: Any) -> Iterator[str]:
    """Every number and text with its place, a line each; long arrays as their own hash."""
    if dataclasses.is_dataclass(found):
        for field in dataclasses.fields(found):
            yield from canonical(f"{place}.{field.name}", getattr(found, field.name))
    elif isinstance(found, Mapping):
        for key in sorted(found, key=repr):
            yield from canonical(f"{place}[{key!r}]", found[key])
    elif isinstance(found, Set):
        yield from canonical(place, sorted(found))
    elif isinstance(found, (list, tuple)):
        yield f"{place}: {len(found)} entries"
        for index, entry in enumerate(found):
            yield from canonical(f"{place}[{index}]", entry)
    elif hasattr(found, "tocoo"):  # a sparse matrix, whatever the order of its cells
        cells = found.tocsr()
        cells.sum_duplicates()
        yield f"{place}: sparse {cells.shape}"
        for part in ("indptr", "indices", "data"):
            yield from canonical(f"{place}.{part}", getattr(cells, part))
    elif isinstance(found, np.ndarray):
        yield f"{place}: {found.shape} {_array(found)}"
    elif isinstance(found, np.generic):
        yield f"{place}: {found.item()!r}"
    elif isinstance(found, (str, bytes, int, float, complex, type(None))):
        yield f"{place}: {found!r}"
    else:  # a class of its own: what it holds; one that holds nothing must not pass for equal
        yield from canonical(place, vars(found))


def _array(found: np.ndarray[Any, Any]) -> str:
    """The hash of an array's numbers: integers of any width alike, floats to the last bit."""
    if found.dtype.kind in "bi":
        plain = found.astype("<i8")
    elif found.dtype.kind == "u":
        plain = found.astype("<u8")
    elif found.dtype.kind == "f":
        plain = found.astype("<f8")
    else:
        return repr(found.tolist())
    return hashlib.sha256(np.ascontiguousarray(plain).tobytes()).hexdigest()
