from dataclasses import replace

import numpy as np
import pytest

from diagnose.predictors.candidates import NONE, draw
from diagnose.predictors.eligibility import Stock, item_categories
from diagnose.predictors.targets import find_targets

DAYS = 7.0


def of_user(histories, user):
    targets = find_targets(histories, history=10, minimum_history=1)
    return targets.take(targets.user == user)


def drawn(histories, targets, rng, negatives=20, **options):
    stock = Stock.of(histories, eligible_days=DAYS, **options)
    return draw(histories, targets, stock=stock, negatives=negatives, rng=rng)


def test_an_item_not_seen_in_the_window_is_dropped_and_counted(log_of, rng):
    """The window is a tenth of 400 hours: what was last seen 50 hours ago cannot be the true item."""
    others = [(5, 300), (6, 345), (7, 346), (8, 347)]
    log = log_of([[(1, 0), (5, 350), (6, 351)], others, [(9, 400)]])
    targets, candidates = drawn(log, of_user(log, 0), rng)
    assert candidates.item[:, 0].tolist() == [6]
    assert candidates.dropped["new: not eligible"] == 1
    assert log.item[targets.event].tolist() == [6]


def test_negatives_obey_the_window_too(log_of, rng):
    """All candidates of the target at hour 351 were seen from hour 311 on, strictly before it."""
    others = [(5, 300), (6, 345), (7, 346), (8, 350), (11, 351), (12, 352)]
    log = log_of([[(1, 0), (6, 351)], others, [(9, 400)]])
    _, candidates = drawn(log, of_user(log, 0), rng)
    assert set(candidates.item[0]) - {NONE} == {6, 7, 8}


def test_what_ties_with_the_target_makes_nothing_eligible(log_of, rng):
    """An item that anyone touches first at the very moment of the target is not a candidate."""
    log = log_of([[(1, 0), (6, 20)], [(6, 19), (7, 19), (8, 20)], [(9, 200)]])
    _, candidates = drawn(log, of_user(log, 0), rng)
    assert set(candidates.item[0]) - {NONE} == {6, 7}


def test_a_repeat_is_ranked_against_earlier_items_of_its_user_only(log_of, rng):
    """Every eligible earlier item of the user, once each, and nothing that only others have."""
    mine = [(1, 0), (2, 1), (3, 2), (2, 3), (4, 4), (1, 5)]
    log = log_of([mine, [(item, 4) for item in (5, 6, 7)], [(9, 200)]])
    targets = of_user(log, 0)
    _, candidates = drawn(log, targets.take(targets.event == 5), rng)
    assert candidates.repeat.tolist() == [True]
    assert sorted(item for item in candidates.item[0] if item != NONE) == [1, 2, 3, 4]


def test_repeats_reach_beyond_the_history_window(log_of, rng):
    """Whether an item is a repeat is asked of the whole past, not of the last H events."""
    mine = [(1, 0), (2, 1), (3, 2), (4, 3), (1, 4)]
    log = log_of([mine, [(5, 3)], [(9, 100)]])
    targets = find_targets(log, history=2, minimum_history=4)
    _, candidates = drawn(log, targets, rng)
    assert candidates.repeat.tolist() == [True]


def test_a_repeat_whose_user_has_no_other_item_is_dropped(log_of, rng):
    """A user of one item leaves nothing to rank against; the loss is counted in its stratum."""
    log = log_of([[(1, 0), (1, 1), (1, 2)], [(5, 0)], [(9, 20)]])
    targets, candidates = drawn(log, of_user(log, 0), rng)
    assert len(targets) == len(candidates) == 0
    assert candidates.dropped == {
        "repeat: not eligible": 0,
        "repeat: no negatives": 2,
        "new: not eligible": 0,
        "new: no negatives": 0,
    }


def test_new_items_are_ranked_against_what_is_new_to_the_user(random_log, rng):
    """No negative is an item of the user's past, none is the true item, none comes twice."""
    log = random_log()
    targets, candidates = drawn(log, find_targets(log, history=5, minimum_history=4), rng, negatives=9)
    for row, (item, repeat) in enumerate(zip(candidates.item, candidates.repeat, strict=True)):
        start = log.offsets[targets.user[row]]
        past = set(log.item[start : start + targets.seen[row]])
        negatives = [code for code in item[1:] if code != NONE]
        assert len(set(negatives)) == len(negatives) > 0
        assert item[0] not in negatives
        assert (item[0] in past) == repeat
        assert all((code in past) == repeat for code in negatives)


def test_half_of_the_negatives_share_the_category_and_the_rest_follow_popularity(log_of, rng):
    """With enough of both, half come from the true item's category; a ten times more popular item of
    another category is drawn far more often than its neighbours."""
    crowd = [[(10 + k % 10, 1 + k % 20), (20, 2), (20, 3), (20 + k % 10, 4), (30, 5)] for k in range(300)]
    log = log_of([*crowd, *[[(1, 0), (15, 19)] for _ in range(300)], [(2, 400)]])
    targets = find_targets(log, history=5, minimum_history=1)
    targets = targets.take(log.item[targets.event] == 15)
    targets, candidates = drawn(log, targets, rng, negatives=4)
    alone = candidates.item[targets.user >= 300]
    flags = candidates.by_category[targets.user >= 300]
    assert (flags.sum(axis=1) == 2).all()
    assert (alone[flags] // 10 == 1).all()
    free = alone[:, 1:][~flags[:, 1:]]
    assert np.mean(free == 20) > 4 * np.mean(free == 25)


def test_popularity_fills_up_where_the_category_has_too_few(log_of, rng):
    """An item alone in its category still gets all its negatives."""
    log = log_of([[(1, 0), (90, 9)], [(90, 8), *[(k, 8) for k in range(11, 20)]], [(2, 100)]])
    _, candidates = drawn(log, of_user(log, 0), rng, negatives=4)
    assert (candidates.item[0] != NONE).all()
    assert not candidates.by_category.any()


def test_nothing_at_or_after_the_target_informs_its_candidates(random_log):
    """Replacing every item from the target's time on changes no candidate."""
    log = random_log(seed=3)
    targets = find_targets(log, history=5, minimum_history=10)
    one = targets.take(np.array([len(targets) // 2]))
    later = log.time >= log.time[one.event[0]]
    later[one.event] = False
    other = replace(log, item=np.where(later, (log.item * 7 + 3) % 60, log.item))
    other = replace(other, category=(other.item // 10).astype(np.int32))
    sets = [drawn(each, one, np.random.default_rng(5), negatives=9)[1] for each in (log, other)]
    np.testing.assert_array_equal(sets[0].item, sets[1].item)


def test_without_a_clock_only_what_other_users_did_is_eligible(log_of, rng):
    """An item that no one else of the pool touched is not eligible, as true item or as negative."""
    log = log_of(
        [[(1, 0), (2, 1), (3, 2), (2, 3), (4, 4)], [(2, 0), (4, 1), (5, 2)], [(3, 0), (6, 1)]], clock=False
    )
    pool = np.array([False, True, False])
    targets, candidates = drawn(log, of_user(log, 0), rng, pool=pool)
    assert candidates.item[:, 0].tolist() == [2, 4]
    assert set(candidates.item[1]) - {NONE} == {4, 5}
    assert candidates.dropped["repeat: no negatives"] == 1  # its other earlier items are in no pool
    assert candidates.dropped["new: not eligible"] == 1
    assert len(targets) == 2


def test_the_same_stream_gives_the_same_candidates(random_log):
    """Same log, same seed, same negatives; another seed draws others."""
    log = random_log()
    targets = find_targets(log, history=5, minimum_history=4)
    first, again, other = (
        drawn(log, targets, np.random.default_rng(seed), negatives=4)[1].item for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_walks_over_earlier_items_favour_none(log_of):
    """Each of eleven earlier items is drawn as a negative equally often."""
    mine = [(item, item) for item in range(12)] + [(0, 12)]
    log = log_of([mine] * 400 + [[(13, 200)]])
    targets = find_targets(log, history=5, minimum_history=12)
    _, candidates = drawn(log, targets, np.random.default_rng(0), negatives=3)
    counts = np.bincount(candidates.item[:, 1:].ravel(), minlength=12)[1:12]
    assert counts.sum() == 1200
    assert counts.min() > 1200 / 11 * 0.7


@pytest.mark.parametrize(("events", "category"), [([(1, 0), (1, 1)], 0), ([], -1)])
def test_an_item_has_the_category_it_most_often_has(log_of, events, category):
    """The majority over events decides; an item without any category has none."""
    log = log_of([[(0, 0), *events]])
    log = replace(log, category=np.array([-1, 0, 0][: log.n_events], dtype=np.int32))
    assert item_categories(log)[-1] == category
