"""The comparison in sentences: one that says it all, and those that say what it rests on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from diagnose.comparison.findings import Changed, Compared
from diagnose.formatting import count
from diagnose.results import Result

NAMED = 3  # in the headline: more is a table
LABELS = {
    "interest_persistence.drift_share": "the share of an interest that moves",
    "interest_persistence.half_life_days": "the half-life",
    "interest_persistence.half_life_events": "the half-life in events",
    "order_information.share": "order information",
    "item_order_information.gain": "item order gain",
}


def headline(a: Result, b: Result, numbers: Sequence[Compared]) -> str:
    """What became of the verdict, and how many numbers moved by more than noise."""
    before, after = a.verdict.outcome, b.verdict.outcome
    verdict = (
        f"The verdict stays {after}" if before == after else f"The verdict changed from {before} to {after}"
    )
    return f"{verdict}; {_moved(numbers)}."


def _moved(numbers: Sequence[Compared]) -> str:
    held = [(number, number.difference) for number in numbers if number.difference is not None]
    moved = sorted((found.p, number.name) for number, found in held if found.above_noise)
    if not held:
        return "no number could be compared"
    if not moved:
        one = len(held) == 1
        return (
            "the one number compared differs by no more than noise"
            if one
            else (f"none of {len(held)} numbers compared differs by more than noise")
        )
    named = ", ".join(label(name) for _, name in moved[:NAMED])
    beyond = f" and {len(moved) - NAMED} more" if len(moved) > NAMED else ""
    verb = "differs" if len(moved) == 1 else "differ"
    return f"{len(moved)} of {len(held)} numbers compared {verb} by more than noise: {named}{beyond}"


def label(name: str) -> str:
    """A compared number in the middle of a sentence."""
    room, _, rest = name.partition(".")
    if room == "capture":
        return f"capture by {rest.replace('_', ' ')}"
    return LABELS.get(name, rest.replace("_", " "))


def notes(a: Result, b: Result, numbers: Sequence[Compared], changed: Sequence[Changed]) -> Iterator[str]:
    """What the comparison assumes, and what else a reader has to know."""
    yield _assumption(a, b)
    held = [number.difference for number in numbers if number.difference is not None]
    if any(not found.above_noise and found.low * found.high > 0 for found in held):
        yield (
            "An interval can leave zero out and its number be told as within noise all the same: "
            f"{len(held)} numbers are compared at once, and that many chances are allowed for (Holm)."
        )
    if a.tool.version != b.tool.version:
        yield (
            f"Version {a.tool.version} made A and {b.tool.version} made B: where a method changed between "
            "them, numbers may differ for that alone."
        )
    if a.log.sampled_users != b.log.sampled_users:
        yield (
            f"{count(a.log.sampled_users)} users were looked at in A and {count(b.log.sampled_users)} in B. "
            "Order information, item order gain and the trial's contrasts are what a model learns from them, "
            "and more users teach every arm more: with other numbers of users they may differ for that alone."
        )
    for side, result in (("A", a), ("B", b)):
        if result.trial.status == "not_trustworthy":
            yield f"The trial of {side} is not to be trusted: {result.trial.reason}."
    yield from _verdict(a, b, numbers, changed)


def _assumption(a: Result, b: Result) -> str:
    wider = "their errors go the same way, and the intervals here are wider than need be"
    if a.log.fingerprint != b.log.fingerprint:
        return (
            "The two logs are taken as independent samples of users. Where they hold the same users (before "
            f"and after better logging), {wider}: a small difference may be missed."
        )
    if _same_sample(a, b):
        return (
            "Both results are of the same events and the same users, so what differs comes of settings, seed "
            f"or version, not of another log. The sides are taken as independent all the same: {wider}."
        )
    return (
        "Both results are of the same events, looked at through other users. The sides are taken as "
        f"independent; where their users are the same, {wider}."
    )


def _same_sample(a: Result, b: Result) -> bool:
    everybody = a.log.sampled_fraction == b.log.sampled_fraction == 1
    return everybody or (a.seed == b.seed and a.log.sampled_users == b.log.sampled_users)


def _verdict(a: Result, b: Result, numbers: Sequence[Compared], changed: Sequence[Changed]) -> Iterator[str]:
    """Why the outcome may have changed though no number did."""
    moved = any(number.difference is not None and number.difference.above_noise for number in numbers)
    if a.verdict.outcome == b.verdict.outcome or moved:
        return
    weighed = [change.name for change in changed if change.verdict_only]
    if weighed:
        listed = ", ".join(weighed)
        yield f"The numbers were weighed otherwise ({listed}), which can change a verdict by itself."
    else:
        yield (
            "A verdict turns where a number crosses a threshold, and near one that takes no more than noise: "
            "see what would flip either verdict, in its report."
        )
