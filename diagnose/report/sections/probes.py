"""Every probe of a condition, measured or skipped: nothing that was asked is left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from diagnose.report import units, words
from diagnose.results import Condition, Measured, Result


@dataclass(frozen=True, kw_only=True)
class Probe:
    """A probe in the closing list of its condition: what it asked, and what it found or why it could not."""

    question: str
    name: str
    findings: Sequence[tuple[str, str, str]]  # (what, value, interval)
    users: int
    reason: str


def probes(result: Result, condition: Condition) -> list[Probe]:
    """Every probe of a condition, measured or skipped, with all its estimates."""
    return [
        _probe(probed.name, probed)
        if isinstance(probed, Measured)
        else Probe(
            question=words.PROBES.get(probed.name, words.label(probed.name)),
            name=probed.name,
            findings=(),
            users=0,
            reason=probed.reason,
        )
        for probed in result.probes
        if probed.condition == condition
    ]


def _probe(name: str, probed: Measured) -> Probe:
    known = [key for key in words.ESTIMATES if key in probed.estimates]
    others = sorted(set(probed.estimates) - set(known))
    findings = []
    for key in (*known, *others):
        estimate = probed.estimates[key]
        exact = estimate.low == estimate.high
        findings.append(
            (words.estimate(key, name), units.value_of(estimate), "" if exact else units.range_of(estimate))
        )
    return Probe(
        question=words.PROBES.get(name, words.label(name)),
        name=name,
        findings=findings,
        users=probed.users,
        reason="",
    )
