"""The user sample."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from reading import collect, messy_log, sampled

from diagnose.engine.sample import Sampler, smallest
from diagnose.histories import NO_CATEGORY


def test_the_sample_is_the_first_users_with_enough_history():
    """Of the users with at least five events those with the smallest hashes are taken, whole."""
    log = messy_log(2_000)
    every = collect(log).sample
    enough = every.with_history(5)
    seen = collect(log, settings=sampled(users=12, minimum_history=5))
    np.testing.assert_array_equal(seen.sample.user, enough.user[:12])
    np.testing.assert_array_equal(seen.sample.lengths, enough.lengths[:12])
    assert seen.counts.users_with_history == len(enough) > 12
    assert seen.facts.sampled_fraction == 12 / len(enough)
    assert seen.counts.users == len(every)


def test_all_users_with_enough_history_are_taken_where_asked():
    """users=None is everyone with enough history, and the fraction is 1."""
    seen = collect(messy_log(2_000), settings=sampled(users=None, minimum_history=5))
    assert seen.facts.sampled_users == seen.facts.users_with_history == len(seen.sample)
    assert seen.facts.sampled_fraction == 1.0
    assert seen.sample.lengths.min() >= 5


def test_a_larger_sample_holds_the_smaller_one():
    """More users are added to the same ones, across batches too."""
    log = messy_log(6_000)
    small = collect(log, settings=sampled(users=10), batch_rows=2_048).sample
    large = collect(log, settings=sampled(users=40), batch_rows=2_048).sample
    np.testing.assert_array_equal(small.user, large.user[:10])


def test_codes_of_the_sample_have_no_gaps_and_names_are_its_own():
    """Items are numbered from 0; only categories that the sample has are named, in the order of the text."""
    seen = collect(messy_log(2_000), settings=sampled(users=2)).sample
    assert set(seen.item.tolist()) == set(range(seen.n_items))
    assert list(seen.categories) == sorted(seen.categories)
    assert set(seen.category.tolist()) - {NO_CATEGORY} == set(range(len(seen.categories)))
    assert seen.events == ("buy", "cart", "view")


def test_categories_keep_their_names():
    """An event's category code leads back to the text it had in the log; no category stays none."""
    log = pa.table(
        {
            "user_id": [1, 1, 1, 1],
            "item_id": [1, 2, 3, 4],
            "timestamp": [1_700_000_000 + step for step in range(4)],
            "category": ["b|c", None, "", "a"],
        }
    )
    seen = collect(log)
    assert [seen.sample.categories[code] if code >= 0 else None for code in seen.sample.category] == [
        "b|c",
        None,
        None,
        "a",
    ]
    assert (seen.counts.null_category, seen.counts.categories) == (2, 2)


def test_nobody_with_enough_history_is_an_empty_sample():
    """A log of users with one event each can be read: no users in the sample, fraction 0."""
    log = messy_log(60)
    seen = collect(log, settings=sampled(minimum_history=1_000))
    assert len(seen.sample) == seen.sample.n_events == 0
    assert seen.facts.sampled_fraction == 0.0
    assert seen.counts.users > 0


def test_users_in_any_order_and_any_batches_give_the_smallest_hashes():
    """A thousand users in batches of 7 to two samplers: together they hold the 25 smallest hashes, whole."""
    every = collect(messy_log(9_000, users=1_000)).sample
    enough = every.with_history(3)
    order = np.random.default_rng(5).permutation(len(every))
    samplers = [Sampler(users=25, minimum_history=3) for _ in range(2)]
    for turn, start in enumerate(range(0, len(order), 7)):
        samplers[turn % 2].take(every.select(order[start : start + 7]))
    drawn = [part for sampler in samplers if (part := sampler.drawn())]
    assert all(len(part.histories) == 25 for part in drawn)
    found = smallest(drawn, users=25)
    expected = enough.select(np.argsort(enough.user)[:25])
    np.testing.assert_array_equal(found.user, expected.user)
    np.testing.assert_array_equal(found.time, expected.time)
    np.testing.assert_array_equal(found.offsets, expected.offsets)


def test_parts_that_kept_too_few_users_are_no_sample():
    """Parts that stopped at ten users each cannot say which are the fifty smallest: an error, not a bias."""
    every = collect(messy_log(9_000, users=1_000)).sample
    sampler = Sampler(users=10, minimum_history=1)
    sampler.take(every)
    drawn = sampler.drawn()
    assert drawn is not None
    assert len(smallest([drawn], users=10)) == 10
    with pytest.raises(ValueError, match="too few users"):
        smallest([drawn], users=50)
