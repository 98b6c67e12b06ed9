"""Orders given the trend: what a moving catalogue does is taken out, what users do is left."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from diagnose import simulate
from diagnose.drift import trend_guard
from diagnose.drift.conditional_order import Seen, conditional_orders
from diagnose.drift.platform_mix import PlatformMix, platform_mix
from diagnose.settings import Settings

SETTINGS = Settings()


def measure(log, settings=SETTINGS, seed=0):
    return trend_guard.measure(log, settings=settings, rng=np.random.default_rng(seed))


def seen_of(category, lengths, log_trend):
    """Users with these categories, under a trend (events, categories) of the log's own."""
    lengths = np.array(lengths)
    user = np.repeat(np.arange(len(lengths)), lengths)
    rank = np.arange(len(user)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    row = np.arange(len(user)) * log_trend.shape[1]
    return Seen(np.array(category), user, rank, lengths, ((log_trend.ravel(), row),))


def test_orders_come_as_often_as_the_trend_says():
    """Of the six orders of three categories each is drawn with its probability under the trend."""
    log_trend = np.log(np.array([[4.0, 1.0, 1.0], [1.0, 2.0, 1.0], [1.0, 1.0, 3.0]]))
    users = 2_000
    seen = seen_of([2, 0, 1] * users, [3] * users, np.tile(log_trend, (users, 1)))
    drawn = Counter()
    for category in conditional_orders(seen, draws=5, steps=30, rng=np.random.default_rng(0)):
        drawn.update(map(tuple, category.reshape(-1, 3).tolist()))
    weight = {order: np.exp(sum(log_trend[place, k] for place, k in enumerate(order))) for order in drawn}
    assert len(drawn) == 6
    for order, count in drawn.items():
        expected = weight[order] / sum(weight.values())
        assert count / (5 * users) == pytest.approx(expected, abs=0.02)  # 4 standard errors


def test_every_user_keeps_its_categories():
    """A draw reorders each user's own events and mixes nobody's with another's."""
    log = simulate.histories(users=50, events=12, seed=1, trend=1.0, heavy_tailed=True)
    seen = Seen.of(log, platform_mix(log), np.arange(log.n_events))
    for category in conditional_orders(seen, draws=2, steps=10, rng=np.random.default_rng(0)):
        assert not np.array_equal(category, seen.category)
        for slice_ in log.per_user():
            assert np.array_equal(np.sort(category[slice_]), np.sort(seen.category[slice_]))


def test_repeats_are_counted_within_users():
    """Equal neighbours of two users are no repeat."""
    seen = seen_of([0, 0, 1, 1, 1, 2], [3, 3], np.zeros((6, 3)))
    assert seen.repeats(seen.category).tolist() == [1, 1]


def test_a_moving_catalogue_loses_most_of_its_excess():
    """Stable users under a strong trend: what the closed form sees is gone but for a trace."""
    log = simulate.histories(users=1_500, events=40, seed=2, trend=1.0)
    found, _ = measure(log)
    mix = platform_mix(log)
    no_trend = PlatformMix(
        tuple(replace(pattern, movement=0 * pattern.movement) for pattern in mix.patterns),
        mix.share,
        mix.category,
    )
    seen = Seen.of(log, no_trend, np.arange(log.n_events))
    free = np.mean(
        [
            seen.repeats(c).sum()
            for c in conditional_orders(seen, draws=5, steps=30, rng=np.random.default_rng(0))
        ]
    )
    excess = (seen.repeats(seen.category).sum() - free) / (log.n_events - len(log))
    assert excess > 0.02
    assert found["excess_given_trend"].value < excess / 4
    assert found["excess_sessions_given_trend"].low < SETTINGS.guard.floor_excess
    assert found["moving_users"].low < 0.01


@pytest.mark.parametrize("knobs", [{"half_life_events": 8}, {"half_life_days": 3.0, "trend": 1.0}])
def test_moving_interests_are_seen_with_and_without_a_trend(knobs):
    """Interests that last over sessions are found by event and by session, in nearly all users."""
    found, series = measure(simulate.histories(users=800, events=40, seed=3, **knobs))
    assert found["excess_given_trend"].low > 0.1
    assert found["excess_sessions_given_trend"].low > 0.05
    assert found["moving_users"].value > 0.9
    (distribution,) = series
    assert sum(distribution.y) == pytest.approx(1.0)


def test_half_of_the_users_moving_are_told_from_all():
    """One half of the users keeps its interests for days, the other draws afresh: about half are found."""
    still = simulate.histories(users=700, events=60, seed=4)
    moved = simulate.histories(users=700, events=60, seed=5, half_life_days=4.0)
    both = replace(
        still,
        offsets=np.concatenate([still.offsets, moved.offsets[1:] + still.n_events]),
        user=np.arange(1_400, dtype=np.uint64),
        **{
            name: np.concatenate([getattr(still, name), getattr(moved, name)])
            for name in ("item", "category", "time", "session", "event")
        },
    )
    estimate = measure(both)[0]["moving_users"]
    assert 0.4 < estimate.value < 0.6
    assert estimate.low < 0.5 < estimate.high + 0.05


def test_too_few_users_give_nothing():
    """Below the needed number of users with enough events there is no estimate."""
    assert measure(simulate.histories(users=300, events=40, seed=6)) == ({}, ())


@pytest.mark.slow
@pytest.mark.parametrize("knobs", [{}, {"sticky": True}, {"heavy_tailed": True}, {"ties": 0.3}])
def test_nothing_planted_nothing_found_across_sessions(knobs):
    """Over 30 worlds whose sessions are exchangeable, z by sessions is one in twenty above its 95 % point."""
    z = [
        measure(simulate.histories(users=800, events=40, seed=seed, **knobs), seed=seed)[0][
            "z_sessions_given_trend"
        ]
        for seed in range(30)
    ]
    assert sum(each.low > 0 for each in z) <= 5  # more with probability 0.3 %
    assert np.std([each.value for each in z]) < 1.5
