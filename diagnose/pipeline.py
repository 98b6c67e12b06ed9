"""analyze(): the whole flow of a diagnosis, top to bottom.

A log comes in; two folders of probes ask the two questions; a trial confirms; a verdict weighs;
a report tells. Nothing here measures: each line hands one room's result to the next.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from diagnose import __version__, engine, verdict
from diagnose.budgets import BUDGETS
from diagnose.capture import anchors, history_depth, identity, log_hygiene, outages, together, truncation
from diagnose.diagnosis import Diagnosis
from diagnose.drift import family
from diagnose.histories import NO_CATEGORY, Histories
from diagnose.interests import cluster_items
from diagnose.results import (
    ArmTiming,
    Hygiene,
    LogFacts,
    Measured,
    Probed,
    Result,
    Tool,
    Trial,
)
from diagnose.settings import Settings
from diagnose.stages import Listener, Silent, Stages

Source = Any  # a path or URL, several of them, a table's name, or a pandas, pyarrow, polars or Spark frame

OF_THE_LOG: Mapping[str, engine.Tally] = {  # over every event, in the one sorted pass
    "log_hygiene": log_hygiene.tally,
    "identity": identity.tally,
    "history_depth": history_depth.tally,
    **family.OF_THE_LOG,
}


def analyze(
    source: Source,
    *,
    columns: Mapping[str, str] | None = None,
    settings: Settings | None = None,
    listener: Listener | None = None,
    options: engine.EngineOptions | None = None,
) -> Diagnosis:
    """Diagnose a log: files, folders, globs, URLs, a table, or a pandas, pyarrow, polars or Spark frame.

    `options`: which engine, and its threads, memory and temp directory; none of them changes a result.
    `columns` says which column plays which role where the names do not tell: {"timestamp": "when"}.
    Raises LogError where the log must change first, UsageError where the call must.
    """
    settings, listener = settings or Settings(), listener or Silent()
    stages = Stages(listener)
    declared = anchors.statements(settings)  # a wrong rate is told before the log is read
    listener.forecast(_takes(settings))
    with stages("reading", "Reading the log"):
        read = engine.read(
            source,
            columns=columns or {},
            settings=settings,
            listener=listener,
            tallies=OF_THE_LOG,
            options=options,
        )
    with stages("interests", "Naming the interests"):
        sample, interest_source = with_interests(read.sample, settings)
    with stages("capture", "Capture: how complete is the log?"):
        hygiene, seen = capture_probes(read, settings)
        known = together.assemble(
            declared, loss_pattern=settings.capture.loss_pattern, has_roles=read.mapping
        )
    with stages("drift", "Drift: do interests move, and does order inform?"):
        whole_log = read.tallies if interest_source == "category" else None
        threads = (options or engine.EngineOptions()).workers
        moves = drift_probes(sample, whole_log, hygiene=hygiene, settings=settings, threads=threads)
    probes = (*moves, *seen)
    with stages("trial", "Trial: DIEN against DNN"):
        trial, arms = confirm(sample, probes, hygiene=hygiene, settings=settings, listener=listener)
    return Diagnosis(
        Result(
            tool=Tool(name="scenario-fit", version=__version__),
            log=dataclasses.replace(read.facts, interest_source=interest_source),
            mapping=read.mapping,
            settings=dataclasses.asdict(settings),
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
    settings: Settings | None = None,
    listener: Listener | None = None,
    options: engine.EngineOptions | None = None,
) -> Inspection:
    """Read a log as analyze() would and look at its hygiene alone: seconds, not minutes."""
    settings, listener = settings or Settings(), listener or Silent()
    needed = {"log_hygiene": log_hygiene.tally, "identity": identity.tally}
    read = engine.read(
        source,
        columns=columns or {},
        settings=settings,
        listener=listener,
        tallies=needed,
        options=options,
    )
    hygiene, _ = cleanliness(read, settings)
    return Inspection(mapping=read.mapping, log=read.facts, hygiene=hygiene)


def capture_probes(read: engine.Collected, settings: Settings) -> tuple[Hygiene, tuple[Probed, ...]]:
    """Condition 2, and the gate: is order in the log at all?"""
    hygiene, clean = cleanliness(read, settings)
    return hygiene, (
        *clean,
        identity.measure(read.tallies["identity"]),
        history_depth.measure(read.tallies["history_depth"]),
        anchors.measure(settings),
    )


def cleanliness(read: engine.Collected, settings: Settings) -> tuple[Hygiene, tuple[Probed, ...]]:
    """The gate with the faults of the log, and the outages among them as a probe of their own."""
    found = outages.search(read.times.hours, quantum_us=read.counts.time_quantum_us, settings=settings)
    evidence = log_hygiene.Evidence(
        outages=found,
        truncation=truncation.truncation(read.tallies["identity"].days, settings=settings),
        arrival=read.arrival,
        sample=read.sample,
    )
    hygiene, rates = log_hygiene.measure(
        read.counts, read.tallies["log_hygiene"], settings=settings, evidence=evidence
    )
    return hygiene, (rates, outages.measure(found))


def with_interests(sample: Histories, settings: Settings) -> tuple[Histories, Any]:
    """The sample under the log's categories, or under clusters where most events have none."""
    missing = float(np.mean(sample.category == NO_CATEGORY)) if sample.n_events else 0.0
    if missing <= settings.interests.missing_share or not sample.n_events:
        return sample, "category"
    return cluster_items(sample, settings=settings.interests, seed=settings.seed), "clusters"


def drift_probes(
    sample: Histories,
    whole_log: Mapping[str, Any] | None,
    *,
    hygiene: Hygiene,
    settings: Settings,
    threads: int,
) -> tuple[Probed, ...]:
    """Condition 1. `whole_log`: sums by tally; None where only the sample has interests."""
    if reason := _unordered(hygiene):
        return family.skipped(reason)
    return family.measure(sample, whole_log, settings=settings, threads=threads)


def confirm(
    sample: Histories,
    probes: Sequence[Probed],
    *,
    hygiene: Hygiene,
    settings: Settings,
    listener: Listener,
) -> tuple[Trial, Mapping[str, ArmTiming]]:
    """The trial, unless it was not asked for or could not mean anything."""
    reason = "not asked for (--no-trial)" if not settings.trial.run else _unordered(hygiene)
    if reason is not None:
        return Trial(status="skipped", reason=reason, minimum_worthwhile_lift=settings.trial.minimum_lift), {}
    from diagnose import trial  # PyTorch, only where a trial runs

    return trial.run(
        sample,
        settings=settings,
        half_life_events=_value(probes, "order_information", "recency_half_life"),
        tie_rate=_value(probes, "log_hygiene", "tie_rate") or 0.0,
        progress=listener.advance,
    )


def _takes(settings: Settings) -> str:
    """What comes after reading, in words, as measured (docs/engine.md)."""
    probes = "the probes take up to half a minute for 20,000 users"
    if not settings.trial.run:
        return f"no trial: {probes} on two idle cores"
    budget = settings.trial.budget
    return f"{probes}, the trial ({budget}) {BUDGETS[budget].takes} on two idle cores"


def _unordered(hygiene: Hygiene) -> str | None:
    """Why nothing can be said of order; None where something can."""
    return None if hygiene.passed else f"the order of behaviour is not in the log: {hygiene.reason}"


def _value(probes: Sequence[Probed], name: str, estimate: str) -> float | None:
    """One estimate of one probe, or None where it was not measured."""
    for probed in probes:
        if probed.name == name and isinstance(probed, Measured) and estimate in probed.estimates:
            return probed.estimates[estimate].value
    return None
