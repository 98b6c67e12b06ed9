"""What a trial may spend: three sizes, each number with its reason and decision page in brackets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

BudgetName = Literal["quick", "standard", "thorough"]


@dataclass(frozen=True, kw_only=True)
class Budget:
    """How much a trial may spend."""

    seeds: int  # networks trained per arm; their spread enters every interval [0010]
    training_targets: int  # drawn from as many users as can be [0010]
    examples: int  # shown to DIEN in all epochs together; twice as many to arms that cost little [0012]
    test_users: int | None  # sets the width of the intervals; None is everyone [0010]
    targets_per_test_user: int  # a second target of a user tells less than another user [0010]
    arms: tuple[str, ...]  # ids of docs/methods/trial.md [0010]
    fine_tune: bool  # embeddings trained too, not only their adapter [0010]
    takes: str  # told before the start: 200,000 events on two idle cores; thorough is a guess [0010]
    seconds: float  # the same as a number, for the time left [0035]


_QUICK_ARMS = ("floor", "dnn", "dnn_decayed", "din", "dien", "dien_shuffled")
_ALL_ARMS = ("floor", "dnn", "dnn_decayed", "din", "dien_no_auxiliary", "dien", "dien_shuffled", "dien_ties")

BUDGETS: dict[BudgetName, Budget] = {  # [0010]
    "quick": Budget(
        seeds=3,
        training_targets=10_000,
        examples=60_000,
        test_users=3_000,
        targets_per_test_user=2,
        arms=_QUICK_ARMS,
        fine_tune=False,
        takes="about 2 minutes and 2 GB",
        seconds=120,
    ),
    "standard": Budget(
        seeds=5,
        training_targets=20_000,
        examples=80_000,
        test_users=8_000,
        targets_per_test_user=2,
        arms=_ALL_ARMS,
        fine_tune=False,
        takes="about 5 minutes and 2 GB",
        seconds=300,
    ),
    "thorough": Budget(
        seeds=10,
        training_targets=100_000,
        examples=400_000,
        test_users=None,
        targets_per_test_user=8,
        arms=_ALL_ARMS,
        fine_tune=True,
        takes="hours and 4 GB",
        seconds=10_800,
    ),
}
