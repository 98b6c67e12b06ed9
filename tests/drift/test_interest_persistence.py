"""How fast interests fade, and what must not look like fading."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from diagnose import simulate
from diagnose.drift.decay_curve import fit, half_lives, standardised
from diagnose.drift.interest_persistence import measure
from diagnose.drift.platform_mix import platform_mix
from diagnose.results import Measured, Skipped
from diagnose.settings import Settings

FLOOR = Settings().persistence.floor_drift_share
LAGS = np.geomspace(0.1, 40, 12)[:, None]


def probe(histories, seed=0):
    return measure(histories, settings=Settings(), rng=np.random.default_rng(seed))


def world(seed=1, **knobs):
    return simulate.histories(**{"users": 1000, "events": 30, "seed": seed} | knobs)


def found(probed):
    return probed.estimates["drift_share"].low > FLOOR


def test_fit_recovers_an_exact_curve():
    """Without noise the start, the plateau and the half-life come back."""
    kappa = 0.2 + 0.5 * 2 ** (-LAGS[:, 0] / 3)
    decay = fit(kappa[None], LAGS, precision=np.ones(12), tried=half_lives(LAGS[:, 0], longest_share=0.5))
    assert decay.half_life[0] == pytest.approx(3, rel=0.02)
    assert decay.plateau[0] == pytest.approx(0.2, abs=0.005)
    assert decay.start[0] == pytest.approx(0.7, abs=0.005)
    assert decay.drift_share[0] == pytest.approx(5 / 7, abs=0.01)
    assert decay.at(np.array([3.0]))[0, 0] == pytest.approx(0.45, abs=0.01)


def test_fit_never_goes_below_a_plateau_of_zero_nor_rises():
    """A curve that heads below 0 gets plateau 0, a rising one is flat: a drift share lies in [0, 1]."""
    curves = np.stack([1 - 0.05 * LAGS[:, 0], 0.1 + 0.01 * LAGS[:, 0], np.full(12, 0.3)])
    decay = fit(curves, LAGS, precision=np.ones(12), tried=half_lives(LAGS[:, 0], longest_share=0.5))
    assert decay.plateau.min() >= 0
    assert decay.drift_share.tolist() == [1.0, 0.0, pytest.approx(0.0, abs=1e-9)]


def test_narrow_heavy_users_are_not_drift():
    """Heavy users supply the short lags. If they agree more with themselves, the pooled curve falls; held
    fixed, users show a flat one.
    """
    rng = np.random.default_rng(0)
    strength = rng.uniform(0.05, 0.9, 800)[:, None]
    near = np.linspace(1, 0, 8)
    weight = 1 + 20 * (strength * near + (1 - strength) * (1 - near))
    excess = strength * weight + rng.normal(0, 0.3, weight.shape)
    pooled = excess.sum(axis=0) / weight.sum(axis=0)
    curve = standardised(excess, weight, np.ones((8, 1)), rng=rng, draws=200)
    assert pooled[0] - pooled[-1] > 0.1
    assert np.ptp(curve.kappa) < 0.02
    inside = (np.quantile(curve.draws, 0.02, axis=0) < curve.kappa.mean()) & (
        curve.kappa.mean() < np.quantile(curve.draws, 0.98, axis=0)
    )
    assert inside.all()


def test_standardised_curve_survives_agreement_of_zero():
    """Where late lags agree no more than chance, some points are below 0 and the curve is still found."""
    rng = np.random.default_rng(3)
    shape = np.array([1.0, 0.6, 0.3, 0.1, 0.0, 0.0])
    weight = rng.integers(1, 5, (600, 6)).astype(float)
    excess = 0.5 * shape * weight + rng.normal(0, 0.3, weight.shape)
    curve = standardised(excess, weight, np.ones((6, 1)), rng=rng, draws=100)
    assert curve.kappa == pytest.approx(0.5 * shape, abs=0.03)


def test_chance_is_what_others_do():
    """A category that nobody else has is never met by chance, however often its user takes it."""
    histories = world(users=200, events=20)
    lonely = histories.user_of_event == 7
    histories = histories.with_categories(np.where(lonely, 30, histories.category).astype(np.int32), ())
    mix = platform_mix(histories)
    mine = np.flatnonzero(lonely)[:4]
    assert mix.chance(mine, mine[::-1].copy(), user=np.full(4, 7)).tolist() == [0.0] * 4


def test_a_platform_that_stands_still_has_no_trend():
    """Stable users on a stable platform: noise is not divided out; under a strong trend it is."""
    assert platform_mix(world()).patterns[0].amplitude < 0.6
    assert platform_mix(world(trend=1.0)).patterns[0].amplitude > 1.2


def test_planted_half_life_is_found():
    """Interests that halve in 3 days above a lasting quarter: half-life 3, drift share 3/4 (lasting share
    1 / (1 + breadth) of Dirichlet tastes).
    """
    estimates = probe(world(half_life_days=3.0)).estimates
    assert estimates["half_life_days"].value == pytest.approx(3, rel=0.15)
    assert estimates["drift_share"].value == pytest.approx(0.75, abs=0.03)


def test_planted_half_life_in_events_is_found():
    """Interests that halve in 8 events, whatever the clock says."""
    estimates = probe(world(events=80, half_life_events=8)).estimates
    assert estimates["half_life_events"].value == pytest.approx(8, rel=0.1)


@pytest.mark.parametrize(("half_life", "events"), [(2, 60), (30, 200), (100, 450)])
def test_short_and_long_half_lives_in_events_are_found(half_life, events):
    """From two events, half a session, to a hundred, a quarter of a history."""
    found = probe(world(events=events, half_life_events=half_life)).estimates["half_life_events"]
    assert found.value == pytest.approx(half_life, rel=0.12)
    assert found.low < found.value < found.high < 1.3 * found.low


def test_a_half_life_lies_between_the_ones_tried():
    """A coarse grid finds an exact half-life, on the grid or off it, to a thousandth of its step."""
    truth = np.array([2.0, 3.7, 11.3])
    kappa = 0.2 + 0.5 * 2 ** (-LAGS[:, 0] / truth[:, None])
    tried = half_lives(LAGS[:, 0], longest_share=0.5)
    found = fit(kappa, LAGS, precision=np.ones(12), tried=tried).half_life
    assert found == pytest.approx(truth, rel=1e-3)
    assert np.abs(tried[:, None] / truth - 1).min() > 1e-3


def test_losing_events_leaves_the_calendar_alone():
    """A log of a third of all events has the same half-life in days, and a third of it in events."""
    whole, third = (
        probe(world(events=90, half_life_days=3.0, capture=share)).estimates for share in (1.0, 1 / 3)
    )
    assert third["half_life_days"].value == pytest.approx(whole["half_life_days"].value, rel=0.12)
    ratio = third["half_life_events"].value / whole["half_life_events"].value
    assert ratio == pytest.approx(1 / 3, rel=0.2)


@pytest.mark.parametrize(
    "knobs", [{}, {"sticky": True}, {"trend": 1.0}, {"heavy_tailed": True}], ids=lambda knobs: str(knobs)
)
def test_stable_tastes_have_no_half_life(knobs):
    """Neither sticky sessions, nor a moving catalogue, nor heavy users make stable tastes fade."""
    probed = probe(world(**knobs))
    assert not found(probed)
    assert not any(name.startswith("half_life") for name in probed.estimates)


def test_a_daily_rhythm_is_not_drift():
    """Every category has its hour and no taste changes: agreement is the same at all lags, and without the
    rhythm taken out it is not.
    """
    histories, rng = world(events=60, session_events=2.0), np.random.default_rng(0)
    taste = rng.gamma(np.full((1000, 30), 0.1)) + 1e-12
    hour = histories.time // 3_600_000_000 % 24
    rhythm = np.exp(np.cos(2 * np.pi * (hour[:, None] / 24 - rng.random(30))))
    odds = np.cumsum(taste[histories.user_of_event] * rhythm, axis=1)
    drawn = (rng.random(len(odds))[:, None] * odds[:, -1:] > odds).sum(axis=1).astype(np.int32)
    histories = histories.with_categories(drawn, ())
    along, daily = platform_mix(histories).patterns
    assert along.amplitude < 0.8 < daily.amplitude
    assert not found(probe(histories))
    points = probe(histories).series[0]
    flat = np.average(points.y, weights=1 / (np.array(points.high) - points.low) ** 2)
    assert sum(low < flat < high for low, high in zip(points.low, points.high, strict=True)) >= 8


def test_fading_slower_than_the_log_is_long_is_a_bound():
    """With a half-life of 60 days in a log of 42 there is fading, but no half-life to tell."""
    estimates = probe(world(half_life_days=60.0, events=60)).estimates
    assert "half_life_days" not in estimates
    assert estimates["drift_share"].low > FLOOR
    assert estimates["drift_share"].high == 1.0


def test_curves_are_given_with_intervals():
    """Points and fitted lines, each inside its interval, on rising lags."""
    probed = probe(world(half_life_days=3.0))
    assert [series.name for series in probed.series] == [
        "kappa_calendar",
        "kappa_calendar_fit",
        "kappa_events",
        "kappa_events_fit",
        "kappa_calendar_cohort",
    ]
    for series in probed.series:
        assert list(series.x) == sorted(series.x)
        assert len(series.x) == len(series.y) == len(series.low) == len(series.high)
    points = probed.series[0]
    assert all(low < y < high for low, y, high in zip(points.low, points.y, points.high, strict=True))


def test_one_session_a_user_is_skipped():
    """Without a second session there is no pair: the probe says so."""
    histories = world()
    probed = probe(replace(histories, session=np.zeros_like(histories.session)))
    assert isinstance(probed, Skipped)
    assert "sessions" in probed.reason


def test_few_users_are_skipped():
    """Under 500 users with pairs nothing is estimated."""
    assert isinstance(probe(world(users=300)), Skipped)


def test_events_without_category_say_nothing():
    """A log without interests is skipped, and unnamed events are never an interest of their own."""
    histories = world(half_life_days=3.0)
    nameless = histories.with_categories(np.full_like(histories.category, -1), ())
    assert isinstance(probe(nameless), Skipped)
    rng = np.random.default_rng(0)
    gaps = np.where(rng.random(histories.n_events) < 0.2, -1, histories.category).astype(np.int32)
    estimates = probe(histories.with_categories(gaps, histories.categories)).estimates
    assert estimates["drift_share"].value == pytest.approx(0.75, abs=0.05)


def test_positions_have_events_but_no_calendar():
    """A log of order only keeps the curve in events, where it has sessions."""
    histories = world(events=80, half_life_events=8)
    start = np.repeat(histories.offsets[:-1], histories.lengths)
    probed = probe(replace(histories, clock=False, time=np.arange(histories.n_events) - start))
    assert isinstance(probed, Measured)
    assert set(probed.estimates) == {"drift_share_events", "half_life_events"}


def test_names_of_categories_do_not_matter():
    """Relabelling the interests changes no digit that is shown."""
    histories = world(half_life_days=3.0)
    renamed = np.random.default_rng(0).permutation(30)[histories.category].astype(np.int32)
    one, two = (probe(h).estimates for h in (histories, histories.with_categories(renamed, ())))
    assert one.keys() == two.keys()
    for name, estimate in one.items():
        assert two[name].value == pytest.approx(estimate.value, rel=1e-9)
        assert two[name].low == pytest.approx(estimate.low, rel=1e-9)


def test_same_seed_same_numbers():
    """The bootstrap is the only chance in it."""
    histories = world(half_life_days=3.0)
    assert probe(histories) == probe(histories)


@pytest.mark.slow
@pytest.mark.parametrize("knobs", [{}, {"sticky": True}, {"trend": 1.0}], ids=lambda knobs: str(knobs))
def test_false_alarms_are_rare(knobs):
    """Over 40 stable worlds a drift share above its floor is found in at most 5 (5 % expected, p < .02)."""
    alarms = sum(found(probe(world(seed=seed, **knobs))) for seed in range(100, 140))
    assert alarms <= 5


@pytest.mark.slow
def test_intervals_cover_what_was_planted():
    """Over 40 worlds the 90 % intervals hold half-life and drift share in at least 31 (p < .02 below)."""
    held = np.zeros(2)
    for seed in range(100, 140):
        estimates = probe(world(seed=seed, half_life_days=3.0)).estimates
        for place, (name, truth) in enumerate((("half_life_days", 3.0), ("drift_share", 0.75))):
            held[place] += estimates[name].low <= truth <= estimates[name].high
    assert held.min() >= 31
