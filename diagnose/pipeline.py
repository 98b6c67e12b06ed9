"""analyze(): the whole flow of a diagnosis, top to bottom.

A log comes in; two folders of probes ask the two questions; a trial confirms; a verdict weighs;
a report tells. Nothing here measures: each line hands one room's result to the next.
"""

from __future__ import annotations

import dataclasses
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from diagnose import __version__, engine, verdict
from diagnose.capture import anchors, history_depth, identity, log_hygiene, together
from diagnose.drift import exchangeability, interest_persistence, item_order_information, order_information
from diagnose.errors import UsageError
from diagnose.histories import NO_CATEGORY, Histories
from diagnose.results import ArmTiming, Hygiene, Measured, Probed, Result, Skipped, Timings, Tool, Trial
from diagnose.settings import Settings

Source = str | Path | Sequence[str | Path] | Any  # the last: a pandas, pyarrow or polars frame
TALLIES: Mapping[str, Callable[[Histories], Any]] = {  # over every event of the log, in its one sorted pass
    "log_hygiene": log_hygiene.tally,
    "identity": identity.tally,
    "history_depth": history_depth.tally,
    "exchangeability": exchangeability.tally,
}
ORDER_PROBES: Mapping[str, Callable[..., Probed]] = {  # over the user sample
    "order_information": order_information.measure,
    "item_order_information": item_order_information.measure,
    "interest_persistence": interest_persistence.measure,
}


@dataclasses.dataclass(frozen=True)
class Diagnosis:
    """What analyze() returns: the result, and the ways to show it."""

    result: Result

    @property
    def verdict(self) -> Verdict:
        """What to do, why, and what would change it."""
        return self.result.verdict

    def to_html(self) -> str:
        """The report: one HTML page that opens offline."""
        return report.render_html(self.result)

    def to_json(self) -> str:
        """The result as JSON (docs/report_schema.md)."""
        return report.render_json(self.result)

    def write(self, folder: Path | str, stem: str) -> tuple[Path, Path]:
        """Write `stem`.html and `stem`.json into `folder`, each whole or not at all."""
        return report.write(self.result, Path(folder), stem)

    def _repr_html_(self) -> str:
        # A frame of its own, so that the report's style and the notebook's leave each other alone.
        page = html.escape(self.to_html(), quote=True)
        return f'<iframe srcdoc="{page}" sandbox="" width="100%" height="900" title="diagnosis"></iframe>'

    def __repr__(self) -> str:
        return f"Diagnosis({self.verdict.outcome}: {self.verdict.headline})"


def analyze(
    source: Source,
    *,
    columns: Mapping[str, str] | None = None,
    settings: Settings | None = None,
    listener: Listener | None = None,
) -> Diagnosis:
    """Diagnose a log: files, folders, globs, or a pandas, pyarrow or polars frame.

    `columns` says which column plays which role where the names do not tell: {"timestamp": "when"}.
    Raises LogError where the log must change first, UsageError where the call must.
    """
    settings, listener = settings or Settings(), listener or Silent()
    stages = Stages(listener)
    declared = anchors.measure(settings)  # a wrong rate is told before the log is read
    with stages("reading", "Reading the log"):
        log = read(source, columns=columns or {}, settings=settings, listener=listener)
    with stages("interests", "Naming the interests"):
        sample, named = with_interests(log, settings)
    with stages("capture", "Capture: how complete is the log?"):
        hygiene, cleanliness = log_hygiene.measure(log.counts, log.tallies["log_hygiene"], settings=settings)
        seen = (cleanliness, identity.measure(log.tallies["identity"]), history_depth.measure(log.tallies["history_depth"]))
        known = together.assemble(declared)
    with stages("drift", "Drift: do interests move, and does order inform?"):
        moved = drift_probes(sample, log, hygiene=hygiene, settings=settings)
    with stages("trial", "Trial: DIEN against DNN"):
        trial, arms = confirm(sample, (*moved, cleanliness), hygiene=hygiene, settings=settings, listener=listener)
    probes = (*moved, *seen, declared)
    decision = verdict.decide(hygiene=hygiene, probes=probes, capture=known, trial=trial, settings=settings)
    return Diagnosis(
        Result(
            tool=Tool(name="scenario-fit", version=__version__),
            log=dataclasses.replace(log.facts, interest_source=named),
            mapping=log.mapping,
            settings=dataclasses.asdict(settings),
            seed=settings.seed,
            hygiene=hygiene,
            probes=probes,
            capture=known,
            trial=trial,
            verdict=decision,
            timings=stages.timings(arms),
        )
    )
