"""Interest persistence: how fast do a user's interests fade, and how much of them fades at all?

Statistic  kappa(lag) = (M_within - M_between) / (1 - M_between): probability that two events of one user, a
           calendar lag apart and in different sessions, share a category, corrected for chance. Fitted as
           plateau + fall * 2^(-lag / half-life), on the calendar and in events. Drift share = 1 - plateau
           over start.
Null       Chance is what *other* users do at the same two times (platform_mix), so neither a moving platform
           nor the user's own part in it reads as drift. Users are held fixed over the lags (decay_curve), and
           a session is never paired with itself.
Interval   Percentile bootstrap over users. The lower end of a drift share is 0 unless the plain ratio of late
           to early lags has fallen too: the search for a half-life alone can fit noise.
Reference  Cohen (1960) for the correction; Koren (2009) on drifting taste.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from diagnose.drift.decay_curve import Curve, Decay, early_against_late, fit, half_lives, standardised
from diagnose.drift.platform_mix import PlatformMix, platform_mix
from diagnose.histories import MICROSECONDS_PER_SECOND, NO_CATEGORY, Histories
from diagnose.results import Estimate, Measured, Probed, Series, Skipped
from diagnose.settings import PersistenceSettings, Settings
from diagnose.stats.bootstrap import quantile_interval

NAME = "interest_persistence"
QUESTION = "How fast do a user's interests fade, and how much of them fades?"

SECONDS_PER_DAY = 86_400
DRAWN = 60  # points of a fitted curve
LAG_POINTS = 8  # a class of lags spans a factor of about 1.5: its middle alone would bias the half-life
FEWEST_LAGS = 5  # a plateau, a start and a half-life, and something left to contradict them

Indices = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class PairSums:
    """Sums over each user's pairs by lag: U users, B lags."""

    excess: NDArray[np.float64]  # of agreement - chance, (U, B)
    weight: NDArray[np.float64]  # of 1 - chance, (U, B)
    pairs: Indices  # (B,)
    lag: NDArray[np.float64]  # LAG_POINTS quantiles of each lag class, (B, Q): fading is convex in the lag

    @property
    def users(self) -> int:
        """Users with a pair at two lags at least: only they can show a change."""
        return int(((self.weight > 0).sum(axis=1) > 1).sum())

    def with_pairs(self, minimum: int) -> PairSums:
        """Only the lags with enough pairs, and the users that have any."""
        lags = self.pairs >= minimum
        users = (self.weight[:, lags] > 0).any(axis=1)
        kept = np.ix_(users, lags)
        return PairSums(self.excess[kept], self.weight[kept], self.pairs[lags], self.lag[lags])


def measure(histories: Histories, *, settings: Settings, rng: np.random.Generator) -> Probed:
    """Half-life in days and in events, and the drift share, with both curves."""
    limits = settings.persistence
    named = histories.keep_events(histories.category != NO_CATEGORY)
    if not named.n_events:
        return _skipped("no event has a category")
    mix, later = platform_mix(named), _targets(named, limits.targets_per_user)
    curves = {"events": _pair_sums(named, mix, later, _back_in_events(named, later, limits))}
    if named.clock:
        curves["calendar"] = _pair_sums(named, mix, later, _back_in_time(named, later, limits))
    curves = {name: sums.with_pairs(limits.minimum_pairs) for name, sums in curves.items()}
    users = max(sums.users for sums in curves.values())
    if users < settings.hygiene.minimum_users:
        return _skipped(
            f"{users:,} users have events in different sessions at two lags or more; the probe needs "
            f"{settings.hygiene.minimum_users:,}"
        )
    return _measured(curves, settings=settings, rng=rng)


def _measured(
    curves: dict[str, PairSums], *, settings: Settings, rng: np.random.Generator
) -> Measured | Skipped:
    estimates: dict[str, Estimate] = {}
    series: tuple[Series, ...] = ()
    for name, unit in (("calendar", "days"), ("events", "events")):
        sums = curves.get(name)
        if sums is None or len(sums.lag) < FEWEST_LAGS or sums.users < settings.hygiene.minimum_users:
            continue
        curve = standardised(sums.excess, sums.weight, sums.lag, rng=rng, draws=settings.persistence.draws)
        found, drawn = _decay(curve, name=name, unit=unit, limits=settings.persistence)
        estimates |= found
        series += drawn
    if not estimates:
        return _skipped("across sessions users agree with themselves no more than strangers do")
    users = max(sums.users for sums in curves.values())
    return Measured(name=NAME, condition="drift", users=users, estimates=estimates, series=series)


def _targets(histories: Histories, most: int) -> Indices:
    """The later events of all pairs: every event, or `most` of a user's evenly spread. Ascending."""
    lengths = histories.lengths
    taken = np.minimum(lengths, most)
    user = np.repeat(np.arange(len(lengths)), taken)
    place = np.arange(len(user)) - np.repeat(np.cumsum(taken) - taken, taken)
    spread = ((place + 0.5) * lengths[user] / taken[user]).astype(np.int64)
    return np.asarray(histories.offsets[user] + spread)


def _back_in_events(
    histories: Histories, later: Indices, limits: PersistenceSettings
) -> Iterator[tuple[Indices, NDArray[np.float64]]]:
    """For each event lag: the earlier event of every target (-1 where there is none), and the lag."""
    start = histories.offsets[histories.user_of_event[later]]
    for lag in limits.pair_lags:
        earlier = later - lag
        yield np.where(earlier >= start, earlier, -1), np.full(len(later), float(lag))


def _back_in_time(
    histories: Histories, later: Indices, limits: PersistenceSettings
) -> Iterator[tuple[Indices, NDArray[np.float64]]]:
    """For each class of calendar lags: every target's latest event at least so long before it, or -1."""
    seconds = histories.time // MICROSECONDS_PER_SECOND
    seconds = seconds - seconds.min()
    edges = _lag_edges(histories, seconds, limits.bins)
    if edges is None:
        return
    user = histories.user_of_event
    stride = int(seconds.max() + edges[-1] + 1)
    key, start = user * stride + seconds, histories.offsets[user[later]]
    for shortest, longest in pairwise(edges.tolist()):
        earlier = np.searchsorted(key, key[later] - shortest, side="right") - 1
        lag = seconds[later] - seconds[np.maximum(earlier, 0)]
        yield np.where((earlier >= start) & (lag < longest), earlier, -1), lag / SECONDS_PER_DAY


def _lag_edges(histories: Histories, seconds: Indices, bins: int) -> Indices | None:
    """Log-spaced classes from the short pauses between sessions to the long life-times, in seconds."""
    same_user = np.diff(histories.user_of_event) == 0
    pauses = np.diff(seconds)[same_user & (np.diff(histories.session) != 0)]
    pauses = pauses[pauses > 0]
    if not len(pauses):
        return None
    present = histories.lengths > 1
    lives = seconds[histories.offsets[1:][present] - 1] - seconds[histories.offsets[:-1][present]]
    low, high = float(np.quantile(pauses, 0.05)), float(np.quantile(lives[lives > 0], 0.9))
    return np.unique(np.geomspace(low, max(high, 2 * low), bins + 1).astype(np.int64))


def _pair_sums(
    histories: Histories,
    mix: PlatformMix,
    later: Indices,
    partners: Iterator[tuple[Indices, NDArray[np.float64]]],
) -> PairSums:
    """Each user's agreement beyond chance at each lag; pairs inside a session or a tie are left out."""
    user, n_users = histories.user_of_event[later], len(histories)
    session, time = histories.session[later], histories.time[later]
    points = (np.arange(LAG_POINTS) + 0.5) / LAG_POINTS
    excess, weight, pairs, lags = [], [], [], []
    for earlier, lag in partners:
        there = earlier >= 0
        there &= session != histories.session[earlier]
        there &= time != histories.time[earlier]
        first, second, owner = earlier[there], later[there], user[there]
        chance = mix.chance(first, second, user=owner)
        counts = mix.pair_weight(first, second, user=owner)
        agree = (mix.category[first] == mix.category[second]) - chance
        excess.append(np.bincount(owner, counts * agree, n_users))
        weight.append(np.bincount(owner, counts * (1 - chance), n_users))
        pairs.append(len(first))
        lags.append(np.quantile(lag[there], points) if len(first) else np.zeros_like(points))
    if not pairs:
        return PairSums(
            np.zeros((n_users, 0)), np.zeros((n_users, 0)), np.zeros(0, np.int64), np.zeros((0, 1))
        )
    return PairSums(np.stack(excess, 1), np.stack(weight, 1), np.array(pairs), np.array(lags))


def _decay(
    curve: Curve, *, name: str, unit: str, limits: PersistenceSettings
) -> tuple[dict[str, Estimate], tuple[Series, ...]]:
    """The estimates that one curve identifies, and its pictures; nothing where there is no agreement."""
    level_low, _ = quantile_interval(curve.draws @ curve.precision / curve.precision.sum())
    if level_low <= 0:
        return {}, ()
    tried = half_lives(curve.mean_lag, longest_share=limits.maximum_span_share)
    value = fit(curve.kappa[None, :], curve.lag, precision=curve.precision, tried=tried)
    draws = fit(curve.draws, curve.lag, precision=curve.precision, tried=tried)
    share, (low, high) = _drift_share(curve, value, draws), quantile_interval(draws.half_life)
    found: dict[str, Estimate] = {}
    if share.low > limits.floor_drift_share:
        if tried[0] < low and high < tried[-1]:
            half_life = float(value.half_life[0])
            found[f"half_life_{unit}"] = Estimate(value=half_life, low=low, high=high, unit=unit)
        else:  # start or plateau lies beyond the lags seen: more may fade than the fit can show
            share = replace(share, high=1.0)
    found["drift_share" if name == "calendar" else "drift_share_events"] = share
    return found, _pictures(curve, value, draws, name=name, unit=unit)


def _drift_share(curve: Curve, value: Decay, draws: Decay) -> Estimate:
    """1 - plateau / start. Where early and late lags do not differ, its lower end is 0."""
    low, high = quantile_interval(draws.drift_share)
    plain, _ = quantile_interval(early_against_late(curve.draws, precision=curve.precision))
    low = low if plain > 0 else 0.0
    share = float(value.drift_share[0])
    return Estimate(value=share, low=min(low, share), high=max(high, share), unit="share")


def _pictures(curve: Curve, value: Decay, draws: Decay, *, name: str, unit: str) -> tuple[Series, ...]:
    """The points of a curve and the fitted line, each with its interval."""
    middle = curve.mean_lag
    dense = np.geomspace(middle[0], middle[-1], DRAWN)
    shown = (
        (f"kappa_{name}", middle, curve.kappa, curve.draws),
        (f"kappa_{name}_fit", dense, value.at(dense)[0], draws.at(dense)),
    )
    return tuple(
        Series(
            name=title,
            x=tuple(x.tolist()),
            y=tuple(y.tolist()),
            unit_x=unit,
            unit_y="agreement beyond chance",
            low=tuple(np.quantile(spread, 0.05, axis=0).tolist()),
            high=tuple(np.quantile(spread, 0.95, axis=0).tolist()),
        )
        for title, x, y, spread in shown
    )


def _skipped(reason: str) -> Skipped:
    return Skipped(name=NAME, condition="drift", reason=reason)
