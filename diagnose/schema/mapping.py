"""A mapping from roles to columns, and how it is shown."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from collections.abc import Mapping as Names
from dataclasses import dataclass

from diagnose.formatting import printable
from diagnose.schema.presets.record import Preset


@dataclass(frozen=True)
class Mapping:
    """Role -> column; `how` says of each role why, `notes` what else a reader should know."""

    roles: Names[str, str]
    how: Names[str, str]
    unused: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    preset: Preset | None = None  # as which the log was read

    @property
    def clock(self) -> bool:
        """Whether the log has times; False where it has positions only."""
        return "timestamp" in self.roles

    def lines(self) -> tuple[str, ...]:
        """A line for each role, then the notes, as the user is shown them."""
        width = max(len(role) for role in self.roles)
        shown = [
            f"{role:<{width}} = {printable(name, 80)}  ({self.how[role]})"
            for role, name in self.roles.items()
        ]
        ignored = f"not used: {listed(self.unused)}"
        published = [] if self.preset is None else [f"read as {self.preset.title}:", *self.preset.caveats]
        return (*shown, *([ignored] if self.unused else []), *published, *self.notes)


@dataclass(frozen=True)
class Alike:
    """The roles of another log's columns: they hold where this log has these columns, names tell the rest."""

    roles: Names[str, str]

    def among(self, columns: Collection[str]) -> dict[str, str]:
        """The roles whose column is there."""
        return {role: name for role, name in self.roles.items() if name in columns}


def listed(names: Sequence[str] | Names[str, str], most: int = 40) -> str:
    """Names for a message: safe for a terminal, not endless."""
    shown = ", ".join(printable(name, 80) for name in list(names)[:most])
    return shown + (f" and {len(names) - most} more" if len(names) > most else "") if names else "none"
