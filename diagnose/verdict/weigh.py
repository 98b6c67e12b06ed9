"""decide(): results in, verdict out. Evidence, rules, leaning, flips and words are its five steps."""

from __future__ import annotations

from collections.abc import Sequence

from diagnose.results import Capture, Hygiene, Probed, Trial, Verdict
from diagnose.settings import Settings
from diagnose.verdict.case import Case
from diagnose.verdict.evidence import gather
from diagnose.verdict.flips import find_flips
from diagnose.verdict.headlines import headline
from diagnose.verdict.leaning import lean
from diagnose.verdict.next_steps import next_steps
from diagnose.verdict.reasons import reasons
from diagnose.verdict.rules import judge
from diagnose.verdict.summaries import summary


def decide(
    *, hygiene: Hygiene, probes: Sequence[Probed], capture: Capture, trial: Trial, settings: Settings
) -> Verdict:
    """Weigh all results into one outcome, with its reasons, its flip conditions and what to do next.

    Pure: the same results and settings give the same verdict. `confidence` is None until there is a table of
    reference worlds to count in; `leaning` is what the probes alone point to, told where nothing is decided.
    """
    evidence = gather(hygiene=hygiene, probes=probes, capture=capture, trial=trial, settings=settings)
    finding = judge(evidence)
    told = finding.outcome == "inconclusive" and finding.cause != "too_few_users"
    case = Case(
        hygiene=hygiene,
        probes=probes,
        capture=capture,
        trial=trial,
        settings=settings,
        evidence=evidence,
        finding=finding,
        leaning=lean(evidence) if told else None,
    )
    return Verdict(
        outcome=finding.outcome,
        arm=finding.arm,
        headline=headline(case),
        summary=summary(case),
        leaning=case.leaning,
        confidence=None,
        reasons=reasons(case),
        flips_if=find_flips(evidence, most=settings.verdict.most_flips),
        next_steps=next_steps(case),
    )
