"""The keys of a configuration file: a command's options by their long names, checked as the options are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import click

NOT_IN_A_FILE = ("config", "no_config", "column")  # columns have a table of their own


@dataclass(frozen=True)
class Key:
    """An option, and whether its key says yes to it (`trial`) or no (`no_trial`)."""

    option: click.Option
    positive: bool = True


def keys_of(command: click.Command) -> dict[str, Key]:
    """The keys of a command: long names, with underscores."""
    found = {}
    for option in command.params:
        if isinstance(option, click.Option):
            for names, positive in ((option.opts, True), (option.secondary_opts, False)):
                long = (plain(name[2:]) for name in names if name.startswith("--"))
                found.update({name: Key(option, positive) for name in long if name not in NOT_IN_A_FILE})
    return found


def plain(name: str) -> str:
    """`minimum-lift` and `minimum_lift` are one key."""
    return name.replace("-", "_")


def read(key: Key, value: object) -> Any:
    """A value as click takes it for a default. Raises ValueError, in a phrase, where it is none."""
    option = key.option
    if option.is_flag:
        return bool(_of_type(value, bool, "true or false")) is key.positive
    if option.multiple:
        given = value if isinstance(value, list) else [value]
        return [_of_type(one, str, "a text or a list of texts") for one in given]
    wanted = "a whole number" if isinstance(option.type, click.types.IntParamType) else "a number"
    numeric = isinstance(option.type, (click.types.IntParamType, click.types.FloatParamType))
    return _one(option, value, wanted if numeric else "a text")


def _one(option: click.Option, value: Any, wanted: str) -> Any:
    match option.type:
        case click.types.IntParamType():
            _of_type(value, int, wanted)
        case click.types.FloatParamType():
            _of_type(value, (int, float), wanted)
        case click.types.StringParamType():  # users: a number or "all"; capture_rate: 0.1 or "0.1:0.2"
            value = str(_of_type(value, (str, int, float), wanted))
        case _:
            _of_type(value, str, wanted)
    try:
        option.type.convert(value, option, None)
    except click.BadParameter as error:
        raise ValueError(error.message.rstrip(".")) from error
    return value


def _of_type(value: object, kinds: type | tuple[type, ...], wanted: str) -> object:
    fits = isinstance(value, kinds) and (kinds is bool or not isinstance(value, bool))
    if not fits:
        from diagnose.settings.changes import shown

        raise ValueError(f"{wanted} is wanted, not {shown(value)}")
    return value


def all_keys(commands: Mapping[str, click.Command]) -> dict[str, Key]:
    """The keys that any of the commands has."""
    return {name: key for command in commands.values() for name, key in keys_of(command).items()}
