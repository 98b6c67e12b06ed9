"""What is known of capture, what is assumed, and what cannot be known: a sentence each, for anybody."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from diagnose.report import units, words
from diagnose.report.sections import views
from diagnose.results import Capture, Result, Skipped, Statement

NEEDED = {  # probes that want something from the user of the tool, and what stays unknown without it
    "serial_gaps": "Which episodes were watched elsewhere",
    "orphans": "Which steps before a purchase went unrecorded",
    "hand_offs": "How long users stay elsewhere after they leave",
    "panel": "What an outside observer counts",
    "second_log": "What another observer of the same events saw",
}


@dataclass(frozen=True, kw_only=True)
class Known:
    """Three lists of sentences."""

    known: Sequence[str]
    assumed: Sequence[str]
    unknown: Sequence[str]


def known(result: Result) -> Known:
    """The statements of a result, sorted by what they rest on."""
    held = result.capture
    telling = [said for said in held.statements if said.low > 0 or said.high < 1]
    return Known(
        known=[_said(said) for said in telling if said.grade != "declared"] or [NOTHING],
        assumed=list(_assumed(telling, held)),
        unknown=list(_unknown(result)),
    )


NOTHING = "Nothing that was measured says what share of behaviour this log holds."


def _said(said: Statement) -> str:
    share = units.between(said.low, said.high, "share", worded=True)
    who = words.STATEMENTS.get(said.probe, words.label(said.probe))
    return f"{who}: this log holds {share} of {said.unit}, counting {said.scope} (grade {said.grade})."


def _assumed(telling: Sequence[Statement], held: Capture) -> Iterator[str]:
    seen: set[str] = set()
    for said in telling:
        if said.assumption in seen:  # of several pairs of a funnel: once is enough
            continue
        seen.add(said.assumption)
        who = words.STATEMENTS.get(said.probe, words.label(said.probe))
        if said.grade == "declared":
            share = units.between(said.low, said.high, "share", worded=True)
            yield f"You declared that the log holds {share} of {said.unit}. It is taken at its word."
        else:
            yield f"{who}: {said.assumption}."
    if held.conflict:
        yield "At least one of these assumptions is wrong: the statements exclude each other."
    if not telling:
        yield "Nothing is assumed: the verdict speaks of what is in the log."


def _unknown(result: Result) -> Iterator[str]:
    held = result.capture
    if not any(said.whole and said.grade != "C" for said in held.statements):
        yield "What share of all behaviour is in this log. No log can say by itself what it has missed."
    if any(said.grade != "C" and not said.whole for said in held.statements):
        yield "What happens outside the scopes named here. A statement speaks of its own and no other."
    if views.setting(result, "capture", "loss_pattern") in (None, "unknown"):
        yield "How behaviour is lost: single events, whole sessions or whole categories. It was not said."
    yield "Whether one person uses several ids. The log joins by id."
    for probed in result.probes:
        if isinstance(probed, Skipped) and probed.name in NEEDED:
            yield f"{NEEDED[probed.name]}: {probed.reason}."
