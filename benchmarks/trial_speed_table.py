"""The kept measurement of the trial's speed as Markdown, for docs/trial_speed.md.

python -m benchmarks.trial_speed_table
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from benchmarks.machine import ROOT, measured_at
from benchmarks.shares import table

KEPT = Path(__file__).parent / "results" / "trial_speed"
PAGE = ROOT / "docs" / "trial_speed.md"
BEGIN, END = "<!-- table: begin -->", "<!-- table: end -->"
PRODUCT_FLOPS = 2 * 1024**3  # of `square_product`
TITLES = {
    "one_negative": "One negative",
    "four_negatives": "Four negatives",
    "large_batch_one": "One negative, 1,024 histories a step",
    "large_batch": "Four negatives, 1,024 histories a step",
    "long_histories": "Long histories, small batch",
    "many_items": "200 thousand items",
    "very_many_items": "A million items",
}
NAMES = {
    "ours": "ours, embeddings trained by rows",
    "ours_frozen": "ours, embeddings frozen",
    "ours_dense": "ours, embeddings trained by a dense AdamW",
    "deepctr": "DeepCTR-Torch 0.3.0",
    "deepctr_tower": "DeepCTR-Torch 0.3.0, its own tower (256, 128)",
    "recbole": "RecBole 1.2.1",
    "fuxictr": "FuxiCTR 2.3.10 (no auxiliary loss)",
}
TARGETS = {
    ("one_negative", "deepctr"): 5.0,
    ("four_negatives", "deepctr"): 8.0,
    ("large_batch_one", "deepctr"): 5.0,
    ("large_batch", "deepctr"): 8.0,
    ("large_batch_one", "recbole"): 9.0,
    ("one_negative", "recbole"): 9.0,
}
Kept = Mapping[str, Any]


def main() -> None:
    """Write the page from what is kept."""
    write_page(KEPT)


def write_page(folder: Path) -> None:
    """Replace what stands between the markers of the page."""
    paths = {name: folder / f"{name}.json" for name in TITLES}
    told = "\n\n".join(
        section(name, json.loads(path.read_text())) for name, path in paths.items() if path.exists()
    )
    text = PAGE.read_text() if PAGE.exists() else f"{BEGIN}\n{END}\n"
    before, _, rest = text.partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{told}\n{END}{rest.partition(END)[2]}")


def section(name: str, kept: Kept) -> str:
    """One case: what it is, every contender's speed, and how many times faster ours is."""
    case, pairs = kept["case"], kept["pairs"]
    rows = [
        [NAMES[contender], f"{speed(turns, pairs):,.0f}", *_ratio(name, contender, kept)]
        for contender, turns in kept["turns"].items()
        if contender in NAMES
    ]
    note = (
        f"{pairs:,} pairs a step, histories of {case['steps']} events, {case['negatives']} to a positive, "
        f"{case['items']:,} items. {measured_at(kept)}; {len(kept['turns']['ours'])} rounds."
    )
    head = ["contender", "pairs per CPU second", "ours is so many times faster (quartiles)", "asked", "met"]
    return f"## {TITLES[name]}\n\n{note} {_floor(kept)}\n\n{table(head, rows)}"


def speed(turns: list[tuple[float, int]], pairs: int) -> float:
    """Pairs per CPU second, median over the turns."""
    return median(pairs * steps / seconds for seconds, steps in turns)


def ratios(kept: Kept, contender: str) -> list[float]:
    """How many times as fast ours is, round by round."""
    return [
        (our_steps / our_seconds) / (steps / seconds)
        for (our_seconds, our_steps), (seconds, steps) in zip(
            kept["turns"]["ours"], kept["turns"][contender], strict=True
        )
    ]


def _ratio(name: str, contender: str, kept: Kept) -> list[str]:
    if contender == "ours":
        return ["", "", ""]
    low, middle, high = quantiles(ratios(kept, contender), n=4)
    target = TARGETS.get((name, contender))
    asked = ["", ""] if target is None else [f"{target:g}", "yes" if middle >= target else "**no**"]
    return [f"{middle:.2f} ({low:.2f} to {high:.2f})", *asked]


def _floor(kept: Kept) -> str:
    per_second = PRODUCT_FLOPS / median(seconds / steps for seconds, steps in kept["turns"]["square_product"])
    share = median(
        kept["flops"] * our_steps / our_seconds / (PRODUCT_FLOPS * steps / seconds)
        for (our_seconds, our_steps), (seconds, steps) in zip(
            kept["turns"]["ours"], kept["turns"]["square_product"], strict=True
        )
    )
    return (
        f"Our step has {kept['flops'] / 1e9:.2f} GFLOP of matrix products; a bare product of 1024 x 1024 "
        f"matrices ran at {per_second / 1e9:.0f} GFLOP/s in the same rounds: {share:.0%} of that is reached."
    )


if __name__ == "__main__":
    main()
