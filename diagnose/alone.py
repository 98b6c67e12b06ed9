"""The trial alone: what it needs of a log, and nothing else.

No verdict comes of it: a trial says what networks did on this log, not whether the log holds what users do.
The numbers are those of analyze(), to the last digit: the same sample, gate, half-life, task and seeds.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path

from diagnose import __version__, conditions, decided, engine, pipeline, report, schema
from diagnose.budgets import BUDGETS, BudgetName
from diagnose.pipeline import LABELS
from diagnose.results import SCHEMA_VERSION, Hygiene, LogFacts, Timings, Tool, Trial
from diagnose.settings import Settings
from diagnose.stages import USUAL_SECONDS, Listener, Silent, Stages

RECENCY = "Order information: how fast does the past fade?"
RECENCY_SECONDS = 5.0  # of that alone, 20,000 users on two idle cores [0035]


@dataclasses.dataclass(frozen=True, kw_only=True)
class TrialResult:
    """What `diagnose trial` writes: the part of a whole result that a trial has, under the same names."""

    tool: Tool
    log: LogFacts
    mapping: Mapping[str, str]
    settings: Mapping[str, object]
    seed: int
    hygiene: Hygiene
    trial: Trial
    timings: Timings
    schema_version: int = SCHEMA_VERSION

    def to_json(self) -> str:
        """The result as JSON (docs/report_schema.md)."""
        return report.render_json(self)

    def write(self, folder: Path | str, stem: str) -> Path:
        """Write `stem`.trial.json into `folder`, whole or not at all."""
        return report.write_json(self, Path(folder), f"{stem}.trial")


def run_trial(
    source: pipeline.Source,
    *,
    columns: Mapping[str, str] | None = None,
    preset: str | None = None,
    settings: Settings | None = None,
    listener: Listener | None = None,
    options: engine.EngineOptions | None = None,
    keep: Path | str | None = None,
) -> TrialResult:
    """DIEN against DNN on a log; parameters as analyze() has them. A log that cannot be tried says why."""
    settings, listener = schema.aimed(settings or Settings(), preset), listener or Silent()
    stages = Stages(listener)
    shelves = pipeline.ready(settings, keep, listener)
    budget = settings.trial.budget
    listener.forecast(f"the trial ({budget}) takes {BUDGETS[budget].takes} on two idle cores")
    listener.plan(_plan(budget))
    with stages("reading", LABELS["reading"], lambda: decided.reading(read)):
        read = engine.read(
            source,
            columns=schema.told(columns or {}, preset),
            settings=settings,
            listener=listener,
            tallies=conditions.GATE,
            options=options,
        )
        gate = conditions.gate(read, settings)
    with stages("interests", LABELS["interests"], lambda: decided.interests(interest_source)):
        sample, interest_source = conditions.with_interests(read.sample, settings)
    with stages("drift", RECENCY, lambda: decided.measured([recency])):
        recency = conditions.recency(sample, hygiene=gate.hygiene, settings=settings)
    with stages("trial", LABELS["trial"], lambda: decided.tried(trial)):
        trial, arms = pipeline.confirm(
            sample,
            (recency, *gate.probes),
            hygiene=gate.hygiene,
            settings=settings,
            listener=listener,
            keep=shelves,
        )
    return TrialResult(
        tool=Tool(name="scenario-fit", version=__version__),
        log=dataclasses.replace(read.facts, interest_source=interest_source),
        mapping=read.mapping,
        settings=pipeline.told(settings),
        seed=settings.seed,
        hygiene=gate.hygiene,
        trial=trial,
        timings=stages.timings(arms),
    )


def _plan(budget: BudgetName) -> dict[str, float]:
    """Seconds that the stages usually take, by their labels."""
    before = {LABELS[name]: USUAL_SECONDS[name] for name in ("reading", "interests")}
    return {**before, RECENCY: RECENCY_SECONDS, LABELS["trial"]: BUDGETS[budget].seconds}
