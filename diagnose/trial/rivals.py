"""Which rivals of a target are kept, and what the kept targets weigh.

Dropping targets without eligible rivals shifts the shares of repeats and new items; the weights shift them
back.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from diagnose.predictors.candidates import Candidates


def thin(candidates: Candidates, *, negatives: int, rng: np.random.Generator) -> Candidates:
    """At most `negatives` of each target's rivals, drawn at random from all it could have had.

    So training, validation and test differ in how many rivals there are, not in what kind: drawn
    directly, the half from the true item's category is a half of 4, but in a small catalogue far less than
    a half of 49.
    """
    keys = rng.random(candidates.item[:, 1:].shape) + ~candidates.mask[:, 1:]
    columns = 1 + np.argsort(keys, axis=1)[:, :negatives]
    columns = np.concatenate([np.zeros((len(columns), 1), dtype=np.int64), columns], axis=1)
    return replace(
        candidates,
        item=np.take_along_axis(candidates.item, columns, axis=1),
        by_category=np.take_along_axis(candidates.by_category, columns, axis=1),
    )


def lost_weight(candidates: Candidates) -> NDArray[np.float64]:
    """How many tried targets of its stratum each kept one stands for, (n,)."""
    weight = np.ones(len(candidates))
    for name, members in (("repeat", candidates.repeat), ("new", ~candidates.repeat)):
        kept = np.count_nonzero(members)
        lost = sum(count for reason, count in candidates.dropped.items() if reason.startswith(name))
        weight[members] = (kept + lost) / (kept or 1)
    return weight


def restoring_weight(repeat: NDArray[np.bool_], tried: Candidates) -> NDArray[np.float64]:
    """Weights that give repeats and new items among the chosen their shares before any was dropped, (n,)."""
    stands_for = lost_weight(tried)
    before = float(stands_for[tried.repeat].sum() / max(stands_for.sum(), 1.0))
    now = float(repeat.mean()) if len(repeat) else 0.0
    if not 0 < now < 1:
        return np.ones(len(repeat))
    return np.where(repeat, before / now, (1 - before) / (1 - now))
