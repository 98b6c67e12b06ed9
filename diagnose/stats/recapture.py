"""Capture and recapture: how many there are, from how often several observers saw the same ones.

A *history* of an event says which lists have it: bit l of its code is list l. With L lists there are
2^L - 1 histories that can be seen; the question is how many events have history 0.

Chapman's estimator (two lists) takes the lists for independent and every event for equally likely to be
seen. Log-linear Poisson models (three lists or more) let pairs of lists depend on one another; the one of
least AIC is taken: a dependence left out biases the estimate, one too many only widens it, and events are
many. Positive dependence that no model holds makes the total too small, hence every share too high.

Reference  Chapman (1951); Fienberg (1972), Biometrika 59; Bishop, Fienberg and Holland (1975), ch. 6.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Pair = tuple[int, int]
LARGEST_ODDS = 1e6  # unseen events for each seen one: beyond it a fit has run off to infinity


def chapman(first: Numbers, second: Numbers, both: Numbers) -> Numbers:
    """Chapman's number of all events: (n1 + 1)(n2 + 1)/(m + 1) - 1, nearly unbiased also for few matches.

    >>> float(chapman(np.array(60.0), np.array(50.0), np.array(10.0)))  # 61 x 51 / 11 - 1
    281.8181818181818
    """
    return np.asarray((first + 1) * (second + 1) / (both + 1) - 1)


@dataclass(frozen=True)
class LogLinear:
    """A log-linear model of the histories of `lists` lists: main effects and these two-list dependences."""

    lists: int
    pairs: tuple[Pair, ...]
    aic: float
    parameters: tuple[float, ...]  # the first is the log of the events that no list has


def total(counts: Numbers, model: LogLinear) -> float:
    """All events under the model, fitted anew to `counts` (2^L,) by history (entry 0 is not looked at)."""
    anew = _fit(counts, model.lists, model.pairs, start=model.parameters)
    return float(counts[1:].sum() + np.exp(anew.parameters[0])) if anew else float("nan")


def chosen(counts: Numbers, *, lists: int) -> LogLinear | None:
    """The model of least AIC that can be fitted, of all sets of two-list dependences; None where none can."""
    fits = [fit for pairs in _models(lists) if (fit := _fit(counts, lists, pairs)) is not None]
    return min(fits, key=lambda fit: fit.aic, default=None)


def fitted(counts: Numbers, *, lists: int, pairs: tuple[Pair, ...]) -> LogLinear | None:
    """The model with just these dependences; None where it cannot be fitted."""
    return _fit(counts, lists, pairs)


def independent(counts: Numbers, *, lists: int) -> LogLinear | None:
    """The model without any."""
    return _fit(counts, lists, ())


def seen_by(lists: int) -> NDArray[np.bool_]:
    """Whether each list has the events of each history, (2^L, L)."""
    return np.asarray((np.arange(2**lists)[:, None] >> np.arange(lists)) & 1, dtype=bool)


def _models(lists: int) -> Iterator[tuple[Pair, ...]]:
    every = list(combinations(range(lists), 2))
    for size in range(len(every) + 1):
        yield from combinations(every, size)


@cache
def _design(lists: int, pairs: tuple[Pair, ...]) -> Numbers:
    """One row for each history that can be seen: 1, the lists that have it, the pairs that both have it."""
    seen = seen_by(lists)[1:].astype(np.float64)
    both = [seen[:, one] * seen[:, other] for one, other in pairs]
    return np.column_stack([np.ones(len(seen)), seen, *both])


def _fit(
    counts: Numbers, lists: int, pairs: tuple[Pair, ...], *, start: tuple[float, ...] | None = None
) -> LogLinear | None:
    """The Poisson fit; None where it does not settle on a finite number of unseen events."""
    from statsmodels.genmod.families import Poisson
    from statsmodels.genmod.generalized_linear_model import GLM

    design, seen = _design(lists, pairs), counts[1:]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of histories that nobody has: what comes of them is judged below
        try:
            fit = GLM(seen, design, family=Poisson()).fit(start_params=start, maxiter=100)
        except (ValueError, np.linalg.LinAlgError):
            return None
    intercept = float(fit.params[0])
    if not fit.converged or not intercept < np.log(LARGEST_ODDS * max(1.0, seen.sum())):
        return None
    return LogLinear(lists, pairs, float(-2 * fit.llf + 2 * design.shape[1]), tuple(map(float, fit.params)))
