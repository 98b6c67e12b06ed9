"""Plant nothing and count what is found: order information on worlds without order.

    python -m benchmarks.false_alarms [--seeds 40] [--users 1500]

For each world and seed: is the lower end of the 90 % interval of `order_information.share` above its
effect floor? Kept as JSON with date, seeds and commit; printed as a table.
"""

from __future__ import annotations

import argparse
import datetime
import json
import subprocess
from concurrent.futures import ProcessPoolExecutor
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from diagnose import engine
from diagnose.drift import order_information
from diagnose.results import Measured
from diagnose.settings import Settings
from diagnose.simulate import world

ROOT = Path(__file__).parent.parent
KEPT = ROOT / "benchmarks" / "results" / "false_alarms.json"
WORLDS = ("stable", "trend_only")


def main() -> None:
    """Run the worlds, one process a core, and keep what was found."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--users", type=int, default=1_500)
    options = parser.parse_args()
    tasks = list(product(WORLDS, range(options.seeds), [options.users]))
    with ProcessPoolExecutor(2) as workers:
        shares = list(workers.map(order_share, *zip(*tasks, strict=True)))
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    kept = {
        "date": datetime.date.today().isoformat(),
        "commit": commit.stdout.strip(),
        "users": options.users,
        "seeds": options.seeds,
        "floor": Settings().order.floor_share,
        "worlds": {
            name: summary(
                [share for (world_name, *_), share in zip(tasks, shares, strict=True) if world_name == name]
            )
            for name in WORLDS
        },
    }
    KEPT.parent.mkdir(parents=True, exist_ok=True)
    KEPT.write_text(json.dumps(kept, indent=1) + "\n")
    print(json.dumps(kept, indent=1))


def order_share(name: str, seed: int, users: int) -> tuple[float, float, float] | None:
    """(value, low, high) of the order-information share of one world; None where it was skipped."""
    settings = Settings(seed=seed)
    with engine.open_log(world(name, users=users, seed=seed).table, settings=settings) as log:
        sample = log.collect({}).sample
    probed = order_information.measure(sample, settings=settings, rng=np.random.default_rng(seed))
    if not isinstance(probed, Measured):
        return None
    share = probed.estimates["share"]
    return share.value, share.low, share.high


def summary(shares: list[tuple[float, float, float] | None]) -> dict[str, Any]:
    """How many were found, and where the estimates lie."""
    measured = np.array([share for share in shares if share is not None])
    floor = Settings().order.floor_share
    return {
        "measured": len(measured),
        "found": int((measured[:, 1] > floor).sum()),
        "above_zero": int((measured[:, 1] > 0).sum()),
        "mean_share": round(float(measured[:, 0].mean()), 6),
        "largest_share": round(float(measured[:, 0].max()), 6),
    }


if __name__ == "__main__":
    main()
