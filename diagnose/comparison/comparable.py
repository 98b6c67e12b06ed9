"""Where two results asked different questions, so that a number of one means another thing in the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from diagnose.results import Result

MISSING = object()
SHAPED_BY = {  # settings that change what a number is, not only what it comes to
    "order_information": ("target_event", "order.history"),
    "item_order_information": ("target_event", "item_order.history", "item_order.negatives"),
    "trial": ("target_event", "trial.repeats", "trial.negatives", "trial.history", "trial.cuts"),
}
OF_INTERESTS = ("interest_persistence", "order_information")
WORDS = {
    "target_event": "another event is predicted",
    "trial.repeats": "another choice of repeats is predicted (--repeats)",
    "trial.negatives": "each target has another number of rivals",
    "item_order.negatives": "each target has another number of rivals",
    "trial.history": "histories are cut at another length",
    "item_order.history": "histories are cut at another length",
    "order.history": "histories are cut at another length",
    "trial.cuts": "windows are cut elsewhere",
}


def objections(a: Result, b: Result) -> dict[str, str]:
    """Probe (or "trial") to the reason why its numbers cannot be held against each other."""
    said: dict[str, list[str]] = {}
    for room, why in _objections(a, b):
        said.setdefault(room, []).append(why)
    return {room: "; ".join(dict.fromkeys(reasons)) for room, reasons in said.items()}


def _objections(a: Result, b: Result) -> Iterator[tuple[str, str]]:
    one, other = flat(a.settings), flat(b.settings)
    for room, names in SHAPED_BY.items():
        for name in names:
            if differ(one.get(name, MISSING), other.get(name, MISSING)):
                yield room, WORDS[name]
    if a.log.interest_source != b.log.interest_source:
        for room in OF_INTERESTS:
            yield room, "interests are the log's categories on one side and clusters of items on the other"
    if a.trial.candidates != b.trial.candidates:
        yield "trial", "rivals were drawn on one side and are real impressions on the other"
    if (a.log.first_event is None) != (b.log.first_event is None):
        yield "trial", "windows follow each other in time on one side and are of different users on the other"


def differ(one: object, other: object) -> bool:
    """Whether both sides tell, and tell different things."""
    return MISSING not in (one, other) and one != other


def flat(settings: Mapping[str, object], before: str = "") -> dict[str, object]:
    """Nested settings by their place: {"trial": {"budget": "quick"}} as {"trial.budget": "quick"}."""
    found: dict[str, object] = {}
    for name, value in settings.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{before}{name}.")
        else:
            found[f"{before}{name}"] = value
    return found
