"""Judge the trial: its recipe, its power, its false lifts, its time, and what it says of real logs.

    python -m benchmarks.trial [--smoke] [--only PART[,PART]] [--minutes N] [--workers 2] [--data DIR]
    python -m benchmarks.trial --table

Resumable like `benchmarks.drift`: results lie under benchmarks/results/trial/, the table in
docs/trial_benchmark.md. Speed against other implementations is `benchmarks.trial_speed`.
"""

from __future__ import annotations

import sys

from benchmarks import runner, trial_agreement, trial_nulls, trial_power, trial_recipe
from benchmarks.kept import ROOT

BENCHMARK = runner.Benchmark(
    family="trial",
    page=ROOT / "docs" / "trial_benchmark.md",
    parts={
        "Recipe": trial_recipe,
        "Power": trial_power,
        "No false lift": trial_nulls,
        "Agreement with the item probe": trial_agreement,
    },
)

if __name__ == "__main__":
    sys.exit(runner.main(BENCHMARK, __doc__))
