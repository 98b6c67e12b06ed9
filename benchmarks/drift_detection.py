"""Detection: how strong must memory or direction be before it is found, and with how many users?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks import drift_measures
from benchmarks.drift_false_alarms import ALARMS, LONGER, Alarm
from benchmarks.kept import Found, Task
from benchmarks.shares import table, told

NAME = "detection"
EVENTS, FIRST_SEED = 20, 30_000
SEEDS = {500: 40, 2_000: 40, 10_000: 10}  # worlds, by users
PLANTED: Mapping[str, Sequence[float]] = {
    "half_life_events": (1, 2, 4, 8, 16, 32, 64),
    "directed": (0.05, 0.1, 0.2, 0.3, 0.5),
}
MEASURES: Mapping[str, tuple[str, ...]] = {
    "half_life_events": ("order_information", "interest_persistence", "turnover"),
    "directed": ("order_information", "evolution_paths"),
}
SHOWN = ("order_information", "interest_persistence", "turnover", "evolution_paths")
ASKED = {("half_life_events", 8, 2_000), ("directed", 0.1, 2_000)}  # at least 95 %, by order information


def tasks(*, smoke: bool, data: object = None) -> list[Task]:
    """Every strength at every number of users; a smoke run leaves out the largest worlds."""
    return [
        Task(
            part=NAME,
            world=f"{knob}={strength:g} users={users}",
            measure=measure,
            seed=FIRST_SEED + seed,
            plan={"users": users, "events": EVENTS, **LONGER.get(measure, {}), knob: strength},
            modules=drift_measures.modules(measure),
        )
        for knob, strengths in PLANTED.items()
        for strength in strengths
        for users, seeds in SEEDS.items()
        for measure in drift_measures.there(MEASURES[knob])
        if not smoke or users < max(SEEDS)
        for seed in range(2 if smoke else seeds)
    ]


def run(task: Task) -> dict[str, Any]:
    """What the measure finds in the world of the task."""
    return drift_measures.on_world(task.measure, task.plan, task.seed)


def report(results: Sequence[tuple[Task, Found]]) -> str:
    """A table: share of worlds in which each measure finds what was planted."""
    cells: dict[tuple[str, float, int, str], list[Found]] = {}
    for task, kept in results:
        knob = next(knob for knob in PLANTED if knob in task.plan)
        cells.setdefault((knob, task.plan[knob], task.plan["users"], task.measure), []).append(kept["found"])
    found = [next(alarm for alarm in ALARMS if alarm.measure == measure) for measure in SHOWN]
    rows = []
    for knob, strength, users in dict.fromkeys(place[:3] for place in cells):
        shown = [_cell(alarm, cells.get((knob, strength, users, alarm.measure), [])) for alarm in found]
        asked = "at least 95 %" if (knob, strength, users) in ASKED else ""
        rows.append([knob, f"{strength:g}", f"{users:,}", asked, *shown])
    head = ["planted", "strength", "users", "asked of order information", *(alarm.title for alarm in found)]
    return "\n\n".join(
        [
            f"{EVENTS} events a user (60 for turnover). Found of worlds run (95 % interval of the share); a "
            "probe that was skipped found nothing.",
            table(head, rows),
        ]
    )


def _cell(alarm: Alarm, every: Sequence[Found]) -> str:
    skipped = sum("skipped" in found for found in every)
    text = told((alarm.lower(found) or 0.0) > alarm.floor for found in every)
    return text + (f"; {skipped} skipped" if skipped else "")
