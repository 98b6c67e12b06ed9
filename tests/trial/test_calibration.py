from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from diagnose.trial.calibration import calibration_error, calibration_slope
from tests.trial.planted import split


def drawn(seed, *, sure=1.0, n=3000, width=1.5, candidates=8):
    """Targets whose true item is drawn from softmax(sure * score): scores and their split.

    sure 1 is a calibrated arm, below 1 an over-confident one. A user's two targets are of one kind.
    """
    rng = np.random.default_rng(seed)
    part = split(rng, n=n, candidates=candidates)
    score = rng.normal(0, width, part.base.shape) * (0.5 + rng.random(n // 2)[part.user])[:, None]
    logits = np.where(part.mask, sure * score, -np.inf)
    true = (logits + rng.gumbel(size=score.shape)).argmax(axis=1)
    rows = np.arange(n)
    score[rows, 0], score[rows, true] = score[rows, true].copy(), score[rows, 0].copy()
    mask = part.mask.copy()
    mask[rows, 0], mask[rows, true] = mask[rows, true].copy(), mask[rows, 0].copy()
    return score.astype(np.float32)[None], dataclasses.replace(part, mask=mask)


def measured(measure, seed, **how):
    scores, part = drawn(seed, **how)
    return measure(scores, part, rng=np.random.default_rng(seed + 1))


def test_a_calibrated_arm_has_slope_one_and_no_error():
    """Of 40 arms whose scores are log-probabilities few intervals miss 1 and 0: 10 % would be chance."""
    slopes = [measured(calibration_slope, seed, n=600) for seed in range(40)]
    errors = [measured(calibration_error, seed, n=600) for seed in range(40)]
    assert sum(not slope.low <= 1 <= slope.high for slope in slopes) <= 9  # more: probability 1 %
    assert sum(error.low > 0 for error in errors) <= 5  # 5 % one-sided; more: probability 1 %
    assert abs(np.mean([error.value for error in errors])) < 0.01
    assert np.mean([slope.value for slope in slopes]) == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize("sure", [0.0, 0.4, 2.0])
def test_the_slope_finds_what_was_planted(sure):
    """Scores 2.5 times too large have slope 0.4, half as large as they should be 2, without use 0."""
    slopes = [measured(calibration_slope, seed, sure=sure, n=600) for seed in range(20)]
    assert sum(not slope.low <= sure <= slope.high for slope in slopes) <= 5  # more: probability 1 %
    assert not any(slope.low <= 1 <= slope.high for slope in slopes)


@pytest.mark.parametrize("sure", [0.4, 2.0])
def test_the_error_is_found_and_as_large_as_it_is(sure):
    """Too sure or too timid, the first candidate's probability misses by what the truth tells."""
    scores, part = drawn(0, sure=sure)
    said = np.where(part.mask, scores[0], -np.inf)
    share, truth = (np.exp(k * (said - said.max(axis=1, keepdims=True))) for k in (1, sure))
    rows, first = np.arange(len(said)), said.argmax(axis=1)
    gap = (share / share.sum(axis=1, keepdims=True) - truth / truth.sum(axis=1, keepdims=True))[rows, first]
    error = calibration_error(scores, part, rng=np.random.default_rng(1))
    assert error.low > 0
    assert error.low < abs(gap.mean()) < error.high


def test_the_slope_does_not_see_a_shift():
    """Scores plus a number for each target are the same softmax."""
    scores, part = drawn(3, n=200)
    shifted = scores + np.arange(200, dtype=np.float32)[None, :, None]
    one, other = (calibration_slope(s, part, rng=np.random.default_rng(0)) for s in (scores, shifted))
    assert other.value == pytest.approx(one.value, abs=1e-3)


def test_constant_scores_stay_finite():
    """Nothing to be calibrated, and no division by it."""
    scores, part = drawn(5, n=100)
    flat = calibration_slope(np.zeros_like(scores), part, rng=np.random.default_rng(0))
    assert np.isfinite([flat.value, flat.low, flat.high]).all()


def test_seeds_that_differ_widen_the_interval():
    """Two seeds of one arm, one sure and one timid, are less certain than the same seed twice."""
    scores, part = drawn(6, n=600)
    twice, apart = np.concatenate([scores, scores]), np.concatenate([scores, 0.5 * scores])
    widths = [
        (found.high - found.low) / found.value
        for found in (calibration_slope(s, part, rng=np.random.default_rng(0)) for s in (twice, apart))
    ]
    assert widths[1] > 2 * widths[0]
