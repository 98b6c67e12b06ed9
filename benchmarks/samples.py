"""Rebuilds sample_logs/ from its seeds: `python -m benchmarks.samples [FOLDER]`.

The same versions of numpy and pyarrow give the same bytes; other versions of pyarrow may pack the
same rows into other bytes.
"""

from __future__ import annotations

import sys
from pathlib import Path

from diagnose import simulate

FOLDER = Path(__file__).resolve().parent.parent / "sample_logs"
SEEDS = {"ecommerce": 0, "long_video": 0, "stable": 0, "day_only": 0}  # nothing was chosen by its outcome


def build(folder: Path) -> list[Path]:
    """Writes every sample log and its truth into `folder`; returns the paths."""
    return [
        path
        for scenario, seed in SEEDS.items()
        for path in simulate.write(simulate.world(scenario, seed=seed), folder / f"{scenario}.parquet")
    ]


def main(arguments: list[str]) -> None:
    """Rebuilds the sample logs where the repository keeps them, or in another folder."""
    for path in build(Path(arguments[0]) if arguments else FOLDER):
        sys.stdout.write(f"{path} ({path.stat().st_size:,} bytes)\n")


if __name__ == "__main__":
    main(sys.argv[1:])
