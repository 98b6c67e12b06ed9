"""Would the finding still hold, had more of the log been lost?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from diagnose.capture import thinning
from diagnose.capture.thinned import PATTERNS
from diagnose.histories import NO_CATEGORY
from diagnose.results import Measured, Skipped
from diagnose.settings import Settings
from diagnose.simulate import histories

FLOOR = Settings().order.floor_share


def few(rates=(1.0, 0.3), **order) -> Settings:
    """Fewer users, rates and shuffles, for quick worlds."""
    settings = Settings()
    return replace(
        settings,
        order=replace(settings.order, **{"minimum_users": 200} | order),
        thinning=replace(
            settings.thinning,
            rates=rates,
            permutations=1,
            category_draws=3,
            draw_users=50,
            maximum_targets=9_000,
        ),
    )


def measure(log, settings=None, seed=0, threads=1):
    return thinning.measure(log, settings=settings or few(), rng=np.random.default_rng(seed), threads=threads)


def curve(probed, pattern):
    (found,) = (each for each in probed.series if each.name == f"thinning by {pattern}")
    return found


@pytest.fixture(scope="module")
def lasting():
    """Interests with a half-life of 8 events, visits of a handful of events."""
    return measure(histories(users=700, events=60, seed=1, half_life_events=8, session_events=6))


def test_lost_sessions_leave_more_order_than_lost_events(lasting):
    """Interests that last: what is left at .3 is least where single events are lost, in clear order."""
    by = {pattern: curve(lasting, pattern) for pattern in PATTERNS}
    assert by["events"].high[-1] < by["sessions"].low[-1]
    assert by["events"].high[-1] < by["categories"].low[-1]


def test_losing_more_leaves_less(lasting):
    """Of single events and of whole sessions, the share falls with the rate."""
    for pattern in ("events", "sessions"):
        found = curve(lasting, pattern)
        assert found.high[1] < found.low[0]


def test_a_strong_finding_survives_the_lowest_rate(lasting):
    """Order this strong is found at .3 by any pattern: that much, or less."""
    for pattern in PATTERNS:
        held = lasting.estimates[f"holds_until_{pattern}"]
        assert (held.value, held.low) == (pytest.approx(0.3), 0.0)


def test_the_users_that_are_left_are_told(lasting):
    """Each pattern says how many users have targets at every rate."""
    told = [each for each in lasting.series if each.name.startswith("users left")]
    assert [each.name.rsplit(" ", 1)[1] for each in told] == list(PATTERNS)
    assert all(each.y[0] >= each.y[-1] >= 200 for each in told)


def test_without_order_there_is_nothing_to_lose():
    """Tastes that stand still: no rate shows order, and no rate is named at which it would be lost."""
    probed = measure(histories(users=700, events=60, seed=2))
    assert set(probed.estimates) == {"share_full"}
    assert probed.estimates["share_full"].high < FLOOR
    for pattern in PATTERNS:
        assert max(curve(probed, pattern).low) < FLOOR


def test_the_whole_share_is_that_of_order_information():
    """On the same users and all their targets, share_full is the headline's, to the noise of shuffles."""
    from diagnose.drift import order_information

    log = histories(users=700, events=20, seed=3, half_life_events=8, directed=0.1)
    settings = few(permutations=2)
    settings = replace(settings, thinning=replace(settings.thinning, maximum_targets=10**6, permutations=2))
    headline = order_information.measure(log, settings=settings, rng=np.random.default_rng(0))
    full, share = measure(log, settings).estimates["share_full"], headline.estimates["share"]
    assert full.value == pytest.approx(share.value, abs=0.002)
    assert full.high - full.low == pytest.approx(share.high - share.low, rel=0.2)


def test_histories_too_short_for_a_rate_stop_above_it():
    """Twelve events a user leave too few with four at a tenth: no such point, and the series says why."""
    log = histories(users=600, events=12, seed=4, half_life_events=8)
    probed = measure(log, few(rates=(1.0, 0.6, 0.1)))
    assert curve(probed, "events").x == (1.0, 0.6)
    (told,) = (each for each in probed.series if each.name == "users left, thinned by events")
    assert told.y[-1] < 200 <= told.y[1]


def test_two_categories_cannot_be_thinned():
    """Of four categories a third is one: there is no curve by categories, and the others are there."""
    probed = measure(histories(users=600, events=40, seed=5, half_life_events=8, categories=4))
    assert {each.name for each in probed.series} >= {"thinning by events", "thinning by sessions"}
    assert "thinning by categories" not in {each.name for each in probed.series}
    assert "holds_until_categories" not in probed.estimates


def test_the_same_seed_gives_the_same_numbers_on_any_threads():
    """Everything random comes from the generator, whoever ends first."""
    log = histories(users=300, events=40, seed=6, half_life_events=8)
    assert measure(log, seed=7, threads=1) == measure(log, seed=7, threads=2)


def test_too_little_is_told():
    """Few users, one category, no category: a reason and no number."""
    log = histories(users=300, events=12, seed=7)
    for bare, word in (
        (log.select(np.arange(100)), "the probe needs 200"),
        (replace(log, category=np.zeros_like(log.category)), "one category"),
        (replace(log, category=np.full_like(log.category, NO_CATEGORY)), "0 users"),
    ):
        probed = measure(bare)
        assert isinstance(probed, Skipped)
        assert word in probed.reason


def test_positions_are_enough():
    """Positions in one session are thinned by events; a session that is never lost keeps all its order."""
    log = histories(users=400, events=40, seed=8, half_life_events=8)
    bare = replace(log, clock=False, time=log.rank.astype(np.int64), session=np.zeros_like(log.session))
    probed = measure(bare)
    assert isinstance(probed, Measured)
    by_session, by_event = curve(probed, "sessions"), curve(probed, "events")
    assert by_session.y[1] > 0.9 * by_session.y[0]
    assert by_event.y[1] < 0.9 * by_event.y[0]


@pytest.mark.slow
def test_thinning_a_log_is_losing_it():
    """Full logs thinned to .2 show what the same behaviour shows where all but .2 was lost as it arose.

    The losses are drawn apart, so shares of .28, .42 and .51 differ by .004 (.02 by categories) by chance.
    """
    settings = few(rates=(1.0, 0.2))
    settings = replace(
        settings, thinning=replace(settings.thinning, category_draws=5, maximum_targets=60_000)
    )
    every = few(rates=(1.0,), targets_per_user=10**6)  # a cap would weigh down those who lost least
    every = replace(every, thinning=replace(every.thinning, maximum_targets=10**9))
    within = {"events": 0.012, "sessions": 0.012, "categories": 0.04}
    apart = {pattern: [] for pattern in within}
    for seed in (1, 2):
        world = {"users": 3_000, "events": 100, "half_life_events": 8, "directed": 0.1, "seed": seed}
        thinned = measure(histories(**world), settings)
        for pattern, found in apart.items():
            lost = measure(histories(**world, capture=0.2, loss=pattern), every)
            found.append(curve(thinned, pattern).y[-1] - lost.estimates["share_full"].value)
    for pattern, found in apart.items():
        assert abs(np.mean(found)) < within[pattern], pattern


@pytest.mark.slow
def test_without_order_hardly_any_curve_passes_the_floor():
    """Over 20 stable worlds, some with a moving catalogue, no point of any curve is found above the floor."""
    found = 0
    for seed in range(20):
        log = histories(users=700, events=60, seed=100 + seed, trend=0.5 * (seed % 2))
        probed = measure(log, few(rates=(1.0, 0.3, 0.1)))
        found += any(max(curve(probed, pattern).low) > FLOOR for pattern in PATTERNS)
    assert found <= 1
