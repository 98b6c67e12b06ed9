"""A platform that moves, and what must not look like it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from diagnose import simulate
from diagnose.drift.catalogue_trend import measure
from diagnose.drift.category_steps import category_steps, whole_days
from diagnose.histories import MICROSECONDS_PER_DAY
from diagnose.results import Skipped
from diagnose.settings import CatalogueTrendSettings, Settings

LIMITS = CatalogueTrendSettings()


def probe(histories, seed=0):
    return measure(histories, settings=Settings(), rng=np.random.default_rng(seed))


def world(seed=1, **knobs):
    return simulate.histories(**{"users": 1500, "events": 40, "seed": seed} | knobs)


@pytest.mark.parametrize(
    "knobs", [{}, {"sticky": True}, {"heavy_tailed": True}, {"half_life_days": 3.0}, {"days": 90.0}], ids=str
)
def test_a_platform_that_stands_still_is_found_still(knobs):
    """Whatever its users do: stick, differ in activity, drift each for themselves."""
    estimates = probe(world(**knobs)).estimates
    for name in ("per_week", "per_week_lasting_users", "first_to_last"):
        assert estimates[name].low <= 0 <= estimates[name].high, name


def test_movement_follows_the_amplitude_we_planted():
    """A catalogue that turns once in six weeks: doubling the amplitude is four times the bits."""
    quarter, half, one = (probe(world(trend=a)).estimates["per_week"] for a in (0.25, 0.5, 1.0))
    assert quarter.low > 0
    assert quarter.high < half.low < half.high < one.low
    assert half.value / quarter.value == pytest.approx(4, rel=0.35)
    assert one.value / half.value == pytest.approx(4, rel=0.35)


def test_few_users_read_as_many_do():
    """Sampling noise is taken out: 600 users find the bits of 20,000, whose noise hardly counts."""
    histories = world(users=20_000, trend=0.5, days=84.0)
    many, few = probe(histories).estimates, probe(histories.select(np.arange(600))).estimates
    for name in ("per_week", "first_to_last"):
        assert few[name].value == pytest.approx(many[name].value, abs=0.004)
        assert few[name].low <= many[name].value <= few[name].high


def cohorts():
    """Stable users, of whom half come in the third week with other tastes, and the others leave after six."""
    histories = world(users=3000, days=84.0, events=60)
    group, day = histories.user_of_event // 500, histories.days - histories.days.min()
    late, staying = group % 2 == 1, group % 4 == 0
    other = np.where(late, (histories.category + 15) % 30, histories.category).astype(np.int32)
    there = np.where(late, day >= 21, (day < 42) | staying)
    return histories.with_categories(other, ()).keep_events(there).with_history(1)


def test_newcomers_move_the_mix_but_not_lasting_users():
    """Who comes and goes moves the mix of all users; of those who stay nothing moves."""
    estimates = probe(cohorts()).estimates
    assert estimates["first_to_last"].low > 0.005
    assert estimates["per_week"].low > 0
    assert estimates["per_week_lasting_users"].low <= 0


def test_a_weekly_rhythm_is_not_movement():
    """Every weekend another category: each week is like the last, by weeks and in a log of ten days."""
    for days in (10.0, 28.0, 90.0):
        histories = world(days=days)
        weekend = histories.time // MICROSECONDS_PER_DAY % 7 >= 5
        other = np.where(weekend, 30, histories.category).astype(np.int32)
        estimates = probe(histories.with_categories(other, ())).estimates
        assert estimates["per_week"].value < 0.003


def test_one_user_of_a_thousand_events_is_not_the_platform():
    """A user's events of a step count for twenty at most, shared out as it did."""
    histories = world(users=600, events=20, days=10.0)
    first = histories.user_of_event == 0
    copies = np.repeat(np.arange(histories.n_events), np.where(first, 50, 1))
    heavy = replace(
        histories,
        offsets=np.concatenate([[0], np.cumsum(histories.lengths * np.where(np.arange(600) == 0, 50, 1))]),
        **{
            name: getattr(histories, name)[copies]
            for name in ("item", "category", "time", "session", "event")
        },
    )
    steps = category_steps(heavy, days=1, limits=LIMITS)
    place = steps.user * steps.steps + steps.step
    assert np.bincount(place, steps.weight).max() == pytest.approx(20)
    mine = steps.of(np.arange(600) == 0).mixes(np.ones((1, 1)))[0]
    alone = category_steps(histories, days=1, limits=LIMITS).of(np.arange(600) == 0).mixes(np.ones((1, 1)))[0]
    there = alone.sum(axis=1) > 0
    mixes = [
        np.sort(found[there] / found[there].sum(axis=1, keepdims=True), axis=1) for found in (mine, alone)
    ]
    assert mixes[0] == pytest.approx(mixes[1])  # sorted: which code a category has follows the whole log


def test_steps_hold_every_event_of_whole_days():
    """Summed over users, the mixes are the counts by day and category; rare categories are taken together."""
    histories = world(users=50, days=12.0)
    limits = replace(LIMITS, events_per_step=10_000, categories=5)
    steps = category_steps(histories, days=1, limits=limits)
    day = (histories.time - histories.time.min()) // MICROSECONDS_PER_DAY
    mixes = steps.mixes(np.ones((50, 1)))[0]
    assert mixes.shape == (whole_days(histories), 6)
    assert mixes.sum(axis=1) == pytest.approx(np.bincount(day)[: len(mixes)])
    counts = np.bincount(histories.category[day < len(mixes)])
    assert mixes.sum(axis=0)[5] == pytest.approx(np.sort(counts)[:-5].sum(), rel=0.2)


def test_a_log_of_dates_holds_its_last_day():
    """Ten dates are ten days, though only nine lie between the first and the last."""
    histories = world(days=10.0)
    day = histories.time // MICROSECONDS_PER_DAY
    dates = replace(histories, time=day * MICROSECONDS_PER_DAY)
    assert whole_days(dates) == np.ptp(day) + 1


def test_a_stray_event_does_not_set_the_span():
    """One event dated ten years late changes neither steps nor quarters."""
    histories = world()
    late = histories.time.copy()
    late[-1] += 3650 * MICROSECONDS_PER_DAY
    one, two = probe(histories), probe(replace(histories, time=late))
    assert one.estimates.keys() == two.estimates.keys()
    assert two.estimates["first_to_last"].value == pytest.approx(
        one.estimates["first_to_last"].value, abs=5e-4
    )
    assert len(two.series[0].x) == len(one.series[0].x)


def test_a_few_users_who_stay_on_are_no_last_quarter():
    """One user in fifty goes on for as long again: the quarters are of the weeks that have users."""
    histories = world(users=3000, days=84.0)
    stays, start = histories.user_of_event % 50 == 0, histories.time.min()
    later = np.where(stays, start + 2 * (histories.time - start), histories.time)
    one, two = (probe(h).estimates for h in (histories, replace(histories, time=later)))
    for name in ("per_week_lasting_users", "first_to_last"):
        assert two[name].value == pytest.approx(one[name].value, abs=1e-3)


def test_very_long_logs_are_read_from_the_end():
    """Of a log of four years the last 104 weeks; the curve says when."""
    histories = world(users=3000, days=1460.0)
    (curve,) = probe(histories).series
    assert len(curve.x) == 103
    assert curve.x[-1] == pytest.approx(1453, abs=8)
    assert np.diff(curve.x) == pytest.approx(7)


def test_the_curve_has_an_interval_at_each_step():
    """Points a week of a long log, a day of a short one, each with low and high; the window is told."""
    for days, width, spacing in ((90.0, 7.0, 7.0), (42.0, 7.0, 1.0), (11.0, 2.0, 1.0)):
        probed = probe(world(days=days, trend=1.0))
        (curve,) = probed.series
        assert curve.name == "mix_moved"
        assert probed.estimates["step"].value == width
        assert np.diff(curve.x) == pytest.approx(spacing)
        assert all(low <= high for low, high in zip(curve.low, curve.high, strict=True))


def test_what_cannot_be_measured_is_skipped_with_the_reason():
    """No clock, no category, too few users, too short a log, too few users a week."""
    histories = world()
    assert "no clock" in probe(replace(histories, clock=False)).reason
    nameless = histories.with_categories(np.full_like(histories.category, -1), ())
    assert "no event has a category" in probe(nameless).reason
    assert "300 users" in probe(world(users=300)).reason
    assert " days; two days a week apart" in probe(world(days=6.0, events=20)).reason
    thin = probe(simulate.histories(users=600, events=5, seed=1, days=4000.0))
    assert isinstance(thin, Skipped)
    assert "100 users" in thin.reason


def test_names_of_categories_do_not_matter():
    """Relabelling the interests changes no digit that is shown."""
    histories = world(trend=0.5)
    renamed = np.random.default_rng(0).permutation(30)[histories.category].astype(np.int32)
    one, two = (probe(h).estimates for h in (histories, histories.with_categories(renamed, ())))
    for name, estimate in one.items():
        assert two[name].value == pytest.approx(estimate.value, rel=1e-9)
        assert two[name].low == pytest.approx(estimate.low, rel=1e-9)


def test_same_seed_same_numbers():
    """The bootstrap is the only chance in it: halves follow from the hashes of users."""
    histories = world(trend=0.5)
    assert probe(histories) == probe(histories)


@pytest.mark.slow
@pytest.mark.parametrize("knobs", [{}, {"sticky": True}, {"heavy_tailed": True}], ids=str)
def test_false_alarms_are_rare(knobs):
    """Over 40 worlds that stand still any lower end is above 0 in at most 5 (5 % would be 2)."""
    alarms = np.zeros(3)
    for seed in range(200, 240):
        estimates = probe(world(seed=seed, **knobs), seed).estimates
        names = ("per_week", "per_week_lasting_users", "first_to_last")
        alarms += [estimates[name].low > 0 for name in names]
    assert alarms.max() <= 5
