"""Settings changed one by one, by name: `persistence`, `floor_drift_share`, 0.03.

Types are those of the records. All faults are told at once, each with what was probably meant.
"""

from __future__ import annotations

import dataclasses
import difflib
import math
import types
import typing
from collections.abc import Iterable, Mapping

from diagnose.settings import Settings

Rooms = Mapping[str, Mapping[str, object]]  # room -> setting -> value
BY_OPTION = {  # what an option says is not said a second time
    "sample": {"users": "users", "declared_fraction": "sampled_fraction"},
    "capture": {
        "declared_low": "capture_rate",
        "declared_high": "capture_rate",
        "loss_pattern": "loss_pattern",
        "funnel": "funnel",
        "handoffs": "handoff",
        "panel": "panel",
        "second_logs": "second_log",
    },
    "trial": {
        "run": "trial",
        "budget": "budget",
        "minimum_lift": "minimum_lift",
        "device": "device",
        "repeats": "repeats",
    },
}
_AT_MOST_ONE = ("share", "level", "fraction")  # what a name ends in that is a part of one


def changed(settings: Settings, rooms: Rooms) -> Settings:
    """The settings with some replaced. `rooms` must be without faults."""
    new = {}
    for name, given in rooms.items():
        room = getattr(settings, name)
        hints = typing.get_type_hints(type(room))
        new[name] = dataclasses.replace(
            room, **{key: _read(hints[key], value) for key, value in given.items()}
        )
    return dataclasses.replace(settings, **new)


def faults(rooms: Mapping[str, object]) -> list[str]:
    """What is wrong with settings as somebody wrote them down, each in a phrase."""
    known = {field.name: getattr(Settings(), field.name) for field in dataclasses.fields(Settings)}
    known = {name: room for name, room in known.items() if dataclasses.is_dataclass(room)}
    found: list[str] = []
    for name, given in rooms.items():
        if name not in known:
            found.append(f"settings.{name}: there is no such table{nearest(name, known)}")
        elif not isinstance(given, Mapping):
            found.append(f"settings.{name}: a table of settings is wanted, not {shown(given)}")
        else:
            found += [f"settings.{name}.{fault}" for fault in _of_room(name, known[name], given)]
    return found


def nearest(name: str, names: Iterable[str]) -> str:
    """What was probably meant, for the end of a phrase."""
    close = difflib.get_close_matches(name, list(names), n=1, cutoff=0.5)
    return f" (meant {close[0]}?)" if close else ""


def shown(value: object) -> str:
    """A value of a file for a message."""
    text = {True: "true", False: "false"}.get(value, repr(value)) if isinstance(value, bool) else repr(value)
    return text if len(text) <= 80 else f"{text[:80]}…"


def _of_room(name: str, room: object, given: Mapping[str, object]) -> list[str]:
    hints = typing.get_type_hints(type(room))
    found = []
    for key, value in given.items():
        if option := BY_OPTION.get(name, {}).get(key):
            found.append(f"{key}: said by the option {option}, not here")
        elif key not in hints:
            found.append(f"{key}: there is no such setting{nearest(key, hints)}")
        elif not _fits(hints[key], value):
            found.append(f"{key}: {_wanted(hints[key])} is wanted, not {shown(value)}")
        elif limit := _beyond(key, getattr(room, key), value):
            found.append(f"{key}: {limit}, not {shown(value)}")
    return found


def _fits(hint: object, value: object) -> bool:
    """Whether a value of TOML, which knows no None, is of a setting's type."""
    origin, members = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return any(_fits(member, value) for member in members)
    if origin is typing.Literal:
        return value in members
    if origin is tuple:
        many = isinstance(value, list) and (members[-1] is Ellipsis or len(members) == len(value))
        return many and all(_fits(members[0], one) for one in typing.cast(list[object], value))
    if hint is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    return type(value) is hint


def _beyond(key: str, default: object, value: object) -> str | None:
    """Why a number cannot be: all of them are counts, lengths, shares or odds."""
    many: list[object] = value if isinstance(value, list) else [value]
    numbers = [one for one in many if isinstance(one, (int, float)) and not isinstance(one, bool)]
    if type(default) is int and default >= 1 and any(one < 1 for one in numbers):
        return "at least 1 is wanted"
    if any(one < 0 for one in numbers):
        return "a number not below 0 is wanted"
    if key.split("_")[-1] in _AT_MOST_ONE and any(one > 1 for one in numbers):
        return "a share of at most 1 is wanted"
    return None


def _wanted(hint: object) -> str:
    origin, members = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return " or ".join(_wanted(member) for member in members if member is not type(None))
    if origin is typing.Literal:
        return f"one of {', '.join(map(str, members))}"
    if origin is tuple:
        many = "" if members[-1] is Ellipsis else f" of {len(members)}"
        return f"a list{many}, each {_wanted(members[0])}"
    return {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}[
        typing.cast(type, hint)
    ]


def _read(hint: object, value: object) -> object:
    """A value that fits, as the record holds it: lists are tuples, whole numbers may be of type float."""
    if isinstance(value, list):
        return tuple(_read(typing.get_args(hint)[0], one) for one in value)
    return float(value) if hint is float and isinstance(value, int) else value
