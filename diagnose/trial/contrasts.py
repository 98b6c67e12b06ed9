"""The contrasts of the trial: which arm is subtracted from which, by stable names.

Where a side is "the better of" several arms, it is chosen on validation, so that the test set stays unseen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from diagnose.results import Contrast
from diagnose.trial.inference import PerUser, Spread, holm, p_value, spread

METRIC = "gauc"


@dataclass(frozen=True)
class Rule:
    """Best of `arms` minus best of `comparators`."""

    arms: tuple[str, ...]
    comparators: tuple[str, ...]
    descriptive: bool = False  # carries no verdict, so its p value is adjusted for the company it keeps


_BLIND = ("dnn", "din", "dien_shuffled")
RULES: dict[str, Rule] = {
    "lift": Rule(("dien",), ("dnn",)),
    "order_gain": Rule(("dien",), ("din", "dien_shuffled")),
    "recency_gain": Rule(("dnn_decayed",), ("dnn",), descriptive=True),
    "beyond_recency": Rule(("dien",), ("dnn_decayed",)),
    "attention_gain": Rule(("din",), ("dnn",), descriptive=True),
    "auxiliary_gain": Rule(("dien",), ("dien_no_auxiliary",), descriptive=True),
    "tie_effect": Rule(("dien",), ("dien_ties",)),
    "order_aware_gain": Rule(("dnn_decayed", "dien"), _BLIND),
    "order_aware_gain_redrawn": Rule(("dnn_decayed_ties", "dien_ties"), _BLIND),
}


def compare(
    sums: Mapping[str, PerUser], validation: Mapping[str, float], *, rng: np.random.Generator
) -> tuple[tuple[Contrast, ...], dict[str, Spread]]:
    """All contrasts whose arms ran, and the spread of each.

    sums: arm -> per-user GAUC sums on test; validation: arm -> mean over seeds of its best validation GAUC.
    """
    spreads, comparators = {}, {}
    for name, arm, comparator in _chosen(validation):
        comparators[name] = comparator
        spreads[name] = spread(sums[arm].minus(sums[comparator]), rng=rng)
    descriptive = [name for name in spreads if RULES[name].descriptive]
    adjusted = dict(zip(descriptive, holm([p_value(spreads[name]) for name in descriptive]), strict=True))
    found = tuple(_contrast(name, spreads[name], comparators[name], adjusted.get(name)) for name in spreads)
    return found, spreads


def _chosen(validation: Mapping[str, float]) -> Iterator[tuple[str, str, str]]:
    """(contrast, arm, arm subtracted) of every contrast all of whose arms ran."""
    for name, rule in RULES.items():
        if all(arm in validation for arm in rule.arms + rule.comparators):
            best = [max(side, key=lambda arm: validation[arm]) for side in (rule.arms, rule.comparators)]
            yield name, best[0], best[1]


def _contrast(name: str, found: Spread, comparator: str, adjusted: float | None) -> Contrast:
    interval = found.estimate("GAUC")
    return Contrast(
        name=name,
        metric=METRIC,
        value=interval.value,
        low=interval.low,
        high=interval.high,
        level=interval.level,
        comparator=comparator,
        p_adjusted=adjusted,
    )
