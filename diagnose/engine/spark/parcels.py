"""What a reader found, as bytes and back: arrays as an npz without pickle, all else as JSON beside them.

The sums of tallies are frozen dataclasses of integers, arrays, tuples and dictionaries; a class is named by
its module and read only where that module is one of ours.
"""

from __future__ import annotations

import dataclasses
import io
import json
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from diagnose.engine.layout import Layout
from diagnose.engine.reader import Found
from diagnose.histories import Histories

_STRUCTURE = "structure"
_OWN = "diagnose."


def packed(found: Found) -> bytes:
    """The bytes of what was found; the sample without the names that every part knows."""
    drawn = tuple(dataclasses.replace(one, histories=_bare(one.histories)) for one in found.drawn)
    arrays: dict[str, NDArray[Any]] = {}
    structure = _plain(dataclasses.replace(found, drawn=drawn), arrays)
    stream = io.BytesIO()
    arrays[_STRUCTURE] = np.frombuffer(json.dumps(structure).encode(), dtype=np.uint8)
    np.savez_compressed(stream, **arrays)  # type: ignore[arg-type]
    return stream.getvalue()


def unpacked(parcel: bytes, layout: Layout) -> Found:
    """What `packed` was given."""
    with np.load(io.BytesIO(parcel), allow_pickle=False) as arrays:
        found = _rebuilt(json.loads(arrays[_STRUCTURE].tobytes()), dict(arrays))
    if not isinstance(found, Found):
        raise TypeError(f"a parcel holds {type(found).__name__}")
    drawn = tuple(dataclasses.replace(one, histories=_named(one.histories, layout)) for one in found.drawn)
    return dataclasses.replace(found, drawn=drawn)


def _bare(histories: Histories) -> Histories:
    return dataclasses.replace(histories, categories=(), events=(), roles=frozenset())


def _named(histories: Histories, layout: Layout) -> Histories:
    return dataclasses.replace(
        histories, categories=layout.categories, events=layout.events, roles=layout.roles
    )


def _plain(value: Any, arrays: dict[str, NDArray[Any]]) -> Any:
    """A value as JSON; its arrays are put aside under a number."""
    if isinstance(value, np.ndarray) and not value.dtype.hasobject:
        name = f"a{len(arrays)}"
        arrays[name] = value
        return {"array": name}
    if isinstance(value, np.generic):
        return value.item()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        kind = type(value)
        fields = {one.name: _plain(getattr(value, one.name), arrays) for one in dataclasses.fields(value)}
        return {"class": [kind.__module__, kind.__qualname__], "fields": fields}
    if isinstance(value, dict):
        return {"pairs": [[_plain(key, arrays), _plain(one, arrays)] for key, one in value.items()]}
    if isinstance(value, (tuple, list, frozenset)):
        return {type(value).__name__: [_plain(one, arrays) for one in value]}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError(f"{type(value).__name__} cannot be part of a tally")


def _rebuilt(value: Any, arrays: dict[str, NDArray[Any]]) -> Any:
    """The value behind its JSON."""
    if not isinstance(value, dict):
        return value
    if "array" in value:
        return arrays[value["array"]]
    if "class" in value:
        fields = {name: _rebuilt(one, arrays) for name, one in value["fields"].items()}
        return _class(*value["class"])(**fields)
    if "pairs" in value:
        return {_rebuilt(key, arrays): _rebuilt(one, arrays) for key, one in value["pairs"]}
    ((kind, members),) = value.items()
    return {"tuple": tuple, "list": list, "frozenset": frozenset}[kind](
        _rebuilt(one, arrays) for one in members
    )


def _class(module: str, name: str) -> type[Any]:
    found = getattr(import_module(module), name, None) if module.startswith(_OWN) else None
    if not (isinstance(found, type) and dataclasses.is_dataclass(found)):
        raise TypeError(f"{module}.{name} is no tally of ours")
    return found
