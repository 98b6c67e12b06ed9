"""Reading what others recorded: a panel's totals, or a second log of the same events."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from diagnose.engine.layout import Layout
from diagnose.engine.log import Collected, Listener, collect
from diagnose.engine.opening import open_log
from diagnose.engine.options import EngineOptions
from diagnose.engine.reader import Tally
from diagnose.errors import LogError
from diagnose.formatting import printable
from diagnose.schema import Alike
from diagnose.schema.panel import Panel
from diagnose.settings import CaptureSettings, Settings

NAME = "second_log"


def read_panel(source: Any, *, settings: Settings, options: EngineOptions | None = None) -> Panel:
    """The totals of a panel's file. Raises LogError with all its faults at once."""
    from diagnose.engine.duck.panel import read

    return read(source, settings=settings, options=options or EngineOptions())


def read_second_log(
    source: Any,
    *,
    like: Collected,
    tally: Tally,
    settings: Settings,
    options: EngineOptions | None = None,
    listener: Listener | None = None,
) -> Any:
    """What `tally` finds in a second log, comparable with what it found in the first, `like`.

    A column that plays a role in the first log plays it here; of a role whose column is not here, names
    tell. `listener` is told how the log is read. Raises LogError where a role that is needed stays open, or
    where ids of the two logs cannot meet.
    """
    alone = replace(
        settings,
        target_event=None,
        capture=CaptureSettings(),
        sample=replace(settings.sample, users=1),
        trial=replace(settings.trial, run=False),
    )
    with open_log(source, columns=Alike(like.mapping), settings=alone, options=options) as log:
        if listener is not None:
            listener.mapping((f"the second log {printable(log.title)}:", *log.mapping.lines()))
        found = collect(log, {NAME: tally}, arrival=False)
        _refuse_other_ids(found.layout, like.layout, title=log.title)
    if listener is not None:
        listener.mapping(found.notes)
    return found.tallies[NAME]


def _refuse_other_ids(second: Layout, first: Layout, *, title: str) -> None:
    """Integers are hashed as such only where all ids of a log are integers: 7 and '7' would not meet."""
    faults = [
        f"the {role} ids are {_form(mine)} here and {_form(theirs)} in the first log"
        for role, mine, theirs in (
            ("user", second.whole_users, first.whole_users),
            ("item", second.whole_items, first.whole_items),
        )
        if mine != theirs
    ]
    if faults:
        raise LogError(
            f"{title}: {'; '.join(faults)}: they cannot be matched.",
            attempt="both logs with ids of one form, or without the rows whose ids are of another",
        )


def _form(whole: bool) -> str:
    return "whole numbers" if whole else "not all whole numbers"
