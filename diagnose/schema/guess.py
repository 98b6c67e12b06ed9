"""Guessing which column plays which role, from names and types; every fault told in one message."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping as Names
from collections.abc import Sequence

from diagnose.errors import LogError, UsageError
from diagnose.formatting import printable
from diagnose.schema.aliases import ALIASES, HINTS, NO_TIME, ROLES, plain
from diagnose.schema.mapping import Alike, Mapping, listed
from diagnose.schema.presets.record import AsPublished, Preset

Overrides = Names[str, str] | Alike | AsPublished


def guess(
    columns: Names[str, str], overrides: Overrides, *, source: str | None = None, notes: Sequence[str] = ()
) -> Mapping:
    """Which column plays which role.

    `columns`: name -> type as the engine prints it. `overrides`: role -> name; an empty name says that no
    column plays the role; of another log's roles those hold whose column is there; a preset brings its own.
    `source`: the log's name in messages, None for a frame. `notes`: what else should be told. Raises
    UsageError for a role that does not exist, LogError with all faults at once.
    """
    preset = overrides.preset if isinstance(overrides, AsPublished) else None
    said, given = _WHOSE.get(type(overrides), "as you said"), overrides
    overrides = overrides if isinstance(overrides, Names) else overrides.among(columns)
    _check_roles(overrides)
    wrong = {role: name for role, name in overrides.items() if name and name not in columns}
    faults = [_no_such(role, name, columns) for role, name in wrong.items()]
    roles = {role: name for role, name in overrides.items() if name in columns and name}
    how = dict.fromkeys(roles, said)
    if isinstance(given, AsPublished):
        how |= {role: "as you said" for role in roles if role in given.columns}
    for role, name, why in _by_alias(columns, overrides, faults):
        roles[role], how[role] = name, why
    for role in _required(overrides):
        if role not in roles and not any(fault[1] == role for fault in faults):
            _by_hint(role, columns, roles=roles, how=how, faults=faults)
    if faults:
        raise _all_faults(faults, columns=columns, source=source, preset=preset)
    ordered = {role: roles[role] for role in ROLES if role in roles}
    unused = tuple(name for name in columns if name not in roles.values())
    return Mapping(roles=ordered, how=how, unused=unused, notes=tuple(notes), preset=preset)


_WHOSE: Names[type, str] = {Alike: "as in the first log", AsPublished: "the preset says so"}
_Fault = tuple[str, str, str]  # what, role, the name to try
_SPOKEN_FOR = frozenset(word for groups in ALIASES.values() for group in groups for word in group.split())


def _check_roles(overrides: Names[str, str]) -> None:
    unknown = [role for role in overrides if role not in ALIASES]
    if unknown:
        close = difflib.get_close_matches(unknown[0], ROLES, n=1, cutoff=0.0)[0]
        raise UsageError(
            f"--column: there is no role {listed(unknown)}. The roles are {', '.join(ROLES)}.",
            seen=", ".join(printable(f"{role}={overrides[role]}", 80) for role in unknown),
            attempt=f"--column {close}={printable(overrides[unknown[0]], 80)}",
        )
    for role in _required(overrides):
        if role in overrides and not overrides[role]:
            raise UsageError(f"--column {role}=: no log can do without the role {role}.")
    if overrides.get("timestamp") and overrides.get("position"):
        raise UsageError(
            "--column: a log has a timestamp or a position, not both.",
            seen=", ".join(f"{role}={printable(overrides[role], 80)}" for role in ("timestamp", "position")),
            attempt="keep timestamp where the times are real, position where only the order is",
        )


def _required(overrides: Names[str, str]) -> tuple[str, ...]:
    return ("user", "item") if overrides.get("position") else ("user", "item", "timestamp")


def _no_such(role: str, name: str, columns: Names[str, str]) -> _Fault:
    # Where there is no clock, the places of events often stand under the name of a time.
    known = {word for group in ALIASES["timestamp" if role == "position" else role] for word in group.split()}
    likely = difflib.get_close_matches(name, columns, n=1)
    likely += [column for column in columns if plain(column) in known]
    likely += [column for column in columns if plain(column) not in _SPOKEN_FOR]
    return (
        f'there is no column "{printable(name, 80)}" to play the role "{role}"',
        role,
        (likely or ["NAME"])[0],
    )


def _by_alias(
    columns: Names[str, str], overrides: Names[str, str], faults: list[_Fault]
) -> list[tuple[str, str, str]]:
    """The roles that a column's name says outright; two names equally good are a fault."""
    taken, found = set(overrides.values()), []
    for role, groups in ALIASES.items():
        if role in overrides or (role == "timestamp" and overrides.get("position")):
            continue
        for group in groups:
            names = [name for name in columns if plain(name) in group.split() and name not in taken]
            if role == "timestamp":
                names = [name for name in names if not NO_TIME.search(columns[name].upper())]
            if len(names) > 1:
                faults.append(_ambiguous(role, names))
            elif names:
                found.append((role, names[0], "its name says so"))
            if names:
                break
    return found


def _by_hint(
    role: str,
    columns: Names[str, str],
    *,
    roles: dict[str, str],
    how: dict[str, str],
    faults: list[_Fault],
) -> None:
    """A required role that no alias filled: a word inside a name, or the only column of a time type."""
    free = [name for name in columns if name not in roles.values()]
    names = [name for name in free if HINTS[role] & set(words(name))]
    if role == "timestamp":
        typed = [name for name in free if columns[name].upper().startswith(("TIMESTAMP", "DATE"))]
        names = typed or [name for name in names if not NO_TIME.search(columns[name].upper())]
    if len(names) == 1:
        roles[role], how[role] = names[0], "its type says so" if role == "timestamp" else "its name hints so"
    elif names:
        faults.append(_ambiguous(role, names))
    else:
        offered = {name for _, other, name in faults if other in ("user", "item")}  # one role a column
        likely = sorted(
            (name for name in free if name not in offered),
            key=lambda name: (plain(name) in _SPOKEN_FOR, _is_id(name) == (role == "timestamp")),
        )
        faults.append((f'no column plays the role "{role}"', role, likely[0] if likely else "NAME"))


def _ambiguous(role: str, names: Sequence[str]) -> _Fault:
    return (f'{len(names)} columns could play the role "{role}": {listed(names)}', role, names[0])


def _all_faults(
    faults: Sequence[_Fault], *, columns: Names[str, str], source: str | None, preset: Preset | None
) -> LogError:
    what = "; ".join(text for text, _, _ in faults)
    if source is None:
        chosen = ", ".join(f'"{role}": "{printable(name, 80)}"' for _, role, name in faults)
        kept = "" if preset is None else f', preset="{preset.name}"'
        return LogError(f"the frame: {what}.", seen=listed(columns), attempt=f"columns={{{chosen}}}{kept}")
    words = " ".join(f"--column {role}={_shell(name)}" for _, role, name in faults)
    kept = "" if preset is None else f"--preset {preset.name} "
    attempt = f"diagnose analyze {_shell(source)} {kept}{words}"
    return LogError(f"{printable(source, 200)}: {what}.", seen=listed(columns), attempt=attempt)


def _is_id(name: str) -> bool:
    return words(name)[-1:] == ["id"] or plain(name).endswith("id")


def words(name: str) -> list[str]:
    """'watchMinutes' and 'watch_minutes' are both 'watch' and 'minutes'."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name.split(":")[0])
    return [word for word in re.split(r"[\W_]+", spaced.lower()) if word]


def _shell(text: str) -> str:
    """Quoted for a shell where it must be."""
    safe = printable(text, 200)
    return safe if re.fullmatch(r"[\w./:=@%+,-]+", safe) else "'" + safe.replace("'", "'\\''") + "'"
