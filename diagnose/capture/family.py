"""All probes of condition 2: sums over the whole log, the sample, and what somebody outside counted."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from diagnose.capture import (
    anchors,
    gap_law,
    hand_offs,
    history_depth,
    identity,
    observed,
    orphans,
    panel,
    projection,
    second_logs,
    segments,
    serial_gaps,
    thinning,
)
from diagnose.histories import Histories
from diagnose.results import Estimate, Measured, Probed, Skipped, Statement
from diagnose.schema.panel import Panel, UserPanel
from diagnose.settings import Settings


def _of_panel(probed: Probed) -> tuple[Statement, ...]:
    """Totals of users tell how many of these were seen; totals of segments do not."""
    of_users = isinstance(probed, Measured) and "users_seen" in probed.estimates
    return panel.statements(probed) if of_users else segments.statements(probed)


Tally = Callable[..., Any]
OF_EVERY_LOG: Mapping[str, Tally] = {
    identity.NAME: identity.tally,
    history_depth.NAME: history_depth.tally,
    serial_gaps.NAME: serial_gaps.tally,
    gap_law.NAME: gap_law.tally,
}
STATEMENTS: Mapping[str, Callable[[Probed], tuple[Statement, ...]]] = {
    panel.NAME: _of_panel,
    second_logs.NAME: second_logs.statements,
    hand_offs.NAME: hand_offs.statements,
    serial_gaps.NAME: serial_gaps.statements,
    orphans.NAME: orphans.statements,
    gap_law.NAME: gap_law.statements,
}


@dataclass(frozen=True, kw_only=True)
class Outside:
    """What somebody else counted: a panel's totals, and what other observers saw of the same events."""

    panel: Panel | None = None
    others: Sequence[observed.Observed] = ()


def tallies(settings: Settings, *, given: Panel | None) -> Mapping[str, Tally]:
    """What is summed up over every event of the log, for these settings and this panel."""
    wanted = dict(OF_EVERY_LOG)
    if given is not None:
        wanted[panel.NAME] = panel.PanelTally.of(given) if isinstance(given, UserPanel) else segments.tally
    if settings.capture.second_logs:
        wanted[second_logs.NAME] = observed.tally
    return wanted


def measure(
    sums: Mapping[str, Any],
    sample: Histories,
    *,
    outside: Outside,
    time_quantum_us: int | None,
    settings: Settings,
) -> tuple[Probed, ...]:
    """Every probe but the gate and the thinning curves, which need the order of the log."""
    return (
        identity.measure(sums[identity.NAME]),
        history_depth.measure(sums[history_depth.NAME], settings=settings),
        serial_gaps.measure(sums[serial_gaps.NAME], settings=settings),
        orphans.measure(sample, settings=settings, rng=_stream(orphans.NAME, settings)),
        hand_offs.measure(sample, settings=settings, rng=_stream(hand_offs.NAME, settings)),
        gap_law.measure(sums[gap_law.NAME], time_quantum_us=time_quantum_us, settings=settings),
        anchors.measure(settings),
        _panel(sums, outside, settings),
        _second_logs(sums, outside, settings),
    )


def thinned(sample: Histories, *, unordered: str | None, settings: Settings, threads: int) -> Probed:
    """The thinning curves. `unordered`: why nothing can be said of order, if so."""
    if unordered is not None:
        return Skipped(name=thinning.NAME, condition="capture", reason=unordered)
    return thinning.measure(sample, settings=settings, rng=_stream(thinning.NAME, settings), threads=threads)


def projected(half_life: Estimate | None, *, settings: Settings) -> dict[str, Estimate]:
    """The half-life that the whole of behaviour would show, where rate and pattern of loss were declared."""
    return projection.projected(half_life, settings=settings)


def statements(probes: Sequence[Probed], *, settings: Settings) -> tuple[Statement, ...]:
    """What all of them say about capture, and what was declared."""
    said = [statement for probed in probes for statement in STATEMENTS.get(probed.name, _none)(probed)]
    return (*said, *anchors.statements(settings))


def _panel(sums: Mapping[str, Any], outside: Outside, settings: Settings) -> Probed:
    given = outside.panel
    if given is None:
        return _not_supplied(panel.NAME, "no panel was supplied (--panel FILE)")
    rng = _stream(panel.NAME, settings)
    if isinstance(given, UserPanel):
        return panel.measure(given, sums[panel.NAME], settings=settings, rng=rng)
    return segments.measure(given, sums[panel.NAME], settings=settings, rng=rng)


def _second_logs(sums: Mapping[str, Any], outside: Outside, settings: Settings) -> Probed:
    if not outside.others:
        return _not_supplied(second_logs.NAME, "no second log was supplied (--second-log FILE)")
    lists = [sums[second_logs.NAME], *outside.others]
    return second_logs.measure(lists, settings=settings, rng=_stream(second_logs.NAME, settings))


def _not_supplied(name: str, reason: str) -> Skipped:
    return Skipped(name=name, condition="capture", reason=reason)


def _none(probed: Probed) -> tuple[Statement, ...]:
    return ()


def _stream(name: str, settings: Settings) -> np.random.Generator:
    """A stream of random numbers for each probe, so that adding one changes no other."""
    return np.random.default_rng([settings.seed, zlib.crc32(name.encode())])
