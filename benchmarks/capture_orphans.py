"""Orphans: how often does the interval hold the share of views that was recorded?"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

import numpy as np

from benchmarks.kept import Found, Task
from benchmarks.shares import table, told
from diagnose.capture import orphans
from diagnose.results import Skipped
from diagnose.settings import CaptureSettings, LossPattern, Settings
from diagnose.simulate.funnels import EVENTS, FunnelPlan, funnels

NAME = "orphans"
SEEDS, FIRST_SEED = 50, 50_000
RATES = (1.0, 0.6, 0.3, 0.1)
LAWS = {"Poisson": 0.0, "geometric": 1.0, "unequal": 1.7}  # number of views before a purchase
DIRECT = (0.0, 0.05)
PAIRS = {"1_before_2": "views before a cart", "1_before_3": "views before a purchase",
         "2_before_3": "carts before a purchase"}  # fmt: skip
MODULES = ("diagnose.capture.orphans", "diagnose.simulate.funnels", "benchmarks.capture_orphans")
PATTERNS: tuple[LossPattern, ...] = ("unknown", "events")  # what the user of the tool declares


def tasks(*, smoke: bool, data: object = None) -> list[Task]:
    """Every law of numbers, share of direct purchases and rate, so many seeds each."""
    return [
        Task(
            part=NAME,
            world=f"{law}, {direct:.0%} direct, {loss} kept {rate:g}",
            measure=NAME,
            seed=FIRST_SEED + seed,
            plan={"spread": spread, "direct": direct, "capture": rate, "loss": loss},
            modules=MODULES,
        )
        for law, spread in LAWS.items()
        for direct in DIRECT
        for loss in ("events", "sessions")
        for rate in RATES
        if loss == "events" or (law == "geometric" and not direct)
        for seed in range(2 if smoke else SEEDS)
    ]


def run(task: Task) -> dict[str, Any]:
    """Low and high of each pair, by what is declared; users of few events are left out, as from a sample."""
    rng = np.random.default_rng(task.seed)
    plan = FunnelPlan(**task.plan)
    found: dict[str, list[float]] = {}
    log = funnels(plan, rng=rng).with_history(Settings().sample.minimum_history)
    for pattern in PATTERNS:
        settings = Settings(capture=CaptureSettings(funnel=EVENTS, loss_pattern=pattern))
        probed = orphans.measure(log, settings=settings, rng=rng)
        if isinstance(probed, Skipped):
            return {"skipped": probed.reason}
        if pattern in ("unknown", plan.loss):
            shares = {pair: probed.estimates.get(f"share_recorded_{pair}") for pair in PAIRS}
            found |= {f"{pair}, {pattern}": [each.low, each.high] for pair, each in shares.items() if each}
    return found


def report(results: Sequence[tuple[Task, Found]]) -> str:
    """A table: coverage and median interval of each world and pair."""
    cells: dict[tuple[str, str, str], list[tuple[float, Sequence[float]]]] = {}
    for task, kept in results:
        for told_of, ends in kept["found"].items():
            pair, _, pattern = told_of.partition(", ")
            if pair in PAIRS:
                cells.setdefault((task.world, PAIRS[pair], pattern), []).append((task.plan["capture"], ends))
    holds = "interval holds the rate (at least 90 % asked)"
    head = ["world", "pair", "declared", holds, "median interval", "says nothing"]
    return "\n\n".join(
        [
            f"Worlds of {FunnelPlan().users:,} users, {FunnelPlan().views:g} views a purchase on average.",
            table(head, [[*cell, *_row(entries)] for cell, entries in cells.items()]),
        ]
    )


def _row(entries: Sequence[tuple[float, Sequence[float]]]) -> list[str]:
    holds = told(low <= rate <= high for rate, (low, high) in entries)
    low, high = (median(ends[side] for _, ends in entries) for side in (0, 1))
    silent = sum(list(ends) == [0.0, 1.0] for _, ends in entries)
    return [holds, f"{low:.2f} to {high:.2f}", f"{silent} of {len(entries)}"]
