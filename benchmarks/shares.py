"""Shares of worlds, told with what chance allows: the Wilson interval, 95 %."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import sqrt

TWO_SIDED_95 = 1.959963984540054


def wilson(hits: int, tried: int) -> tuple[float, float]:
    """95 % interval of the share behind `hits` of `tried`; (0, 1) where nothing was tried.

    >>> [round(end, 3) for end in wilson(0, 200)]
    [0.0, 0.019]
    """
    if not tried:
        return 0.0, 1.0
    square = TWO_SIDED_95**2
    share, scale = hits / tried, 1 + square / tried
    middle = (share + square / (2 * tried)) / scale
    half = TWO_SIDED_95 / scale * sqrt(share * (1 - share) / tried + square / (4 * tried**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def told(hits: Iterable[bool]) -> str:
    """'3 of 200 (0.5 to 4.3 %)', or a dash."""
    every = list(hits)
    if not every:
        return "-"
    low, high = wilson(sum(every), len(every))
    return f"{sum(every)} of {len(every)} ({100 * low:.1f} to {100 * high:.1f} %)"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Markdown."""
    return "\n".join(
        ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
        + ["| " + " | ".join(row) + " |" for row in rows]
    )
