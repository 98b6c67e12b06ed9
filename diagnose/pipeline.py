"""analyze(): the whole flow of a diagnosis, top to bottom.

A log comes in; two folders of probes ask the two questions; a trial confirms; a verdict weighs;
a report tells. Nothing here measures: each line hands one room's result to the next.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from diagnose import __version__, conditions, decided, engine, schema, verdict
from diagnose.budgets import BUDGETS
from diagnose.capture import anchors
from diagnose.diagnosis import Diagnosis
from diagnose.engine.addresses import shown
from diagnose.histories import Histories
from diagnose.results import ArmTiming, Hygiene, LogFacts, Probed, Result, Tool, Trial
from diagnose.settings import Settings
from diagnose.stages import USUAL_SECONDS, Listener, Silent, Stages

Shelves = Callable[..., Any]  # trial.kept.Shelf.of a folder: the shelf of a task and a recipe
Source = Any  # a path or URL, several of them, a table's name, or a frame (engine.duck.frames)

LABELS = {  # of the stages, for people
    "reading": "Reading the log",
    "interests": "Naming the interests",
    "capture": "Capture: how complete is the log?",
    "drift": "Drift: do interests move, and does order inform?",
    "losses": "Losses: what would less of the log, or a cleaner one, show?",
    "trial": "Trial: DIEN against DNN",
}


def analyze(
    source: Source,
    *,
    columns: Mapping[str, str] | None = None,
    preset: str | None = None,
    settings: Settings | None = None,
    listener: Listener | None = None,
    options: engine.EngineOptions | None = None,
    keep: Path | str | None = None,
) -> Diagnosis:
    """Diagnose a log: files, folders, globs, URLs, a table, or a frame.

    A frame is one of pandas, polars (also lazy), pyarrow or Spark, a DuckDB relation, or an Arrow stream.

    `options`: which engine, and its threads, memory and temp directory; none of them changes a result.
    `keep`: a folder where finished arms of the trial are kept, and taken over from by the next run.
    `columns` says which column plays which role where the names do not tell: {"timestamp": "when"}.
    `preset` names a public log as which it is read (docs/presets.md); `columns` goes before it.
    Raises LogError where the log must change first, UsageError where the call must.
    """
    settings, listener = schema.aimed(settings or Settings(), preset), listener or Silent()
    options = options or engine.EngineOptions()
    stages, threads = Stages(listener), options.workers
    anchors.statements(settings)  # a wrong rate is told before the log is read
    shelves = ready(settings, keep, listener)
    listener.forecast(_takes(settings))
    listener.plan(_plan(settings))
    with stages("reading", LABELS["reading"], lambda: decided.reading(read)):
        read, outside = conditions.read(
            source,
            schema.told(columns or {}, preset),
            settings=settings,
            listener=listener,
            options=options,
        )
    with stages("interests", LABELS["interests"], lambda: decided.interests(interest_source)):
        sample, interest_source = conditions.with_interests(read.sample, settings)
    with stages("capture", LABELS["capture"], lambda: decided.captured(hygiene, known, seen)):
        gate = conditions.gate(read, settings)
        hygiene = gate.hygiene
        seen, known = conditions.captured(read, sample, outside, settings)
    with stages("drift", LABELS["drift"], lambda: decided.measured(moves)):
        whole_log = read.tallies if interest_source == "category" else None
        moves = conditions.moving(sample, whole_log, hygiene=hygiene, settings=settings, threads=threads)
    with stages("losses", LABELS["losses"], lambda: decided.measured([less])):
        less = conditions.thinned(sample, moves, hygiene=hygiene, settings=settings, threads=threads)
        hygiene = conditions.weighed(gate, sample, moves, settings=settings, threads=threads)
    probes = (*moves, *gate.probes, *seen, less)
    with stages("trial", LABELS["trial"], lambda: decided.tried(trial)):
        trial, arms = confirm(
            sample, probes, hygiene=hygiene, settings=settings, listener=listener, keep=shelves
        )
    return Diagnosis(
        Result(
            tool=Tool(name="scenario-fit", version=__version__),
            log=dataclasses.replace(read.facts, interest_source=interest_source),
            mapping=read.mapping,
            settings=told(settings),
            seed=settings.seed,
            hygiene=hygiene,
            probes=probes,
            capture=known,
            trial=trial,
            verdict=verdict.decide(
                hygiene=hygiene, probes=probes, capture=known, trial=trial, settings=settings
            ),
            timings=stages.timings(arms),
        )
    )


@dataclasses.dataclass(frozen=True)
class Inspection:
    """How a log is read and how clean it is, before anything is measured."""

    mapping: Mapping[str, str]  # role -> column
    log: LogFacts
    hygiene: Hygiene


def inspect(
    source: Source,
    *,
    columns: Mapping[str, str] | None = None,
    preset: str | None = None,
    settings: Settings | None = None,
    listener: Listener | None = None,
    options: engine.EngineOptions | None = None,
) -> Inspection:
    """Read a log as analyze() would and look at its hygiene alone: seconds, not minutes."""
    settings, listener = schema.aimed(settings or Settings(), preset), listener or Silent()
    settings = dataclasses.replace(settings, trial=dataclasses.replace(settings.trial, run=False))
    read = engine.read(
        source,
        columns=schema.told(columns or {}, preset),
        settings=settings,
        listener=listener,
        tallies=conditions.GATE,
        options=options,
    )
    hygiene = conditions.gate(read, settings).hygiene
    return Inspection(mapping=read.mapping, log=read.facts, hygiene=hygiene)


def confirm(
    sample: Histories,
    probes: Sequence[Probed],
    *,
    hygiene: Hygiene,
    settings: Settings,
    listener: Listener,
    keep: Shelves | None = None,
) -> tuple[Trial, Mapping[str, ArmTiming]]:
    """The trial, unless it was not asked for or could not mean anything."""
    reason = "not asked for (--no-trial)" if not settings.trial.run else conditions.unordered(hygiene)
    if reason is not None:
        return Trial(status="skipped", reason=reason, minimum_worthwhile_lift=settings.trial.minimum_lift), {}
    from diagnose import trial  # PyTorch, only where a trial runs

    half_life = conditions.estimate(probes, "order_information", "recency_half_life")
    ties = conditions.estimate(probes, "log_hygiene", "tie_rate")
    return trial.run(
        sample,
        settings=settings,
        half_life_events=half_life.value if half_life else None,
        tie_rate=ties.value if ties else 0.0,
        progress=listener.advance,
        keep=keep,
    )


def ready(settings: Settings, keep: Path | str | None, listener: Listener) -> Shelves | None:
    """Where finished arms are kept, if anywhere. Raises UsageError where the trial could not run as asked.

    To be called before the log is read: a device or a folder that is not there is told at once.
    """
    if not settings.trial.run:
        return None
    from diagnose.trial import device, kept

    if settings.trial.device == "cuda":
        device.resolve(settings.trial.device)
    if keep is None:
        return None
    kept.prepare(Path(keep))
    return partial(kept.Shelf.of, Path(keep), note=lambda text: listener.mapping((text,)))


def _plan(settings: Settings) -> dict[str, float]:
    """Seconds that the stages usually take, by their labels."""
    trial = BUDGETS[settings.trial.budget].seconds if settings.trial.run else 0.0
    return {LABELS[name]: seconds for name, seconds in {**USUAL_SECONDS, "trial": trial}.items()}


def _takes(settings: Settings) -> str:
    """What comes after reading, in words, as measured (docs/engine.md)."""
    probes = "the probes take up to a minute for 20,000 users"
    if not settings.trial.run:
        return f"no trial: {probes} on two idle cores"
    budget = settings.trial.budget
    return f"{probes}, the trial ({budget}) {BUDGETS[budget].takes} on two idle cores"


def told(settings: Settings) -> dict[str, Any]:
    """The settings as the report repeats them: of files their names, not where they lie."""
    given = settings.capture
    named = dataclasses.replace(
        given,
        panel=None if given.panel is None else Path(shown(given.panel)).name,
        second_logs=tuple(Path(shown(file)).name for file in given.second_logs),
    )
    return dataclasses.asdict(dataclasses.replace(settings, capture=named))
