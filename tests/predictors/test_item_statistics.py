import numpy as np
import pytest

from diagnose.predictors import item_statistics
from diagnose.predictors.associations import PairCounts
from diagnose.predictors.item_statistics import QUANTUM, SHRINKAGE, ItemCounts, learn_statistics

HOUR = 3_600_000_000


def test_the_table_of_pairs_answers_as_a_dictionary_would():
    """Every pair has its count, ordered; what was never seen, and what is negative, counts 0."""
    rng = np.random.default_rng(0)
    first, second = rng.integers(0, 40, 5000), rng.integers(-1, 40, 5000)
    table = PairCounts.of(first, second, size=60)
    counts = {}
    for pair in zip(first.tolist(), second.tolist(), strict=True):
        counts[pair] = counts.get(pair, 0) + (pair[1] >= 0)
    asked = np.stack(np.meshgrid(np.arange(60), np.arange(-1, 60)), axis=-1).reshape(-1, 2)
    answers = table.look_up(asked[:, 0], asked[:, 1])
    assert answers.tolist() == [counts.get((a, b), 0) for a, b in asked.tolist()]


def test_an_empty_table_knows_nothing():
    """Before any statistics every count is 0."""
    none = np.array([], dtype=np.int64)
    assert PairCounts.of(none, none, size=3).look_up(np.array([0, 2]), np.array([1, 2])).tolist() == [0, 0]


def test_co_occurrence_has_no_direction_and_transitions_have(log_of):
    """1 then 2 is together both ways, but only 2 follows 1."""
    known = learn_statistics(log_of([[(1, 0), (2, 1), (3, 2)]]), until=None)
    assert known.affinity(np.array(1), np.array(2)) == known.affinity(np.array(2), np.array(1)) > 0
    lift = known.item_lift(np.array([1, 2]), np.array([2, 1]))
    assert lift[0] > 0 > lift[1]


def test_ties_are_no_transition(log_of):
    """In a basket nothing follows anything; each of its items follows the event before the basket."""
    known = learn_statistics(log_of([[(1, 0), (2, 5), (3, 5), (4, 5)]]), until=None)
    pairs = [(a, b) for a in range(5) for b in range(5) if known.next_item.look_up(np.array(a), np.array(b))]
    assert pairs == [(1, 2), (1, 3), (1, 4)]
    assert known.affinity(np.array(3), np.array(4)) > 0


def test_what_is_outside_the_window_or_of_other_users_is_not_counted(log_of):
    """`until` is exclusive; `users` is whose events count; transitions need both their ends."""
    log = log_of([[(1, 0), (2, 1), (3, 2)], [(3, 0), (1, 1)]])
    early = learn_statistics(log, until=2 * HOUR)
    assert early.item_count.tolist() == [0, 2, 1, 1]
    assert early.next_item.look_up(np.array([1, 2, 3]), np.array([2, 3, 1])).tolist() == [1, 0, 1]
    one = learn_statistics(log, until=None, users=np.array([True, False]))
    assert one.item_count.tolist() == [0, 1, 1, 1]
    assert one.next_item.look_up(np.array([1, 2, 3]), np.array([2, 3, 1])).tolist() == [1, 1, 0]


def test_affinities_are_multiples_of_the_quantum_and_at_most_one(random_log):
    """So that their sums are exact in any order."""
    log = random_log(users=50, items=20)
    known = learn_statistics(log, until=None)
    first, second = np.meshgrid(np.arange(20), np.arange(20))
    affinity = known.affinity(first, second)[first != second].astype(np.float64)
    assert 0 < affinity.max() <= 1
    np.testing.assert_array_equal(affinity / QUANTUM, np.round(affinity / QUANTUM))


def test_lift_is_the_shrunk_ratio(log_of):
    """One transition 1 to 2 against its expectation, by hand."""
    known = learn_statistics(log_of([[(1, 0), (2, 1)]]), until=None)
    share = (1 + 1) / (2 + 3)
    expected = np.log((1 + SHRINKAGE * share) / ((1 + SHRINKAGE) * share))
    assert known.item_lift(np.array([1]), np.array([2]))[0] == pytest.approx(expected)


def test_counts_by_group_are_those_of_each_groups_log(random_log):
    """Counted once by group and summed, or counted for those users alone: the same statistics."""
    log = random_log(users=60, items=25)
    group = np.arange(len(log)) % 3
    counts = ItemCounts.of(log, group=group[log.user_of_event], groups=3)
    asked = np.stack(np.meshgrid(np.arange(25), np.arange(25)), axis=-1).reshape(-1, 2).T
    for chosen in ([0], [1, 2], [0, 1, 2]):
        some, alone = (
            counts.of_groups(chosen),
            learn_statistics(log, until=None, users=np.isin(group, chosen)),
        )
        for name in ("item_count", "category_count", "left_item", "left_category"):
            np.testing.assert_array_equal(getattr(some, name), getattr(alone, name))
        for name, codes in (("affinity", 25), ("item_lift", 25), ("category_lift", log.n_categories)):
            np.testing.assert_array_equal(
                getattr(some, name)(*asked % codes), getattr(alone, name)(*asked % codes)
            )


def test_pairs_are_told_by_group():
    """Each group's pairs by themselves, and all of them where no group is chosen."""
    one, other = np.array([1, 1, 2]), np.array([2, 2, 0])
    table = PairCounts.by_group([(one, other, np.array([0, 1, 2])), (one, other, np.array([1, 1, 1]))],
                                size=3, groups=3)  # fmt: skip
    assert [table.of_groups([group]).look_up(one, other).tolist() for group in range(3)] == [
        [1, 1, 0], [3, 3, 1], [0, 0, 1],
    ]  # fmt: skip
    assert table.look_up(one, other).tolist() == table.of_groups([0, 1, 2]).look_up(one, other).tolist()


def test_on_a_large_log_fewer_neighbours_are_paired(random_log, monkeypatch):
    """The limit of pairs is that of the groups asked for, not of the whole log."""
    log = random_log(users=60, items=25)
    counts = ItemCounts.of(log, group=np.arange(len(log))[log.user_of_event] % 2, groups=2)
    monkeypatch.setattr(item_statistics, "MAXIMUM_PAIRS", log.n_events)
    both, half = counts.of_groups([0, 1]), counts.of_groups([0])
    assert sorted(counts.together) == [1, 2]
    assert half.together.counts.sum() < both.together.counts.sum() * 2
