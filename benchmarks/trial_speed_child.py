"""One contender in a process of its own: it trains when told to, and tells what that cost.

    python -m benchmarks.trial_speed_child NAME CASE      (CASE: a Case as JSON)

A line on stdin is a number of CPU seconds to train for; the answer: CPU seconds taken, steps done.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time

from benchmarks.trial_speed_world import Case

WARM_UP = 3  # steps: the first ones allocate
PEERS = ("deepctr", "deepctr_tower", "recbole", "fuxictr")


def main() -> None:
    """Builds the contender, then answers until stdin ends."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)  # whatever a library prints does not mix with the answers
    import torch

    torch.set_num_threads(1)
    name, case = sys.argv[1], Case(**json.loads(sys.argv[2]))
    family = importlib.import_module("benchmarks.trial_speed_" + ("peers" if name in PEERS else "ours"))
    step = getattr(family, name)(case)
    for _ in range(WARM_UP):
        step()
    flops = family.flops(case) if name == "ours" else None
    answers.write(json.dumps({"flops": flops}) + "\n")
    for line in sys.stdin:
        seconds, steps, begun = json.loads(line), 0, time.process_time()
        while (taken := time.process_time() - begun) < seconds:
            step()
            steps += 1
        answers.write(json.dumps({"cpu_seconds": taken, "steps": steps}) + "\n")


if __name__ == "__main__":
    main()
