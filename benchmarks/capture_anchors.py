"""Outside anchors: in how many worlds does the 90 % interval hold the share of events that the log has?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.kept import Found, Task
from benchmarks.shares import table, told
from diagnose import simulate
from diagnose.capture import observed, panel, second_logs
from diagnose.histories import Histories
from diagnose.results import Measured, Probed
from diagnose.schema.panel import UserPanel
from diagnose.settings import Settings

NAME = "anchors"
PANEL, TWO, THREE = "panel", "two logs", "three logs"
LOSSES = ("events", "sessions", "categories", "identity")
RATES = (1.0, 0.6, 0.3, 0.1, 0.03)
OTHERS: Mapping[str, tuple[float, ...]] = {TWO: (0.5,), THREE: (0.5, 0.4)}  # what the other observers see
USERS, PANEL_USERS, EVENTS, FIRST_SEED = 2_000, 200, 60, 70_000
WORLDS: Mapping[str, int] = {PANEL: 100, TWO: 20, THREE: 5}  # three logs take six seconds a world
MODULES = ("diagnose.capture.panel", "diagnose.capture.second_logs", "diagnose.simulate.sequences")


def tasks(*, smoke: bool, data: object = None) -> list[Task]:
    """Every pattern of loss at every rate, for each kind of anchor, so many seeds each."""
    return [
        Task(
            part=NAME,
            world=f"{loss} {rate:g}",
            measure=measure,
            seed=FIRST_SEED + seed,
            plan={"users": USERS, "events": EVENTS, "heavy_tailed": True},
            modules=MODULES,
        )
        for measure in (PANEL, TWO, THREE)
        for loss in LOSSES
        for rate in RATES
        for seed in range(2 if smoke else WORLDS[measure])
    ]


def run(task: Task) -> dict[str, Any]:
    """The truth of the task's world, and the interval that the anchor gives; none where it gives none."""
    rng = np.random.default_rng(task.seed)
    world = simulate.histories(seed=task.seed, **task.plan)
    loss, rate = task.world.split()
    kept = keeps(world, loss, float(rate), rng=rng)
    log = world.keep_events(kept)
    probed = (
        of_panel(world, log, rng=rng) if task.measure == PANEL else of_logs(world, log, task.measure, rng=rng)
    )
    found: dict[str, Any] = {"truth": float(kept.mean())}
    if isinstance(probed, Measured):
        share = probed.estimates["panel_share" if task.measure == PANEL else "second_log_share"]
        found |= {"share": [share.value, share.low, share.high]}
    return found


def keeps(world: Histories, loss: str, rate: float, *, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Which events the log has, (E,): single ones, sessions, categories, or those of one id of each user."""
    if rate >= 1:
        return np.ones(world.n_events, dtype=np.bool_)
    if loss == "events":
        return np.asarray(rng.random(world.n_events) < rate)
    if loss == "sessions":
        session = np.cumsum(world.opens_session) - 1
        return np.asarray((rng.random(int(session[-1]) + 1) < rate)[session])
    if loss == "categories":
        size = world.n_categories
        return np.asarray((rng.permutation(size) < max(1, round(rate * size)))[world.category])
    ids = rng.geometric(rate, len(world))  # of each user, one after another: 1/rate on average
    first = np.array([np.diff(np.sort(rng.random(n - 1)), prepend=0.0, append=1.0)[0] for n in ids])
    return np.asarray(world.rank < (first * world.lengths)[world.user_of_event])


def of_panel(world: Histories, log: Histories, *, rng: np.random.Generator) -> Probed:
    """What a panel of some users' true totals says of the log."""
    chosen = np.sort(rng.choice(np.flatnonzero(world.lengths), PANEL_USERS, replace=False))
    order = np.argsort(world.user[chosen])
    counted = UserPanel(
        hashes=world.user[chosen][order],
        owner=order,
        total=world.lengths[chosen].astype(np.float64),
        measure="events",
        note="",
    )
    held = panel.PanelTally.of(counted)(log, settings=Settings())
    return panel.measure(counted, held, settings=Settings(), rng=rng)


def of_logs(world: Histories, log: Histories, measure: str, *, rng: np.random.Generator) -> Probed:
    """What other observers of the same events, each missing some at random, say of the log."""
    others = [world.keep_events(rng.random(world.n_events) < rate) for rate in OTHERS[measure]]
    lists = [observed.tally(each, settings=Settings()) for each in (log, *others)]
    return second_logs.measure(lists, settings=Settings(), rng=rng)


def report(results: Sequence[tuple[Task, Found]]) -> str:
    """A table: coverage of each anchor in each world."""
    cells: dict[tuple[str, str], list[Found]] = {}
    for task, kept in results:
        cells.setdefault((task.measure, task.world), []).append(kept["found"])
    head = ["anchor", "loss, rate", "told", "interval holds it (90 % asked)", "too high", "too low",
            "median truth", "median width"]  # fmt: skip
    return "\n\n".join(
        [
            f"Worlds of {USERS:,} users with log-normal totals, {EVENTS} events on average; panels of "
            f"{PANEL_USERS} users; other logs see {OTHERS[TWO]} and {OTHERS[THREE]} of the events.",
            table(head, [_row(*cell, found) for cell, found in cells.items()]),
        ]
    )


def _row(measure: str, world: str, found: Sequence[Found]) -> list[str]:
    seen = [(each["truth"], *each["share"]) for each in found if "share" in each]
    row = [measure, world, told("share" in each for each in found)]
    if not seen:
        return [*row, *["-"] * 5]
    return [
        *row,
        told(low <= truth <= high for truth, _, low, high in seen),
        str(sum(low > truth for truth, _, low, _ in seen)),
        str(sum(high < truth for truth, _, _, high in seen)),
        f"{median(truth for truth, *_ in seen):.3g}",
        f"{median(high - low for *_, low, high in seen):.3g}",
    ]
