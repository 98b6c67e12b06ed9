"""All statements about capture taken together, and what to supply for a better one.

A bare log does not identify what share of behaviour it holds: the honest set is (0, 1]. Statements of
one unit and one scope are intersected; where they exclude each other, their hull is told, as a conflict.
Statements of different units or scopes (clicks in a shop, sessions anywhere) are never mixed.

Reference  Manski (2003) on intersections of identification regions.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import groupby

from diagnose.results import Capture, Grade, Statement, Wanted
from diagnose.settings import LossPattern

EVERYTHING = "all relevant behaviour of these users, here and elsewhere"
BARE = Statement(
    probe="together",
    unit="events",
    scope=EVERYTHING,
    low=0.0,  # exclusive: (0, 1]
    high=1.0,
    level=1.0,
    grade="C",
    assumption="a bare log does not identify its own capture",
    whole=True,
)
_RANK: dict[Grade, int] = {"A": 0, "B": 1, "declared": 2, "C": 3}  # an argument outranks a say-so


def assemble(
    statements: Sequence[Statement] = (),
    *,
    loss_pattern: LossPattern = "unknown",
    has_roles: Collection[str] = (),
) -> Capture:
    """The best-graded group of statements, intersected; all statements; and what is wanted, best first."""
    known = (*statements, BARE)
    head, low, high, conflict = min(map(_taken_together, _groups(known)), key=_standing)
    return Capture(
        low=low,
        high=high,
        unit=head.unit,
        scope=head.scope,
        grade=head.grade,
        conflict=conflict,
        statements=known,
        wanted=_wanted(known, loss_pattern=loss_pattern, has_roles=has_roles),
    )


def _groups(statements: Sequence[Statement]) -> list[list[Statement]]:
    """Statements of one unit and scope, together."""

    def subject(statement: Statement) -> tuple[str, str]:
        return statement.unit, statement.scope

    return [list(group) for _, group in groupby(sorted(statements, key=subject), key=subject)]


def _taken_together(group: Sequence[Statement]) -> tuple[Statement, float, float, bool]:
    """The best-graded statement of a group, the interval that all of it allows, and whether it conflicts."""
    head = min(group, key=lambda statement: _RANK[statement.grade])
    low, high = max(s.low for s in group), min(s.high for s in group)
    if low <= high:
        return head, low, high, False
    return head, min(s.low for s in group), max(s.high for s in group), True


def _standing(found: tuple[Statement, float, float, bool]) -> tuple[bool, int, bool, float, float]:
    """What somebody says of the whole first, then what is known of parts, then that nothing is.

    Among equals the better grade, then the lowest upper end. Of grade C it is the bare truth that speaks.
    """
    head, low, high, _ = found
    told_of_all = head.whole and head.grade != "C"
    return not told_of_all, _RANK[head.grade], not head.whole, high, high - low


# What a supply would say, most valuable first: an outside observer, then the log's own structure, then a
# say-so. A supply begins with a few words that stand alone, up to the colon: headlines use them.
_PANEL = Wanted(
    supply="a panel: some hundred users, or categories, and what somebody else counted of them "
    "(--panel FILE)",
    why="only an outside observer can say what no record was made of",
    would_narrow_to="an interval of grade A, as wide as the sample of users makes it",
)
_SECOND = Wanted(
    supply="a second log of the same events: the payment system beside the tracker, the server beside the "
    "app (--second-log FILE)",
    why="what one observer saw and the other missed tells how much both miss",
    would_narrow_to="an interval of grade A for what both observers could have seen",
)
_HAND_OFFS = Wanted(
    supply="hand-off events: a launch of another app, a link out, a cast to another screen (--handoff EVENT)",
    why="behaviour that leaves the platform is otherwise invisible; hand-offs show where it went",
    would_narrow_to="an interval of grade B for the share of active time on the platform, as wide as the "
    "choice of the return window makes it",
)
_SERIES = Wanted(
    supply="series and place of each item: episode 7 of season 2, chapter 12, lesson 3 "
    "(--column series=NAME --column ordinal=NAME)",
    why="a jump from episode 3 to episode 6 shows what was consumed elsewhere",
    would_narrow_to="an interval of grade B for the share of episodes seen here, over scenarios of skipping "
    "and of finishing elsewhere",
)
_FUNNEL = Wanted(
    supply="steps that need one another: which kinds of event cannot happen without another before them "
    "(--funnel view,cart,purchase)",
    why="a purchase without a view on record shows that views go missing",
    would_narrow_to="an interval of grade B for the events that should have come before",
)
_RATE = Wanted(
    supply="a declared rate: --capture-rate 0.1, or --capture-rate 0.05:0.2",
    why="those who built the logging often know its order of magnitude",
    would_narrow_to="the declared range itself, marked as declared",
)
_PATTERN = Wanted(
    supply="the pattern of loss: --loss-pattern events, sessions or categories",
    why="losing single events destroys the order of interests; losing whole categories leaves it in the rest",
    would_narrow_to="no narrower an interval, but whether the loss matters for a sequence model",
)


def _wanted(
    statements: Sequence[Statement], *, loss_pattern: LossPattern, has_roles: Collection[str]
) -> tuple[Wanted, ...]:
    """What is not there yet, most valuable first."""
    grades = {statement.grade for statement in statements}
    probes = {statement.probe for statement in statements}
    seen_outside = "A" in grades
    missing = (
        (_PANEL, "panel" not in probes),
        (_SECOND, not seen_outside),
        (_HAND_OFFS, not seen_outside and "hand_offs" not in probes),
        (_SERIES, not seen_outside and not {"series", "ordinal"} <= set(has_roles)),
        (_FUNNEL, not seen_outside and "orphans" not in probes and "event" in has_roles),
        (_RATE, grades == {"C"}),
        (_PATTERN, loss_pattern == "unknown"),
    )
    return tuple(wanted for wanted, is_missing in missing if is_missing)
