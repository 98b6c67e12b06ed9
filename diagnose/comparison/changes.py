"""What was not the same on both sides: log, columns, settings, versions. It may explain a difference."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

from diagnose.comparison.comparable import MISSING, flat
from diagnose.comparison.findings import Changed, Part
from diagnose.results import Result

VERDICT_ONLY = ("trial.minimum_lift", "verdict.")  # they weigh the numbers and are in none of them


def changes(a: Result, b: Result) -> tuple[Changed, ...]:
    """Everything that differs, the tool first; a side that does not tell has None."""
    return tuple(_changes(a, b))


def _changes(a: Result, b: Result) -> Iterator[Changed]:
    yield from _differing("tool", _tool(a), _tool(b))
    yield from _differing("log", dataclasses.asdict(a.log), dataclasses.asdict(b.log))
    yield from _differing("columns", a.mapping, b.mapping)
    yield from _differing("settings", _settings(a), _settings(b))
    yield from _differing("trial", _trial(a), _trial(b))


def _tool(result: Result) -> dict[str, object]:
    return {
        "name": result.tool.name,
        "version": result.tool.version,
        "schema_version": result.schema_version,
    }


def _settings(result: Result) -> dict[str, object]:
    return {**flat(result.settings), "seed": result.seed}


def _trial(result: Result) -> dict[str, object]:
    tried = result.trial
    return {
        "status": tried.status,
        "device": tried.device,
        "seeds": tried.seeds,
        "users_test": tried.users_test,
    }


def _differing(part: Part, a: Mapping[str, object], b: Mapping[str, object]) -> Iterator[Changed]:
    for name in dict.fromkeys((*a, *b)):
        one, other = a.get(name, MISSING), b.get(name, MISSING)
        if one != other:
            yield Changed(
                part=part,
                name=name,
                a=None if one is MISSING else one,
                b=None if other is MISSING else other,
                verdict_only=part == "settings" and name.startswith(VERDICT_ONLY),
            )
