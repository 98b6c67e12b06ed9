"""Hand-offs: how often does the interval hold the share of active time that was spent here?

Worlds of users who move between a platform and elsewhere, and a complete browsing log of which 60 registered
domains stand in for the platform: the page before another domain is the hand-off.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from benchmarks.kept import Found, Task
from benchmarks.shares import table, told
from diagnose.capture import hand_offs
from diagnose.histories import MICROSECONDS_PER_SECOND, Histories
from diagnose.results import Skipped
from diagnose.settings import CaptureSettings, Settings
from diagnose.simulate.departures import EVENTS, LEAVE, SESSION_SECONDS, VIEW, DeparturePlan, departures

NAME = "hand_offs"
SEEDS, FIRST_SEED = 200, 40_000
CELLS: Mapping[str, Mapping[str, float]] = {
    "12 minutes away": {},
    "3 minutes away": {"away_minutes": 3.0},
    "45 minutes away": {"away_minutes": 45.0},
    "away for very different times": {"away_spread": 1.5},
    "half of returns after an idle spell": {"idle": 0.5},
    "most bouts end elsewhere": {"leaves_for_good": 0.9, "stays": 1.3},
    "half of departures logged": {"logged": 0.5},
    "one in ten departures logged": {"logged": 0.1},
}
LOG, DRAWS, DOMAINS, LARGEST = "web-browsing-150users", 12, 60, 600
MODULES = ("diagnose.capture.hand_offs", "diagnose.simulate.departures", "benchmarks.capture_hand_offs")
SETTINGS = Settings(capture=CaptureSettings(handoffs=(EVENTS[LEAVE],)))


def tasks(*, smoke: bool, data: Path | None = None) -> list[Task]:
    """So many seeds of every cell, and so many draws of domains where the browsing log is in the folder."""
    worlds = [
        Task(part=NAME, world=cell, measure=NAME, seed=FIRST_SEED + seed, plan=plan, modules=MODULES)
        for cell, plan in CELLS.items()
        for seed in range(2 if smoke else SEEDS)
    ]
    there = data is not None and (data / f"{LOG}.parquet").exists()
    return worlds + [
        Task(part=NAME, world=LOG, measure=NAME, seed=seed, modules=MODULES, place=str(data), there=there)
        for seed in range(2 if smoke else DRAWS)
    ]


def run(task: Task) -> dict[str, Any]:
    """Truth and estimates: value, low and high of each."""
    rng = np.random.default_rng(task.seed)
    if task.world == LOG:
        histories, truth = platform_of(Browsing.read(Path(task.place) / f"{LOG}.parquet"), rng=rng)
    else:
        drawn = departures(DeparturePlan(**task.plan), rng=rng)
        histories, truth = drawn.histories, (drawn.share_of_time, drawn.share_of_everything)
    probed = hand_offs.measure(histories, settings=SETTINGS, rng=rng)
    if isinstance(probed, Skipped):
        return {"skipped": probed.reason}
    shown = {name: [e.value, e.low, e.high] for name, e in probed.estimates.items()}
    return {"true": truth[0], "true_of_everything": truth[1], **shown}


class Browsing:
    """Every page that some people opened, in order: user and time (E,), and the code of its domain."""

    def __init__(self, user: NDArray[Any], seconds: NDArray[Any], domain: NDArray[Any]) -> None:
        order = np.lexsort((seconds, user))
        _, self.user = np.unique(user[order], return_inverse=True)
        self.seconds, self.domain = seconds[order], domain[order]

    @staticmethod
    @cache
    def read(path: Path) -> Browsing:
        """The log as it is published: times in seconds, the category is the registered domain."""
        columns = pq.read_table(path, columns=["user_id", "timestamp", "category"])
        domain = columns["category"].combine_chunks().dictionary_encode().indices.to_numpy()
        return Browsing(columns["user_id"].to_numpy(), columns["timestamp"].to_numpy(), domain)


def platform_of(pages: Browsing, *, rng: np.random.Generator) -> tuple[Histories, tuple[float, float]]:
    """What a platform of some domains would log, with the true shares.

    A gap to the next page of up to a session's is active time of the page it begins with, a longer one is
    none. True of the scope: time here, of it and the time from hand-offs to the return or to the next longer
    gap. True of everything: time on these domains, hand-off pages included, of all active time.
    """
    largest = np.argsort(-np.bincount(pages.domain))[:LARGEST]
    here = np.isin(pages.domain, rng.choice(largest, DOMAINS, replace=False))
    gap = np.append(np.diff(pages.seconds), np.inf)
    gap[np.append(np.diff(pages.user) > 0, True)] = np.inf
    active = np.where(gap <= SESSION_SECONDS, gap, 0.0)
    leaves = here & (gap <= SESSION_SECONDS) & ~np.append(here[1:], False)
    at = np.flatnonzero(here)
    pauses = np.flatnonzero(gap > SESSION_SECONDS)
    pause = pauses[np.searchsorted(pauses, at)]
    until = np.minimum(np.append(at[1:], len(here) - 1), pause)
    running = np.concatenate([[0.0], np.cumsum(active)])
    elsewhere = float((running[until] - running[at])[leaves[at]].sum())
    stayed = float(active[here & ~leaves].sum())
    truth = stayed / (stayed + elsewhere), float(active[here].sum() / active.sum())
    return _histories(pages, at, leaves[at]), truth


def _histories(pages: Browsing, at: NDArray[np.int64], leaves: NDArray[np.bool_]) -> Histories:
    _, user = np.unique(pages.user[at], return_inverse=True)
    users, seconds = int(user.max()) + 1, pages.seconds[at]
    offsets = np.searchsorted(user, np.arange(users + 1)).astype(np.int64)
    opens = np.concatenate([[True], (np.diff(user) > 0) | (np.diff(seconds) > SESSION_SECONDS)])
    session = np.cumsum(opens)
    return Histories(
        offsets=offsets,
        user=np.arange(users, dtype=np.uint64),
        item=pages.domain[at].astype(np.int64),
        category=np.zeros(len(at), dtype=np.int32),
        time=seconds * MICROSECONDS_PER_SECOND,
        session=(session - session[offsets[:-1]][user]).astype(np.int32),
        event=np.where(leaves, LEAVE, VIEW).astype(np.int16),
        events=EVENTS,
        roles=frozenset({"event"}),
    )


def report(results: Sequence[tuple[Task, Found]]) -> str:
    """Two tables: coverage of the worlds, and the browsing log draw by draw."""
    found = [(task, kept["found"]) for task, kept in results if "skipped" not in kept["found"]]
    cells: dict[str, list[Found]] = {}
    for task, each in found:
        cells.setdefault(task.world, []).append(each)
    browsing = cells.pop(LOG, [])
    head = ["worlds", "interval holds the truth (at least 85 % asked)", "true", "true of everything",
            "low", "high", *_windows(), "skipped"]  # fmt: skip
    skipped = [task.world for task, kept in results if "skipped" in kept["found"]]
    rows = [_row(world, entries, skipped.count(world)) for world, entries in cells.items()]
    return "\n\n".join(
        [
            f"Worlds of {DeparturePlan().users:,} users, medians over worlds.",
            table(head, rows),
            f"{LOG}: {DOMAINS} of the {LARGEST} largest registered domains as the platform, one draw a line.",
            table(["true", "true of everything", "low", "high", *_windows()], [_draw(e) for e in browsing]),
        ]
    )


def _windows() -> list[str]:
    return [f"{minutes:g} minutes" for minutes in SETTINGS.hand_offs.windows_minutes]


def _shares(found: Found) -> list[float]:
    over, windows = found["share_of_time"], SETTINGS.hand_offs.windows_minutes
    by_window = [found[f"share_of_time_{minutes:g}_minutes"][0] for minutes in windows]
    return [found["true"], found["true_of_everything"], *over[1:], *by_window]


def _row(world: str, entries: Sequence[Found], skipped: int) -> list[str]:
    holds = told(e["share_of_time"][1] <= e["true"] <= e["share_of_time"][2] for e in entries)
    medians = [f"{median(column):.3f}" for column in zip(*map(_shares, entries), strict=True)]
    return [world, holds, *medians, str(skipped)]


def _draw(found: Found) -> list[str]:
    return [f"{share:.3f}" for share in _shares(found)]
