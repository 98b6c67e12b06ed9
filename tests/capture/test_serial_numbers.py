"""Ordinals that count episodes, and those that do not."""

from __future__ import annotations

import numpy as np
import pytest

from diagnose.capture.serial_gaps import SerialTally, measure, tally
from diagnose.capture.serial_numbers import numbers_of_nobody
from diagnose.results import Measured, Skipped
from diagnose.simulate.followers import Followers, followers, log


def watched(number, *, capture, episodes, titles=20, users=800):
    """Followers of one series each, whose episodes are numbered by a function."""
    rng = np.random.default_rng(0)
    return log(
        [
            [(1 + user % titles, number(e)) for e in np.flatnonzero(rng.random(episodes) < capture).tolist()]
            for user in range(users)
        ]
    )


def date(episode):
    return int(str(np.datetime64("2023-11-01") + 7 * episode).replace("-", ""))


@pytest.mark.parametrize("capture", [1.0, 0.3, 0.1])
@pytest.mark.parametrize("season", [10, 24, 50])
def test_season_and_episode_in_one_number_is_told(season, capture):
    """101, 102, 201: nothing is said, and the reason says what to supply."""
    numbers = watched(
        lambda e: 100 * (1 + e // season) + 1 + e % season, capture=capture, episodes=6 * season
    )
    found = measure(tally(numbers))
    assert isinstance(found, Skipped)
    assert "supply an ordinal that counts the episodes" in found.reason


@pytest.mark.parametrize("titles", [20, 800])
@pytest.mark.parametrize("capture", [1.0, 0.3, 0.1])
def test_dates_are_told(capture, titles):
    """A weekly show numbered 20231108, followed by many or by one each."""
    found = measure(tally(watched(date, capture=capture, episodes=60, titles=titles)))
    assert isinstance(found, Skipped)
    assert "dates" in found.reason


@pytest.mark.parametrize("titles", [20, 1_000])
@pytest.mark.parametrize(("capture", "length"), [(0.01, 800), (0.03, 300), (0.1, 48), (0.6, 24)])
def test_long_series_seen_thinly_are_measured(capture, length, titles):
    """Geometric jumps, however long: the share is told and the range holds it, in 3 of 3 worlds."""
    for seed in range(3):
        plan = Followers(users=1_000, capture=capture, lengths=(length,), titles=titles)
        found = measure(tally(followers(plan, rng=np.random.default_rng(seed))))
        assert isinstance(found, Measured)
        assert found.estimates["share"].low < capture < found.estimates["share"].high


def test_unequal_series_are_measured():
    """Half of the series at .6 with many followers, half at .03 with few: long jumps, and no fault."""
    rng = np.random.default_rng(1)
    users = []
    for user in range(1_200):
        often = user % 4 > 0
        seen = rng.random(200) < (0.6 if often else 0.03)
        users.append([(1 + user % 10 if often else 100 + user % 100, int(e)) for e in np.flatnonzero(seen)])
    assert isinstance(measure(tally(log(users))), Measured)


def test_a_fifth_left_out_by_everybody_is_no_fault():
    """Recaps that nobody has: the range allows for them, and the numbers stand."""
    numbers = [e for e in range(100) if e % 6]
    found = measure(tally(watched(lambda e: numbers[e], capture=0.3, episodes=len(numbers))))
    assert isinstance(found, Measured)


def test_tallies_add():
    """Two batches of users say what all of them say."""
    rng = np.random.default_rng(0)
    users = [
        [(1 + user % 5, 100 * (1 + e // 50) + e % 50) for e in range(200) if rng.random() < 0.4]
        for user in range(300)
    ]
    whole = tally(log(users))
    parts = SerialTally() + tally(log(users[:100])) + tally(log(users[100:]))
    assert parts.numbering.passed.tolist() == whole.numbering.passed.tolist()
    assert parts.numbering.jumps.sum() == whole.follows.total[1]
    assert numbers_of_nobody(parts.numbering) == numbers_of_nobody(whole.numbering)
