"""What do missing episode numbers say of what was watched elsewhere?"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diagnose import simulate
from diagnose.capture.serial_gaps import SerialTally, measure, statements, tally
from diagnose.results import Measured, Skipped
from diagnose.simulate.followers import Followers, followers, log, on_record


def added(*users):
    """What the tally adds up: follows, jumps, their sum, jumps of one, last jumps of one."""
    return tally(log(users)).follows.total


def test_jumps_by_hand():
    """3, 4, 9 are two jumps of 6 in all, one of one; 2, 3 is a last jump of one; a single episode is none."""
    assert added([(7, 3), (7, 4), (7, 9)], [(7, 2), (7, 3), (8, 5)]) == (2, 3, 7, 2, 1)


def test_each_series_and_each_user_by_itself():
    """Series that are watched in turns do not mix, nor do users that stand side by side."""
    assert added([(1, 1), (2, 5), (1, 3), (2, 9)], [(2, 20)]) == (2, 2, 6, 0, 0)


def test_what_is_of_no_series_is_left_out():
    """Films (series 0) and episodes without a number (-1) are no steps."""
    assert added([(1, 1), (0, 5), (1, -1), (0, 9), (1, 3)]) == (1, 1, 2, 0, 0)


def test_an_episode_again_right_away_is_one_viewing():
    """A pause and a resumption make no jump of zero, and the last jump stays the last."""
    assert added([(1, 1), (1, 1), (1, 2), (1, 2)]) == added([(1, 1), (1, 2)]) == (1, 1, 1, 1, 1)


def test_nothing_is_read_after_a_step_back():
    """A second viewing may lead to 11 over 3: the jump is none. The step back is counted once."""
    found = tally(log([[(1, 8), (1, 10), (1, 3), (1, 11), (1, 2), (1, 12)]]))
    assert found.follows.total == (1, 1, 2, 0, 0)
    assert (found.back, found.jumps.sum()) == (1, 1)


def test_a_step_back_in_one_series_stops_no_other():
    """Each follow has its own first viewing."""
    assert added([(1, 5), (1, 2), (1, 9), (2, 4), (2, 6)], [(1, 3), (1, 4)]) == (2, 2, 3, 1, 1)


def test_episodes_of_one_time_are_taken_in_order():
    """Date stamps shuffle an evening's episodes; that is no step back."""
    found = tally(log([[(1, 3), (1, 1), (1, 2)]], times=[[4, 4, 4]]))
    assert (found.back, found.follows.total) == (0, (1, 2, 2, 2, 1))


def test_a_log_without_series_costs_nothing_and_is_skipped(random_histories):
    """The reason says what is missing; the tally of such a log is the empty one."""
    found = tally(random_histories(50, seed=0))
    assert (found.has_series, found.follows.users) == (False, 0)
    assert "of which series" in measure(found).reason


def test_an_empty_log_is_skipped():
    """Columns without a row are too few users."""
    assert "0 users" in measure(tally(log([]))).reason


@given(
    st.lists(st.lists(st.tuples(st.integers(0, 2), st.integers(-1, 6)), max_size=8), max_size=6),
    st.integers(0, 6),
)
def test_tallies_of_batches_add_up(users, cut):
    """However the users are cut into batches, the sums are the same."""
    whole, parts = tally(log(users)), SerialTally() + tally(log(users[:cut])) + tally(log(users[cut:]))
    assert parts.follows == whole.follows
    assert (parts.jumps.tolist(), parts.back) == (whole.jumps.tolist(), whole.back)


@given(st.lists(st.lists(st.integers(1, 30), max_size=8), max_size=6))
def test_the_sums_match_their_definition(users):
    """Rising runs, read one by one."""
    expected = np.zeros(5, dtype=int)
    for episodes in users:
        fresh = [e for place, e in enumerate(episodes) if not place or e != episodes[place - 1]]
        back = next((p for p in range(1, len(fresh)) if fresh[p] < fresh[p - 1]), len(fresh))
        run = fresh[:back]
        if len(run) > 1:
            jumps = np.diff(run)
            expected += [1, len(jumps), jumps.sum(), (jumps == 1).sum(), jumps[-1] == 1]
    found = tally(log([[(5, episode) for episode in episodes] for episodes in users])).follows.total
    assert found == tuple(expected)


def test_the_share_by_hand():
    """1, 3, 4, 10 has 8 episodes between the ends, 2 on record: .25; at least 2 / 9; naively 3 / 9."""
    found = measure(tally(log([[(1, e) for e in (1, 3, 4, 10)]] * 120))).estimates
    assert found["share"].value == pytest.approx(2 / 8)
    assert found["share_where_many_leave"].value == pytest.approx(2 / 9)
    assert found["share_where_some_are_skipped"].value == pytest.approx(2 / 8 / 0.8)
    assert found["naive"].value == pytest.approx(3 / 9)
    assert found["clumping"].value == pytest.approx(1 / 3 - 1 / 5)  # after 1, 3, 4; after 2, 5 to 8


@pytest.mark.parametrize("capture", [0.1, 0.3, 0.6])
@pytest.mark.parametrize(
    "habit",
    [{}, {"late": 0.9}, {"leaving": 0.5}, {"lengths": (10,)}],
    ids=["all", "late", "leaving", "short"],
)
def test_the_planted_share_is_found(capture, habit):
    """Within a tenth, whoever starts or stops where; the naive estimate is not where loss is heavy."""
    rng = np.random.default_rng(3)
    plan = Followers(users=4_000, capture=capture, series=4, **habit)
    found = measure(tally(followers(plan, rng=rng))).estimates
    assert found["share"].value == pytest.approx(capture, rel=0.1)
    assert found["naive"].low > 1.1 * capture or capture == 0.6
    assert found["share"].low > 0  # no stretches are found where there are none


HABITS = {
    "all": {},
    "skips": {"skipped": 0.2},
    "leaving": {"leaving": 0.5},
    "staying": {"staying": 0.5},
    "skips and leaving": {"skipped": 0.1, "leaving": 0.3},
    "skips and staying": {"skipped": 0.2, "staying": 0.3},
}


@pytest.mark.parametrize("habit", HABITS.values(), ids=HABITS)
def test_the_range_holds_the_truth(habit):
    """Skips as many as allowed and any leaving: where one end is the truth, it is missed 5 times of 100."""
    rng, held = np.random.default_rng(11), 0
    for _ in range(40):
        share = measure(tally(followers(Followers(users=400, capture=0.3, **habit), rng=rng))).estimates[
            "share"
        ]
        held += share.low <= 0.3 <= share.high
    assert held >= 34  # 38 expected where a scenario is the true one


def test_the_interval_of_sampling_covers():
    """Where every assumption holds, sampling alone gives 90 %."""
    rng, held = np.random.default_rng(2), 0
    for _ in range(150):
        found = measure(tally(followers(Followers(users=250, capture=0.3), rng=rng)))
        sampled = found.estimates["share_sampling_only"]
        held += sampled.low <= 0.3 <= sampled.high
    assert 124 <= held <= 146  # 135 expected, standard deviation 3.7


def test_stretches_open_the_range_downwards():
    """Six episodes here, fourteen elsewhere, in turns: the share is too high, and known from above only."""
    rng = np.random.default_rng(0)
    users = []
    for _ in range(500):
        start = int(rng.integers(0, 20))
        seen = (np.arange(48) + start) % 20 < 6
        users.append([(1, int(episode)) for episode in np.flatnonzero(seen) + 1])
    found = measure(tally(log(users)))
    share = found.estimates["share"]
    assert found.estimates["clumping"].low > 0.3
    assert share.low == 0.0 < 0.3 < share.high
    assert "from above only" in statements(found)[0].assumption


def test_the_video_world_is_found():
    """A tenth of all viewings, films between, each series begun somewhere in its first half."""
    table = simulate.world("long_video", users=1_500, seed=4).table.sort_by("timestamp")
    users = {}
    for user, series, ordinal in zip(*(table[name].to_pylist() for name in KEYS), strict=True):
        users.setdefault(user, []).append((series or 0, -1 if ordinal is None else ordinal))
    found = measure(tally(log(list(users.values())))).estimates
    assert found["share"].value == pytest.approx(0.1, rel=0.1)
    assert found["share"].low < 0.1 < found["share"].high
    assert found["naive"].low > 0.2


KEYS = ("user_id", "series", "ordinal")


def test_a_complete_log_is_found_complete():
    """Every episode on record: the share is 1 and the range ends there."""
    found = measure(tally(followers(Followers(users=200, capture=1.0), rng=np.random.default_rng(0))))
    assert found.estimates["share"].value == found.estimates["share"].high == 1.0
    assert found.estimates["share"].low > 0.9


def _sharing(people, *, rng):
    """Ids of so many people who follow the same series, each from a day and an episode of their own."""
    users, plan = [], Followers(capture=0.3, late=0.9)
    for _ in range(600):
        starts = rng.integers(0, 40, people).tolist()
        viewings = [(start + e, e) for start in starts for e in on_record(plan, length=24, rng=rng)]
        users.append([(1, episode) for _, episode in sorted(viewings)])
    return log(users)


def test_two_people_of_one_id_change_little():
    """On every id: false steps are about as often too short as too long, and the range holds the truth."""
    share = measure(tally(_sharing(2, rng=np.random.default_rng(1)))).estimates["share"]
    assert share.value == pytest.approx(0.3, rel=0.1)
    assert share.low < 0.3 < share.high


def test_many_people_of_one_id_are_noticed():
    """A fifth of the steps goes back: nothing is said."""
    assert "go back" in measure(tally(_sharing(5, rng=np.random.default_rng(1)))).reason


def test_seasons_that_number_from_one_are_noticed():
    """Three seasons of ten as one series: the numbers start again, and nothing is said."""
    rng = np.random.default_rng(1)
    users = [
        [(1, e + 1) for _ in range(3) for e in np.flatnonzero(rng.random(10) < 0.3).tolist()]
        for _ in range(400)
    ]
    assert "go back" in measure(tally(log(users))).reason


def test_too_few_are_skipped():
    """Few users, or hardly an episode on record between two: no share, and the reason counts them."""
    rng = np.random.default_rng(0)
    few = measure(tally(followers(Followers(users=50, capture=0.3), rng=rng)))
    thin = measure(tally(log([[(1, 1), (1, 40)]] * 200)))
    assert isinstance(few, Skipped)
    assert "the probe needs 100" in few.reason
    assert "of the 7,600 episodes between" in thin.reason


def test_the_statement_says_what_was_measured():
    """Grade B, of episodes, with the range; nothing where nothing was measured."""
    found = measure(tally(followers(Followers(), rng=np.random.default_rng(0))))
    assert isinstance(found, Measured)
    said = statements(found)[0]
    assert (said.unit, said.grade, said.low) == ("episodes", "B", found.estimates["share"].low)
    assert "20" in said.assumption
    assert statements(Skipped(name="serial_gaps", condition="capture", reason="none")) == ()
