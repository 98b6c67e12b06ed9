"""Diagnose a world of every scenario and write what was found beside what was planted.

    python -m benchmarks.scenarios [--budget quick] [--only NAME ...]

Results are kept under benchmarks/results/scenarios/ and tabled in docs/scenarios.md.
"""

from __future__ import annotations

import argparse
import json

from benchmarks.real_logs import ROOT, head, kept_run, row, write_between
from diagnose import simulate

KEPT = ROOT / "benchmarks" / "results" / "scenarios"
PAGE = ROOT / "docs" / "scenarios.md"
WORLDS = ("ecommerce", "long_video", "stable", "trend_only", "sticky_sessions", "day_only")


def main() -> None:
    """Diagnose the worlds that are not kept yet, then write the table of all that are."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--budget", choices=("quick", "standard", "thorough"), default="quick")
    parser.add_argument("--only", nargs="*", default=WORLDS)
    parser.add_argument("--fresh", action="store_true")
    options = parser.parse_args()
    KEPT.mkdir(parents=True, exist_ok=True)
    for name in options.only:
        kept = KEPT / f"{name}.json"
        if options.fresh or not kept.exists():
            found = kept_run(simulate.world(name, seed=0).table, name, {}, options.budget)
            kept.write_text(json.dumps(found, indent=1) + "\n")
            print(row(found), flush=True)
    found = [
        json.loads((KEPT / f"{name}.json").read_text()) for name in WORLDS if (KEPT / f"{name}.json").exists()
    ]
    write_between(PAGE, found, first=head("world"))


if __name__ == "__main__":
    main()
