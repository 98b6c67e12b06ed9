"""Order information: how many bits does the *order* of a user's past save when predicting what comes next?

Statistic  Loss (bits per event) of a mixture that knows the next category's popularity at the time and the
           user's bag of past categories, less the loss of the same with recency and direction added.
Null       The same difference on histories whose events are shuffled, all order parameters fitted anew.
           Without it a transition matrix is credited with knowing which categories go together.
           Across sessions: what is lost when earlier sessions are permuted as blocks; the rest is within.
Reference  Koren (2009) for time and users apart; Singer et al. (2014) for memory in navigation;
           Klenitskiy et al. (2024) for shuffling. Nested mixtures fitted by EM, users bootstrapped.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from diagnose.drift import order_depth, order_segments
from diagnose.drift.order_runs import Played, Runs, prepare
from diagnose.histories import Histories
from diagnose.results import Estimate, Measured, Probed, Series, Skipped
from diagnose.settings import Settings
from diagnose.stats.bootstrap import ResampledSums

NAME = "order_information"
QUESTION = "Does the order of a user's past say what category comes next?"
BITS = "bits/event"
PARTS = ("recency", "direction", "across_sessions", "within_session")
TOTAL, RECENCY, DIRECTION, BLIND = range(4)  # columns of the sums


def measure(histories: Histories, *, settings: Settings, rng: np.random.Generator) -> Probed:
    """Total, recency, direction, across_sessions, within_session in bits an event, and the share of the loss.

    With them how many recent events carry it, whether longer patterns add to it, and who brings it.
    """
    runs = prepare(histories, settings=settings, rng=rng)
    if isinstance(runs, str):
        return Skipped(name=NAME, condition="drift", reason=runs)
    original, null = runs.play(runs.as_it_was()), runs.null(runs.shuffled)
    sums = _sums(runs, original, null)
    estimates = {
        "total": sums.mean(TOTAL, unit=BITS),
        "recency": sums.mean(RECENCY, unit=BITS),
        "direction": sums.mean(DIRECTION, unit=BITS),
        "share": sums.ratio(TOTAL, BLIND, unit="share"),
        "blind_loss": sums.mean(BLIND, unit=BITS),
        "recency_half_life": _half_life(original.half_lives),
    }
    with_sessions, across = _by_session(runs)
    estimates |= across
    deeper = order_depth.measure(runs, found=estimates["share"].low > settings.order.floor_share)
    segments = order_segments.measure(runs, null.full - original.full, settings=settings)
    return Measured(
        name=NAME,
        condition="drift",
        users=len(np.unique(runs.user)),
        estimates=estimates | deeper.estimates,
        series=(_split(estimates), with_sessions, *deeper.series, *segments),
    )


def recency(histories: Histories, *, settings: Settings, rng: np.random.Generator) -> Probed:
    """The half-life alone, as `measure` finds it from the same numbers: no null, no interval over users."""
    runs = prepare(histories, settings=settings, rng=rng)
    if isinstance(runs, str):
        return Skipped(name=NAME, condition="drift", reason=runs)
    half_life = _half_life(runs.losses(runs.as_it_was()).half_lives)
    users = len(np.unique(runs.user))
    return Measured(name=NAME, condition="drift", users=users, estimates={"recency_half_life": half_life})


def _sums(runs: Runs, original: Played, null: Played) -> ResampledSums:
    """What each user saves, in total and by part, and the order-blind loss; with what it teaches beside."""
    total, recency = null.full - original.full, null.recency - original.recency
    taught = null.taught - original.taught
    nothing = np.zeros(len(total))
    beside = np.stack([taught[:, 1], taught[:, 0], taught[:, 1] - taught[:, 0], nothing], axis=1)
    values = np.stack([total, recency, total - recency, runs.blind], axis=1)
    return ResampledSums(values, runs.user, rng=runs.rng, beside=beside)


def _by_session(runs: Runs) -> tuple[Series, dict[str, Estimate]]:
    """What is lost when earlier sessions change places, and the rest; on targets with two of them."""
    eligible = runs.by_session()[1]
    users, needed = len(np.unique(runs.user[eligible])), runs.order.minimum_users
    told = Series(
        name="users with two earlier sessions",
        x=("users", "needed"),
        y=(float(users), float(needed)),
        unit_x="count of",
        unit_y="users",
    )
    if users < needed:
        return told, {}
    some = runs.among(eligible)
    original = some.play(some.as_it_was())
    sessions, events = some.null(some.session_shuffled), some.null(some.shuffled)
    values = np.stack([sessions.full - original.full, events.full - sessions.full], axis=1)
    taught = np.stack(
        [(sessions.taught - original.taught)[:, 1], (events.taught - sessions.taught)[:, 1]], axis=1
    )
    sums = ResampledSums(values[eligible], runs.user[eligible], rng=runs.rng, beside=taught[eligible])
    return told, {
        "across_sessions": sums.mean(0, unit=BITS),
        "within_session": sums.mean(1, unit=BITS),
    }


def _half_life(chosen: Sequence[float]) -> Estimate:
    """The half-life in events that fits the log's order best; low and high are the range over the folds."""
    low, middle, high = (float(each) for each in np.quantile(chosen, [0, 0.5, 1]))
    return Estimate(value=middle, low=low, high=high, unit="events")


def _split(estimates: Mapping[str, Estimate]) -> Series:
    """The two cuts of order information, as far as they were measured."""
    parts = [part for part in PARTS if part in estimates]
    return Series(
        name="order information split",
        x=tuple(parts),
        y=tuple(estimates[part].value for part in parts),
        low=tuple(estimates[part].low for part in parts),
        high=tuple(estimates[part].high for part in parts),
        unit_x="part",
        unit_y=BITS,
    )
