"""The settings as terms: each number's default and the reason on its own line, read from where they stand."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from diagnose.terms.headers import source

HOMES = ("settings", "settings.capture", "settings.drift", "settings.trial", "budgets")
_REASON = re.compile(r"\s{2}#\s+(.*?)\s*(?:\[(\d{4})\])?\s*$")


@dataclass(frozen=True)
class Number:
    """One setting: where it stands, its default as written, its reason, the decision page that holds it."""

    room: str  # the attribute of Settings it is read by: "order"; "" at the top
    name: str
    default: str
    reason: str
    decision: str


def numbers() -> Iterator[Number]:
    """Every setting with a reason on its line, in the order of the sources."""
    rooms = _rooms()
    for home in HOMES:
        text = source(f"diagnose.{home}")
        lines = text.splitlines()
        for record in ast.parse(text).body:
            if isinstance(record, ast.ClassDef) and record.name in rooms:
                for node in record.body:
                    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                        told = _reason(lines[node.lineno - 1 : node.end_lineno])
                        default = ast.unparse(node.value) if node.value else ""
                        yield from _number(rooms[record.name], node.target.id, default, told)


def _number(room: str, name: str, default: str, told: tuple[str, str] | None) -> Iterator[Number]:
    if told is not None:
        yield Number(room=room, name=name, default=default, reason=told[0], decision=told[1])


def _rooms() -> dict[str, str]:
    """Class of settings -> attribute of Settings, as its definition says."""
    rooms = {"Settings": "", "Budget": "budget"}
    for record in ast.parse(source("diagnose.settings")).body:
        if isinstance(record, ast.ClassDef) and record.name == "Settings":
            for node in record.body:
                if isinstance(node, ast.AnnAssign) and isinstance(node.annotation, ast.Name):
                    rooms.setdefault(node.annotation.id, getattr(node.target, "id", ""))
    return rooms


def _reason(lines: list[str]) -> tuple[str, str] | None:
    for line in lines:
        if found := _REASON.search(line):
            return found.group(1), found.group(2) or ""
    return None
