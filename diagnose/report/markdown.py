"""A result as Markdown for a pull request: the first screen of the page in its own words, on about a screen.

Nothing is computed here: the numbers, flips and steps are those of `sections.first`, capture that of `known`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from diagnose.report.contract import parse_json, render_json
from diagnose.report.github import bullets, code, plain, table
from diagnose.report.sections.first import First, first
from diagnose.report.sections.known import known
from diagnose.report.sections.numbers import Number
from diagnose.report.sections.views import Row
from diagnose.report.strings import cleaned
from diagnose.results import Result, Skipped

MOST = 3  # sentences on capture of one kind, and reasons why probes were skipped: the page has them all
HEAD = ("", "measured", "90 % interval", "for or against")


def render_markdown(result: Result) -> str:
    """The verdict, the numbers that carry it, what flips it, what to do, and what is not known."""
    drawn = cleaned(parse_json(render_json(result)))
    screen = first(drawn)
    blocks = (*_verdict(drawn, screen), *_argument(screen), *_limits(drawn))
    return "\n\n".join(blocks) + "\n"


def _verdict(result: Result, screen: First) -> Iterator[str]:
    told = result.verdict
    yield f"## {plain(told.headline)}"
    facts = " · ".join(map(plain, screen.facts))
    yield f"{code(told.outcome)} · {plain(screen.name)} · {facts}"
    yield plain(told.summary)
    if told.confidence is not None:
        right, of = f"{told.confidence.right:,}", f"{told.confidence.of:,}"
        worlds = f"on the {of} simulated worlds most like this log"
        yield f"**Confidence:** {worlds}, the same reasoning was right in {right}."
    if told.leaning is not None:
        yield f"**Leaning:** {plain(screen.leaning)} {code(told.leaning)}"


def _argument(screen: First) -> Iterator[str]:
    yield table(HEAD, map(_number, screen.numbers))
    if screen.flips:
        yield f"**What would flip the verdict**\n\n{bullets(map(_flip, screen.flips))}"
    else:
        yield "No number of this report, moved alone, would change the verdict."
    if screen.steps:
        steps = (f"{place}. {_step(*step)}" for place, step in enumerate(screen.steps, start=1))
        yield "**What to do next**\n\n" + "\n".join(steps)


def _number(number: Number) -> tuple[str, ...]:
    measured = f"{_bold(number.value)} {plain(number.unit)}".strip()
    said = number.below if number.measured and number.below else number.gloss
    return plain(number.name), measured, plain(said), f"{number.glyph} {number.stance}"


def _flip(row: Row) -> str:
    return f"{plain(row.name)}: {plain(row.note)}; {plain(row.value)}: {plain(row.below)} {code(row.code)}"


def _step(head: str, rest: str) -> str:
    return f"{_bold(head)} {plain(rest)}".strip()


def _bold(text: str) -> str:
    shown = plain(text)
    return f"**{shown}**" if shown else ""


def _limits(result: Result) -> Iterator[str]:
    said = known(result)
    lines = [*_some("Known", said.known), *_some("Assumed", said.assumed), *_some("Unknown", said.unknown, 1)]
    yield f"**Capture**\n\n{bullets(lines)}"
    reasons: dict[str, list[str]] = {}
    for probed in result.probes:
        if isinstance(probed, Skipped):
            reasons.setdefault(probed.reason, []).append(probed.name)
    if reasons:
        skipped = [f"{', '.join(map(code, names))}: {plain(why)}" for why, names in reasons.items()]
        yield f"**Not measured**\n\n{bullets(_cut(skipped))}"
    tool = plain(f"{result.tool.name} {result.tool.version}")
    yield f"Made by {tool}. Intervals are 90 % throughout; every number is in the JSON."


def _some(word: str, sentences: Sequence[str], most: int = MOST) -> list[str]:
    return [f"{word}: {plain(sentence)}" for sentence in sentences[:most]]


def _cut(lines: Sequence[str], most: int = 2 * MOST) -> list[str]:
    beyond = len(lines) - most
    return [*lines[:most], f"and {beyond:,} more, in the page"] if beyond > 0 else list(lines)
