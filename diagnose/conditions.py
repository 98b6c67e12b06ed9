"""The two questions, put to what was read: which sums, which sample, which settings each room is handed.

Nothing here measures. `pipeline` tells when each question is put; this, to whom and with what.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from diagnose import engine, schema
from diagnose.capture import (
    affected,
    identity,
    log_hygiene,
    observed,
    outages,
    reruns,
    together,
    truncation,
)
from diagnose.capture import family as capture
from diagnose.drift import family as drift
from diagnose.histories import NO_CATEGORY, Histories
from diagnose.interests import cluster_items
from diagnose.results import Capture, Estimate, Fault, Hygiene, Measured, Probed, Skipped
from diagnose.settings import Settings

GATE: Mapping[str, engine.Tally] = {"log_hygiene": log_hygiene.tally, "identity": identity.tally}
OF_THE_LOG: Mapping[str, engine.Tally] = {  # over every event, in the one sorted pass
    **GATE,
    **capture.OF_EVERY_LOG,
    **drift.OF_THE_LOG,
}


def read(
    source: Any,
    columns: schema.Overrides,
    *,
    settings: Settings,
    listener: engine.Listener,
    options: engine.EngineOptions,
) -> tuple[engine.Collected, capture.Outside]:
    """The log in its one pass, and what others counted: a faulty panel is told before the log is read."""
    given = settings.capture.panel
    panel = engine.read_panel(given, settings=settings, options=options) if given else None
    if panel is not None:
        listener.mapping((panel.note,))
    collected = engine.read(
        source,
        columns=columns,
        settings=settings,
        listener=listener,
        tallies={**OF_THE_LOG, **capture.tallies(settings, given=panel)},
        options=options,
    )
    others = tuple(
        engine.read_second_log(
            file, like=collected, tally=observed.tally, settings=settings, options=options, listener=listener
        )
        for file in settings.capture.second_logs
    )
    return collected, capture.Outside(panel=panel, others=others)


@dataclass(frozen=True)
class Gate:
    """Whether the order of behaviour is in the log, its faults, the probes behind them, and its outages."""

    hygiene: Hygiene
    probes: tuple[Probed, ...]
    outages: outages.Outages | str  # or why they could not be looked for


def gate(read: engine.Collected, settings: Settings) -> Gate:
    """Is the order of behaviour in the log? With all faults, and the outages as a probe of their own."""
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
    return Gate(hygiene, (rates, outages.measure(found)), found)


def captured(
    read: engine.Collected, sample: Histories, outside: capture.Outside, settings: Settings
) -> tuple[tuple[Probed, ...], Capture]:
    """Condition 2: its probes, and what all that is said of capture comes to."""
    probes = capture.measure(
        read.tallies,
        sample,
        outside=outside,
        time_quantum_us=read.counts.time_quantum_us,
        settings=settings,
    )
    known = together.assemble(
        capture.statements(probes, settings=settings),
        loss_pattern=settings.capture.loss_pattern,
        has_roles=read.mapping,
    )
    return probes, known


def moving(
    sample: Histories,
    whole_log: Mapping[str, Any] | None,
    *,
    hygiene: Hygiene,
    settings: Settings,
    threads: int,
) -> tuple[Probed, ...]:
    """Condition 1. `whole_log`: sums by tally; None where only the sample has interests."""
    if reason := unordered(hygiene):
        return drift.skipped(reason)
    return drift.measure(sample, whole_log, settings=settings, threads=threads)


def recency(sample: Histories, *, hygiene: Hygiene, settings: Settings) -> Probed:
    """Of condition 1 what a trial alone needs: the half-life of its decayed arm."""
    if reason := unordered(hygiene):
        return Skipped(name="order_information", condition="drift", reason=reason)
    return drift.recency(sample, settings=settings)


def thinned(
    sample: Histories, moves: Sequence[Probed], *, hygiene: Hygiene, settings: Settings, threads: int
) -> Probed:
    """What losing more of the log would do; and where the rate is known, what the whole would show."""
    curves = capture.thinned(sample, unordered=unordered(hygiene), settings=settings, threads=threads)
    if not isinstance(curves, Measured):
        return curves
    half_life = estimate(moves, "interest_persistence", "half_life_events")
    return replace(curves, estimates={**curves.estimates, **capture.projected(half_life, settings=settings)})


def weighed(
    gate: Gate,
    sample: Histories,
    moves: Sequence[Probed],
    *,
    settings: Settings,
    threads: int,
) -> Hygiene:
    """The faults with how far each could move what order adds to ranking without a network."""
    gain = estimate(moves, "item_order_information", "gain")
    if gain is None:
        return gate.hygiene
    shifts = reruns.moved(
        sample,
        affected.affected(sample, settings=settings, outages=gate.outages),
        settings=settings,
        rng=np.random.default_rng([settings.seed, zlib.crc32(b"reruns")]),
        threads=threads,
    )
    faults = tuple(_shifted(fault, gain, shifts.get(fault.name)) for fault in gate.hygiene.faults)
    return replace(gate.hygiene, faults=faults)


def _shifted(fault: Fault, gain: Estimate, shift: tuple[float, float] | None) -> Fault:
    if shift is None or not fault.count:
        return fault
    return replace(fault, result_low=gain.value + shift[0], result_high=gain.value + shift[1])


def with_interests(sample: Histories, settings: Settings) -> tuple[Histories, Any]:
    """The sample under the log's categories, or under clusters where most events have none."""
    missing = float(np.mean(sample.category == NO_CATEGORY)) if sample.n_events else 0.0
    if missing <= settings.interests.missing_share or not sample.n_events:
        return sample, "category"
    return cluster_items(sample, settings=settings.interests, seed=settings.seed), "clusters"


def unordered(hygiene: Hygiene) -> str | None:
    """Why nothing can be said of order; None where something can."""
    return None if hygiene.passed else f"the order of behaviour is not in the log: {hygiene.reason}"


def estimate(probes: Sequence[Probed], name: str, of: str) -> Estimate | None:
    """One estimate of one probe, or None where it was not measured."""
    for probed in probes:
        if probed.name == name and isinstance(probed, Measured):
            return probed.estimates.get(of)
    return None
