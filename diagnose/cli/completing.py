"""What a shell may complete: terms, scenarios, roles, outcomes; files are left to the shell itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import click
from click.shell_completion import CompletionItem


def paths(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Files and folders: a LOG, a RESULT. The shell knows them better than we do."""
    return [CompletionItem(incomplete, type="file")]


def terms(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Terms of `explain`."""
    from diagnose.terms import names

    return _of((name for name in names() if " " not in name), incomplete)


def scenarios(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Scenarios of `simulate`, each with a word of help."""
    from diagnose.simulate.scene import SCENARIOS

    return _of(SCENARIOS, incomplete, helps=SCENARIOS)


def roles(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Roles of --column; the column's name is the user's."""
    from diagnose.schema.aliases import ROLES

    return _of((f"{role}=" for role in ROLES), incomplete)


def presets(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Presets of well-known public logs."""
    from diagnose.schema import PRESETS

    return _of(PRESETS, incomplete)


def outcomes(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Outcomes of --fail-on, also after a comma."""
    from typing import get_args

    from diagnose.results import Outcome

    before, comma, begun = incomplete.rpartition(",")
    named = set(before.split(","))
    return [
        CompletionItem(f"{before}{comma}{name}")
        for name in get_args(Outcome)
        if name.startswith(begun) and name not in named
    ]


def _of(
    names: Iterable[str], incomplete: str, *, helps: Mapping[str, str] | None = None
) -> list[CompletionItem]:
    return [
        CompletionItem(name, help=(helps or {}).get(name)) for name in names if name.startswith(incomplete)
    ]
