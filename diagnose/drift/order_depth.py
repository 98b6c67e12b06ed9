"""How deep order reaches: how many recent events carry its worth, and whether longer patterns add to it.

Window     The latest m events stay in their place and all older ones are permuted; what is still gained is
           what the order of m events is worth. The smallest m that keeps nine tenths of the whole is the
           history a model needs.
Lags       Transitions from the event d back in place of those from the last one, on top of recency.
Second     What transitions from earlier events and from the last two together add to those from the last.
Null       As everywhere in order information: the same on shuffled pasts, all parameters fitted anew.
Reference  Singer et al. (2014) on the order of memory; Raftery (1985) on transitions by lag.

On at most `depth_targets` targets, of whole users: every window is a fit of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnose.drift.order_runs import Bits, Runs
from diagnose.predictors.categories import Order
from diagnose.predictors.lags import deeper_losses, lag_losses
from diagnose.predictors.targets import whole_users
from diagnose.results import Estimate, Series
from diagnose.stats.bootstrap import ResampledSums, quantile_interval

BITS = "bits/event"


@dataclass(frozen=True, eq=False)
class Depth:
    """What was found, and what can be drawn."""

    estimates: dict[str, Estimate]
    series: tuple[Series, ...]


@dataclass(frozen=True, eq=False)
class _Bits:
    """Bits of each target in one order: the full model; beyond recency by lag, (L, n); beyond the full."""

    full: Bits
    by_lag: Bits
    deeper: Bits

    def saved(self, order: _Bits) -> _Bits:
        """What another order saves of these."""
        return _Bits(self.full - order.full, self.by_lag - order.by_lag, self.deeper - order.deeper)


def measure(runs: Runs, *, found: bool) -> Depth:
    """The window curve, order by lag, and second_order; history_needed only where order was `found`."""
    settings = runs.order
    rows = whole_users(runs.user, maximum=settings.depth_targets, rng=runs.rng)
    some = runs.among(rows)
    nulls = [_bits(some, some.shuffled()) for _ in range(settings.depth_permutations)]
    null = _Bits(
        np.mean([each.full for each in nulls], axis=0),
        np.mean([each.by_lag for each in nulls], axis=0),
        np.mean([each.deeper for each in nulls], axis=0),
    )
    saved = null.saved(_bits(some, some.as_it_was()))
    windows = [m for m in settings.windows if m < settings.history]
    by_window = [null.full - some.losses(some.latest_kept(m)).full for m in windows]
    columns = np.stack([*by_window, saved.full, *saved.by_lag, saved.deeper], axis=1)
    sums = ResampledSums(columns[rows], runs.user[rows], rng=runs.rng)
    means = [sums.mean(column, unit=BITS) for column in range(columns.shape[1])]
    windows.append(settings.history)
    n = len(windows)
    estimates = {"second_order": means[-1]}
    if found:
        estimates["history_needed"] = _needed(sums, windows, share=settings.needed_share)
    return Depth(
        estimates,
        (
            _series("order information by window", windows, means[:n]),
            _series("order information by lag", settings.direction_lags, means[n:-1]),
        ),
    )


def _bits(runs: Runs, order: Order) -> _Bits:
    """All losses of one order: full; beyond recency by lag; and beyond full what longer patterns add."""
    run, asked = runs.losses(order), (runs.moments, order, runs.folds)
    lags = runs.order.direction_lags
    by_lag = [lag_losses(*asked, run, lag=lag) - run.recency for lag in lags]
    deeper = deeper_losses(*asked, run, lags=lags[1:]) - run.full
    return _Bits(run.full, np.stack(by_lag), deeper)


def _needed(sums: ResampledSums, windows: Sequence[int], *, share: float) -> Estimate:
    """The shortest window that carries that share of the whole; the interval over resampled users."""
    low, high = quantile_interval(_first(sums.draws, windows, share))
    value = float(_first(sums.totals[None, :], windows, share)[0])
    return Estimate(value=value, low=min(low, value), high=max(high, value), unit="events")


def _first(totals: NDArray[np.float64], windows: Sequence[int], share: float) -> NDArray[np.float64]:
    """The first window that is enough, for each row of totals; the last one is the whole."""
    whole = totals[:, len(windows) - 1 : len(windows)]
    enough = totals[:, : len(windows)] >= share * whole
    first: NDArray[np.float64] = np.asarray(windows, dtype=np.float64)[enough.argmax(axis=1)]
    return first


def _series(name: str, x: Sequence[int], found: Sequence[Estimate]) -> Series:
    return Series(
        name=name,
        x=tuple(float(events) for events in x),
        y=tuple(estimate.value for estimate in found),
        low=tuple(estimate.low for estimate in found),
        high=tuple(estimate.high for estimate in found),
        unit_x="events",
        unit_y=BITS,
    )
