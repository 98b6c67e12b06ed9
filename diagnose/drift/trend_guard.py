"""The guard of the exchangeability test: does it still speak once the platform's own movement is taken out?

Statistic  Events (or sessions, by the category they open with) that repeat the category of the one before,
           less the mean over orders drawn given the user's own categories and the platform's trend.
Null       Stable tastes times a common trend (conditional_order.py): a moving catalogue alone gives 0.
Users      Whose interests move: each user's repeats are a binomial with chance c + (1 - c) * own share, where
           c, the carry-over, has some distribution over users, fitted as a mixture on a grid. A user of six
           sessions is not counted as moving because of one lucky pair: the mixture knows how loud chance is.
Reference  Berrett et al. (2020); Kiefer and Wolfowitz (1956), Koenker and Mizera (2014) on mixtures.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from diagnose.drift.conditional_order import Seen, conditional_orders
from diagnose.drift.platform_mix import platform_mix
from diagnose.histories import NO_CATEGORY, Histories
from diagnose.predictors.mixture import fit_mixture
from diagnose.results import Estimate, Series
from diagnose.settings import GuardSettings, Settings
from diagnose.stats.bootstrap import NORMAL_95, ResampledSums, quantile_interval

CARRIED = np.arange(21) / 20  # carry-over of interests from session to session, steps of 0.05

Integers = NDArray[np.int64]
Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Repeats:
    """Each user's repeats, their mean and variance over orders given the trend, and its pairs; (U,)."""

    seen: Integers
    mean: Numbers
    variance: Numbers
    pairs: Integers


def measure(
    histories: Histories, *, settings: Settings, rng: np.random.Generator
) -> tuple[dict[str, Estimate], tuple[Series, ...]]:
    """z and excess given the trend, by event and by session, and the share of users whose interests move.

    Nothing where too few users could show it.
    """
    guard, needed = settings.guard, settings.hygiene.minimum_users
    known = histories.keep_events(histories.category != NO_CATEGORY)
    if int((known.lengths >= guard.fewest).sum()) < needed:
        return {}, ()
    mix = platform_mix(known)
    found: dict[str, Estimate] = {}
    drawn: tuple[Series, ...] = ()
    for suffix, event in (
        ("", np.arange(known.n_events)),
        ("_sessions", np.flatnonzero(known.opens_session)),
    ):
        some = _some(known, event, guard, rng)
        if len(np.unique(known.user_of_event[some])) < needed:
            continue
        repeats = _repeats(Seen.of(known, mix, some), guard, rng)
        found |= _estimates(repeats, f"{suffix}_given_trend", rng)
        if suffix:
            moving, drawn = _moving(repeats, guard, rng)
            found |= moving
    return found, drawn


def _some(histories: Histories, event: Integers, guard: GuardSettings, rng: np.random.Generator) -> Integers:
    """Of these events each user's last ones, of users drawn at random until they are few enough."""
    user = histories.user_of_event[event]
    counts = np.bincount(user, minlength=len(histories))
    after = np.repeat(np.cumsum(counts), counts) - np.arange(len(event)) - 1
    counts = np.minimum(counts, guard.events_per_user)
    drawn = rng.permutation(np.flatnonzero(counts >= guard.fewest))
    chosen = np.zeros(len(histories), dtype=np.bool_)
    chosen[drawn] = np.cumsum(counts[drawn]) <= guard.events
    return event[chosen[user] & (after < guard.events_per_user)]


def _repeats(seen: Seen, guard: GuardSettings, rng: np.random.Generator) -> Repeats:
    drawn = np.stack(
        [
            seen.repeats(category)
            for category in conditional_orders(seen, draws=guard.draws, steps=guard.steps, rng=rng)
        ]
    )
    return Repeats(
        seen.repeats(seen.category), drawn.mean(axis=0), drawn.var(axis=0, ddof=1), seen.lengths - 1
    )


def _estimates(repeats: Repeats, suffix: str, rng: np.random.Generator) -> dict[str, Estimate]:
    """z with the interval of its own unit variance under the null; excess share of pairs, users resampled."""
    surplus = repeats.seen - repeats.mean
    variance = float(repeats.variance.sum())
    sums = ResampledSums(
        np.stack([surplus, repeats.pairs.astype(np.float64)], axis=1), np.arange(len(surplus)), rng=rng
    )
    found = {f"excess{suffix}": sums.ratio(0, 1, unit="share")}
    if variance > 0:
        z = float(surplus.sum()) / variance**0.5
        found[f"z{suffix}"] = Estimate(
            value=z, low=z - NORMAL_95, high=z + NORMAL_95, unit="standard deviations"
        )
    return found


def _moving(
    repeats: Repeats, guard: GuardSettings, rng: np.random.Generator
) -> tuple[dict[str, Estimate], tuple[Series, ...]]:
    """The share of users whose interests carry over, and the distribution of the carry-over."""
    likelihood = _likelihood(repeats)
    weights = fit_mixture(likelihood)
    users, draws = likelihood.shape[1], []
    for _ in range(guard.refits):
        chosen = rng.integers(0, users, users)
        draws.append(fit_mixture(likelihood[:, chosen], start=weights + 1e-3))
    spread = np.stack(draws)
    beyond = guard.moving - 1e-9 <= CARRIED
    value = float(weights[beyond].sum())
    low, high = quantile_interval(spread[:, beyond].sum(axis=1))
    moving = Estimate(value=value, low=min(low, value), high=max(high, value), unit="share")
    shown = Series(
        name="carry-over over users",
        x=tuple(CARRIED.tolist()),
        y=tuple(weights.tolist()),
        low=tuple(np.quantile(spread, 0.05, axis=0).tolist()),
        high=tuple(np.quantile(spread, 0.95, axis=0).tolist()),
        unit_x="carry-over",
        unit_y="share",
    )
    return {"moving_users": moving}, (shown,)


def _likelihood(repeats: Repeats) -> Numbers:
    """Of each user's repeats under each carry-over, largest 1 in each user's column; (CARRIED, U)."""
    own = np.clip(repeats.mean / np.maximum(repeats.pairs, 1), 1e-3, 1 - 1e-3)
    chance = np.clip(CARRIED[:, None] + (1 - CARRIED[:, None]) * own, 1e-3, 1 - 1e-3)
    log = repeats.seen * np.log(chance) + (repeats.pairs - repeats.seen) * np.log1p(-chance)
    return np.asarray(np.exp(log - log.max(axis=0)))
