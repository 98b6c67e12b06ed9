"""The probes that the drift benchmark judges: each by the module it lives in, and the numbers kept of it.

A probe that is not there is left out, so the list may name what is still to come.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from diagnose import simulate
from diagnose.histories import Histories
from diagnose.results import Estimate, Probed, Skipped
from diagnose.settings import Settings

Rng = np.random.Generator
SIMULATOR = "diagnose.simulate.sequences"  # results on worlds hang on it too
Interval = list[float]  # value, low, high
Numbers = Mapping[str, Interval]


def _by_name(module: str) -> Callable[[Histories, Settings, Rng], Probed]:
    def measured(sample: Histories, settings: Settings, rng: Rng) -> Probed:
        found: Probed = import_module(module).measure(sample, settings=settings, rng=rng)
        return found

    return measured


def _closed_form(sample: Histories, settings: Settings, rng: Rng) -> Probed:
    """The closed form alone: the guard sees no user."""
    from diagnose.drift import exchangeability

    nobody = sample.select(np.zeros(0, dtype=np.int64))
    by_event, by_session = exchangeability.tally(sample), exchangeability.tally_sessions(sample)
    return exchangeability.measure(by_event, by_session, nobody, settings=settings, rng=rng)


def _guard(sample: Histories, settings: Settings, rng: Rng) -> Mapping[str, Estimate]:
    """The permutations given the trend alone."""
    from diagnose.drift import trend_guard

    return trend_guard.measure(sample, settings=settings, rng=rng)[0]


@dataclass(frozen=True)
class Measure:
    """How a probe is run, and which of its estimates are kept."""

    module: str
    estimates: tuple[str, ...]
    run: Callable[[Histories, Settings, Rng], Probed | Mapping[str, Estimate]] | None = None

    @property
    def is_there(self) -> bool:
        """Whether the project has it."""
        return find_spec(self.module) is not None

    def __call__(self, sample: Histories, *, seed: int) -> dict[str, Any]:
        """The kept estimates, or why there are none."""
        run = self.run or _by_name(self.module)
        found = run(sample, Settings(seed=seed), np.random.default_rng([seed, 26]))
        if isinstance(found, Skipped):
            return {"skipped": found.reason}
        estimates = found if isinstance(found, Mapping) else found.estimates
        return {name: interval(estimates[name]) for name in self.estimates if name in estimates}


ORDER = ("total", "share", "blind_loss", "recency", "direction", "across_sessions")
GUARDED = (
    "z_given_trend",
    "excess_given_trend",
    "z_sessions_given_trend",
    "excess_sessions_given_trend",
    "moving_users",
)

MEASURES: Mapping[str, Measure] = {
    "order_information": Measure("diagnose.drift.order_information", ORDER),
    "exchangeability": Measure(
        "diagnose.drift.exchangeability", ("z", "z_sessions", "excess", "excess_sessions"), _closed_form
    ),
    "trend_guard": Measure("diagnose.drift.trend_guard", GUARDED, _guard),
    "item_order_information": Measure("diagnose.drift.item_order_information", ("gain", "gain_trees")),
    "interest_persistence": Measure(
        "diagnose.drift.interest_persistence",
        ("drift_share", "drift_share_events", "half_life_days", "half_life_events"),
    ),
    "turnover": Measure("diagnose.drift.turnover", ("turnover", "late_novelty")),
    "evolution_paths": Measure("diagnose.drift.evolution_paths", ("asymmetry", "paths", "directed_share")),
}


def there(names: tuple[str, ...]) -> list[str]:
    """Those of these measures that the project has."""
    return [name for name in names if MEASURES[name].is_there]


def modules(measure: str) -> tuple[str, ...]:
    """What the result of a measure on a simulated world hangs on."""
    return MEASURES[measure].module, SIMULATOR


def on_world(measure: str, plan: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """The kept estimates of a measure on the world of that plan and seed."""
    return MEASURES[measure](simulate.histories(**plan, seed=seed), seed=seed)


def interval(estimate: Estimate) -> Interval:
    """Value, low, high; six digits do."""
    return [float(f"{number:.6g}") for number in (estimate.value, estimate.low, estimate.high)]
