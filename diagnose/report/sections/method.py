"""How it was measured, and what a bare log cannot say."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from diagnose.formatting import count
from diagnose.report import glossary, units, words
from diagnose.report.sections import command, views
from diagnose.report.sections.probes import skipped
from diagnose.report.sections.trial import seconds
from diagnose.report.typeset import isolated
from diagnose.results import Result
from diagnose.settings import Settings

SHOWN_SOURCES = 5
INTEREST_SOURCES = {
    "category": "the log’s own categories",
    "clusters": "clusters of items, found without using order (the log has no category)",
}


@dataclass(frozen=True, kw_only=True)
class Method:
    """Section 4."""

    went_in: Sequence[tuple[str, str]]
    took: Sequence[tuple[str, str]]
    settings: views.Table
    command: str  # that gives the same again; empty where the log was no file
    limits: Sequence[str]
    unknowable: Sequence[str]


def method(result: Result) -> Method:
    """Section 4 of a result."""
    clusters = result.log.interest_source == "clusters"
    ours = (
        ["Interests are clusters found by the tool; another clustering would move the numbers."]
        if clusters
        else []
    )
    clock = (
        []
        if result.log.first_event
        else ["The log has an order but no clock: nothing here is measured in days."]
    )
    return Method(
        went_in=_went_in(result),
        took=_took(result),
        settings=views.Table(
            caption="Settings", head=("setting", "value"), rows=sorted(_flat(result.settings))
        ),
        command=command.again(result),
        limits=[*glossary.LIMITS, *clock, *ours],
        unknowable=[*glossary.UNKNOWABLE, *_not_measured(result)],
    )


def _went_in(result: Result) -> list[tuple[str, str]]:
    log = result.log
    roles = sorted(result.mapping.items())
    mapping = Markup(", ").join(Markup("{} = {}").format(role, isolated(column)) for role, column in roles)
    span = f"{log.first_event} to {log.last_event}" if log.first_event else "an order without a clock"
    sampled = units.figure(log.sampled_fraction, "share")
    part = units.figure(log.declared_fraction, "share")
    of_users = (
        "" if log.declared_fraction == 1.0 else f"; the log holds {part} of the platform's users, as you said"
    )
    return [
        ("Log", _sources(log.sources)),
        *([("Read as", f"{log.preset}: {'; '.join(log.caveats)}")] if log.preset else []),
        ("Fingerprint", log.fingerprint),
        ("Mapping", mapping or "none"),
        ("Time", f"{span} (UTC)" if log.first_event else span),
        ("Interests", f"{count(log.categories)}: {INTEREST_SOURCES[log.interest_source]}"),
        ("Users with history", f"{count(log.users_with_history)} of {count(log.users)}"),
        ("Sample", f"{count(log.sampled_users)} whole users ({sampled} of those with history{of_users})"),
        ("Intervals", "90 %, over whole users"),
        *(
            [("Settings changed from their defaults", ", ".join(changed))]
            if (changed := _changed(result))
            else []
        ),
    ]


def _changed(result: Result) -> list[str]:
    """The settings that are not at their defaults, each with its own."""
    usual = dict(_flat(dataclasses.asdict(Settings())))
    told = sorted(_flat(result.settings))
    return [f"{name} {value} ({usual[name]})" for name, value in told if usual.get(name, value) != value]


def _sources(sources: Sequence[str]) -> Markup:
    more = len(sources) - SHOWN_SOURCES
    named = Markup(", ").join(isolated(source) for source in sources[:SHOWN_SOURCES])
    return named + (f" and {more:,} more" if more > 0 else "")


def _took(result: Result) -> list[tuple[str, str]]:
    known = [name for name in words.STAGES if name in result.timings.stages]
    others = sorted(set(result.timings.stages) - set(known))
    stages = [
        (words.STAGES.get(name, words.label(name)), seconds(result.timings.stages[name]))
        for name in (*known, *others)
    ]
    return [
        (result.tool.name, f"{result.tool.version}, report schema {result.schema_version}"),
        ("Engine", result.log.engine),
        ("Seed", str(result.seed)),
        *stages,
        ("In all", seconds(result.timings.total)),
    ]


def _flat(settings: object, path: str = "") -> list[tuple[str, str]]:
    """Nested settings as 'order.history' and its value."""
    if isinstance(settings, Mapping):
        return [
            line
            for name, value in settings.items()
            for line in _flat(value, f"{path}.{name}" if path else str(name))
        ]
    if isinstance(settings, (list, tuple)):
        return [(path, ", ".join(map(str, settings)))]
    return [(path, "none" if settings is None else str(settings))]


def _not_measured(result: Result) -> list[str]:
    return [
        f"{' '.join(words.PROBES.get(name, words.label(name)) for name in names)} Not measured: {reason}."
        for reason, names in skipped(result.probes).items()
    ]
