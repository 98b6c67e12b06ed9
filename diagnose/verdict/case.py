"""Everything that is known when the verdict is put into words, and the few phrases that all words share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from diagnose.formatting import NO_BREAK, fixed, number, percent, printable, signed
from diagnose.results import Capture, Estimate, Hygiene, Measured, Outcome, Probed, Skipped, Statement, Trial
from diagnose.settings import Settings
from diagnose.verdict.evidence import Evidence
from diagnose.verdict.rules import Finding

LONGEST_QUOTE = 200  # characters of a text that came with the results: a sentence, not a page


@dataclass(frozen=True, kw_only=True)
class Case:
    """The results, the evidence in them, and what the rules and the probes make of it."""

    hygiene: Hygiene
    probes: Sequence[Probed]
    capture: Capture
    trial: Trial
    settings: Settings
    evidence: Evidence
    finding: Finding
    leaning: Outcome | None

    @property
    def capture_unknown(self) -> bool:
        """Nobody has said, and nothing in the log says, what share of all events or sessions it holds."""
        return self.evidence.capture is None

    @property
    def part_known(self) -> Statement | None:
        """The statement of grade A or B about a part of behaviour, or its time, that leaves least; if any."""
        parts = [said for said in self.capture.statements if said.grade in ("A", "B") and said.high < 1]
        return min(parts, key=lambda said: said.high, default=None)

    @property
    def to_supply(self) -> str | None:
        """What would say most about capture, in a few words; None where nothing is wanted."""
        return quoted(self.capture.wanted[0].supply.partition(":")[0]) if self.capture.wanted else None

    def skipped(self, probe: str) -> str | None:
        """Why a probe was skipped; None where it was not, or did not run at all."""
        for probed in self.probes:
            if probed.name == probe and isinstance(probed, Skipped):
                return quoted(probed.reason)
        return None

    def measured(self, probe: str, name: str) -> Estimate | None:
        """An estimate that no rule reads."""
        for probed in self.probes:
            if probed.name == probe and isinstance(probed, Measured):
                return probed.estimates.get(name)
        return None


def quoted(text: str) -> str:
    """A text that came with the results: one line, not endless, without its full stop."""
    cut = text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…"
    return printable(" ".join(cut.split())).rstrip(".")


def gain(estimate: Estimate) -> str:
    """'+0.0115 GAUC (+0.0101 to +0.0129)'."""
    return f"{signed(estimate.value)}{NO_BREAK}GAUC ({between(estimate)})"


def between(estimate: Estimate) -> str:
    """'+0.0101 to +0.0129'."""
    return f"{signed(estimate.low)} to {signed(estimate.high)}"


def gauc(value: float) -> str:
    """'0.0115 GAUC', where the words already say which way."""
    return f"{fixed(value, 4)}{NO_BREAK}GAUC"


def share(estimate: Estimate) -> str:
    """'9.1 % (8.8 to 9.4)', below one per cent with a digit more."""
    decimals = 1 if abs(estimate.value) >= 0.01 else 2
    low, high = (fixed(100 * end, decimals) for end in (estimate.low, estimate.high))
    return f"{percent(estimate.value, decimals)} ({low} to {high})"


def held(statement: Statement) -> str:
    """'5 to 20 % of events'."""
    low, high = f"{100 * statement.low:.3g}", f"{100 * statement.high:.3g}"
    span = high if low == high else f"{low} to {high}"
    return f"{span}{NO_BREAK}% of {statement.unit}"


def how_known(statement: Statement) -> str:
    """'declared' or 'grade B'."""
    return "declared" if statement.grade == "declared" else f"grade {statement.grade}"


def scope(statement: Statement) -> str:
    """What the statement speaks of, and nothing else."""
    return f"that is, of {quoted(statement.scope)}"


def fading(case: Case) -> str | None:
    """The half-life to pool with, '11 events': the one the decayed arm was given, else the interests' own."""
    for probe, name, unit in (
        ("order_information", "recency_half_life", "events"),
        ("interest_persistence", "half_life_events", "events"),
        ("interest_persistence", "half_life_days", "days"),
    ):
        found = case.measured(probe, name)
        if found is not None and 0 < found.value < float("inf"):
            return f"{number(found.value, 2)}{NO_BREAK}{unit}"
    return None
