"""False alarms: plant no order and count what is found.

Every world here is a null: given the user and the time, events are independent - but for `sticky`, where a
session is of one category and whole sessions are independent. "Found" is what the verdict and the report call
found: the lower end of the 90 % interval above the effect floor.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks import drift_measures
from benchmarks.kept import Found, Task
from benchmarks.shares import table, told
from diagnose.settings import Settings

NAME = "false_alarms"
SIZE = {"users": 1_500, "events": 20}
WORLDS: Mapping[str, Mapping[str, Any]] = {
    "stable": {},
    "trend_weak": {"trend": 0.3},
    "trend_strong": {"trend": 1.0},
    "sticky": {"sticky": True},
    "bursts": {"bursts": 2.0},
    "ties": {"ties": 0.5},
    "heavy_tailed": {"heavy_tailed": True},
    "favourites": {"favourites": 0.5},
}
SEEDS: Mapping[str, int] = {  # worlds a cell
    "order_information": 200,
    "exchangeability": 200,
    "trend_guard": 60,
    "item_order_information": 60,
    "interest_persistence": 100,
    "turnover": 100,
    "evolution_paths": 100,
}
LONGER: Mapping[str, Mapping[str, Any]] = {"turnover": {"events": 60}}  # it asks for eight sessions a user
FIRST_SEED = 10_000  # apart from the seeds of tests and of experiments

MOVING = frozenset({"trend_weak", "trend_strong", "bursts"})  # by event and by session not exchangeable
STICKY = frozenset({"sticky"})
BITS_FLOOR = Settings().order.floor_share
Lower = Callable[[Found], float | None]


def _low(name: str) -> Lower:
    return lambda found: found[name][1] if name in found else None


def _across(found: Found) -> float | None:
    """Order across sessions as a share of the loss, its lower end."""
    return found["across_sessions"][1] / found["blind_loss"][0] if "across_sessions" in found else None


def _either_side(found: Found) -> float | None:
    return max(found["z"][1], -found["z"][2]) if "z" in found else None


def _paths(found: Found) -> float | None:
    return found["paths"][0] if "paths" in found else None


@dataclass(frozen=True)
class Alarm:
    """What counts as found, and where finding it is right."""

    measure: str
    title: str
    lower: Lower
    floor: float = 0.0
    decides: bool = True  # feeds the verdict: at most 5 % is asked of it
    no_null: frozenset[str] = frozenset()  # worlds in which there is something to find
    expected: str = "at most 5 %"


ALARMS = (
    Alarm(
        "order_information", "order information: share above 0.5 %", _low("share"), BITS_FLOOR, no_null=STICKY
    ),
    Alarm("order_information", "order across sessions: above 0.5 % of the loss", _across, BITS_FLOOR),
    Alarm(
        "item_order_information", "item order: gain above 0.003", _low("gain"), 0.003, no_null=STICKY
    ),
    Alarm(
        "item_order_information", "item order, trees: gain above 0.003", _low("gain_trees"), 0.003,
        no_null=STICKY,
    ),
    Alarm("interest_persistence", "drift share above 0.05", _low("drift_share"), 0.05),
    Alarm("turnover", "turnover above 0", _low("turnover")),
    Alarm("turnover", "late novelty above 0", _low("late_novelty"), decides=False),
    Alarm("evolution_paths", "asymmetry above 0", _low("asymmetry")),
    Alarm("evolution_paths", "at least one path", _paths, decides=False, expected="10 % of paths false"),
    Alarm(
        "order_information", "order information: total above 0", _low("total"), decides=False,
        no_null=STICKY, expected="5 % where nothing moves",
    ),
    Alarm(
        "exchangeability", "z above 1.645", _low("z"), decides=False, no_null=STICKY | MOVING, expected="5 %"
    ),
    Alarm(
        "exchangeability", "z beyond 1.645, both sides", _either_side, decides=False,
        no_null=STICKY | MOVING, expected="10 %",
    ),
    Alarm(
        "exchangeability", "z by session above 1.645", _low("z_sessions"), decides=False, no_null=MOVING,
        expected="5 %",
    ),
    Alarm(
        "trend_guard", "z given the trend above 1.645", _low("z_given_trend"), decides=False,
        no_null=STICKY, expected="5 %",
    ),
    Alarm(
        "trend_guard", "z by session given the trend above 1.645", _low("z_sessions_given_trend"),
        decides=False, expected="5 %",
    ),
    Alarm(
        "trend_guard", "excess by session given the trend above 0.01", _low("excess_sessions_given_trend"),
        0.01,
    ),
    Alarm("trend_guard", "moving users above 0", _low("moving_users"), decides=False),
)  # fmt: skip


def tasks(*, smoke: bool, data: object = None) -> list[Task]:
    """Every measure that is there, in every world, so many seeds each."""
    return [
        Task(
            part=NAME,
            world=world,
            measure=measure,
            seed=FIRST_SEED + seed,
            plan={**SIZE, **LONGER.get(measure, {}), **knobs},
            modules=drift_measures.modules(measure),
        )
        for world, knobs in WORLDS.items()
        for measure in drift_measures.there(tuple(SEEDS))
        for seed in range(2 if smoke else SEEDS[measure])
    ]


def run(task: Task) -> dict[str, Any]:
    """What the measure finds in the world of the task."""
    return drift_measures.on_world(task.measure, task.plan, task.seed)


def report(results: Sequence[tuple[Task, Found]]) -> str:
    """A table: what is found, by alarm and world."""
    cells: dict[tuple[str, str], list[Found]] = {}
    for task, kept in results:
        cells.setdefault(task.cell, []).append(kept["found"])
    alarms = [alarm for alarm in ALARMS if _is_told(alarm, cells)]
    rows = [
        [alarm.title, alarm.expected, *(_cell(alarm, world, cells) for world in WORLDS)]
        for alarm in sorted(alarms, key=lambda alarm: not alarm.decides)
    ]
    return "\n\n".join(
        [
            f"Worlds of {SIZE['users']:,} users and {SIZE['events']} events a user on average (60 for "
            "turnover, which asks for eight sessions). Found of worlds run (95 % interval of the share). "
            "*Italics*: there is something to find, so it is no false alarm. **Bold**: more than was asked.",
            table(["found", "asked", *WORLDS], rows),
        ]
    )


def _is_told(alarm: Alarm, cells: Mapping[tuple[str, str], list[Found]]) -> bool:
    """Whether any world has the number."""
    return any(
        alarm.lower(found) is not None
        for (_, measure), every in cells.items()
        if measure == alarm.measure
        for found in every
    )


def _cell(alarm: Alarm, world: str, cells: Mapping[tuple[str, str], list[Found]]) -> str:
    lower = [alarm.lower(found) for found in cells.get((world, alarm.measure), [])]
    found = [low > alarm.floor for low in lower if low is not None]
    text = told(found) + (f"; {len(lower) - len(found)} not measured" if len(found) < len(lower) else "")
    if world in alarm.no_null:
        return f"*{text}*"
    too_many = alarm.decides and sum(found) > 0.05 * len(found)
    return f"**{text}**" if too_many else text
