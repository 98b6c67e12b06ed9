"""Every probe of a condition, measured or skipped: nothing that was asked is left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from diagnose.report import units, words
from diagnose.results import Condition, Measured, Probed, Result, Skipped


@dataclass(frozen=True, kw_only=True)
class Probe:
    """A probe in the closing list of its condition: what it asked, and what it found or why it could not."""

    asked: Sequence[tuple[str, str]]  # (question, name); several that were skipped for one reason
    findings: Sequence[tuple[str, str, str]]  # (what, value, interval)
    users: int
    reason: str


def probes(result: Result, condition: Condition) -> list[Probe]:
    """Every probe of a condition with all its estimates, then those skipped, by their reason."""
    told = [probed for probed in result.probes if probed.condition == condition]
    measured = [_probe(probed.name, probed) for probed in told if isinstance(probed, Measured)]
    return [
        *measured,
        *(
            Probe(asked=[_asked(name) for name in names], findings=(), users=0, reason=reason)
            for reason, names in skipped(told).items()
        ),
    ]


def skipped(probes: Iterable[Probed]) -> dict[str, list[str]]:
    """Names of the probes that could not measure, by their reason."""
    found: dict[str, list[str]] = {}
    for probed in probes:
        if isinstance(probed, Skipped):
            found.setdefault(probed.reason, []).append(probed.name)
    return found


def _asked(name: str) -> tuple[str, str]:
    return words.PROBES.get(name, words.label(name)), name


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
        asked=[_asked(name)],
        findings=findings,
        users=probed.users,
        reason="",
    )
