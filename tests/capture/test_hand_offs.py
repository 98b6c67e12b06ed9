"""How much of the active time is spent here, as far as logged hand-offs can say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose import simulate
from diagnose.capture.active_time import active_time, seconds_until_next, time_here
from diagnose.capture.hand_offs import SCOPE, measure, statements, sums_of_users
from diagnose.errors import UsageError
from diagnose.histories import MICROSECONDS_PER_SECOND, Histories
from diagnose.results import Measured, Skipped
from diagnose.settings import CaptureSettings, HandOffSettings, Settings
from diagnose.simulate.departures import EVENTS, LEAVE, VIEW, DeparturePlan, departures

SETTINGS = Settings(capture=CaptureSettings(handoffs=("leave",)))
MINUTE = 60


def probe(histories, settings=SETTINGS, seed=0):
    return measure(histories, settings=settings, rng=np.random.default_rng(seed))


def world(seed=1, **knobs):
    return departures(DeparturePlan(**{"users": 400} | knobs), rng=np.random.default_rng(seed))


@pytest.fixture
def visits():
    """Histories from each user's (seconds, session, event) rows, with durations where given."""

    def histories(*users, duration=None):
        rows = [row for user in users for row in user]
        zeros = np.zeros(len(rows), dtype=np.int64)
        return Histories(
            offsets=np.cumsum([0, *map(len, users)]).astype(np.int64),
            user=np.arange(len(users), dtype=np.uint64),
            item=zeros,
            category=zeros.astype(np.int32),
            time=np.array([seconds for seconds, *_ in rows], dtype=np.int64) * MICROSECONDS_PER_SECOND,
            session=np.array([session for _, session, _ in rows], dtype=np.int32),
            event=np.array([EVENTS.index(event) for *_, event in rows], dtype=np.int16),
            events=EVENTS,
            duration=None if duration is None else np.array(duration, dtype=np.float32),
        )

    return histories


def test_time_here_is_gaps_within_sessions(visits):
    """Gaps count up to the session gap and inside a session; the last event of a user has none."""
    log = visits([(0, 0, "view"), (60, 0, "view"), (7200, 1, "view")], [(5, 0, "view"), (2000, 0, "view")])
    here = time_here(log, seconds_until_next(log), settings=SETTINGS)
    assert here.tolist() == [60, 0, 0, 0, 0]


def test_a_duration_counts_up_to_the_next_event(visits):
    """An event with a duration lasts so long, the last one too, but never past the next or 8 hours."""
    rows = [(0, 0, "view"), (60, 0, "view"), (100, 0, "view"), (9000, 1, "view")]
    log = visits(rows, duration=[30, 500, np.nan, 1e9])
    here = time_here(log, seconds_until_next(log), settings=SETTINGS)
    assert here.tolist() == [30, 40, 0, 480 * MINUTE]


def test_active_time_is_the_same_time_in_whole_microseconds(visits):
    """Overlapping, endless and missing durations: never past the next event, never an overflow."""
    rows = [(0, 0, "view"), (60, 0, "view"), (100, 0, "leave"), (110, 0, "view"), (9000, 1, "view")]
    log = visits(rows, duration=[500, np.nan, 7, np.inf, np.nan])
    took = active_time(log, settings=SETTINGS)
    seconds = [60, 40, 0, 8890, 0]
    assert took.microseconds.tolist() == [each * MICROSECONDS_PER_SECOND for each in seconds]
    assert took.here.tolist() == [True, True, False, True, True]
    assert took.open_ended.tolist() == [False, False, False, False, True]


def test_positions_have_no_time(visits):
    """Without a clock there are no gaps, and every event is open-ended; no event at all has no time."""
    log = replace(visits([(0, 0, "view"), (60, 0, "view")]), clock=False)
    took = active_time(log, settings=SETTINGS)
    assert (took.microseconds.tolist(), took.open_ended.tolist()) == ([0, 0], [True, True])
    assert not len(active_time(visits(), settings=SETTINGS).microseconds)


def test_sums_of_a_visit_worked_by_hand(visits):
    """Ten minutes away, then two hours: the first returns within half an hour, the second within two."""
    one = [(0, 0, "view"), (60, 0, "leave"), (660, 0, "view"), (700, 0, "leave"), (7900, 1, "view")]
    log = visits(one, [(0, 0, "view"), (10, 0, "leave")])
    sums = sums_of_users(log, log.event == LEAVE, settings=SETTINGS)
    assert sums.here.tolist() == [100, 10]
    assert sums.elsewhere.tolist() == [[0, 600, 7800, 7800], [0, 0, 0, 0]]
    assert sums.returned.tolist() == [[0, 1, 2, 2], [0, 0, 0, 0]]
    assert sums.hand_offs.tolist() == [2, 1]
    assert sums.followed.tolist() == [[2, 2, 2, 0], [1, 1, 1, 0]]
    assert (sums.sessions.tolist(), sums.left.tolist()) == ([2, 1], [1, 1])


@pytest.mark.parametrize(
    "knobs", [{}, {"away_minutes": 3.0}, {"idle": 0.5}, {"leaves_for_good": 0.9}, {"logged": 0.5}]
)
def test_the_planted_share_lies_in_the_interval(knobs):
    """Whether users are away for minutes or an hour, return or not, idle or not."""
    planted = world(**knobs)
    share = probe(planted.histories).estimates["share_of_time"]
    assert share.low <= planted.share_of_time <= share.high


def test_nobody_away_long_is_nearly_all_time_here():
    """Users who leave for seconds spend nearly all time here, and a narrow interval says so."""
    share = probe(world(away_minutes=0.05, idle=0.0, leaves_for_good=0.0).histories).estimates[
        "share_of_time"
    ]
    assert share.low > 0.9


def test_more_time_elsewhere_is_a_lower_share():
    """Longer absences lower the share of every window that holds them."""
    short, long = (probe(world(away_minutes=m).histories).estimates for m in (2.0, 20.0))
    for window in ("share_of_time_120_minutes", "share_of_time_480_minutes"):
        assert long[window].high < short[window].low


def test_longer_windows_see_more_returns_and_less_time_here():
    """Both series run one way, and the interval over windows spans them all."""
    probed = probe(world().histories)
    shares, returned = (
        next(s for s in probed.series if s.name == name) for name in ("share_of_time", "returned")
    )
    assert list(shares.y) == sorted(shares.y, reverse=True)
    assert list(returned.y) == sorted(returned.y)
    over = probed.estimates["share_of_time"]
    assert over.low <= min(shares.low)
    assert over.high >= max(shares.high)
    assert over.value == probed.estimates["share_of_time_30_minutes"].value


def test_hand_offs_that_never_return_may_have_lasted_as_long():
    """All bouts end elsewhere: counted as nothing, half an hour says too much; as long as others, enough."""
    planted = world(leaves_for_good=1.0, stays=1.1, idle=0.0, break_hours=60.0)
    found = probe(planted.histories).estimates
    assert found["share_of_time_30_minutes"].low > planted.share_of_time
    assert found["share_of_time"].low < planted.share_of_time


def test_unlogged_departures_leave_the_scope_true_and_no_more():
    """One in ten logged: the interval holds the share of its scope and lies above the share of everything."""
    planted = world(logged=0.1)
    probed = probe(planted.histories)
    (statement,) = statements(probed)
    assert statement.low <= planted.share_of_time <= statement.high
    assert planted.share_of_everything < statement.low
    assert (statement.unit, statement.grade, statement.scope) == ("time", "B", SCOPE)
    assert "can only be lower" in statement.assumption


@given(seed=st.integers(0, 1000), shift=st.integers(0, 10**6))
def test_sums_do_not_hang_on_the_calendar_or_the_order_of_users(seed, shift):
    """Later dates and users in another order: the same sums."""
    log = world(seed=seed, users=20).histories
    order = np.random.default_rng(seed).permutation(len(log))
    moved = replace(log.select(order), time=log.select(order).time + shift * MICROSECONDS_PER_SECOND)
    plain, other = (sums_of_users(h, h.event == LEAVE, settings=SETTINGS) for h in (log, moved))
    assert np.allclose(plain.elsewhere[order], other.elsewhere)
    assert np.allclose(plain.here[order], other.here)
    assert (plain.followed[order] == other.followed).all()


def test_video_with_few_logged_departures_is_told_in_its_scope():
    """One in twenty departures logged, a tenth of viewing seen: true of its scope, far above the whole."""
    made = simulate.world("long_video", users=600, seed=3)
    log = _video(made.table)
    settings = Settings(capture=CaptureSettings(handoffs=(made.truth["hand_off_event"],)))
    (statement,) = statements(probe(log, settings))
    seen, handed = made.truth["viewing_time_logged"], made.truth["lost_time_with_a_hand_off"]
    assert statement.low <= seen / (seen + (1 - seen) * handed) <= statement.high
    assert seen < statement.low


def _video(table):
    """The columns that the probe reads, in order; a session ends with half an hour."""
    user, seconds = (table[name].to_numpy() for name in ("user_id", "timestamp"))
    seconds = seconds.astype("datetime64[s]").astype(np.int64)
    order = np.lexsort((seconds, user))
    names, index = np.unique(user[order], return_inverse=True)
    offsets = np.searchsorted(index, np.arange(len(names) + 1)).astype(np.int64)
    opens = np.concatenate([[True], (np.diff(index) > 0) | (np.diff(seconds[order]) > 1800)])
    session = np.cumsum(opens)
    plays = np.array(table["event_type"].to_pylist())[order] == "play"
    return Histories(
        offsets=offsets,
        user=np.arange(len(names), dtype=np.uint64),
        item=np.zeros(len(index), dtype=np.int64),
        category=np.zeros(len(index), dtype=np.int32),
        time=seconds[order] * MICROSECONDS_PER_SECOND,
        session=(session - session[offsets[:-1]][index]).astype(np.int32),
        event=np.where(plays, 0, 1).astype(np.int16),
        events=("play", "open_external_app"),
        duration=table["duration"].to_numpy(zero_copy_only=False)[order].astype(np.float32),
    )


def test_what_cannot_be_measured_says_why():
    """None declared, no clock, nobody hands off, nobody returns, no time here: a reason each."""
    log = world().histories
    undeclared = probe(log, Settings())
    assert isinstance(undeclared, Skipped)
    assert "--handoff" in undeclared.reason
    assert statements(undeclared) == ()
    assert isinstance(probe(replace(log, clock=False)), Skipped)
    stays = replace(log, event=np.full(log.n_events, VIEW, dtype=np.int16))
    assert "0 users hand off" in probe(stays).reason
    leaves = replace(log, event=np.full(log.n_events, LEAVE, dtype=np.int16))
    assert "no time" in probe(leaves).reason
    brief = replace(SETTINGS, hand_offs=HandOffSettings(windows_minutes=(1e-6,)))
    assert "return from a hand-off" in probe(log, brief).reason
    with pytest.raises(UsageError, match="--handoff leave"):
        probe(log, Settings(capture=CaptureSettings(handoffs=("leaves",))))


@pytest.mark.filterwarnings("error")
def test_a_log_shorter_than_the_longest_window_warns_of_nothing():
    """Three hours of log: no return within eight can be looked for, and that is no division by zero."""
    log = world().histories
    log = log.keep_events(log.time < log.time.min() + 3 * 3_600 * 1_000_000)
    probed = probe(log, replace(SETTINGS, hand_offs=HandOffSettings(minimum_users=2)))
    assert isinstance(probed, Measured)
    assert len(next(each.x for each in probed.series if each.name == "returned")) == 3


def test_users_that_hand_off_carry_it():
    """`users` counts those who hand off, not all whose time is counted."""
    log = world(leaves_for_good=0.0, stays=1.2, bouts=2).histories
    probed = probe(log)
    assert isinstance(probed, Measured)
    assert probed.users == len(np.unique(log.user_of_event[log.event == LEAVE])) < len(log)


@pytest.mark.slow
@pytest.mark.parametrize("knobs", [{}, {"away_minutes": 45.0}, {"leaves_for_good": 0.9, "stays": 1.3}])
def test_the_interval_holds_the_share_in_most_worlds(knobs):
    """In at least 34 of 40 worlds, as asked (85 %)."""
    worlds = [world(seed=seed, users=1000, **knobs) for seed in range(40)]
    shares = [probe(each.histories).estimates["share_of_time"] for each in worlds]
    held = [s.low <= each.share_of_time <= s.high for s, each in zip(shares, worlds, strict=True)]
    assert sum(held) >= 34
