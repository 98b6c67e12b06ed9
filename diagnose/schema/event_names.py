"""The events that a user of the tool names: the steps of a funnel, the events that hand over to elsewhere."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from diagnose.errors import UsageError
from diagnose.formatting import printable
from diagnose.schema.mapping import listed


def funnel_codes(events: Sequence[str], funnel: Sequence[str]) -> NDArray[np.int64]:
    """The codes of the steps of `--funnel` among a log's events, in order; shape (steps,).

    Raises UsageError that tells every fault at once: fewer than two steps, a step named twice, no such event.
    """
    faults = ["a funnel has at least two steps"] if len(funnel) < 2 else []
    faults += [f"{printable(name, 80)} is named twice" for name in sorted(_repeated(funnel))]
    return _codes("--funnel", events, funnel, faults=faults, joined=True)


def hand_off_codes(events: Sequence[str], names: Sequence[str]) -> NDArray[np.int64]:
    """The codes of `--handoff EVENT`, each one once; UsageError tells all that are no events of the log."""
    return _codes("--handoff", events, tuple(dict.fromkeys(names)), faults=[], joined=False)


def _codes(
    option: str, events: Sequence[str], names: Sequence[str], *, faults: list[str], joined: bool
) -> NDArray[np.int64]:
    if not events:
        raise UsageError(
            f"{option}: the log has no column that says what kind of event a row is.",
            attempt=f"--column event=NAME, or no {option}",
        )
    unknown = [name for name in dict.fromkeys(names) if name not in events]
    faults = [*faults, *(f"the log has no event {printable(name, 80)}" for name in unknown)]
    if not faults:
        return np.array([events.index(name) for name in names], dtype=np.int64)
    meant = list(dict.fromkeys(_closest(name, events) for name in names))
    raise UsageError(
        f"{option}: {'; '.join(faults)}.",
        seen=listed(sorted(events)),
        attempt=f"{option} {','.join(meant)}" if joined else " ".join(f"{option} {name}" for name in meant),
    )


def _repeated(names: Sequence[str]) -> set[str]:
    return {name for name in names if names.count(name) > 1}


def _closest(name: str, events: Sequence[str]) -> str:
    """The event that was meant, safe for a terminal."""
    return printable(difflib.get_close_matches(name, events, n=1, cutoff=0.0)[0], 80)
