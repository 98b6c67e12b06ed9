"""What a template can show: a table, a figure, a row, an argument."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from diagnose.report import words
from diagnose.results import ForOrAgainst, Reason, Result, Verdict

MOVES = frozenset({"interest_persistence", "drift_share", "turnover", "half_life", "drift"})
ORDER = frozenset({"order_information", "item_order_information", "exchangeability", "evolution_paths"})
CAPTURE = frozenset(
    {
        "capture",
        "together",
        "anchors",
        "panel",
        "second_log",
        "outages",
        "identity",
        "history_depth",
        "log_hygiene",
        "hygiene",
        "serial_gaps",
        "orphans",
        "hand_offs",
        "gap_law",
        "thinning",
    }
)
TRIAL = frozenset({"trial", *words.CONTRASTS, *words.ARMS})
LONGEST_TABLE = 60  # rows: a longer series is thinned evenly, the JSON has them all


@dataclass(frozen=True, kw_only=True)
class Table:
    """Numbers behind a chart; the first column names the row."""

    caption: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A chart with its finding above and its numbers below."""

    title: str
    sub: str
    plot: Markup
    note: str = ""
    table: Table | None = None
    frame: str = "plot"  # css class: how much room the axes need


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of a row chart."""

    name: str
    note: str
    strip: Markup
    value: str
    below: str = ""
    cells: Sequence[tuple[str, str]] = ()  # (label, value) of further columns
    code: str = ""
    marked: bool = False


@dataclass(frozen=True, kw_only=True)
class RowChart:
    """A table whose rows share an axis."""

    title: str
    sub: str
    kind: str  # css class of its columns
    label: str
    head: Sequence[str]
    axis: Markup
    rows: Sequence[Row]
    note: str = ""
    table: Table | None = None


@dataclass(frozen=True, kw_only=True)
class Argument:
    """A reason of the verdict with its glyph."""

    glyph: str
    word: str
    text: str


def stance(verdict: Verdict, topic: Collection[str]) -> ForOrAgainst:
    """What the verdict's reasons say of a topic: open where they differ or are none."""
    said = {reason.for_or_against for reason in verdict.reasons if reason.probe in topic}
    return said.pop() if len(said) == 1 else "open"


def arguments(reasons: Iterable[Reason], topic: Collection[str]) -> list[Argument]:
    """The reasons of a topic, in the verdict's own words."""
    return [
        Argument(glyph=words.STANCES[r.for_or_against][0], word=r.for_or_against, text=r.text)
        for r in reasons
        if r.probe in topic
    ]


def thinned(rows: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    """At most `LONGEST_TABLE` rows, evenly, with both ends."""
    if len(rows) <= LONGEST_TABLE:
        return list(rows)
    last = len(rows) - 1
    return [rows[round(step * last / (LONGEST_TABLE - 1))] for step in range(LONGEST_TABLE)]


def log_name(result: Result) -> str:
    """What the log is called: its one source's last part, or how many sources there were."""
    sources = result.log.sources
    if not sources:
        return "the log"
    name = sources[0].replace("\\", "/").rstrip("/").rsplit("/", 1)[-1] or sources[0]
    return name if len(sources) == 1 else f"{name} and {len(sources) - 1:,} more"


def setting(result: Result, *names: str) -> object:
    """A setting by its place ('order', 'floor_share'), or None."""
    found: object = result.settings
    for name in names:
        found = found.get(name) if isinstance(found, dict) else None
    return found
