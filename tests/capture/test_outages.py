"""Outages: missing hours are found, busy and quiet ones are not missing."""

from __future__ import annotations

import numpy as np
import pytest

from diagnose.capture.expected_hours import busy, expected_hours
from diagnose.capture.outages import Outages, measure, search
from diagnose.results import Measured, Skipped
from diagnose.settings import OutageSettings, Settings
from diagnose.stats.counts import Counts

START = 473_352  # hours since 1970: 2024-01-01
SECOND, DAY = 1_000_000, 86_400_000_000


def log(*, events=200_000, days=56, weekly=0.25, daily=0.6, growth=1.0, seed=0):
    """Hourly counts of sessions of three events, of two halves of the users."""
    rng, hour = np.random.default_rng(seed), np.arange(24 * days)
    level = (1 + daily * np.sin(2 * np.pi * hour / 24)) * (1 + weekly * np.sin(2 * np.pi * hour / 168))
    level *= np.linspace(1, growth, len(hour))
    sessions = rng.poisson(np.stack([events * level / level.sum() / 6] * 2, axis=1))
    return sessions + rng.poisson(2.0 * sessions)


def found(counts, *, quantum=SECOND, settings=None):
    return search(Counts(START, counts), quantum_us=quantum, settings=settings or Settings())


@pytest.mark.parametrize(
    ("events", "hours", "left"), [(20_000, 12, 0.0), (20_000, 72, 0.0), (200_000, 3, 0.0), (200_000, 6, 0.2)]
)
@pytest.mark.parametrize("shape", [{"weekly": 0.0, "daily": 0.0}, {}, {"growth": 3.0}])
def test_planted_outages_are_found_where_they_are(events, hours, left, shape):
    """Whole and partial outages, in flat, seasonal and growing logs, to the hour."""
    counts = log(events=events, seed=1, **shape)
    start = 700
    counts[start : start + hours] = np.round(counts[start : start + hours] * left)
    outages = found(counts)
    assert isinstance(outages, Outages)
    hits = [
        (first - START, stop - START)
        for first, stop in zip(outages.start, outages.stop, strict=True)
        if first < START + start + hours and stop > START + start
    ]
    assert len(hits) == 1
    assert abs(hits[0][0] - start) <= 2
    assert abs(hits[0][1] - start - hours) <= 2


@pytest.mark.parametrize("shape", [{"weekly": 0.0, "daily": 0.0}, {}, {"growth": 3.0}])
@pytest.mark.parametrize("days", [9, 20, 56])
def test_clean_logs_have_none(days, shape):
    """Nights, quiet weekdays and slow beginnings are no outages: at most 2 in 12 logs at a level of 5 %."""
    flagged = sum(len(found(log(days=days, seed=seed, **shape)).start) > 0 for seed in range(12))
    assert flagged <= 2  # 3 or more have a probability below 2 %


def test_a_changed_clock_is_no_outage():
    """A day that begins an hour later from one week on misses nothing."""
    counts = log(events=5_000_000, weekly=0.0, daily=0.9, seed=3)
    counts[24 * 28 :] = np.roll(counts[24 * 28 :], 1, axis=0)
    assert not len(found(counts).start)


def test_a_lower_level_is_no_outage():
    """What falls and never comes back is a smaller platform."""
    counts = log(seed=4)
    counts[800:] //= 10
    assert not len(found(counts).start)


def closed(*, events, seed, days=84):
    """A shop that hardly sells at night and on Sundays, and more on some days than on others."""
    rng, hour = np.random.default_rng(seed), np.arange(24 * days)
    level = np.where((hour % 24 > 7) & (hour % 24 < 21), 1.0, 0.01)
    level *= np.where(hour // 24 % 7 == 6, 0.05, 1.0) * np.exp(rng.normal(0, 0.15, days))[hour // 24]
    return 2 * rng.poisson(np.stack([events * level / level.sum() / 4] * 2, axis=1))


@pytest.mark.parametrize("events", [20_000, 60_000, 200_000])
def test_a_day_closed_every_week_is_no_outage(events):
    """Sundays have a twentieth of the events of other days, in every week: none is missing."""
    flagged = sum(len(found(closed(events=events, seed=seed)).start) > 0 for seed in range(12))
    assert flagged <= 2  # 3 or more have a probability below 2 % at a level of 5 %


def test_a_closed_day_is_none_wherever_the_clock_stands():
    """The same shop in a log that begins at one in the afternoon."""
    flagged = sum(len(found(closed(events=60_000, seed=seed)[13:]).start) > 0 for seed in range(12))
    assert flagged <= 2


def test_what_a_lost_fortnight_held_is_still_expected():
    """The fit sees the like weekdays before and after, not the hole."""
    counts = log(events=200_000, days=120, seed=3)
    whole = counts[24 * 50 : 24 * 64].sum()
    counts[24 * 50 : 24 * 64] = 0
    expected = expected_hours(Counts(START, counts), quantum_us=SECOND, settings=OutageSettings())
    first = START + 24 * 50 - expected.start
    assert expected.cautious[first : first + 24 * 14].sum() > 0.75 * whole


def test_an_open_day_that_is_missing_is_found_in_such_a_log():
    """A Wednesday of the shop that closes on Sundays."""
    counts = closed(events=60_000, seed=1)
    counts[24 * 37 : 24 * 38] = 0
    outages = found(counts)
    inside = (outages.start < START + 24 * 38) & (outages.stop > START + 24 * 37)
    assert inside.sum() == 1
    assert outages.hours < 48


def test_weeks_that_are_missing_are_found():
    """A fortnight without events is no smaller platform: like weekdays before and after tell what it held."""
    counts = log(events=100_000, days=200, seed=2)
    counts[24 * 80 + 5 : 24 * 94 + 5] = 0
    outages = found(counts)
    assert outages.hours == pytest.approx(24 * 14, abs=3)
    assert len(outages.start) == 1


def test_bursts_are_no_outages_around_them():
    """A sale that brings ten times the events does not make the days beside it look empty."""
    counts = log(weekly=0.0, seed=5)
    counts[24 * 30 : 24 * 32] *= 10
    assert not len(found(counts).start)


@pytest.mark.parametrize("quantum", [SECOND, DAY])
def test_bursts_on_some_mondays_are_not_expected_of_all(quantum):
    """Sales on the first, second and fifth of eight Mondays: the others should hold what they always did."""
    counts = log(events=20_000, weekly=0.0, seed=7)
    if quantum == DAY:
        counts = counts.reshape(-1, 24, 2).sum(axis=1).repeat(24, axis=0)
        counts[np.arange(len(counts)) % 24 > 0] = 0
    for day in (0, 7, 28):
        counts[24 * day : 24 * day + 12] *= 6
    expected = expected_hours(Counts(START, counts), quantum_us=quantum, settings=OutageSettings())
    a_day = 24 // expected.step
    monday = np.arange(14 * a_day, 15 * a_day)
    assert expected.plain[monday].sum() < 1.25 * expected.observed[monday].sum()


def test_what_cannot_be_checked_is_said():
    """No clock, too few days, too few events, dates without weekdays to compare."""
    assert "positions" in found(log(), quantum=None)
    assert "7 are needed" in found(log(days=5))
    assert "too few" in found(log(events=300))
    dated = np.zeros((24 * 20, 2), dtype=np.int64)
    dated[::24] = 500
    assert "weekdays" in found(dated, quantum=DAY)
    assert isinstance(measure(found(log(days=5))), Skipped)
    assert isinstance(found(np.zeros((0, 1), dtype=np.int64)), str)


def test_dates_are_looked_at_by_the_day():
    """A log of dates has one full hour a day; a day that is missing is found, the other hours are not."""
    rng, dated = np.random.default_rng(0), np.zeros((24 * 100, 2), dtype=np.int64)
    dated[::24] = rng.poisson(250, (100, 2))
    assert not len(found(dated, quantum=DAY).start)
    dated[24 * 50] = 3
    outages = found(dated, quantum=DAY)
    assert (outages.start.tolist(), outages.stop.tolist()) == ([START + 1_200], [START + 1_224])


def test_measure_tells_share_curve_and_outages():
    """Hours over hours, a short curve beside what was expected, and when each outage was."""
    counts = log(seed=6)
    counts[700:710] = 0
    outages = found(counts)
    probed = measure(outages)
    assert isinstance(probed, Measured)
    assert probed.estimates["outages"].value == 1
    assert probed.estimates["outage_share"].value == pytest.approx(outages.hours / outages.expected.hours)
    names = [series.name for series in probed.series]
    assert names == ["hourly_events", "hourly_expected", "outages"]
    assert len(probed.series[0].x) <= 540
    assert probed.series[2].x[0].startswith("2024-01-30T0")
    assert probed.series[2].y[0] < 0.05


def test_the_log_proper_begins_after_strays():
    """A few events of years before do not stretch the log."""
    counts = np.concatenate([[1], np.zeros(50_000), np.full(500, 100), np.zeros(90), [1]])
    assert busy(counts, stray=0.001) == (50_001, 50_501)


def test_steps_grow_where_hours_hold_little():
    """Six events an hour are read in steps of two hours, thousands of days in steps of several."""
    few = Counts(START, log(events=8_100))
    assert expected_hours(few, quantum_us=SECOND, settings=OutageSettings()).step == 2
    long = log(events=1_000_000, days=400)
    brief = OutageSettings(most_bins=2_000)
    assert expected_hours(Counts(START, long), quantum_us=SECOND, settings=brief).step == 6
