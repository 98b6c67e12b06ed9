"""What can go wrong, said in three lines: what, what was seen, what to try.

One root; a child only where a caller acts differently (its exit code). Caught once, in the CLI.
"""

from __future__ import annotations


class DiagnoseError(Exception):
    """An error of ours, with the exit code it ends the command with."""

    exit_code = 1

    def __init__(self, what: str, *, seen: str = "", attempt: str = "") -> None:
        self.what, self.seen, self.attempt = what, seen, attempt
        lines = [what]
        if seen:
            lines.append(f"Found: {seen}")
        if attempt:
            lines.append(f"Try:   {attempt}")
        super().__init__("\n".join(lines))


class UsageError(DiagnoseError):
    """The command was given something it cannot take."""

    exit_code = 2


class LogError(DiagnoseError):
    """The log must change before anything can be measured."""

    exit_code = 3


class ResourceError(DiagnoseError):
    """Out of memory, disk or time."""

    exit_code = 6
