"""Can visits this regular be what is left of more visits?"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from diagnose.capture.gap_law import GapTally, measure, statements, tally
from diagnose.histories import MICROSECONDS_PER_DAY, Histories
from diagnose.results import Skipped
from diagnose.settings import GapLawSettings, Settings

Numbers = np.ndarray[tuple[int], np.dtype[np.float64]]
PAUSE = 0.5 / 24  # days


def visits(users: Sequence[Numbers]) -> Histories:
    """Histories from each user's times in days; a pause of half an hour ends a session."""
    times = [np.sort(np.asarray(user, dtype=float)) for user in users]
    session = [np.cumsum(np.diff(user, prepend=user[:1]) > PAUSE) for user in times]
    n = sum(map(len, times))
    return Histories(
        offsets=np.concatenate([[0], np.cumsum([len(user) for user in times])]).astype(np.int64),
        user=np.arange(len(times), dtype=np.uint64),
        item=np.zeros(n, dtype=np.int64),
        category=np.zeros(n, dtype=np.int32),
        time=np.rint(np.concatenate(times) * MICROSECONDS_PER_DAY).astype(np.int64),
        session=np.concatenate(session).astype(np.int32),
        event=np.zeros(n, dtype=np.int16),
    )


def renewal(shape: float, *, capture: float, users: int = 400, seed: int = 0, days: float = 90) -> Histories:
    """Users who come at Gamma gaps (CV2 is 1 / shape), each at a rate; visits are on record by chance."""
    rng, found = np.random.default_rng(seed), []
    for rate in rng.choice([0.2, 0.5, 2.0], users):
        gaps = rng.gamma(shape, 1 / (rate * shape), int(3 * rate * days) + 40)
        times = np.cumsum(gaps) - 5 / rate
        times = times[(times > 0) & (times < days)]
        found.append(times[rng.random(len(times)) < capture])
    return visits(found)


def test_the_spread_by_hand():
    """Gaps of 1, 2 and 3 days, less the pause: mean 2, variance 1, hence c = 1/4; in all c / (1 - c/3)."""
    users = [np.cumsum([0, 1 + PAUSE, 2 + PAUSE, 3 + PAUSE])] * 120
    found = measure(tally(visits(users))).estimates
    assert found["spread"].value == pytest.approx((1 / 4) / (1 - 1 / 12), rel=1e-3)
    assert found["least_share"].value == pytest.approx((1 / 3) * (1 - (1 / 4) / (1 - 1 / 12)), rel=1e-2)


def test_two_gaps_tell_nothing():
    """Users need three gaps; the reason counts those who have them."""
    found = measure(tally(visits([np.array([0.0, 1.0, 2.0])] * 500)))
    assert "0 of 500 users have 3 or more gaps" in found.reason


@pytest.mark.parametrize("capture", [1.0, 0.6, 0.3])
@pytest.mark.parametrize("shape", [2.0, 4.0, 1000.0])
def test_regular_visits_bound_their_capture(shape, capture):
    """The spread is 1 + q (CV2 - 1), and the bound lies below q: close to it where visits are clockwork."""
    found = measure(tally(renewal(shape, capture=capture))).estimates
    assert found["spread"].value == pytest.approx(1 + capture * (1 / shape - 1), abs=0.05)
    assert 0 < found["least_share"].low < capture
    if shape == 1000:
        assert found["least_share"].low > capture - 0.12


def test_the_bound_holds():
    """Of clockwork logs, where it is tight, its lower end passes the truth 5 times of 100, rhythm apart."""
    plain = Settings(gap_law=GapLawSettings(rhythm=0.0))
    passed = sum(
        measure(tally(log), settings=plain).estimates["least_share"].low > 0.3
        for log in (renewal(1000, capture=0.3, seed=seed, users=150) for seed in range(60))
    )
    assert passed <= 7  # 3 expected, and 7 or fewer 98 times of 100


CHANCE: dict[str, Callable[[np.random.Generator], Numbers]] = {
    "often": lambda rng: 30 * rng.random(rng.poisson(30)),
    "now and then": lambda rng: 30 * rng.random(rng.poisson(5)),
    "each at a rate of their own": lambda rng: 30 * rng.random(rng.poisson(np.exp(rng.normal(2, 1)))),
    "many times a day": lambda rng: 30 * rng.random(rng.poisson(400)),
}


@pytest.mark.parametrize("habit", CHANCE.values(), ids=CHANCE)
def test_visits_at_random_tell_nothing(habit):
    """Poisson events, however many: no bound beyond chance, though sessions keep half an hour's distance."""
    alarms = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        found = measure(tally(visits([habit(rng) for _ in range(250)]))).estimates
        alarms += found["spread"].high < 1
    assert alarms <= 4  # 1 expected; 5 or more has probability 0.3 %


def test_day_and_night_tell_nothing():
    """Random visits while awake, often and seldom: what that takes off the spread is allowed for."""
    for seed, rate in enumerate([0.1, 0.3, 1.0, 3.0]):
        rng = np.random.default_rng(seed)
        users = [90 * rng.random(rng.poisson(90 * rate)) for _ in range(2_000)]
        awake = [np.floor(times) + times % 1 * 16 / 24 for times in users]
        assert "least_share" not in measure(tally(visits(awake))).estimates


def test_bursts_tell_nothing():
    """Gaps more uneven than chance give no bound and no statement; the spread is told."""
    probed = measure(tally(renewal(0.4, capture=0.5)))
    assert probed.estimates["spread"].low > 1
    assert "least_share" not in probed.estimates
    assert statements(probed) == ()


def test_users_who_come_more_often_are_no_spread():
    """Clockwork users, each at a rate of their own: no spread at all."""
    users = [np.arange(12) * step for step in np.linspace(0.2, 5, 150)]
    assert measure(tally(visits(users))).estimates["spread"].high < 0.01


def test_users_who_slow_down_only_weaken_the_bound():
    """A rate that falls over time reads as unevenness, never as regularity."""
    steady, slowing = (
        [rng.gamma(4, 1 / 4, 20) * np.linspace(1, last, 20) for _ in range(200)]
        for rng, last in ((np.random.default_rng(0), 1.0), (np.random.default_rng(0), 6.0))
    )
    low, lower = (
        measure(tally(visits([np.cumsum(gaps) for gaps in users]))).estimates["least_share"].low
        for users in (steady, slowing)
    )
    assert lower < low - 0.1


def test_only_the_last_gaps_of_a_user_count():
    """A thousand even gaps before fifty uneven ones are as if they were not there."""
    rng = np.random.default_rng(0)
    late = [0.1 + rng.gamma(1, 1, 51) for _ in range(120)]
    ended, whole = (
        tally(visits([np.cumsum(np.concatenate([np.ones(even), gaps])) for gaps in late])).gaps
        for even in (0, 1000)
    )
    assert ended.total == pytest.approx(whole.total, rel=1e-3)


def test_tallies_of_batches_add_up(random_histories):
    """However the users are cut into batches, the sums are the same integers."""
    whole = renewal(2, capture=0.5, users=60)
    parts = sum((tally(whole.select(np.arange(start, start + 20))) for start in (0, 20, 40)), GapTally())
    assert parts == tally(whole)


def test_dates_and_positions_are_skipped(write):
    """Days as times make gaps look regular; a log of order has no gaps."""
    probed = measure(tally(renewal(1, capture=1)), time_quantum_us=MICROSECONDS_PER_DAY)
    assert "steps of 24 h 0 min" in probed.reason
    assert "no times" in measure(tally(write([[(t, 0, 0) for t in range(9)]] * 200, clock=False))).reason
    assert isinstance(measure(GapTally()), Skipped)


def test_the_statement_is_a_lower_bound_of_grade_c():
    """From the lower end to 1, of sessions; a bare log is never better than C."""
    probed = measure(tally(renewal(4, capture=0.6)))
    said = statements(probed)[0]
    assert (said.unit, said.grade, said.high) == ("sessions", "C", 1.0)
    assert said.low == probed.estimates["least_share"].low
    assert statements(Skipped(name="gap_law", condition="capture", reason="none")) == ()
