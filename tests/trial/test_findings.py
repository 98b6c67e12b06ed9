from __future__ import annotations

import numpy as np
import pytest

from diagnose.settings import Settings, TrialSettings
from diagnose.trial.assembly import Assembled
from diagnose.trial.findings import Evidence, conclude, converged, mean_curve
from diagnose.trial.strata import Kinds, Tried
from diagnose.trial.task import Task
from diagnose.trial.windows import SCORER, TEST, TRAINING, VALIDATION
from diagnose.trial.wording import task_in_words
from diagnose.trial.workers import Outcome
from tests.trial.planted import split, tables

FOUND = {SCORER: 10, TRAINING: 5000, VALIDATION: 500, TEST: 900}


def outcome(test, sample, *, curve=(0.6, 0.65, 0.66, 0.66), stopped=False):
    return Outcome(test, sample, curve, max(curve), stopped, 100, 1.0, 0.5)


def kinds_of(test, *, lost_repeats=0):
    """Half of the rivals from the category; every third user cold, every fifth true item unseen."""
    row = np.arange(len(test))
    cold_user, cold_item = row % 3 == 0, row % 5 == 0
    lost = np.ones(lost_repeats, dtype=bool)
    by_category = np.zeros(test.mask.shape, dtype=bool)
    by_category[:, 1::2] = True
    return Kinds(
        cold_user=cold_user,
        cold_item=cold_item,
        by_category=by_category,
        drawn=True,
        tried=Tried(
            repeat=np.append(test.repeat, lost),
            kept=np.append(np.ones(len(test), dtype=bool), ~lost),
            cold_user=np.append(cold_user, lost),
            cold_item=np.append(cold_item, ~lost),
        ),
    )


def evidence(strength, *, n=2000, curves=None, sample_strength=None, noise=0.05):
    """Arms whose scores put `strength[arm]` on the true item, over common noise and two seeds."""
    rng = np.random.default_rng(0)
    parts = {
        name: split(rng, n=n, candidates=6) for name in ("training", "validation", "test", "training_sample")
    }
    items, categories = tables(rng)
    task = Task(**parts, item_embeddings=items, category_embeddings=categories)
    outcomes = {}
    for arm, lead in strength.items():
        runs = []
        for _ in range(2):
            scores = []
            for part, most in (
                (task.test, lead),
                (task.training_sample, (sample_strength or {}).get(arm, lead)),
            ):
                score = part.base + rng.normal(0, noise, part.base.shape).astype(np.float32)
                score[:, 0] += most
                scores.append(score)
            runs.append(outcome(*scores, curve=(curves or {}).get(arm, (0.6, 0.65, 0.66, 0.66))))
        outcomes[arm] = runs
    dropped = {"repeat: not eligible": 1000, "new: no negatives": 0}
    assembled = Assembled(task, found=FOUND, dropped=dropped, kinds=kinds_of(task.test, lost_repeats=1000))
    settings = Settings(trial=TrialSettings(budget="quick"))
    return Evidence(assembled, outcomes, settings=settings, clock=True, half_life=8.0)


ARMS = {"dnn": 0.1, "dnn_decayed": 0.2, "din": 0.15, "dien": 0.4, "dien_shuffled": 0.12}


def test_a_clear_lift_is_found_and_trusted():
    """Arms, contrasts and sizes of a trial in which DIEN is plainly better."""
    trial = conclude(evidence(ARMS))
    assert (trial.status, trial.reason, trial.problems) == ("done", None, ())
    gains = {contrast.name: contrast for contrast in trial.contrasts}
    assert gains["lift"].low > 0.02
    assert gains["order_gain"].comparator in ("din", "dien_shuffled")
    gauc = {arm.name: arm.gauc.value for arm in trial.arms}
    assert gains["lift"].value == pytest.approx(gauc["dien"] - gauc["dnn"])
    assert [arm.name for arm in trial.arms] == ["floor", *ARMS]
    assert (trial.users_test, trial.targets_test, trial.users_train) == (1000, 2000, 1000)
    floor = trial.arms[0]
    assert (floor.parameters, floor.learning_curve, floor.converged) == (0, (), True)


def test_an_arm_wholly_below_the_floor_makes_the_trial_untrustworthy():
    """It was not trained well enough: told, and never a verdict."""
    trial = conclude(evidence(ARMS | {"din": -0.5}))
    assert trial.status == "not_trustworthy"
    assert "below_floor" in trial.problems
    assert "order-blind score" in trial.reason


def test_a_small_trial_says_how_many_users_it_would_need():
    """Where the minimal detectable lift is over three times what is worth having, nothing is decided."""
    trial = conclude(evidence(ARMS, n=120, noise=1.0))
    assert "too_small" in trial.problems
    assert trial.minimal_detectable_lift > 0.009
    assert trial.users_needed > trial.users_test


def test_curves_that_still_rise_are_not_converged():
    """A carrying arm that still climbs at the end of its schedule in most seeds is told by name."""
    rising = tuple(0.6 + 0.01 * step for step in range(12))
    trial = conclude(evidence(ARMS, curves={"dien": rising}))
    assert trial.problems == ("not_converged",)
    assert [arm.name for arm in trial.arms if not arm.converged] == ["dien"]
    told_by_shuffled_only = conclude(evidence(ARMS, curves={"dien_shuffled": rising}))
    assert told_by_shuffled_only.problems == ()


def test_convergence_is_a_majority_of_seeds_and_early_stopping_counts_as_converged():
    """One rising seed of three is not most; a seed that stopped early had stopped rising."""
    blank = np.zeros((1, 2), dtype=np.float32)
    rising, flat = (0.6, 0.61, 0.62, 0.63), (0.6, 0.62, 0.62, 0.62)
    runs = [outcome(blank, blank, curve=curve) for curve in (rising, flat, flat)]
    assert converged(runs, delta=0.003)
    assert not converged([runs[0], runs[0], runs[1]], delta=0.003)
    assert converged([outcome(blank, blank, curve=rising, stopped=True)] * 3, delta=0.003)


def test_the_mean_curve_keeps_the_best_of_seeds_that_stopped():
    """A seed that ended after two evaluations counts with its best afterwards."""
    blank = np.zeros((1, 2), dtype=np.float32)
    runs = [outcome(blank, blank, curve=(0.5, 0.7)), outcome(blank, blank, curve=(0.5, 0.6, 0.9))]
    assert mean_curve(runs) == pytest.approx((0.5, 0.65, 0.8))


def test_a_fall_from_train_to_test_is_flagged_with_what_mends_it():
    """Training targets ranked far better than test targets: over-fitting, beside the floor's own fall."""
    trial = conclude(evidence(ARMS, sample_strength={"dien": 3.0}))
    falls = {arm.name: arm.fall for arm in trial.arms}
    assert falls["dien"] > 0.05
    assert abs(falls["floor"]) < 0.05
    assert [arm.name for arm in trial.arms if arm.overfit] == ["dien"]
    note = next(note for note in trial.notes if "over-fitting" in note)
    assert "dien" in note
    assert "dropout" in note


def test_strata_have_their_shares_before_dropping():
    """A thousand dropped repeats count in the share of repeats; each stratum has its own lift."""
    trial = conclude(evidence(ARMS))
    by_name = {stratum.name: stratum for stratum in trial.strata}
    repeats = by_name["repeat"]
    assert repeats.dropped == 1000
    assert repeats.share == pytest.approx((repeats.targets + 1000) / 3000)
    assert by_name["new"].share == pytest.approx(1 - repeats.share)
    assert repeats.lift.low > 0


def test_the_internal_ties_arm_speaks_through_its_contrast_only():
    """dnn_decayed_ties is no arm of the table, yet order-aware gain is recomputed with it."""
    trial = conclude(evidence(ARMS | {"dien_ties": 0.2, "dnn_decayed_ties": 0.3}))
    assert "dnn_decayed_ties" not in [arm.name for arm in trial.arms]
    names = [contrast.name for contrast in trial.contrasts]
    assert "order_aware_gain_redrawn" in names
    assert "tie_effect" in names


@pytest.mark.parametrize(("clock", "told"), [(True, "windows follow each other"), (False, "different users")])
def test_the_task_is_one_sentence(clock, told):
    """With or without time: what was ranked, and how the windows were cut, once."""
    sentence = task_in_words(Settings(), clock=clock)
    assert f"statistics, training, validation and test {'are of ' if not clock else ''}{told}" in sentence
    assert sentence.count("50 / 80 / 90 %") == 1
    assert sentence.endswith(".")
