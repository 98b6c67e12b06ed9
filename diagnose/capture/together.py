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

BARE = Statement(
    probe="together",
    unit="events",
    scope="all relevant behaviour of these users, here and elsewhere",
    low=0.0,  # exclusive: (0, 1]
    high=1.0,
    level=1.0,
    grade="C",
    assumption="a bare log does not identify its own capture",
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


def _standing(found: tuple[Statement, float, float, bool]) -> tuple[int, float]:
    """Better grades first, then narrower intervals."""
    head, low, high, _ = found
    return _RANK[head.grade], high - low


# What a supply would say, in the order of what it is worth. This version reads the declared rate only;
# the texts say what to keep in the log, not that it is measured here already.
_HAND_OFFS = Wanted(
    supply="an event for every hand-off: a launch of another app, a link out, a cast to another screen",
    why="behaviour that leaves the platform is otherwise invisible; a log of hand-offs shows where it went",
    would_narrow_to="an interval for the share of active time on the platform (grade B), "
    "as wide as the choice of the return window makes it; not read by this version",
)
_SERIES = Wanted(
    supply="the series and the ordinal of each item: episode 7 of season 2, chapter 12, lesson 3",
    why="a jump from episode 3 to episode 6 shows what was consumed elsewhere",
    would_narrow_to="an interval for the share of episodes seen here (grade B), "
    "over scenarios of skipping and of finishing elsewhere; not read by this version",
)
_PANEL = Wanted(
    supply="user totals from a panel or a survey, or a second counter of the same events",
    why="only an outside observer can say what no record was made of",
    would_narrow_to="an interval of grade A, whose width is the sampling error of the outside count; "
    "not read by this version",
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
    missing = (
        (_HAND_OFFS, "A" not in grades and "hand_offs" not in probes),
        (_SERIES, "A" not in grades and not {"series", "ordinal"} <= set(has_roles)),
        (_PANEL, "A" not in grades),
        (_RATE, grades == {"C"}),
        (_PATTERN, loss_pattern == "unknown"),
    )
    return tuple(wanted for wanted, is_missing in missing if is_missing)
