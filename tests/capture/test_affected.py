"""What each fault touches: these events and no others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from diagnose import simulate
from diagnose.capture.affected import affected
from diagnose.capture.expected_hours import Expected
from diagnose.capture.imports import import_stamps
from diagnose.capture.outages import HOUR, Outages
from diagnose.settings import HygieneSettings, RobotSettings, Settings

NONE = "not looked for"


def one_outage(start, stop):
    hours = np.ones(1_000)
    return Outages(
        start=np.array([start]),
        stop=np.array([stop]),
        level=np.zeros(1),
        expected=Expected(
            start=0,
            step=1,
            observed=hours,
            fitted=hours,
            plain=hours,
            halves=np.stack([hours, hours], axis=1) / 2,
            cycles=50.0,
        ),
    )


def test_a_clean_sample_is_touched_by_nothing():
    """Plain users: no fault has a mask but chance repeats within two seconds."""
    sample = simulate.histories(users=500, events=30, seed=2)
    found = affected(sample, settings=Settings(), outages=NONE)
    assert set(found) <= {"near_duplicates"}
    assert all(mask.mean() < 0.005 for mask in found.values())


def test_near_duplicates_leave_the_first(write):
    """The same item a second later goes; a later one, another item and another user's stay."""
    rows = [[(10, 1, 0), (11, 1, 0), (12, 2, 0), (20, 2, 0)], [(21, 2, 0), (22, 3, 0), (23.5, 3, 0)]]
    found = affected(write(rows), settings=Settings(), outages=NONE)
    assert np.flatnonzero(found["near_duplicates"]).tolist() == [1, 6]


def test_batches_and_stamps_are_faults_of_their_own(write):
    """Three at one time, and a stamp of many users, each under its name; with minutes only the latter."""
    limits = Settings(hygiene=HygieneSettings(batch_events=3, import_ratio=3.0, import_share=0.5))
    rows = [[(1, 0, 0), (7, 1, 0), (7, 2, 0), (7, 3, 0), (9, 1, 0), (9, 2, 0)], [(3, 1, 0)], [(4, 1, 0)]]
    found = affected(write(rows), settings=limits, outages=NONE)
    assert np.flatnonzero(found["batch_imports"]).tolist() == [1, 2, 3]
    job = write([[(50 + user, 1, 0), (100, user, 0), (200 + user, 2, 0)] for user in range(6)])
    assert import_stamps(job, settings=limits.hygiene).tolist() == [100_000_000]
    found = affected(job, settings=limits, outages=NONE)
    assert np.flatnonzero(found["import_stamps"]).tolist() == list(range(1, 18, 3))
    assert "batch_imports" not in found
    coarse = write([[(60 * t, item, 0) for t, item, _ in row] for row in rows])
    assert "batch_imports" not in affected(coarse, settings=limits, outages=NONE)


def test_busy_dates_are_no_imports(write):
    """On a log of dates that grows, no date stands out against its neighbours."""
    rng = np.random.default_rng(0)
    days = np.sort((200 * rng.random(3_000) ** 0.3).astype(int))
    crowd = write([[(86_400 * int(day), user, 0)] for user, day in enumerate(days)])
    assert not len(import_stamps(crowd, settings=HygieneSettings()))


def test_robots_go_whole(write):
    """All events of a robot, none of its neighbours."""
    limits = Settings(robots=RobotSettings(per_hour=5))
    rows = [[(0, 1, 0), (9_000, 2, 0)], [(t, 1, 0) for t in range(0, 50, 10)] + [(10**6, 1, 0)]]
    found = affected(write(rows), settings=limits, outages=NONE)
    assert np.flatnonzero(found["robots"]).tolist() == list(range(2, 8))


def test_outages_take_whole_sessions_beside_them(write):
    """Sessions that end a day before or begin a day after stay; those between go whole."""
    hours = [100.0, 174.9, 175.2, 200.0, 226.5, 227.1]
    sample = write([[(3_600 * hour, k, 0) for k, hour in enumerate(hours)], [(3_600 * 300.0, 1, 0)]])
    sample = replace(sample, session=np.array([0, 1, 1, 2, 3, 4, 0], dtype=np.int32))
    found = affected(sample, settings=Settings(), outages=one_outage(199, 203))
    assert HOUR == 3_600 * 1_000_000
    assert np.flatnonzero(found["outages"]).tolist() == [1, 2, 3, 4]
    assert "outages" not in affected(sample, settings=Settings(), outages=one_outage(400, 410))
