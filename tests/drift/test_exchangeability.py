"""Exchangeability: the closed form is the truth of all orders, sums add up, and the alarms are honest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise, permutations

import numpy as np
import pytest

from diagnose import simulate
from diagnose.drift import exchangeability
from diagnose.drift.exchangeability import ExchangeabilityTally, tally, tally_sessions
from diagnose.histories import NO_CATEGORY, Histories
from diagnose.results import Measured, Skipped
from diagnose.settings import Settings


def histories_of(*users: Sequence[int]) -> Histories:
    """Users with these categories in this order, a minute apart."""
    category = np.array([k for user in users for k in user], dtype=np.int32)
    offsets = np.concatenate([[0], np.cumsum([len(user) for user in users])]).astype(np.int64)
    return Histories(
        offsets=offsets,
        user=np.arange(len(users), dtype=np.uint64),
        item=np.zeros(len(category), dtype=np.int64),
        category=category,
        time=np.arange(len(category), dtype=np.int64) * 60_000_000,
        session=np.zeros(len(category), dtype=np.int32),
        event=np.zeros(len(category), dtype=np.int16),
    )


def measure(histories: Histories, sums: ExchangeabilityTally | None = None):
    """The probe of a log that is its own sample, or of these sums alone."""
    sums = tally(histories) if sums is None else sums
    return exchangeability.measure(
        sums,
        tally_sessions(histories),
        histories,
        settings=Settings(),
        rng=np.random.default_rng(0),
    )


def z_and_excess(histories: Histories) -> tuple[float, float]:
    probed = measure(histories)
    assert isinstance(probed, Measured)
    return probed.estimates["z"].value, probed.estimates["excess"].value


@pytest.mark.parametrize(
    "history", [(0, 0, 1, 1, 2), (0, 0, 0, 1), (0, 1, 0, 1, 0, 1), (0, 0, 1, 2, 2, 2, 1)]
)
def test_mean_and_variance_are_those_of_all_orders(history):
    """Over every permutation of a user's events, pairs have the mean and the variance of the closed form."""
    n = len(history)
    pairs = np.array([sum(a == b for a, b in pairwise(o)) for o in permutations(history)])
    observed = sum(a == b for a, b in pairwise(history))
    twice = histories_of(history, history)  # two such users: twice the excess, twice the variance
    z, excess = z_and_excess(twice)
    assert z == pytest.approx(2 * (observed - pairs.mean()) / np.sqrt(2 * pairs.var()), abs=1e-12)
    assert excess == pytest.approx((observed - pairs.mean()) / (n - 1), abs=1e-12)


def test_users_of_different_lengths_weigh_by_their_pairs():
    """The excess of two users is the sum of their surpluses over the sum of their pairs, by hand."""
    _, excess = z_and_excess(histories_of((0, 0, 1), (0, 1, 0, 1, 0)))
    # user 1: 1 observed, S2 / N = 2 / 3; user 2: 0 observed, (6 + 2) / 5
    assert excess == pytest.approx((1 - 2 / 3 - 8 / 5) / (2 + 4))


def test_the_interval_of_the_excess_is_the_users():
    """The excess's interval is the ratio estimator's over users, computed here user by user."""
    histories = simulate.histories(users=300, events=20, heavy_tailed=True, half_life_events=2, seed=5)
    surplus, pairs = [], []
    for slice_ in histories.per_user():
        category = histories.category[slice_]
        if len(category) >= 2:
            counts = np.bincount(category)
            surplus.append(
                (category[1:] == category[:-1]).sum() - (counts * (counts - 1)).sum() / len(category)
            )
            pairs.append(len(category) - 1)
    e, m = np.array(surplus), np.array(pairs)
    ratio = e.sum() / m.sum()
    half = 1.6448536 * np.sqrt(len(e) * (e - ratio * m).var(ddof=0) * len(e) / (len(e) - 1)) / m.sum()
    estimate = measure(histories).estimates["excess"]
    assert estimate.value == pytest.approx(ratio)
    assert estimate.high - estimate.value == pytest.approx(half, rel=1e-6)


def test_batches_of_users_add_up_to_the_whole():
    """Any split of the users into batches gives the very same integers."""
    histories = simulate.histories(users=200, events=15, heavy_tailed=True, seed=2)
    merged = ExchangeabilityTally()
    for part in np.array_split(np.random.default_rng(0).permutation(len(histories)), 7):
        merged += tally(histories.select(part))
    assert merged == tally(histories)


def test_giants_overflow_nothing():
    """A user of five million events is summed exactly: here alternating, so that all sums are known."""
    n = 5_000_000
    giant = histories_of(())
    category = np.arange(n, dtype=np.int32) % 2
    zeros = np.zeros(n, dtype=np.int64)
    giant = replace(
        giant,
        offsets=np.array([0, n]),
        category=category,
        item=zeros,
        time=zeros,
        session=zeros.astype(np.int32),
        event=zeros.astype(np.int16),
    )
    k = n // 2
    s2, s3 = 2 * k * (k - 1), 2 * k * (k - 1) * (k - 2)
    assert tally(giant).sums == {n: (1, 0, s2, s2**2, s3, s2**2)}
    small = tally(histories_of((0, 0, 1)))
    both = measure(histories_of((0, 0, 1)), tally(giant) + small)
    assert both.estimates["z"].value == pytest.approx(-np.sqrt(n), rel=1e-3)


def test_many_users_overflow_nothing(monkeypatch):
    """Users just under the limit of 64-bit products give the same sums as Python integers do."""
    histories = simulate.histories(users=3, events=2_000, categories=3, seed=1)
    fast = tally(histories)
    monkeypatch.setattr("diagnose.drift.exchangeability.LARGEST_FAST", 10)
    assert tally(histories) == fast


def test_events_without_category_are_left_out():
    """An event without a category neither counts nor parts its neighbours."""
    assert tally(histories_of((0, NO_CATEGORY, 0, 1, NO_CATEGORY))) == tally(histories_of((0, 0, 1)))


def test_names_of_categories_mean_nothing():
    """Renumbering the categories and reordering the users changes no sum."""
    histories = simulate.histories(users=100, events=20, half_life_events=3, seed=3)
    codes = np.random.default_rng(1).permutation(histories.n_categories)
    renamed = histories.with_categories(codes[histories.category], histories.categories)
    assert tally(renamed.select(np.arange(len(histories))[::-1])) == tally(histories)


@pytest.mark.parametrize(
    "histories",
    [histories_of(), histories_of((0,), (1,)), histories_of((0, 0), (1, 1, 1)), histories_of((0, 1), (2, 3))],
)
def test_a_log_without_anything_to_permute_is_skipped(histories):
    """Where every order of every user looks the same, nothing is measured and the reason is said."""
    probed = measure(histories)
    assert isinstance(probed, Skipped)
    assert probed.reason


def test_stable_worlds_raise_the_alarms_of_chance():
    """Over 200 stable worlds z is standard normal: mean 0, deviation 1, one in ten beyond 1.645."""
    z = np.array([z_and_excess(simulate.histories(users=60, events=20, seed=s))[0] for s in range(200)])
    assert abs(z.mean()) < 0.24  # 3.4 standard errors of 1 / sqrt(200)
    assert 0.83 < z.std() < 1.17
    assert 6 <= (np.abs(z) > 1.645).sum() <= 36  # outside with probability under 1 in 500 at 20 expected


def test_the_interval_of_the_excess_covers_zero_on_stable_worlds():
    """The user-level interval of the excess misses 0 in about one stable world of ten."""
    missed = 0
    for seed in range(200):
        histories = simulate.histories(users=60, events=20, heavy_tailed=True, seed=1_000 + seed)
        estimate = measure(histories).estimates["excess"]
        missed += not estimate.low <= 0 <= estimate.high
    assert 6 <= missed <= 40


def test_sessions_are_summed_by_the_category_they_open_with():
    """Two users with sessions: the sums are those of the openings, categorised events only."""
    log = histories_of((NO_CATEGORY, 0, 1, 0, 2, 2), (1, 1, 1))
    log = replace(log, session=np.array([0, 0, 0, 1, 1, 2, 0, 0, 1], dtype=np.int32))
    assert tally_sessions(log) == tally(histories_of((0, 0, 2), (1, 1)))


def test_shuffling_whole_sessions_changes_no_expectation():
    """Over all orders of three sessions, openings have the mean and variance of the closed form."""
    sessions = ((0, 1), (0,), (2, 0, 0))
    surpluses = []
    for order in permutations(sessions):
        category = [k for session in order for k in session]
        number = [i for i, session in enumerate(order) for _ in session]
        log = replace(histories_of(category), session=np.array(number, dtype=np.int32))
        (row,) = tally_sessions(log).sums.values()
        surpluses.append(3 * row[1] - row[2])
    assert sum(surpluses) == 0
    assert len(set(surpluses)) > 1


def test_sticky_sessions_are_nothing_across_sessions():
    """One category a session moves the test by events far and the one by sessions not at all."""
    probed = measure(simulate.histories(users=1_000, events=40, seed=4, sticky=True))
    assert probed.estimates["z"].value > 100
    assert abs(probed.estimates["z_sessions"].value) < 3
    assert abs(probed.estimates["z_sessions_given_trend"].value) < 3


@pytest.mark.parametrize(
    "knobs", [{"half_life_events": 8}, {"trend": 1.0}, {"sticky": True}], ids=["drift", "trend", "sticky"]
)
def test_drift_trend_and_sticky_sessions_all_move_it(knobs):
    """Drift moves z far; so do a moving catalogue and sticky sessions: it is no verdict's sole ground."""
    z, excess = z_and_excess(simulate.histories(users=1_000, events=40, seed=4, **knobs))
    assert z > 20
    assert excess > 0.005


def test_ties_broken_at_random_hide_order_and_make_none():
    """A stable world stays at chance with ties, a drifting one loses some of its excess."""
    stable, _ = z_and_excess(simulate.histories(users=500, events=30, ties=0.5, seed=6))
    _, tied = z_and_excess(simulate.histories(users=500, events=30, ties=0.5, half_life_events=3, seed=6))
    _, clear = z_and_excess(simulate.histories(users=500, events=30, half_life_events=3, seed=6))
    assert abs(stable) < 3.5
    assert 0 < tied < clear
