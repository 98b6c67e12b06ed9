"""How deep order reaches and who brings it: windows, lags, longer patterns, segments."""

from dataclasses import replace

import numpy as np
import pytest

from diagnose.drift import order_information
from diagnose.results import Measured
from diagnose.settings import Settings
from diagnose.simulate import histories

FEW = Settings(order=replace(Settings().order, permutations=2, minimum_users=200))


def measure(log, settings=FEW, seed=0):
    probed = order_information.measure(log, settings=settings, rng=np.random.default_rng(seed))
    assert isinstance(probed, Measured)
    return probed


def series(probed, name):
    return next(each for each in probed.series if each.name == name)


def with_categories(log, of_user):
    """The same log with each user's categories written by `of_user(rng, length)`."""
    rng = np.random.default_rng(0)
    category = np.concatenate([of_user(rng, int(length)) for length in log.lengths])
    return replace(log, category=category.astype(np.int32), categories=tuple("abcde"))


def sums_of_two(rng, length):
    """The next category is, half of the time, the sum of the last two modulo 5; one alone says nothing."""
    category = rng.integers(0, 5, length)
    for place in range(2, length):
        if rng.random() < 0.5:
            category[place] = (category[place - 1] + category[place - 2]) % 5
    return category


def copies_of_the_third(rng, length):
    """The next category is, most of the time, that of three events ago."""
    category = rng.integers(0, 5, length)
    for place in range(3, length):
        if rng.random() < 0.8:
            category[place] = category[place - 3]
    return category


def test_the_last_event_carries_a_chain_of_steps():
    """Steps to a successor need one event: it carries the whole gain, and no longer pattern adds to it."""
    probed = measure(histories(users=800, events=20, seed=1, directed=0.3))
    assert probed.estimates["history_needed"].value == 1
    assert abs(probed.estimates["second_order"].value) < 0.02 * probed.estimates["total"].value
    by_lag = series(probed, "order information by lag")
    assert by_lag.x == (1.0, 2.0, 3.0)
    assert by_lag.low[0] > 0.1
    assert by_lag.y[0] > 3 * by_lag.y[1]


def test_noisy_interests_need_several_events():
    """Where every other event is a glance elsewhere, one event does not carry what several do."""
    log = histories(users=1_000, events=40, seed=2, half_life_events=32, breadth=10.0)
    fresh = histories(users=1_000, events=40, seed=2, breadth=10.0)
    glance = np.random.default_rng(0).random(log.n_events) < 0.6
    log = replace(log, category=np.where(glance, fresh.category, log.category))
    probed = measure(log)
    assert probed.estimates["history_needed"].low >= 3
    curve = series(probed, "order information by window")
    assert curve.y[0] < 0.7 * curve.y[-1]


def test_a_pattern_of_two_events_is_longer_than_transitions():
    """Only the last two together say what comes next: second_order finds it, transitions do not."""
    log = with_categories(histories(users=800, events=20, seed=3, categories=5), sums_of_two)
    found = measure(log).estimates
    assert found["second_order"].low > 0.1
    assert abs(found["total"].value) < 0.01


def test_an_event_further_back_shows_at_its_lag():
    """The category of three events ago comes again: that lag says most, the last event next to nothing."""
    log = with_categories(histories(users=800, events=20, seed=4, categories=5), copies_of_the_third)
    probed = measure(log)
    by_lag = series(probed, "order information by lag")
    assert by_lag.low[2] > 0.2
    assert by_lag.y[2] > 4 * max(by_lag.y[:2])
    assert probed.estimates["second_order"].low > 0.2


def test_without_order_nothing_reaches_anywhere():
    """A stable world: the whole curve, all lags and second_order are 0, and no history is needed."""
    probed = measure(histories(users=800, events=20, seed=5))
    assert "history_needed" not in probed.estimates
    assert abs(probed.estimates["second_order"].value) < 0.003
    for name in ("order information by window", "order information by lag"):
        assert np.abs(series(probed, name).y).max() < 0.003


def test_the_whole_window_is_the_total_where_no_target_is_left_out():
    """With all targets in it, the last point of the curve is the total up to the noise of permuting."""
    probed = measure(histories(users=600, events=20, seed=6, half_life_events=8))
    curve = series(probed, "order information by window")
    assert curve.y[-1] == pytest.approx(probed.estimates["total"].value, rel=0.01)


def test_users_who_bring_the_gain_are_told():
    """Only heavy users keep their interests: their segment is found, that of light users is not."""
    log = histories(users=1_500, events=20, seed=7, heavy_tailed=True, half_life_events=8)
    rng = np.random.default_rng(0)
    shuffled = np.lexsort((rng.random(log.n_events), log.user_of_event))
    heavy = (log.lengths > np.quantile(log.lengths, 0.75))[log.user_of_event]
    log = replace(log, category=np.where(heavy, log.category, log.category[shuffled]))
    by_activity = series(measure(log), "order information by activity")
    assert by_activity.x == ("light users", "middle users", "heavy users")
    assert by_activity.low[2] > 0.1
    assert by_activity.high[0] < 0.01


def test_categories_that_bring_the_gain_are_told():
    """After one category comes its successor, elsewhere events are drawn afresh: that one stands out."""
    log = histories(users=1_000, events=20, seed=8, categories=8)
    after = np.flatnonzero((log.category[:-1] == 3) & (log.user_of_event[1:] == log.user_of_event[:-1]))
    category = log.category.copy()
    category[after[np.random.default_rng(0).random(len(after)) < 0.7] + 1] = 5
    by_category = series(measure(replace(log, category=category)), "order information by category")
    share = dict(zip(by_category.x, by_category.y, strict=True))
    assert max(share, key=share.__getitem__) == "category 03"
    assert share["category 03"] > 3 * sorted(share.values())[-2]


def test_few_users_name_no_category():
    """A category of fewer users than the floor is not shown by its name."""
    log = histories(users=300, events=12, seed=9, categories=40)
    probed = measure(log)
    users = {
        name: len(np.unique(log.user_of_event[log.category == code]))
        for code, name in enumerate(log.categories)
    }
    shown = series(probed, "order information by category").x
    assert "other categories" in shown
    assert all(users[name] >= FEW.order.segment_users for name in shown if name != "other categories")


def test_users_all_alike_are_not_parted():
    """With equally many events each there are no light and heavy users, and no such series."""
    probed = measure(histories(users=400, events=15, seed=10))
    assert not [each for each in probed.series if each.name.endswith("by activity")]


@pytest.mark.slow
def test_no_segment_of_a_stable_world_is_found():
    """Over 20 stable worlds the bands of all segments together exclude 0 from below in at most four."""
    alarms = 0
    for seed in range(20):
        probed = measure(histories(users=600, events=15, seed=seed, heavy_tailed=True), seed=seed)
        alarms += max(series(probed, "order information by category").low) > 0
    assert alarms <= 4  # 5 % expected; more than 4 of 20 with probability 0.3 %
