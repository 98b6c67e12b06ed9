"""What a configuration file says, checked as a whole: every fault in one message, with what was meant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click

from diagnose.cli import keys
from diagnose.cli.configuration import Configuration
from diagnose.engine.addresses import redacted
from diagnose.errors import UsageError
from diagnose.formatting import printable
from diagnose.schema.aliases import ROLES
from diagnose.schema.presets import without_rivals
from diagnose.settings.changes import faults as settings_faults
from diagnose.settings.changes import nearest, shown

TABLES = ("columns", "settings")


def checked(
    document: Mapping[str, Any], *, file: str, commands: Mapping[str, click.Command], command: click.Command
) -> Configuration:
    """The file as it speaks to one command. UsageError with all its faults, those of other commands too."""
    shared, own, faults = _parted(document, commands)
    faults += _faults_of_options(shared, keys.all_keys(commands))
    for name, table in own.items():
        faults += [f"{name}.{fault}" for fault in _faults_of_options(table, keys.keys_of(commands[name]))]
        faults += [f"{name}.{fault}" for fault in _faults_of_columns(table.get("columns", {}))]
    faults += _faults_of_columns(document.get("columns", {}))
    rooms = document.get("settings", {})
    faults += (
        settings_faults(rooms) if isinstance(rooms, dict) else ["settings: tables of settings are wanted"]
    )
    if faults:
        raise UsageError(
            f"{printable(file, 200)}: {len(faults)} fault{'s' if len(faults) > 1 else ''}.",
            seen="\n       ".join(printable(fault, 300) for fault in faults),
            attempt="the keys and tables of docs/configuration.md",
        )
    return _configuration(document, shared, _own(own, commands, command), file=file, command=command)


def _parted(
    document: Mapping[str, Any], commands: Mapping[str, click.Command]
) -> tuple[dict[str, Any], dict[str, dict[str, Any]], list[str]]:
    """Keys for all commands, tables for one, and what is neither."""
    own = {name: value for name, value in document.items() if name in commands and isinstance(value, dict)}
    rest = {name: value for name, value in document.items() if name not in own and name not in TABLES}
    tables = [name for name, value in rest.items() if isinstance(value, dict)]
    known = [*commands, *TABLES]
    faults = [f"[{name}]: there is no such table{nearest(name, known)}" for name in tables]
    return {name: value for name, value in rest.items() if name not in tables}, own, faults


def _faults_of_options(table: Mapping[str, Any], known: Mapping[str, keys.Key]) -> Iterator[str]:
    for name, value in table.items():
        if name == "columns":
            continue
        key = known.get(keys.plain(name))
        if key is None:
            wanted = (
                " (roles are said in [columns])" if keys.plain(name) == "column" else nearest(name, known)
            )
            yield f"{name}: there is no such option{wanted}"
        elif _is_secret(value):
            yield f"{name}: holds a password or a token, which belongs into no file that others read"
        else:
            try:
                keys.read(key, value)
            except ValueError as error:
                yield f"{name}: {error}"


def _faults_of_columns(columns: object) -> Iterator[str]:
    if not isinstance(columns, dict):
        yield f"columns: a table of roles is wanted, not {shown(columns)}"
        return
    for role, name in columns.items():
        if role not in ROLES:
            yield f"columns.{role}: there is no such role{nearest(role, ROLES)}"
        elif not isinstance(name, str):
            yield f"columns.{role}: the name of a column is wanted, not {shown(name)}"
    if columns.get("timestamp") and columns.get("position"):
        yield "columns: a log has a timestamp or a position, not both"


def _is_secret(value: object) -> bool:
    texts = value if isinstance(value, list) else [value]
    return any(
        isinstance(one, str) and ("://" in one and ("token=" in one or redacted(one) != one)) for one in texts
    )


def _own(
    own: Mapping[str, dict[str, Any]], commands: Mapping[str, click.Command], command: click.Command
) -> dict[str, Any]:
    """The table of the command that runs."""
    return next((table for name, table in own.items() if commands[name] is command), {})


def _configuration(
    document: Mapping[str, Any],
    shared: Mapping[str, Any],
    own: Mapping[str, Any],
    *,
    file: str,
    command: click.Command,
) -> Configuration:
    known = keys.keys_of(command)
    options: dict[str, Any] = {}
    told: list[str] = []
    for name, value in [*shared.items(), *((name, one) for name, one in own.items() if name != "columns")]:
        if key := known.get(keys.plain(name)):
            options[str(key.option.name)] = keys.read(key, value)
            told += [name] if name not in told else []
    nearer = own.get("columns", {})
    columns = {**without_rivals(document.get("columns", {}), nearer), **nearer}
    rooms = document.get("settings", {})
    return Configuration(
        file=file,
        options=options,
        columns=columns,
        rooms=rooms,
        told=(
            *told,
            *(f"columns.{role}" for role in columns),
            *(f"settings.{room}.{name}" for room, given in rooms.items() for name in given),
        ),
    )
