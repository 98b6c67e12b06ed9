"""Which kinds of event are predicted."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from diagnose.errors import UsageError
from diagnose.formatting import printable
from diagnose.schema.mapping import listed


def target_codes(events: Sequence[str], target: str | None) -> NDArray[np.int64] | None:
    """The codes of `--target EVENT` among a log's events; None where all events are targets."""
    if target is None:
        return None
    if target in events:
        return np.array([events.index(target)], dtype=np.int64)
    if not events:
        raise UsageError(
            f"--target {printable(target)}: the log has no column that says what kind of event a row is.",
            attempt="--column event=NAME, or no --target: then every event is a target",
        )
    close = difflib.get_close_matches(target, events, n=1, cutoff=0.0)[0]
    raise UsageError(
        f"--target {printable(target)}: the log has no such event.",
        seen=listed(sorted(events)),
        attempt=f"--target {printable(close, 80)}",
    )
