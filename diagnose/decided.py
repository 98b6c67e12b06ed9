"""What each stage of a diagnosis came to, in a line for `--verbose`."""

from __future__ import annotations

from collections.abc import Iterable

from diagnose.engine import Collected
from diagnose.formatting import count
from diagnose.report import units, words
from diagnose.results import Capture, Estimate, Hygiene, Measured, Probed, Trial

CARRYING = (  # the estimates that verdicts rest on
    ("order_information", "share"),
    ("item_order_information", "gain"),
    ("interest_persistence", "half_life_days"),
    ("interest_persistence", "drift_share"),
    ("thinning", "holds_until_events"),
)


def reading(read: Collected) -> str:
    """What was read, and how many users are looked at."""
    log = read.facts
    return (
        f"{count(log.events)} events of {count(log.users)} users; looking at {count(log.sampled_users)} of "
        f"{count(log.users_with_history)} with enough history"
    )


def interests(source: str) -> str:
    """What an interest is in this log."""
    return "an interest is a category" if source == "category" else "no category: items were clustered"


def captured(hygiene: Hygiene, known: Capture, probes: Iterable[Probed]) -> str:
    """The gate, the interval, and how many probes could measure."""
    gate = (
        "the order of behaviour is in the log"
        if hygiene.passed
        else "the order of behaviour is not in the log"
    )
    held = units.between(known.low, known.high, "share", worded=True)
    return f"{gate}; {held} of {known.unit} on record, grade {known.grade}; {_tally(probes)}"


def measured(probes: Iterable[Probed]) -> str:
    """The carrying numbers, and which probes could not measure."""
    found = {probed.name: probed for probed in probes}
    told = [
        f"{words.estimate(name, probe)} {units.whole(estimate)}"
        for probe, name in CARRYING
        if (estimate := _estimate(found.get(probe), name)) is not None
    ]
    return "; ".join([*told, _tally(found.values())])


def tried(trial: Trial) -> str:
    """Whether the trial was run, and whether it decides anything."""
    if trial.status == "done":
        return f"done, {len(trial.arms)} arms; {count(trial.users_test)} test users"
    return f"{trial.status.replace('_', ' ')}: {trial.reason}"


def _estimate(probed: Probed | None, name: str) -> Estimate | None:
    return probed.estimates.get(name) if isinstance(probed, Measured) else None


def _tally(probes: Iterable[Probed]) -> str:
    every = list(probes)
    skipped = [probed.name for probed in every if not isinstance(probed, Measured)]
    beside = f", skipped: {', '.join(skipped)}" if skipped else ""
    return f"{len(every) - len(skipped)} of {len(every)} probes measured{beside}"
