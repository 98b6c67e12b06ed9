"""A panel: totals that somebody else counted, by user or by segment, and the columns they stand in."""

from __future__ import annotations

from collections.abc import Mapping as Names
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from diagnose.errors import LogError
from diagnose.formatting import printable
from diagnose.schema.aliases import ALIASES, plain
from diagnose.schema.guess import words
from diagnose.schema.mapping import listed

Measure = Literal["events", "time"]
Key = Literal["user", "category", "event", "segment"]

SECONDS: Names[str, float] = {
    "hours": 3600.0, "hrs": 3600.0, "minutes": 60.0, "mins": 60.0, "seconds": 1.0, "secs": 1.0, "ms": 1e-3,
}  # fmt: skip
COUNTS = frozenset({"events", "count", "counts", "total", "totals"})
PEOPLE = frozenset({"users", "people", "persons", "panelists", "panellists", "respondents", "members"})
WANTED = "a column of user ids or of segments (a category, an event), and one of totals: events or minutes"


@dataclass(frozen=True, eq=False)
class UserPanel:
    """Totals by user. Users are known by the hashes that the log's users have, by nothing else.

    An id may be spelled in more ways than one, so a user has one hash or more: `hashes` (C,) ascending,
    `owner` (C,) indexes `total` (P,), which is a number of events or of seconds.
    """

    hashes: NDArray[np.uint64]
    owner: NDArray[np.int64]
    total: NDArray[np.float64]
    measure: Measure
    note: str


@dataclass(frozen=True, eq=False)
class SegmentPanel:
    """Totals by segment: `names` and `total` (S,). `users`: people that were counted, where told."""

    names: tuple[str, ...]
    key: Key
    total: NDArray[np.float64]
    measure: Measure
    note: str
    users: int | None = None


Panel = UserPanel | SegmentPanel


@dataclass(frozen=True)
class PanelColumns:
    """Which columns of a panel are read, and as what. `seconds`: of one unit of time, None for counts."""

    key: Key
    key_column: str
    total: str
    seconds: float | None
    users: str | None

    @property
    def measure(self) -> Measure:
        """What the totals are of."""
        return "events" if self.seconds is None else "time"

    @property
    def note(self) -> str:
        """How the file is read, in words."""
        unit = "events" if self.seconds is None else f"times of {self.seconds:g} seconds each"
        by = f'"{printable(self.key_column, 80)}" as the {self.key}'
        return f'the panel: {by}, "{printable(self.total, 80)}" as {unit}'


def panel_columns(columns: Sequence[str], *, source: str) -> PanelColumns:
    """What the names of a panel's columns say. Raises LogError with all that is missing or ambiguous."""
    faults: list[str] = []
    key, key_column = _key(columns, faults)
    rest = [name for name in columns if name != key_column]
    people = [name for name in rest if _is_people(name)]
    if len(people) > 1 and key != "user":
        faults.append(f"{len(people)} columns could be the number of users: {listed(people)}")
    total, seconds = _total([name for name in rest if not _is_people(name)], faults)
    if faults:
        raise LogError(f"{source}: {'; '.join(faults)}.", seen=listed(columns), attempt=WANTED)
    users = people[0] if people and key != "user" else None
    return PanelColumns(key=key, key_column=key_column, total=total, seconds=seconds, users=users)


def _key(columns: Sequence[str], faults: list[str]) -> tuple[Key, str]:
    """The column of users, else that of segments. A column of users beside one of segments is the key."""
    groups: tuple[tuple[Key, tuple[str, ...]], ...] = (
        ("user", ALIASES["user"]),
        ("segment", ("segment segmentname",)),
        ("category", ALIASES["category"]),
        ("event", ALIASES["event"]),
    )
    for key, aliases in groups:
        for group in aliases:
            named = [name for name in columns if plain(name) in group.split()]
            if len(named) > 1:
                faults.append(f"{len(named)} columns could be the {key}: {listed(named)}")
            if named:
                return key, named[0]
    faults.append("no column names users or segments")
    return "segment", ""


def _total(columns: Sequence[str], faults: list[str]) -> tuple[str, float | None]:
    """The column of totals, and the seconds of its unit."""
    times = {
        name: SECONDS[unit[-1]] for name in columns if (unit := [w for w in words(name) if w in SECONDS])
    }
    counts = [name for name in columns if name not in times and COUNTS & set(words(name))]
    found = [*times, *counts]
    if len(found) == 1:
        return found[0], times.get(found[0])
    if found:
        faults.append(f"{len(found)} columns could be the totals: {listed(found)}; keep one")
    else:
        faults.append("no column names totals: events, count, total, hours, minutes or seconds")
    return "", None


def _is_people(name: str) -> bool:
    return bool(PEOPLE & set(words(name)))
