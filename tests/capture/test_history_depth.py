"""What would a model see at the moment it has to predict?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose.capture.history_depth import DEEPEST, DepthTally, measure, prior_events, tally
from diagnose.results import Skipped


def test_events_of_one_time_see_none_of_each_other(write):
    """Basket mates are in no history: each sees only what is strictly earlier."""
    histories = write([[(1, 0, 0), (1, 1, 0), (2, 2, 0)], [], [(1, 0, 0), (3, 0, 0)]])
    assert prior_events(histories).tolist() == [0, 0, 2, 0, 1]


def test_depth_counts_requests(write):
    """Six events at six times see 0 to 5 earlier ones; one of six has five."""
    found = tally(write([[(t, t, 0) for t in range(6)]]))
    assert found.depth[:7].tolist() == [1, 1, 1, 1, 1, 1, 0]
    assert (found.enough.part, found.enough.whole) == (1, 6)


def test_very_deep_requests_are_kept_in_the_last_class(write):
    """A user beyond the deepest class loses no request."""
    found = tally(write([[(t, 0, 0) for t in range(DEEPEST + 10)]]))
    assert found.depth.sum() == DEEPEST + 10
    assert found.depth[DEEPEST] == 10


def test_singletons_are_the_users_own(write):
    """Items seen once by a user count, whatever other users see; short histories do not."""
    items = [0, 0, 1, 2, 2]
    found = tally(write([[(t, k, k) for t, k in enumerate(items)], [(0, 7, 1), (1, 8, -1)]])).seen_once
    assert (found["items"].part, found["items"].whole) == (1, 5)
    assert (found["categories"].part, found["categories"].whole) == (1, 5)


def test_events_without_category_are_not_a_category(write):
    """Unnamed interests are neither singletons nor events of the category saturation."""
    found = tally(write([[(t, t, c) for t, c in enumerate([0, 0, -1, -1, 3])]])).seen_once
    assert (found["categories"].part, found["categories"].whole) == (1, 3)


def test_hashed_items_count_like_numbered_ones(write):
    """In a stream items are 64-bit hashes, negative ones too: the counts are the same."""
    rng = np.random.default_rng(0)
    items = rng.integers(0, 6, (30, 8))
    names = rng.integers(-(2**63), 2**63 - 1, 6)
    coded, hashed = (
        tally(write([[(t, int(table[k]), 0) for t, k in enumerate(row)] for row in items])).seen_once["items"]
        for table in (np.arange(6), names)
    )
    assert coded == hashed
    assert coded.part > 0


def test_saturation_is_good_turing_coverage(write):
    """Planted tastes: coverage estimates the share of a next event that falls on a kind already seen."""
    rng = np.random.default_rng(1)
    users, n, kinds = 400, 30, 40
    taste = rng.dirichlet(np.full(kinds, 0.3), users)
    drawn = np.stack([rng.choice(kinds, n, p=row) for row in taste])
    truth = np.mean([shares[np.unique(row)].sum() for shares, row in zip(taste, drawn, strict=True)])
    probed = measure(tally(write([[(t, 0, int(k)) for t, k in enumerate(row)] for row in drawn])))
    found = probed.estimates["saturation_categories"]
    assert found.value == pytest.approx(truth, abs=0.03)
    assert found.low < found.value < found.high


def test_kinds_met_by_hand(write):
    """0 0 1 2 2 2 3: four kinds, two met once, one met twice; Chao expects 4 + 2^2 / 2 of them."""
    found = tally(write([[(t, k, 0) for t, k in enumerate([0, 0, 1, 2, 2, 2, 3])], [(0, 9, 0), (1, 9, 0)]]))
    assert found.met["items"].total == (4, 2, 1)  # the second user's history is too short
    assert measure(found).estimates["saturation_distinct_items"].value == pytest.approx(4 / 6)


def test_without_a_kind_met_twice_nothing_is_said_of_kinds(write):
    """Chao's estimate divides by it: left out rather than made up."""
    found = measure(tally(write([[(t, t, 0) for t in range(6)]] * 2))).estimates
    assert "saturation_items" in found
    assert "saturation_distinct_items" not in found


@pytest.mark.parametrize(("even", "off"), [(50.0, 0.05), (0.5, 0.4)])
def test_saturation_of_kinds_is_at_most_what_is_told(write, even, off):
    """Planted tastes over 20 kinds: the truth where all are as frequent, above it where some are rare."""
    rng = np.random.default_rng(1)
    taste = rng.dirichlet(np.full(20, even), 400)
    drawn = np.stack([rng.choice(20, 20, p=row) for row in taste])
    truth = np.mean([len(np.unique(row)) for row in drawn]) / 20
    found = measure(tally(write([[(t, 0, int(k)) for t, k in enumerate(row)] for row in drawn])))
    kinds = found.estimates["saturation_distinct_categories"]
    assert truth - 0.01 < kinds.value < truth + off
    assert kinds.low < kinds.value < kinds.high


def test_share_enough_covers_its_truth(random_histories):
    """The interval over users holds the share of all users about 9 times of 10."""
    population = random_histories(4000, seed=5)
    truth = measure(tally(population)).estimates["share_enough"].value
    rng, covered = np.random.default_rng(0), 0
    for _ in range(100):
        found = measure(tally(population.select(rng.integers(0, 4000, 300)))).estimates["share_enough"]
        covered += found.low <= truth <= found.high
    assert 83 <= covered <= 97  # 90 expected, standard deviation 3


def test_tallies_of_batches_add_up(random_histories):
    """However the users are cut into batches, the sums are the same."""
    whole = random_histories(60, seed=3)
    merged = sum((tally(whole.select(np.arange(start, start + 20))) for start in (0, 20, 40)), DepthTally())
    at_once = tally(whole)
    assert merged.depth.tolist() == at_once.depth.tolist()
    assert merged.enough == at_once.enough
    assert merged.seen_once == at_once.seen_once
    assert merged.met == at_once.met


@given(st.lists(st.lists(st.integers(0, 4), max_size=7), max_size=4))
def test_prior_events_match_the_definition(times):
    """Strictly earlier events of the same user, for any pattern of ties."""
    from diagnose.histories import Histories

    flat = [time for user in times for time in sorted(user)]
    histories = Histories(
        offsets=np.concatenate([[0], np.cumsum([len(user) for user in times])]).astype(np.int64),
        user=np.arange(len(times), dtype=np.uint64),
        item=np.zeros(len(flat), dtype=np.int64),
        category=np.zeros(len(flat), dtype=np.int32),
        time=np.array(flat, dtype=np.int64),
        session=np.zeros(len(flat), dtype=np.int32),
        event=np.zeros(len(flat), dtype=np.int16),
    )
    expected = [sum(other < time for other in user) for user in times for time in sorted(user)]
    assert prior_events(histories).tolist() == expected


def test_empty_log_is_skipped(write):
    """No request, no depth."""
    assert isinstance(measure(tally(write([]))), Skipped)
