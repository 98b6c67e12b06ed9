"""Real logs: our measures and the peer's rules beside what the literature says of these logs.

The labels are soft (other editions, other preprocessing): how far NDCG@10 of GRU4Rec and of SASRec falls when
histories are shuffled (Klenitskiy et al. 2024). MovieLens has one too, but it is of the order of the rating
page, where ratings tie.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import drift_measures, drift_rules
from benchmarks.drift_measures import MEASURES
from benchmarks.drift_peer import strengths
from benchmarks.kept import Found, Task
from benchmarks.real_logs import MAPPINGS, sampled
from benchmarks.shares import table

NAME = "real_logs"
OURS = ("order_information", "item_order_information")
LABELS: Mapping[str, tuple[int, int]] = {  # change of NDCG@10, %: GRU4Rec, SASRec
    "yoochoose-sessions-100k": (-34, -27),
    "amazon-beauty-5core": (-26, -43),
    "yelp-a": (-7, 5),
    "order-retailrocket-sessions": (-5, -2),
    "foursquare-nyc-checkins": (0, -5),
    "movielens-100k": (-67, -61),
}
TIED = ("movielens-100k",)  # its label is no order of interests
COLUMNS = (
    "order_information, share",
    "item_order_information, gain",
    *(f"rules, {n}-grams of {what}, relative change" for what in ("items", "categories") for n in (2, 3)),
)


def tasks(*, smoke: bool, data: Path | None = None) -> list[Task]:
    """Every log; those that are not in the folder cannot be done."""
    hangs_on = {measure: (MEASURES[measure].module, "diagnose.interests") for measure in OURS} | {
        "rules": ("benchmarks.drift_rules", "diagnose.interests")
    }
    return [
        Task(
            part=NAME,
            world=log,
            measure=measure,
            seed=0,
            modules=modules,
            place=str(data),
            there=data is not None and (data / f"{log}.parquet").exists(),
        )
        for log in MAPPINGS
        for measure, modules in hangs_on.items()
    ]


def run(task: Task) -> dict[str, Any]:
    """What the measure says of the sampled users of the log."""
    sample = sampled(task.place, task.world)
    if task.measure in OURS:
        return drift_measures.MEASURES[task.measure](sample, seed=task.seed)
    return dict(drift_rules.counts(sample, rng=np.random.default_rng(task.seed)))


def report(results: Sequence[tuple[Task, Found]]) -> str:
    """A table: measures and labels of each log, and how measures rank the labelled ones."""
    logs: dict[str, dict[str, Found]] = {}
    for task, kept in results:
        logs.setdefault(task.world, {})[task.measure] = kept["found"]
    measured = {log: strengths(found) for log, found in logs.items()}
    ranked = sorted(measured, key=lambda log: -measured[log].get(COLUMNS[0], -1.0))
    rows = [[log, *(_number(measured[log].get(name)) for name in COLUMNS), _label(log)] for log in ranked]
    rows.append(["**Spearman with the label**", *(_agreement(measured, name) for name in COLUMNS), ""])
    labelled = [log for log in LABELS if log in measured and log not in TIED]
    return "\n\n".join(
        [
            f"{len(logs)} logs, up to 20,000 sampled users each. A change of rules of 1 means that shuffling "
            "destroys all, a negative one that it makes some. Labels: change of NDCG@10 when histories are "
            f"shuffled, GRU4Rec / SASRec. The last line is over {len(labelled)} logs (MovieLens' label is of "
            "ties), so it says little.",
            table(["log", *COLUMNS, "label"], rows),
        ]
    )


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _label(log: str) -> str:
    return " / ".join(f"{number} %" for number in LABELS[log]) if log in LABELS else ""


def _agreement(measured: Mapping[str, Mapping[str, float]], name: str) -> str:
    """Rank correlation with the mean fall of NDCG."""
    from scipy.stats import spearmanr

    logs = [log for log in LABELS if log in measured and log not in TIED and name in measured[log]]
    if len(logs) < 3:
        return "-"
    label = [-sum(LABELS[log]) for log in logs]
    return (
        f"{float(spearmanr(label, [measured[log][name] for log in logs]).statistic):.2f} ({len(logs)} logs)"
    )
