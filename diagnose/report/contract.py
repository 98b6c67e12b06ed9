"""Result to JSON and back: the contract that other programs read (docs/report_schema.md).

The same result gives the same bytes: keys sorted, ASCII only (so that no terminal or editor
obeys a control or bidirectional character out of a log), no NaN, numbers unrounded.
"""

from __future__ import annotations

import dataclasses
import json
import math
import types
import typing
from collections.abc import Mapping
from functools import cache
from pathlib import PurePath

from diagnose.errors import UsageError
from diagnose.results import SCHEMA_VERSION, Measured, Probed, Result, Skipped

PROBE_KEYS = ("name", "condition", "status", "reason", "users", "estimates", "series")
REDO = "a .json file that `diagnose analyze` wrote, of this version or an earlier one"


def render_json(result: object) -> str:
    """The result, or another record of such facts, as JSON text, ending in a newline."""
    document = _plain(result)
    return json.dumps(document, sort_keys=True, indent=1, allow_nan=False) + "\n"


def parse_json(text: str) -> Result:
    """The result that `render_json` wrote. Raises UsageError on anything else."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError("This is not JSON.", seen=str(error), attempt=REDO) from error
    version = document.get("schema_version") if isinstance(document, dict) else None
    if type(version) is not int or not 1 <= version <= SCHEMA_VERSION:
        raise UsageError(
            "This is not a result of diagnose that this version can read.",
            seen=f"schema_version {version!r}; this version reads 1 to {SCHEMA_VERSION}",
            attempt=REDO,
        )
    try:
        return typing.cast(Result, _record(Result, document))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(
            "This JSON is no whole result of diagnose.", seen=repr(error), attempt=REDO
        ) from error


def _plain(value: object) -> object:
    """Dataclasses, mappings and numpy scalars as what JSON knows; a number that is none becomes null."""
    match value:
        case None | bool() | str():
            return value
        case Measured() | Skipped():
            return _probe(value)
        case float():
            return float(value) if math.isfinite(value) else None
        case int():
            return int(value)
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case tuple() | list():
            return [_plain(item) for item in value]
        case PurePath():
            return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if hasattr(value, "tolist"):  # numpy scalars and arrays
        return _plain(value.tolist())
    raise TypeError(f"{type(value).__name__} has no place in the result's JSON")


def _probe(probed: Probed) -> dict[str, object]:
    """One shape for both outcomes, so that a reader needs no special case."""
    skipped = isinstance(probed, Skipped)
    return {
        "name": probed.name,
        "condition": probed.condition,
        "status": "skipped" if skipped else "measured",
        "reason": probed.reason if isinstance(probed, Skipped) else None,
        "users": 0 if isinstance(probed, Skipped) else _plain(probed.users),
        "estimates": {} if isinstance(probed, Skipped) else _plain(probed.estimates),
        "series": [] if isinstance(probed, Skipped) else _plain(probed.series),
    }


@cache
def _hints(record: type) -> dict[str, typing.Any]:
    return typing.get_type_hints(record)


def _record(record: type, document: Mapping[str, typing.Any]) -> object:
    """A dataclass from its JSON object; keys that a later version added are passed over."""
    values = {
        field.name: _value(_hints(record)[field.name], document[field.name])
        for field in dataclasses.fields(record)
        if field.name in document or not _optional(field)
    }
    return record(**values)


def _optional(field: dataclasses.Field[typing.Any]) -> bool:
    return field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING


def _value(hint: typing.Any, value: typing.Any) -> typing.Any:
    """`value` as the annotation `hint` wants it; null where a float is wanted is NaN."""
    if hint == Probed:
        return _record({"skipped": Skipped, "measured": Measured}[value["status"]], value)
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        if value is None and type(None) in arguments:
            return None
        return _value(_member(arguments, value), value)
    if origin is tuple:
        if not isinstance(value, list):
            raise TypeError(f"{value!r} is no list")
        return tuple(_value(arguments[0], item) for item in value)
    if origin is typing.Literal:
        return _one_of(arguments, value)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {key: _value(arguments[1], item) for key, item in value.items()}
    if dataclasses.is_dataclass(hint):
        return _record(typing.cast(type, hint), value)
    if hint is float:
        return _number(value)
    if isinstance(hint, type) and (not isinstance(value, hint) or (hint is int and isinstance(value, bool))):
        raise TypeError(f"{value!r} is no {hint.__name__}")
    return value


def _number(value: object) -> float:
    """A number as it was written: 1 stays 1, so that it is written as 1 again."""
    if value is None:
        return math.nan
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{value!r} is no number")
    return value


def _one_of(choices: tuple[typing.Any, ...], value: object) -> object:
    if value not in choices:
        raise ValueError(f"{value!r} is none of {', '.join(map(str, choices))}")
    return value


def _member(arguments: tuple[typing.Any, ...], value: object) -> typing.Any:
    """Which member of a union a JSON value is: only tuples of numbers or of strings need telling apart."""
    present = [argument for argument in arguments if argument is not type(None)]
    if len(present) > 1 and isinstance(value, list) and value and isinstance(value[0], str):
        return next(argument for argument in present if typing.get_args(argument)[0] is str)
    return present[0]
