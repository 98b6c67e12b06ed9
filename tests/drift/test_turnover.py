"""Repertoires that are replaced, and what must not look like it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from diagnose import simulate
from diagnose.drift.trend_thinning import steady_share
from diagnose.drift.turnover import measure
from diagnose.results import Skipped
from diagnose.settings import Settings

FLOOR = Settings().persistence.floor_drift_share


def probe(histories, seed=0):
    return measure(histories, settings=Settings(), rng=np.random.default_rng(seed))


def world(seed=1, **knobs):
    return simulate.histories(**{"users": 1500, "events": 40, "seed": seed} | knobs)


def swapped(histories, share):
    """Half-way each user replaces its categories below `share` * 30 by others; every other user the other
    way round, so that the platform stands still.
    """
    sessions = np.maximum.reduceat(histories.session, histories.offsets[:-1]) + 1
    late = histories.session >= (sessions / 2)[histories.user_of_event]
    other = late ^ (histories.user_of_event % 2 == 1)
    renamed = np.where(other & (histories.category < share * 30), histories.category + 30, histories.category)
    return histories.with_categories(renamed.astype(np.int32), ())


def test_nothing_replaced_is_no_turnover():
    """Stable tastes: similar within a window and between windows, the interval holds 0."""
    estimates = probe(world()).estimates
    assert estimates["turnover"].low <= 0 <= estimates["turnover"].high
    assert estimates["late_novelty"].low <= 0 <= estimates["late_novelty"].high
    assert estimates["similarity_within"].value == pytest.approx(
        estimates["similarity_between"].value, abs=0.01
    )


@pytest.mark.parametrize("half_life", [8, 30])
def test_interests_that_fade_are_turnover(half_life):
    """Interests that halve in 8 or in 30 events are replaced, and late sessions bring new categories."""
    estimates = probe(world(half_life_events=half_life)).estimates
    assert estimates["turnover"].low > FLOOR
    assert estimates["late_novelty"].low > 0.02


def test_turnover_grows_with_what_is_replaced():
    """Everything replaced half-way is turnover 1; half of the categories lies between that and none."""
    none, half, everything = (probe(swapped(world(), share)).estimates for share in (0.0, 0.5, 1.0))
    assert everything["turnover"].value == pytest.approx(1.0, abs=0.01)
    assert none["turnover"].high < half["turnover"].low < half["turnover"].high < everything["turnover"].low


@pytest.mark.parametrize(
    "knobs", [{"sticky": True}, {"heavy_tailed": True}, {"ties": 0.3}, {"trend": 1.0}], ids=str
)
def test_stable_tastes_are_not_replaced(knobs):
    """Sticky sessions, heavy users, ties and a moving catalogue are no turnover."""
    estimates = probe(world(**knobs)).estimates
    assert estimates["turnover"].low <= 0
    assert estimates["turnover"].value < FLOOR
    assert estimates["late_novelty"].low <= 0


def test_thinning_takes_a_trend_out():
    """Under a moving catalogue users' mean mixes of the first and last third differ; thinned, much less."""
    histories = world(users=4000, trend=1.0)
    third = np.digitize(histories.time, np.quantile(histories.time, [1 / 3, 2 / 3]))
    share = steady_share(histories)
    assert share.max() == pytest.approx(1.0)

    def moved(weight):
        mixes = []
        for part in (third == 0, third == 2):
            owner = histories.user_of_event[part]
            total = np.maximum(np.bincount(owner, weight[part], len(histories)), 1e-9)
            mix = np.bincount(histories.category[part], weight[part] / total[owner], 30)
            mixes.append(mix / mix.sum())
        return np.abs(mixes[0] - mixes[1]).sum() / 2

    assert moved(np.ones_like(share)) > 0.25
    assert moved(share) < 0.1  # 0.02 is noise
    assert steady_share(world()).mean() > 0.9


def test_sessions_that_grow_are_not_turnover():
    """Half of all early events lost, tastes stable: sessions twice as large later on are no turnover."""
    histories = world()
    whole = np.maximum.reduceat(histories.session, histories.offsets[:-1])[histories.user_of_event]
    rng = np.random.default_rng(0)
    lost = (histories.session < whole / 2) & (rng.random(histories.n_events) < 0.5)
    estimates = probe(histories.keep_events(~lost)).estimates
    assert estimates["turnover"].low < 0.01
    assert estimates["late_novelty"].value < 0.01


def test_novelty_is_given_beside_chance():
    """Both curves on the same sessions: alike on stable tastes, far apart where interests fade."""
    for knobs, fits in (({}, True), ({"half_life_events": 8}, False)):
        found, chance = probe(world(**knobs)).series
        assert (found.name, chance.name) == ("new_category_share", "new_category_share_by_chance")
        assert found.x == chance.x
        assert list(found.x) == sorted(found.x)
        gap = np.abs(np.array(found.y) - chance.y).max()
        assert gap < 0.04 if fits else gap > 0.1
        assert all(0 <= low <= high <= 1 for low, high in zip(found.low, found.high, strict=True))


def test_few_users_or_sessions_are_skipped():
    """Under 500 users with 8 sessions nothing is estimated; the reason says how many there are."""
    assert "of 300 users" in probe(world(users=300)).reason
    short = probe(world(events=12))
    assert isinstance(short, Skipped)
    assert "sessions" in short.reason
    one = world()
    assert "0 of 1,500 users" in probe(replace(one, session=np.zeros_like(one.session))).reason


def test_a_platform_that_is_replaced_itself_is_skipped():
    """Where everybody goes over to other categories at one time, nothing is left that tells users from it."""
    histories = world()
    late = histories.time > np.quantile(histories.time, 0.5)
    moved = np.where(late, histories.category + 30, histories.category).astype(np.int32)
    probed = probe(histories.with_categories(moved, ()))
    assert isinstance(probed, Skipped)
    assert "platform moves" in probed.reason


def test_events_without_category_say_nothing():
    """A log without interests is skipped; unnamed events are no category of their own."""
    histories = world(half_life_events=8)
    nameless = histories.with_categories(np.full_like(histories.category, -1), ())
    assert isinstance(probe(nameless), Skipped)
    gaps = np.where(np.arange(histories.n_events) % 7 == 0, -1, histories.category).astype(np.int32)
    assert probe(histories.with_categories(gaps, ())).estimates["turnover"].low > FLOOR


def test_names_of_categories_and_numbers_of_sessions_do_not_matter():
    """Relabelling the interests, or sessions numbered with gaps, changes no digit that is shown."""
    histories = world(half_life_events=30)
    renamed = np.random.default_rng(0).permutation(30)[histories.category].astype(np.int32)
    other = replace(histories.with_categories(renamed, ()), session=histories.session * 3 + 5)
    one, two = probe(histories).estimates, probe(other).estimates
    for name, estimate in one.items():
        assert two[name].value == pytest.approx(estimate.value, rel=1e-6)
        assert two[name].low == pytest.approx(estimate.low, rel=1e-6)


def test_same_seed_same_numbers():
    """The thinning and the bootstrap are the only chance in it."""
    histories = world()
    assert probe(histories) == probe(histories)


@pytest.mark.slow
@pytest.mark.parametrize(
    "knobs", [{}, {"sticky": True}, {"heavy_tailed": True}, {"ties": 0.3}, {"trend": 1.0}], ids=str
)
def test_false_alarms_are_rare(knobs):
    """Over 40 stable worlds either lower end is above 0 in at most 5 (5 % expected, p < .02)."""
    alarms = np.zeros(2)
    for seed in range(200, 240):
        estimates = probe(world(seed=seed, **knobs), seed).estimates
        alarms += [estimates[name].low > 0 for name in ("turnover", "late_novelty")]
    assert alarms.max() <= 5
