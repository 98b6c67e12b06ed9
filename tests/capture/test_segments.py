"""A panel of segments against the log: what it is an upper end of, what it speaks of, what widens it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from diagnose import simulate
from diagnose.capture import family, segments
from diagnose.capture.segment_names import OTHERS
from diagnose.results import Skipped
from diagnose.schema.panel import SegmentPanel
from diagnose.settings import CaptureSettings, NamingSettings, SampleSettings, Settings

SETTINGS = Settings(naming=NamingSettings(named_users=1))  # worlds by hand have few users


def by_segment(names, total, log, *, users=None, measure="events", settings=SETTINGS):
    counted = SegmentPanel(tuple(names), "segment", np.asarray(total, dtype=float), measure, "", users)
    held = segments.tally(log, settings=settings)
    return segments.measure(counted, held, settings=settings, rng=np.random.default_rng(0))


def named(log, names, events=()):
    return replace(log, categories=tuple(names), events=tuple(events))


def world_of(users=500, events=40, seed=4):
    """Complete histories, the names of their categories and how many events each has."""
    world = simulate.histories(users=users, events=events, seed=seed)
    names = [f"c{code}" for code in range(world.n_categories)]
    return named(world, names), names, np.bincount(world.category, minlength=len(names))


def test_segments_by_hand(write):
    """3 of 4 in one, 1 of 4 in each of four others, of platform's totals: 7 of 20 in all."""
    rows = [(second, 1, 0) for second in range(3)] + [(9 + code, 1, code) for code in range(1, 5)]
    names = ["books", "games", "films", "music", "toys"]
    found = by_segment(names, [4] * 5, named(write([rows]), names))
    share = found.estimates["panel_share"]
    assert share.value == 7 / 20
    assert 0.2 < share.low < share.value < share.high < 0.75
    assert found.series[0].y == (0.75, 0.25, 0.25, 0.25, 0.25)


def test_few_segments_of_nobody_knows_how_many_people_say_nothing(write):
    """Two segments of platform's totals show no spread, and nothing else gives them one: a reason."""
    log = named(write([[(0, 1, 0), (1, 1, 0), (2, 1, 0), (3, 1, 1)]]), ["books", "games"])
    found = by_segment(["books", "games"], [4, 4], log)
    assert isinstance(found, Skipped)
    assert "2 segments; 5 are needed" in found.reason


def test_segments_take_both_sides_a_head(write):
    """A panel of 10 people with 40 events, a log of 2 users with 4: half of what is done a head, at most."""
    log = named(write([[(0, 1, 0), (1, 1, 0)], [(2, 1, 0), (3, 1, 0)]]), ["books"])
    share = by_segment(["books"], [40], log, users=10).estimates["panel_share"]
    assert (share.value, share.low) == (0.5, 0.0)
    assert share.high > 0.5


@pytest.mark.parametrize("rate", [0.3, 0.03])
def test_a_share_a_head_is_an_upper_end(rate):
    """10 events a person, q = .03: a quarter of the people are seen, holding .11 a head: at most so much."""
    world, names, total = world_of(users=4_000, events=10)
    log = world.keep_events(np.random.default_rng(0).random(world.n_events) < rate)
    log = log.with_history(1)
    found = by_segment(names, total, log, users=4_000)
    share = found.estimates["panel_share"]
    assert share.low == 0.0
    assert found.estimates["share_a_head"].low > 0.0
    assert share.low <= rate <= share.high
    (said,) = family.statements([found], settings=SETTINGS)
    assert (said.low, said.high) == (0.0, share.high)
    assert "upper end" in said.assumption


def test_a_few_segments_a_head_have_the_panels_own_error():
    """One segment has no spread, but 50 people have: the upper end lies above the only share."""
    world, names, total = world_of(users=600, events=20)
    uneven = world.keep_events(world.rank < 2 + world.user_of_event % 19)
    found = by_segment(names[:1], total[:1], uneven, users=600)
    few = by_segment(names[:1], total[:1] / 12, uneven, users=50)
    assert few.estimates["panel_share"].high > 1.05 * few.series[0].y[0]
    assert few.estimates["panel_share"].high > found.estimates["panel_share"].high


def test_segments_may_be_kinds_of_event(write):
    """A segment that no category is called is looked for among the events."""
    log = named(write([[(0, 1, 0), (1, 1, 0)]]), ["books"], ["play"])
    assert by_segment(["play"], [4], log, users=1).estimates["panel_share"].value == 0.5
    assert isinstance(by_segment(["films"], [4], log, users=1), Skipped)


def test_segments_hold_the_share_that_was_planted():
    """Events lost alike in all categories: the interval over categories holds the share; tallies add up."""
    world, names, total = world_of()
    log = world.keep_events(np.random.default_rng(0).random(world.n_events) < 0.3)
    share = by_segment(names, total, log).estimates["panel_share"]
    assert share.low <= log.n_events / world.n_events <= share.high
    assert share.high - share.low < 0.05
    half = np.arange(500) < 200
    one, two = (segments.tally(log.select(part), settings=SETTINGS) for part in (half, ~half))
    np.testing.assert_array_equal((one + two).category, segments.tally(log, settings=SETTINGS).category)


def test_a_part_of_the_users_is_held_to_its_part_of_the_totals():
    """A log of 30 % of the users, all their events, declared as such: the share is near 1, not .3."""
    world, names, total = world_of(users=600)
    log = world.select(np.random.default_rng(1).random(600) < 0.3)
    part = replace(SETTINGS, sample=SampleSettings(declared_fraction=0.3))
    share = by_segment(names, total, log, settings=part).estimates["panel_share"]
    assert by_segment(names, total, log).estimates["panel_share"].high < 0.4
    assert share.value > 0.9
    assert share.high == 1.0
    (said,) = segments.statements(by_segment(names, total, log, settings=part))
    assert "random part" in said.assumption


def test_a_statement_of_segments_is_of_these_segments():
    """The scope names them, at most three, and speaks of no users; a hostile name is made safe."""
    world, names, total = world_of()
    log = named(world, ["a\x1b[31m", *names[1:]])
    found = by_segment(["a\x1b[31m", *names[1:]], 2 * total, log)
    (said,) = family.statements([found], settings=SETTINGS)
    assert said.scope.startswith(segments.SCOPE + ": ")
    assert said.scope.endswith(" and others")
    assert "users" not in said.scope
    assert "\x1b" not in said.scope
    assert (said.grade, said.unit) == ("A", "events")


@pytest.mark.parametrize("times", [1.0, 1.2, 0.5])
def test_no_interval_of_segments_is_a_point(times):
    """Every segment whole, over, or exactly half: the interval has a width, and a surplus is told."""
    world, names, total = world_of()
    found = by_segment(names, total / times, world)
    share, surplus = found.estimates["panel_share"], found.estimates["surplus"]
    assert share.low < share.value
    assert share.low < 1.0 / max(1.0, times)
    assert share.high > share.low
    assert surplus.value == pytest.approx(max(0.0, times - 1))


def test_hand_offs_are_no_part_of_any_segment(write):
    """Play, leave, return: two events and the minute before the leave, in categories and in kinds."""
    log = write([[(0, 1, 0), (60, 2, 0), (1_800, 1, 0)], [(5, 2, 0)]])
    event = np.array([0, 1, 0, 1], dtype=np.int16)
    log = replace(named(log, ["books"], ["play", "leave"]), event=event)
    held = segments.tally(log, settings=Settings(capture=CaptureSettings(handoffs=("leave",))))
    assert held.category.tolist() == [[2], [60_000_000], [1]]
    assert held.event.tolist() == [[2, 0], [60_000_000, 0], [1, 0]]
    assert (held.users, held.total, held.squares) == (1, 2, 4)


def test_durations_of_segments_end_at_the_next_event(write):
    """Overlaps count once, a missing duration is the gap, an endless one ends with the next event."""
    log = named(write([[(0, 1, 0), (10, 2, 0), (30, 2, 0)]]), ["books"])
    timed = replace(log, duration=np.array([np.inf, np.nan, 2.5], dtype=np.float32))
    assert segments.tally(timed, settings=SETTINGS).category.tolist() == [[3], [32_500_000], [0]]


def test_a_last_event_without_time_may_have_taken_as_long_as_others():
    """Time from gaps is too little by the last event of each session: the upper end is not."""
    world, names, _ = world_of()
    held = segments.tally(world, settings=SETTINGS)
    seconds, ends = held.category[1] / 1e6, held.category[2]
    truth = seconds + ends * seconds.sum() / (held.category[0] - ends).sum()
    share = by_segment(names, truth, world, measure="time").estimates["panel_share"]
    assert share.value < 0.95
    assert share.high == pytest.approx(1.0, abs=0.02)


def test_a_segment_of_too_few_users_has_no_name(write):
    """Books have three users, games one: these are other segments. Films, of nobody, keep their name."""
    log = named(write([[(0, 1, 0)], [(1, 1, 0)], [(2, 1, 0), (3, 2, 1)]]), ["books", "games"])
    settings = Settings(naming=NamingSettings(named_users=2))
    found = by_segment(["books", "games", "films"], [6, 4, 2], log, users=3, settings=settings)
    assert dict(zip(found.series[0].x, found.series[0].y, strict=True)) == {
        "books": 0.5,
        "films": 0.0,
        OTHERS: 0.25,
    }
    (said,) = segments.statements(found)
    assert "books" in said.scope
    assert "games" not in said.scope
