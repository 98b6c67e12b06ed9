"""What the trial says of itself in plain words: its task, its caps, its doubts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from diagnose.budgets import BUDGETS
from diagnose.formatting import count, fixed, percent
from diagnose.results import Arm
from diagnose.settings import Settings
from diagnose.trial.assembly import Assembled
from diagnose.trial.windows import TEST, TRAINING

REPEATS = {
    "include": "",
    "exclude": " that its user never had before (repeats are left out)",
    "only": " that its user had before (new items are left out)",
}


def task_in_words(settings: Settings, *, clock: bool, shown: bool = False) -> str:
    """One sentence on what was predicted, among what, and how the windows were cut."""
    trial = settings.trial
    what = f"the next {settings.target_event} item" if settings.target_event else "the true next item"
    what += REPEATS[trial.repeats]
    rivals = f"up to {trial.negatives} other items that could have come as well"
    if shown:
        rivals = f"up to {trial.negatives} items that were shown beside it and not clicked (real impressions)"
    cuts = " / ".join(f"{100 * share:g}" for share in trial.cuts)
    windows = "statistics, training, validation and test"
    if clock:
        windows += f" windows follow each other in time, cut at {cuts} % of all events"
    else:
        windows += f" are of different users, split at {cuts} %, for the log has no time"
    return f"Rank {what} among {rivals}, from the last {trial.history} strictly earlier events; {windows}."


def reason_of(
    problems: Sequence[str], *, detectable: float | None, delta: float, needed: int | None
) -> str | None:
    """Why the trial decides nothing, or None where it may."""
    size = "unknown" if detectable is None else fixed(detectable, 4)
    users = "" if needed is None else f"; about {count(needed)} test users would be needed"
    said = {
        "too_small": f"too small: the smallest lift it could detect is {size} GAUC, "
        f"the smallest worth having {fixed(delta, 4)}{users}",
        "below_floor": "an arm ranks worse than the order-blind score it started from: "
        "not trained well enough",
        "not_converged": "an arm was still improving when its training ended",
    }
    return "; ".join(said[problem] for problem in problems) or None


def remarks(assembled: Assembled, arms: Sequence[Arm], settings: Settings, *, clock: bool) -> Iterator[str]:
    """Caps, dropped targets, what could not be done, over-fitting."""
    task, found = assembled.task, assembled.found
    budget = BUDGETS[settings.trial.budget]
    yield (
        f"Trained on {count(len(task.training))} of {count(found[TRAINING])} training targets "
        f"(the {settings.trial.budget} budget allows {count(budget.training_targets)})."
    )
    users = "every user" if budget.test_users is None else f"at most {count(budget.test_users)} users"
    yield (
        f"Tested on {count(len(task.test))} of {count(found[TEST])} test targets: {users}, "
        f"at most {budget.targets_per_test_user} targets each."
    )
    lost = {why: number for why, number in assembled.dropped.items() if number}
    if lost:
        listed = "; ".join(f"{why} {count(number)}" for why, number in lost.items())
        yield f"Test targets dropped ({listed}); the rest is weighted back to the shares before."
    if settings.trial.repeats != "include":
        left = {"exclude": "items that their user had before", "only": "items new to their user"}
        yield (
            f"Targets that are {left[settings.trial.repeats]} were left out "
            f"(--repeats {settings.trial.repeats}), of all windows; histories hold every event."
        )
    yield from _impressions(assembled)
    if not clock:
        yield (
            "The log has order but no time: users were split, ties are unknown (so no arm on redrawn ties), "
            "popularity is that of training."
        )
    unseen = ~np.any(task.item_embeddings[task.test.item[:, 0]], axis=1)
    yield f"{percent(float(unseen.mean()))} of the true items were unseen in the statistics window."
    yield from _overfitting(arms, settings)


def _impressions(assembled: Assembled) -> Iterator[str]:
    """What the log's labels were good for."""
    if not assembled.labelled:
        return
    if assembled.kinds.drawn:
        yield "By its labels every row was clicked: there are no impressions, so candidates were drawn."
        return
    shown = np.count_nonzero(assembled.task.test.mask, axis=1) - 1
    yield (
        "Candidates are what users were shown beside the clicked item and did not click, half of the test "
        f"targets against {count(int(np.median(shown)))} or fewer. The order-blind score is fitted on such "
        "impressions too; what was not clicked is in no history. Item order information, which needs no "
        "trial, draws its candidates."
    )


def _overfitting(arms: Sequence[Arm], settings: Settings) -> Iterator[str]:
    falls = {arm.name: arm.fall for arm in arms}
    over = [arm.name for arm in arms if arm.overfit]
    if over:
        listed = ", ".join(f"{name} {percent(falls[name])}" for name in over)
        yield (
            f"GAUC falls by more than {percent(settings.trial.overfit_fall, 0)} from training to test "
            f"({listed}). The floor, which learns nothing here, falls by {percent(falls['floor'])}: that "
            "part is time passing; the rest is over-fitting, which more dropout, more weight decay or more "
            "training targets would mend."
        )
