"""Judge the drift probes: false alarms, half-lives, detection, the closest peer, speed, real logs.

    python -m benchmarks.drift [--smoke] [--only PART[,PART]] [--minutes N] [--workers 2] [--data DIR]
    python -m benchmarks.drift --table

Every finished world is kept under benchmarks/results/drift/ at once, so a run that was cut off goes on
where it stopped, and only what hangs on changed code is done again. Cells fill evenly: a partial run has
some worlds of each. `--smoke` does two worlds a cell. `--data` is the folder of the public logs (not part of
the project). `--table` writes what is kept of today's code to docs/drift_benchmark.md; `--forget` drops the
rest; `--confirm` makes three older results of each cell again and takes all of the cell over where they
are the same to the last digit.
"""

from __future__ import annotations

import sys

from benchmarks import (
    drift_detection,
    drift_false_alarms,
    drift_half_lives,
    drift_peer,
    drift_real_logs,
    drift_speed,
    runner,
)
from benchmarks.kept import ROOT

BENCHMARK = runner.Benchmark(
    family="drift",
    page=ROOT / "docs" / "drift_benchmark.md",
    parts={
        "False alarms": drift_false_alarms,
        "Half-lives": drift_half_lives,
        "Detection": drift_detection,
        "Against the closest peer": drift_peer,
        "Speed": drift_speed,
        "Real logs": drift_real_logs,
    },
)

if __name__ == "__main__":
    sys.exit(runner.main(BENCHMARK, __doc__))
