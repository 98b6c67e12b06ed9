from dataclasses import replace

import numpy as np
import pytest

from diagnose.drift.item_order_information import NAME, measure
from diagnose.histories import Histories
from diagnose.predictors.item_gain import Roles, as_it_was, shuffled
from diagnose.results import Measured, Skipped
from diagnose.settings import ItemOrderSettings, Settings
from diagnose.simulate import histories as simulated

QUICK = Settings(item_order=ItemOrderSettings(minimum_users=50, permutations=1, targets_per_user=10))


def walks(seed, *, users=200, items=60, length=25, follow=0.0):
    """Users who draw from a taste of their own; with probability `follow` the item after the last one."""
    rng = np.random.default_rng(seed)
    tastes = rng.integers(0, items, (users, 12))
    item = np.take_along_axis(tastes, rng.integers(0, 12, (users, length)), axis=1)
    for step in range(1, length):
        follows = rng.random(users) < follow
        item[:, step] = np.where(follows, (item[:, step - 1] + 1) % items, item[:, step])
    seconds = np.sort(rng.integers(0, 30 * 86_400, (users, length)), axis=1)
    return Histories(
        offsets=np.arange(users + 1, dtype=np.int64) * length,
        user=rng.integers(0, 2**63, users).astype(np.uint64),
        item=item.ravel(),
        category=(item.ravel() // 10).astype(np.int32),
        time=seconds.ravel() * 1_000_000,
        session=np.zeros(users * length, dtype=np.int32),
        event=np.zeros(users * length, dtype=np.int16),
        events=("view",),
    )


def measured(histories, settings=QUICK, seed=0):
    return measure(histories, settings=settings, rng=np.random.default_rng(seed))


@pytest.fixture(scope="module")
def order():
    """What is found in a log of items that follow one another."""
    return measured(walks(0, follow=0.5))


def test_planted_order_is_found_and_none_where_none_was_planted(order):
    """Items that follow one another give a gain far above the floor, tastes alone none."""
    none = measured(walks(0, follow=0.0))
    assert order.estimates["gain"].low > 0.05
    assert order.estimates["full"].value > order.estimates["blind"].value
    assert none.estimates["gain"].low <= 0.003
    assert "recency_half_life" not in none.estimates


def test_without_times_a_moving_catalogue_looks_like_order():
    """Why order in a log of positions decides nothing: a trend that the clock takes out is there again."""
    log = simulated(users=800, events=30, trend=1.0, seed=1)
    settings = replace(QUICK, item_order=replace(QUICK.item_order, targets_per_user=3))
    timed = measured(log, settings=settings)
    bare = measured(replace(log, time=log.rank.astype(np.int64), clock=False), settings=settings)
    assert timed.estimates["gain"].low < 0.003
    assert bare.estimates["gain"].low > 0.01


def test_order_that_was_shuffled_away_is_not_found():
    """The same log with each user's items in random order says nothing of order."""
    log = walks(1, follow=0.5)
    random = np.lexsort((np.random.default_rng(0).random(log.n_events), log.user_of_event))
    lost = measured(replace(log, item=log.item[random], category=log.category[random]))
    assert abs(lost.estimates["gain"].value) < 0.02
    assert lost.estimates["gain"].low <= 0.003


def test_order_inside_ties_is_not_order():
    """Where only the order inside baskets is planted, there is none to be found."""
    log = walks(2, follow=0.0, length=24)
    baskets = log.time.reshape(-1, 4)[:, :1].repeat(4, axis=1).ravel()
    item = log.item.reshape(-1, 4)
    inside = (item[:, :1] + np.arange(4)) % 60  # each basket runs through four neighbours
    tied = replace(log, time=baskets, item=inside.ravel())
    found = measured(tied).estimates
    assert found["gain"].low <= 0.003


def test_the_estimates_are_complete_and_consistent(order):
    """All names are there, units are GAUC, and what was dropped is told."""
    assert isinstance(order, Measured)
    trees = {"gain_trees", "blind_trees", "full_trees"}
    logit = {"gain", "blind", "full", "gain_repeats", "gain_new", "recency_half_life"}
    assert logit | trees == set(order.estimates)
    assert {order.estimates[name].unit for name in (*trees, "gain", "blind", "full")} == {"GAUC"}
    assert all(each.low <= each.value <= each.high for each in order.estimates.values())
    assert order.series[0].x == (
        "repeat: not eligible",
        "repeat: no negatives",
        "new: not eligible",
        "new: no negatives",
    )


def test_too_few_users_are_skipped_with_the_count():
    """Under the minimum there is no number, but a reason that names both counts."""
    skipped = measured(walks(0), settings=Settings())
    assert isinstance(skipped, Skipped)
    assert skipped.name == NAME
    assert "200 of 200" in skipped.reason
    assert "500" in skipped.reason


def test_users_who_know_one_item_only_leave_nothing_to_rank():
    """A log in which no target can be ranked is skipped, not measured on nothing."""
    log = walks(0)
    skipped = measured(replace(log, item=log.user_of_event.copy()))
    assert isinstance(skipped, Skipped)
    assert skipped.reason.startswith("0 of 200")


def test_only_events_of_the_target_kind_are_predicted():
    """With a target event named, a log that has none of it has no targets."""
    settings = replace(QUICK, target_event="purchase")
    assert isinstance(measured(walks(0), settings=settings), Skipped)
    assert isinstance(measured(walks(0), settings=replace(QUICK, target_event="view")), Measured)


def test_a_log_of_positions_is_measured_too():
    """Without a clock: candidates from other users' items, the same planted order."""
    log = walks(3, follow=0.5)
    positions = np.tile(np.arange(25, dtype=np.int64), len(log))
    found = measured(replace(log, time=positions, clock=False))
    assert found.estimates["gain"].low > 0.05


def test_the_same_seed_gives_the_same_numbers(order):
    """Everything random comes from the stream that is passed."""
    assert measured(walks(0, follow=0.5)) == order


def test_names_of_items_do_not_matter(order):
    """Renumbering the items moves the gain by no more than its interval."""
    log = walks(0, follow=0.5)
    number = np.random.default_rng(0).permutation(60)
    renamed = replace(log, item=number[log.item])
    gain = order.estimates["gain"]
    assert gain.low < measured(renamed).estimates["gain"].value < gain.high


def test_teachers_weighers_and_judges_are_different_users():
    """In every turn the three roles share no user and cover all; over the turns everyone is judged once."""
    fold = np.random.default_rng(0).integers(0, 5, 100)
    turns = [Roles.of(fold, turn=turn, folds=5) for turn in range(5)]
    for roles in turns:
        assert (roles.teach.astype(int) + roles.weigh + roles.judge == 1).all()
    assert (sum(roles.judge.astype(int) for roles in turns) == 1).all()


def test_ages_of_a_shuffled_past_are_a_permutation():
    """Each event gets another age, padding stays; the youngest is the latest event."""
    past = np.array([[7, 6, 5, 4, -1], [9, -1, -1, -1, -1]])
    age, last = shuffled(past, rng=np.random.default_rng(1))
    assert sorted(age[0, :4].tolist()) == [0, 1, 2, 3]
    assert age[:, 4].tolist() == [4, 4]
    assert past[0][age[0].tolist().index(0)] == last[0]
    assert last[1] == 9
    plain, latest = as_it_was(past)
    assert plain.tolist() == [[0, 1, 2, 3, 4]] * 2
    assert latest.tolist() == [7, 9]


def moods(seed, *, users=1000, length=24):
    """Users who stay in a category while a visit lasts and leave it for another after days away.

    A taste of four categories, six items each. Half of the gaps are minutes, after which the category is kept
    with probability 1/2; the others are days, after which it is never kept. So a quarter of all events keeps
    it, as tastes alone would: "the same category as last" says nothing until one asks how long ago that was.
    """
    rng = np.random.default_rng(seed)
    taste = np.argsort(rng.random((users, 10)), axis=1)[:, :4]
    fresh = rng.random((users, length)) < 0.5
    place = rng.integers(0, 4, (users, length))
    for step in range(1, length):
        away = (place[:, step - 1] + rng.integers(1, 4, users)) % 4
        kept = fresh[:, step] & (rng.random(users) < 0.5)
        place[:, step] = np.where(kept, place[:, step - 1], away)
    category = np.take_along_axis(taste, place, axis=1)
    gaps = np.where(fresh, rng.integers(10, 600, fresh.shape), rng.integers(86_400, 3 * 86_400, fresh.shape))
    log = walks(seed, users=users, length=length)
    item = category * 6 + rng.integers(0, 6, category.shape)
    seconds = rng.integers(0, 86_400, (users, 1)) + np.cumsum(gaps, axis=1)
    return replace(
        log,
        item=item.ravel(),
        category=category.ravel().astype(np.int32),
        time=seconds.ravel() * 1_000_000,
    )


def test_order_that_acts_while_a_visit_is_fresh_is_seen_by_trees_alone():
    """Staying when fresh and leaving when stale cancel out for a linear score, not for trees."""
    found = measured(moods(0)).estimates
    assert found["gain"].high < 0.01
    assert found["gain_trees"].low > 0.02
    assert found["full_trees"].low > found["full"].high


def favourites(log, *, seed, share=0.5, kept=5):
    """The same log with half of the events replaced by one of five items of the user's own, in no order."""
    rng = np.random.default_rng(seed)
    own = rng.integers(0, log.n_items, (len(log), kept))
    drawn = own[log.user_of_event, rng.integers(0, kept, log.n_events)]
    item = np.where(rng.random(log.n_events) < share, drawn, log.item)
    category = np.zeros(log.n_items, dtype=np.int32)
    category[log.item] = log.category
    return replace(log, item=item, category=category[item])


WORLDS = {
    "stable": {},
    "trend": {"trend": 1.0},
    "strong trend": {"trend": 2.0},
    "heavy-tailed": {"heavy_tailed": True},
    "ties": {"ties": 0.4},
    "narrow tastes that repeat": {"breadth": 1.0, "items_per_category": 6},
    "favourites in no order": {},
}


@pytest.mark.slow
@pytest.mark.parametrize("world", WORLDS)
def test_worlds_without_order_raise_no_alarm(world):
    """Stable users, a moving catalogue, repeat consumption: neither logit nor trees find a gain."""
    gains, trees = [], []
    for seed in range(6):
        log = simulated(users=800, events=25, seed=seed, **WORLDS[world])
        if world == "favourites in no order":
            log = favourites(log, seed=seed)
        found = measured(log, settings=Settings(), seed=seed).estimates
        gains.append(found["gain"])
        trees.append(found["gain_trees"])
    for alarmed in (gains, trees):
        assert [gain.low for gain in alarmed if gain.low > 0.003] == []
    residue = 0.003 if world == "strong trend" else 0.0015  # what a fast catalogue leaves is below the floor
    assert abs(np.mean([gain.value for gain in gains])) < residue
    assert abs(np.mean([gain.value for gain in trees])) < 0.002


@pytest.mark.slow
def test_moving_interests_are_found():
    """Interests with a half-life of eight events give a gain above the floor."""
    log = simulated(users=800, events=25, seed=0, half_life_events=8.0)
    found = measured(log, settings=Settings()).estimates
    assert found["gain"].low > 0.003
    assert found["gain_trees"].low > 0.003
