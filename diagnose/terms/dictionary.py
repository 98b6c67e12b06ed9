"""All terms by group, each put together from where its words stand: nothing is said in two places."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

from diagnose.report import glossary, probe_words, units, words
from diagnose.schema.aliases import ALIASES
from diagnose.terms import capture, drift, told
from diagnose.terms.headers import header
from diagnose.terms.numbers import numbers
from diagnose.terms.term import Term, facts

PROBES = {**drift.PROBES, **capture.PROBES}
ESTIMATES = {**drift.ESTIMATES, **capture.ESTIMATES}
PAGES = {"second_log": "second_logs"}  # a page that is not called as its probe is
TRIAL_PAGE, VERDICT_PAGE = "docs/methods/trial.md", "docs/methods/verdict.md"
HYGIENE_PAGE, SETTINGS_PAGE = "docs/methods/log_hygiene.md", "docs/settings.md"
CAPTURE_PAGE, METHODS_PAGE = "docs/command_line.md", "docs/methods/README.md"


@cache
def terms() -> tuple[Term, ...]:
    """Every term, group by group."""
    return tuple(term for group in GROUPS for term in group())


def outcomes() -> Iterator[Term]:
    """What a verdict may be."""
    for name, (meaning, action) in told.OUTCOMES.items():
        yield Term(
            name=name,
            group="outcome",
            title=words.OUTCOMES[name],
            told=f"{_sentence(meaning)} What to do: {action}.",
            facts=facts(Decided="by an ordered list of rules, the first match wins"),
            page=VERDICT_PAGE,
        )


def probes() -> Iterator[Term]:
    """The questions put to a log."""
    for name, saying in PROBES.items():
        parts = header(name).parts
        kept = ("Statistic", "Null", "Interval", "Reference", "Limits")
        yield Term(
            name=name,
            group="probe",
            title=words.PROBES[name],
            told=saying,
            facts=tuple((part, parts[part]) for part in kept if part in parts),
            page=_page(name),
        )


def estimates() -> Iterator[Term]:
    """The numbers that probes measure."""
    for probe, of_probe in ESTIMATES.items():
        parts = header(probe).parts
        for name, (unit, saying) in of_probe.items():
            example = name.replace("N_minutes", "30_minutes").replace("N", "1", 1).replace("N", "2", 1)
            yield Term(
                name=f"{probe}.{name}",
                group="estimate",
                title=probe_words.estimate(example, probe),
                told=saying,
                facts=facts(
                    Unit=_unit(unit),
                    Measured_by=f"the probe {probe}: {words.PROBES[probe]}",
                    Null=parts.get("Null", ""),
                    Reference=parts.get("Reference", ""),
                ),
                page=_page(probe),
            )


def arms() -> Iterator[Term]:
    """The models of the trial."""
    for name, (title, note) in words.ARMS.items():
        saying = told.ARMS[name]
        yield Term(name=name, group="arm", title=f"{title}: {note}", told=saying, page=TRIAL_PAGE)


def contrasts() -> Iterator[Term]:
    """Differences between arms."""
    for name, (title, pair) in words.CONTRASTS.items():
        yield Term(
            name=name,
            group="contrast",
            title=title,
            told=f"{_sentence(pair)} {told.CONTRASTS[name]}",
            facts=facts(
                Unit="GAUC, averaged over seeds, user by user",
                Null="0: both arms rank alike",
                Reference="your --minimum-lift (0.003 unless you say otherwise)",
            ),
            page=TRIAL_PAGE,
        )


def of_the_trial() -> Iterator[Term]:
    """What else a trial tells, and its kinds of targets."""
    for name, (unit, title, saying) in told.TRIAL.items():
        given = facts(Unit=_unit(unit))
        yield Term(name=name, group="trial", title=title, told=saying, facts=given, page=TRIAL_PAGE)
    for name, title in words.STRATA.items():
        yield Term(
            name=name,
            group="kind of targets",
            title=title,
            told=f"{told.STRATA[name]} Its lift is told apart and decides nothing.",
            page=TRIAL_PAGE,
        )


def faults() -> Iterator[Term]:
    """What may be wrong with a log."""
    for name, title in words.FAULTS.items():
        of, saying = told.FAULTS[name]
        given = facts(Counted_as=f"a number, and a share of {of}")
        page = _page(name) if name in PROBES else HYGIENE_PAGE
        yield Term(name=name, group="fault", title=title, told=saying, facts=given, page=page)


def of_capture() -> Iterator[Term]:
    """How capture is told: units, grades, statements."""
    for name, title in words.GRADES.items():
        saying = told.GRADES[name]
        yield Term(name=f"grade.{name}", group="capture", title=title, told=saying, page=CAPTURE_PAGE)
    for name, saying in told.CAPTURE.items():
        shown, title = name.replace("unit_", "unit."), name.replace("_", " ")
        yield Term(name=shown, group="capture", title=title, told=saying, page=CAPTURE_PAGE)


def roles() -> Iterator[Term]:
    """What a column of a log may be."""
    for name, saying in told.ROLES.items():
        known = ", ".join(word for names in ALIASES[name] for word in names.split())
        given = facts(Given_with=f"--column {name}=NAME", Names_known=known)
        yield Term(
            name=name, group="role of a column", title=f"the {name} column", told=saying, facts=given,
            page="docs/command_line.md",
        )  # fmt: skip


def settings() -> Iterator[Term]:
    """Every number that decides something."""
    for number in numbers():
        name = f"{number.room}.{number.name}" if number.room else number.name
        decision = f"docs/decisions, page {number.decision}" if number.decision else ""
        yield Term(
            name=name,
            group="setting",
            title=number.name.replace("_", " "),
            told=_sentence(number.reason) if number.reason else "",
            facts=facts(Default=number.default, Why=decision),
            page=SETTINGS_PAGE,
        )


def glossaries() -> Iterator[Term]:
    """Words of the field, as the report explains them, and some more."""
    fuller = {name.replace("_", " ") for name in (*told.TRIAL, *told.CAPTURE)}  # told in a group above
    of_report = (*glossary.DRIFT_GLOSSARY, *glossary.CAPTURE_GLOSSARY, *glossary.TRIAL_GLOSSARY)
    for name, saying in (*of_report, *told.WORDS.items()):
        shown = name[:1].lower() + name[1:] if name[1:2].islower() else name
        if name.casefold() not in fuller:
            yield Term(name=shown, group="word", title="", told=saying, page=METHODS_PAGE)


GROUPS: tuple[Callable[[], Iterator[Term]], ...] = (
    outcomes,
    probes,
    estimates,
    arms,
    contrasts,
    of_the_trial,
    of_capture,
    faults,
    roles,
    glossaries,
    settings,
)


def _page(probe: str) -> str:
    return f"docs/methods/{PAGES.get(probe, probe)}.md"


def _unit(unit: str) -> str:
    """The unit as it stands in the JSON, and how it is written where that differs."""
    shown = units.word(unit)
    return unit if shown in (unit, "") else f"{unit} (written: {shown})"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}" + ("" if text.endswith(".") else ".")
