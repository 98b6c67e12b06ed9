"""Judge the capture probes on logs whose truth is known, and the verdict on the cases they were made for.

    python -m benchmarks.capture [--smoke] [--only PART[,PART]] [--minutes N] [--workers 2] [--data DIR]
    python -m benchmarks.capture --table

Resumable like `benchmarks.drift`: results lie under benchmarks/results/capture/, the table in
docs/capture_benchmark.md. `--only cases` diagnoses whole worlds with their trials: minutes each.
"""

from __future__ import annotations

import sys

from benchmarks import (
    capture_anchors,
    capture_cases,
    capture_faults,
    capture_hand_offs,
    capture_known_truth,
    capture_orphans,
    capture_serial,
    capture_thinning,
    runner,
)
from benchmarks.kept import ROOT

BENCHMARK = runner.Benchmark(
    family="capture",
    page=ROOT / "docs" / "capture_benchmark.md",
    parts={
        "Known truth": capture_known_truth,
        "The two cases": capture_cases,
        "Outside anchors": capture_anchors,
        "Serial gaps": capture_serial,
        "Orphans": capture_orphans,
        "Hand-offs": capture_hand_offs,
        "Thinning": capture_thinning,
        "Outages and duplicates": capture_faults,
    },
)

if __name__ == "__main__":
    sys.exit(runner.main(BENCHMARK, __doc__))
