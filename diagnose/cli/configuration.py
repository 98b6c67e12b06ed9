"""A configuration file: options, columns and settings that a folder's commands share (docs/configuration.md).

Precedence: the command line, then the file, then the defaults. Nothing is read from the environment, and a
file that holds a secret is refused: it is meant to be kept beside the code.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from diagnose.errors import UsageError

if TYPE_CHECKING:
    from diagnose.settings import Settings

OWN, SHARED = "diagnose.toml", "pyproject.toml"
_READ, _OFF = "diagnose.configuration", "diagnose.no_configuration"  # in click's context


@dataclass(frozen=True)
class Configuration:
    """What a file says to one command."""

    file: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)  # click's name of the option -> value
    columns: Mapping[str, str] = field(default_factory=dict)
    rooms: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    told: tuple[str, ...] = ()  # the keys, as the file spells them


def config_options(command: Any) -> Any:
    """The options that say which file is read. They come first, and only set what others default to."""
    command = click.option(
        "--no-config",
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=_off,
        help="Read no such file.",
    )(command)
    return click.option(
        "--config",
        metavar="FILE",
        is_eager=True,
        expose_value=False,
        callback=_read_for,
        help=f"Read options and settings from here.  [default: {OWN} of this folder, or [tool.diagnose] of "
        f"its {SHARED}]",
    )(command)


def current() -> Configuration:
    """What the file said to the command that runs; nothing where there is none."""
    context = click.get_current_context(silent=True)
    found = context.meta.get(_READ) if context else None
    return found if isinstance(found, Configuration) else Configuration()


def with_columns(said: Mapping[str, str]) -> dict[str, str]:
    """The columns named on the command line, and beside them those of the file."""
    if not current().columns:
        return dict(said)
    from diagnose.schema.presets import without_rivals

    return {**without_rivals(current().columns, said), **said}


def with_settings(settings: Settings) -> Settings:
    """The settings as the file changes them."""
    if not current().rooms:
        return settings
    from diagnose.settings.changes import changed

    return changed(settings, current().rooms)


def tell() -> None:
    """A line on stderr: which file was read, and what it said to this command."""
    from diagnose.formatting import printable

    if found := current().told:
        click.echo(printable(f"from {current().file}: {', '.join(found)}", longest=2_000), err=True)


def _off(context: click.Context, _: click.Parameter, value: bool) -> None:
    if value and _READ in context.meta and current().file:
        raise UsageError("--no-config and --config say different things.", attempt="one of them")
    context.meta[_OFF] = value


def _read_for(context: click.Context, _: click.Parameter, value: str | None) -> None:
    """Make the file's options the defaults of the command that is about to run."""
    if value and context.meta.get(_OFF):
        raise UsageError("--no-config and --config say different things.", attempt="one of them")
    if value == "" or context.meta.get(_OFF):
        return
    found = _named(Path(value)) if value else _beside()
    if found is None:
        return
    from diagnose.cli.faults import checked

    file, document = found
    configuration = checked(document, file=file, commands=_commands(context), command=context.command)
    context.meta[_READ] = configuration
    context.default_map = {**(context.default_map or {}), **configuration.options}


def _commands(context: click.Context) -> dict[str, click.Command]:
    """The commands that read a configuration."""
    group = context.find_root().command
    there = group.commands if isinstance(group, click.Group) else {str(context.info_name): context.command}
    return {
        name: command
        for name, command in there.items()
        if any(option.name == "config" for option in command.params)
    }


def _named(path: Path) -> tuple[str, Mapping[str, Any]]:
    """The file that was named. UsageError where there is none, or nothing of ours in it."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"--config: {path} cannot be read.", seen=error.strerror or "") from error
    except ValueError as error:
        raise _no_toml(str(path), error) from error
    if path.name != SHARED:
        return str(path), document
    if not isinstance(ours := document.get("tool", {}).get("diagnose"), dict):
        raise UsageError(
            f"--config: {path} has no table [tool.diagnose].", attempt=f"[tool.diagnose], or {OWN}"
        )
    return f"{path} [tool.diagnose]", ours


def _beside() -> tuple[str, Mapping[str, Any]] | None:
    """The file of the working folder; None where there is none."""
    if Path(OWN).is_file():
        return _named(Path(OWN))
    if not Path(SHARED).is_file():
        return None
    text = Path(SHARED).read_text(encoding="utf-8", errors="replace")
    try:
        return _named(Path(SHARED)) if "diagnose" in tomllib.loads(text).get("tool", {}) else None
    except ValueError as error:
        if "tool.diagnose" not in text:  # a file that is broken, and none of our business
            return None
        raise _no_toml(SHARED, error) from error


def _no_toml(file: str, error: Exception) -> UsageError:
    return UsageError(
        f"{file} is no TOML.", seen=str(error), attempt='key = "value" lines under [table] heads, in UTF-8'
    )
