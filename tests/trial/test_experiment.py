from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from diagnose.settings import Settings, TrialSettings
from diagnose.trial import run
from diagnose.trial.experiment import arms_to_run
from tests.trial.planted import log

TINY = Settings(
    trial=TrialSettings(budget="quick", history=10, epochs=1, validation_targets=100, negatives=9)
)


def test_a_whole_trial_runs_reports_progress_and_repeats_itself():
    """Same log, settings and seed: the same numbers; progress rises to 1."""
    histories, heard = log(0, users=150, events=12), []
    first, timings = run(
        histories, settings=TINY, half_life_events=None, tie_rate=0.0,
        progress=lambda text, share: heard.append((share, text)),
    )  # fmt: skip
    second, _ = run(histories, settings=TINY, half_life_events=None, tie_rate=0.0)
    assert first == second
    assert [arm.name for arm in first.arms] == [
        "floor", "dnn", "dnn_decayed", "din", "dien", "dien_shuffled",
    ]  # fmt: skip
    assert set(timings) == {arm.name for arm in first.arms} - {"floor"}
    assert heard == sorted(heard)
    assert heard[-1][0] == pytest.approx(1)
    assert first.users_test > 0
    assert all(np.isfinite([arm.gauc.value, arm.auc.value, arm.log_loss.value]).all() for arm in first.arms)


def test_a_log_too_small_for_a_trial_is_skipped_with_the_reason():
    """No arms, no numbers, a sentence."""
    trial, timings = run(log(1, users=8), settings=TINY, half_life_events=None, tie_rate=0.0)
    assert trial.status == "skipped"
    assert "a trial needs" in trial.reason
    assert (trial.arms, trial.contrasts, timings) == ((), (), {})


def test_arms_on_redrawn_ties_run_where_ties_could_carry_the_result():
    """In the quick budget above the tie share, in the others always, never without times."""
    standard = dataclasses.replace(TINY, trial=TrialSettings(budget="standard"))
    both = {"dien_ties", "dnn_decayed_ties"}
    assert not both & set(arms_to_run(TINY, tie_rate=0.01, clock=True))
    assert both <= set(arms_to_run(TINY, tie_rate=0.2, clock=True))
    assert both <= set(arms_to_run(standard, tie_rate=0.0, clock=True))
    assert not both & set(arms_to_run(standard, tie_rate=0.9, clock=False))


@pytest.mark.slow
def test_planted_chains_are_order_and_found_as_such():
    """30 % directed transitions: DIEN beats the same network on shuffled histories and DIN."""
    quick = Settings(trial=TrialSettings(budget="quick"))
    trial, _ = run(log(2, users=2500, events=30), settings=quick, half_life_events=None, tie_rate=0.0)
    gains = {contrast.name: contrast for contrast in trial.contrasts}
    assert gains["order_gain"].low > 0
    assert "below_floor" not in trial.problems


@pytest.mark.slow
def test_a_stable_world_gives_no_lift():
    """Without chains there is nothing for DIEN to gain beyond the smallest worthwhile lift."""
    quick = Settings(trial=TrialSettings(budget="quick"))
    stable = log(3, users=2500, events=30, chained=0.0)
    trial, _ = run(stable, settings=quick, half_life_events=None, tie_rate=0.0)
    gains = {contrast.name: contrast for contrast in trial.contrasts}
    assert gains["lift"].low < quick.trial.minimum_lift
    assert gains["order_gain"].low < quick.trial.minimum_lift
