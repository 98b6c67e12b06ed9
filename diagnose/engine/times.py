"""How finely the times are cut, and how many events each hour saw: sums over the sorted stream."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import Histories
from diagnose.stats.counts import Counts, counted

QUANTA = (1, 1_000, 1_000_000, 60_000_000, 3_600_000_000, 86_400_000_000)  # us, ms, s, min, h, day
DIVIDING_SHARE = 0.999  # of the times: a few strays (a clock set by hand) do not hide the quantum [0011]


@dataclass(frozen=True)
class TimeCounts:
    """Events whose time each quantum divides, and events by hour since 1970 UTC, of two halves of the users.

    What both halves do alike is the platform's doing; by how much they differ is chance.
    """

    dividing: tuple[int, ...] = (0,) * len(QUANTA)
    hours: Counts = field(default_factory=Counts)

    def __add__(self, other: TimeCounts) -> TimeCounts:
        dividing = tuple(a + b for a, b in zip(self.dividing, other.dividing, strict=True))
        return TimeCounts(dividing, self.hours + other.hours)

    @classmethod
    def of(cls, histories: Histories) -> TimeCounts:
        """The counts of one batch; nothing where the log has positions only."""
        if not histories.clock or not histories.n_events:
            return cls()
        time, events = histories.time.view(np.uint64), histories.n_events
        seconds = time // np.uint64(1_000_000)  # no time is before 1995
        whole = seconds * np.uint64(1_000_000) == time
        fine = int(np.count_nonzero(whole))
        thousands = events if fine == events else int(np.count_nonzero(time % np.uint64(1_000) == 0))
        dividing, unit = [events, thousands, fine], seconds.astype(np.uint32)  # enough until 2106
        for step in (60, 60, 24):
            larger = unit // np.uint32(step)
            whole &= larger * np.uint32(step) == unit
            dividing.append(int(np.count_nonzero(whole)))
            unit = larger
            if step == 60:
                hours = larger
        half = np.repeat((histories.user & np.uint64(1)).astype(np.uint32), histories.lengths)
        return cls(tuple(dividing), _of_halves(hours, half))

    @property
    def quantum(self) -> int:
        """The largest step, in microseconds, that nearly all times are multiples of."""
        enough = DIVIDING_SHARE * self.dividing[0]
        return max(step for step, hits in zip(QUANTA, self.dividing, strict=True) if hits >= enough)


def _of_halves(hours: NDArray[np.uint32], half: NDArray[np.uint32]) -> Counts:
    """Counts by hour of two kinds, in one go."""
    both = counted(2 * hours + half)
    led, places = both.start % 2, both.table[:, 0]
    table = np.zeros(2 * ((led + len(places) + 1) // 2), dtype=np.int64)
    table[led : led + len(places)] = places
    return Counts(both.start // 2, table.reshape(-1, 2))
