"""What a training step of DIEN costs: ours against other people's, and against the FLOPs alone.

    python -m benchmarks.trial_speed [--rounds 20]
    python -m benchmarks.trial_speed --rounds 3 --only one_negative      (a minute, to try it)

Every contender is a process with one thread that trains for a moment when it is its turn; turns go round, so
that what else the machine does falls on all alike. Told are (history, candidate) pairs per CPU second, and
ratios of neighbouring turns. The peers are installed on first use (`benchmarks.peers`). Kept as JSON, written
between the markers of docs/trial_speed.md.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks import peers
from benchmarks.machine import ROOT, circumstances
from benchmarks.trial_speed_child import PEERS
from benchmarks.trial_speed_table import KEPT, write_page
from benchmarks.trial_speed_world import Case

SECONDS = 0.3  # of CPU, a turn
OURS = ("ours", "ours_frozen")
CASES: Mapping[str, tuple[Case, Sequence[str]]] = {
    "one_negative": (Case(negatives=1), (*OURS, *PEERS, "square_product")),
    "four_negatives": (Case(negatives=4), (*OURS, *PEERS, "square_product")),
    "large_batch_one": (
        Case(negatives=1, pairs=2 * 1024),
        (*OURS, "deepctr", "recbole", "square_product"),
    ),
    "large_batch": (Case(negatives=4, pairs=5 * 1024), (*OURS, "deepctr", "square_product")),
    "long_histories": (Case(negatives=1, steps=50, pairs=256), (*OURS, *PEERS, "square_product")),
    "many_items": (Case(negatives=1, items=200_000), (*OURS, "ours_dense", "deepctr", "square_product")),
    "very_many_items": (Case(negatives=1, items=1_000_000), (*OURS, "ours_dense", "square_product")),
}


def main() -> None:
    """Measure the cases, keep each, write the page."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--only", nargs="+", choices=CASES, default=list(CASES))
    parser.add_argument("--results", type=Path, default=KEPT)
    options = parser.parse_args()
    peers.install()
    options.results.mkdir(parents=True, exist_ok=True)
    for name in options.only:
        case, contenders = CASES[name]
        found = measured(case, contenders, rounds=options.rounds)
        kept = circumstances(("torch", "numpy")) | {"case": asdict(case), **found}
        (options.results / f"{name}.json").write_text(json.dumps(kept, indent=1) + "\n")
    write_page(options.results)


def measured(case: Case, contenders: Sequence[str], *, rounds: int) -> dict[str, Any]:
    """For each contender (CPU seconds, steps) of every round; and the FLOPs of a step of ours."""
    with ExitStack() as stack:
        children = {name: _start(stack, name, case) for name in contenders}
        ready = {name: _answer(child) for name, child in children.items()}
        turns: dict[str, list[tuple[float, int]]] = {name: [] for name in contenders}
        for number in range(rounds):
            for name, child in children.items():
                assert child.stdin is not None
                child.stdin.write(f"{SECONDS}\n")
                child.stdin.flush()
                told = _answer(child)
                turns[name].append((round(told["cpu_seconds"], 4), told["steps"]))
            print(f"{case}: round {number + 1} of {rounds}", file=sys.stderr)
    return {"pairs": case.rows, "flops": ready["ours"]["flops"], "turns": turns}


def _start(stack: ExitStack, name: str, case: Case) -> subprocess.Popen[str]:
    python = str(peers.PYTHON) if name in PEERS else sys.executable
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    child = subprocess.Popen(
        [python, "-m", "benchmarks.trial_speed_child", name, json.dumps(asdict(case))],
        cwd=ROOT,
        env={**os.environ, **one_thread, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    stack.enter_context(child)
    stack.callback(child.kill)
    return child


def _answer(child: subprocess.Popen[str]) -> dict[str, Any]:
    assert child.stdout is not None
    line = child.stdout.readline()
    if not line:
        raise SystemExit(f"{child.args} ended with code {child.wait()}")
    told: dict[str, Any] = json.loads(line)
    return told


if __name__ == "__main__":
    main()
