"""The first screen: verdict, place, the four carrying numbers, what flips it, what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from diagnose.formatting import NO_BREAK
from diagnose.report import units, words
from diagnose.report.charts import rows
from diagnose.report.charts.quadrant import Place, quadrant
from diagnose.report.sections import views
from diagnose.report.sections.numbers import (
    Number,
    capture_known,
    captured,
    half_life_of,
    model_pays,
    moves,
    order_informs,
)
from diagnose.results import Flip, Result

NEAREST = 3  # flips in sight; the others are folded


@dataclass(frozen=True, kw_only=True)
class First:
    """Everything on the first screen."""

    name: str
    facts: Sequence[str]
    place: views.Figure
    numbers: Sequence[Number]
    flips: Sequence[views.Row]  # the nearest
    more_flips: Sequence[views.Row]
    steps: Sequence[tuple[str, str]]
    leaning: str
    certain: bool  # a property of the file, nothing that was estimated


def first(result: Result) -> First:
    """The first screen of a result."""
    leaning, flips = result.verdict.leaning, [_flip(flip) for flip in result.verdict.flips_if]
    return First(
        name=views.log_name(result),
        facts=_facts(result),
        place=_place(result),
        numbers=[moves(result), captured(result), order_informs(result), model_pays(result)],
        flips=flips[:NEAREST],
        more_flips=flips[NEAREST:],
        steps=[_head(step) for step in result.verdict.next_steps],
        leaning=words.OUTCOMES.get(leaning, leaning) if leaning else "",
        certain=result.verdict.outcome == "not_measurable",
    )


def _facts(result: Result) -> list[str]:
    log = result.log
    named = [
        (log.events, "events"),
        (log.users, "users"),
        (log.items, "items"),
        (log.categories, "categories"),
    ]
    facts = [f"{value:,}{NO_BREAK}{noun}" for value, noun in named]
    if log.first_event and log.last_event:
        facts.append(f"{log.first_event[:10]} to {log.last_event[:10]}")
    return facts


def _head(step: str) -> tuple[str, str]:
    """A step's first sentence, which is set bold, and the rest."""
    start, full_stop, rest = step.partition(". ")
    return (start + full_stop.strip(), rest) if full_stop else (step, "")


def _place(result: Result) -> views.Figure:
    """Where this log lies. No reference worlds exist, so none are drawn and no border between corners is."""
    capture, half_life, known = result.capture, half_life_of(result), capture_known(result)
    held = units.between(capture.low, capture.high, "share", worded=True) if known else "unknown"
    timed = units.whole(half_life) if half_life else "not measured"
    unit = half_life.unit if half_life else "days"
    titles = {
        (
            True,
            True,
        ): f"Half-life {units.value_of(half_life) if half_life else ''}, {held} on record",
        (True, False): f"{held} is on record; how fast interests move is not known",
        (False, True): "How much behaviour is on record is not known",
        (False, False): "This log cannot be placed",
    }
    still = half_life is None and views.stance(result.verdict, views.MOVES) == "against"
    title = "Interests hold still in this log" if still else titles[known, half_life is not None]
    label = f"Capture against interest half-life. Capture: {held}. Half-life: {timed}."
    place = Place(
        low=capture.low if known else 0.0,
        high=capture.high if known else 1.0,
        identified=known,
        half_life=half_life,
        still=still,
    )
    area = "" if known and half_life else "Hatched: where this log may lie. "
    return views.Figure(
        title=title,
        sub=f"Interest half-life in {unit} (fast on top), against capture",
        plot=quadrant(place, label),
        note=area
        + "Only the half is marked: the reference worlds that would place borders do not exist yet.",
        table=views.Table(
            caption="This log", head=("number", "value"), rows=(("capture", held), ("half-life", timed))
        ),
    )


def _flip(flip: Flip) -> views.Row:
    unit = units.GAIN if flip.unit in ("GAUC", "gauc") else flip.unit
    interval = units.between(flip.low, flip.high, unit)
    if flip.now is None:
        now = units.between(flip.low, flip.high, unit, worded=True)
    elif flip.low == flip.high:
        now = units.figure(flip.now, unit)
    else:
        now = f"{units.figure(flip.now, unit, among=(flip.low, flip.high))} ({interval})"
    threshold = units.figure(flip.threshold, unit)
    name = words.label(flip.quantity)
    return views.Row(
        name=name[:1].upper() + name[1:],
        note=now,
        strip=rows.flip_strip(flip, f"{name}: now {now}; flips {flip.side} {threshold}"),
        value=f"{flip.side} {threshold}",
        below=words.OUTCOMES[flip.outcome],
        code=flip.outcome,
    )
