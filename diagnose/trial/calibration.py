"""Can an arm's scores be read as probabilities? The softmax over candidates, held against outcomes.

Slope      b in softmax(b * score), by maximum likelihood on test. 1: the scores are as sure as they should
           be; below 1 over-confident, above 1 too timid (1 / b is the temperature that would mend it).
Error      expected calibration error of the first-ranked candidate: how far the probability given to it lies
           from how often it is the true one, over ten bins of equal size. The sign of each bin is told by
           one half of the users and the error measured on the other: an arm that is calibrated has 0 on
           average, where the usual error of absolute values is above 0 by chance alone.
Null       scores that are log-probabilities: slope 1, error 0.
Interval   users and seeds, as every number of the trial (inference.py); the slope's by its influence.
Reference  Cox (1958) on the slope; Guo et al. (2017) on both; Kumar et al. (2019) on the bias of the error.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diagnose.predictors.ranking import shares
from diagnose.results import Estimate
from diagnose.trial.inference import PerUser, spread
from diagnose.trial.task import Split

BINS = 10  # of the first candidate's probability: the custom, and some hundred targets in each [0031]
STEPS = 60  # of Newton's method in one number, halved where it would leave the range
STEEPEST = 100.0  # a slope beyond this ranks perfectly or not at all

Floats = NDArray[np.float64]


def calibration_slope(scores: NDArray[np.float32], split: Split, *, rng: np.random.Generator) -> Estimate:
    """The slope with its interval over users and seeds. scores (S, n, C), the true item in column 0."""
    _, code = np.unique(split.user, return_inverse=True)
    users, weight = int(code.max()) + 1, split.weight
    held = np.bincount(code, weight, users).astype(np.float64)
    numerators = []
    for seed in scores:
        slope, residual, information = _fitted(_centred(seed, split.mask), split.mask, weight)
        influence = np.bincount(code, weight * residual, users) * held.sum() / information
        numerators.append(slope * held + influence)
    return spread(PerUser(np.stack(numerators), held), rng=rng).estimate("slope")


def calibration_error(scores: NDArray[np.float32], split: Split, *, rng: np.random.Generator) -> Estimate:
    """The error of the first-ranked candidate's probability. scores (S, n, C), the true item in column 0."""
    _, code = np.unique(split.user, return_inverse=True)
    users = int(code.max()) + 1
    telling = np.zeros(users, dtype=np.bool_)
    telling[rng.permutation(users)[: users // 2]] = True
    told = telling[code]
    held = np.bincount(code[~told], split.weight[~told], users).astype(np.float64)
    numerators = []
    for seed in scores:
        gap, place = _gaps(seed, split.mask)
        way = np.bincount(place[told], (split.weight * gap)[told], BINS) >= 0
        signed = np.where(way[place], gap, -gap) * split.weight
        numerators.append(np.bincount(code[~told], signed[~told], users)[~telling])
    return spread(PerUser(np.stack(numerators), held[~telling]), rng=rng).estimate("share")


def _centred(scores: NDArray[np.float32], mask: NDArray[np.bool_]) -> Floats:
    """Scores less their mean over the candidates, 0 where none stands: no softmax sees a shift."""
    held = np.where(mask, scores, 0.0).astype(np.float64)
    centred: Floats = np.where(mask, held - held.sum(axis=1, keepdims=True) / mask.sum(axis=1)[:, None], 0.0)
    return centred


def _fitted(scores: Floats, mask: NDArray[np.bool_], weight: Floats) -> tuple[float, Floats, float]:
    """The slope, each target's residual there (n,), and the information.

    The likelihood is concave in the slope, so Newton's step, or half the way to the end of the bracket where
    it would leave it, finds the top.
    """
    low, high, slope = -STEEPEST, STEEPEST, 1.0
    for _ in range(STEPS):
        residual, variance = _moments(scores, mask, slope)
        gradient, information = float(weight @ residual), max(float(weight @ variance), 1e-12)
        low, high = (slope, high) if gradient > 0 else (low, slope)
        step = slope + gradient / information
        following = step if low < step < high else (low + high) / 2
        if abs(following - slope) < 1e-9:
            break
        slope = following
    return slope, residual, information


def _moments(scores: Floats, mask: NDArray[np.bool_], slope: float) -> tuple[Floats, Floats]:
    """What the true item scores above expectation, and the variance of scores, under a slope; both (n,)."""
    share = shares(slope * scores, mask)
    mean = (share * scores).sum(axis=1)
    return scores[:, 0] - mean, (share * (scores - mean[:, None]) ** 2).sum(axis=1)


def _gaps(scores: NDArray[np.float32], mask: NDArray[np.bool_]) -> tuple[Floats, NDArray[np.int64]]:
    """Probability of the first-ranked candidate less whether it is the true one, and its bin; both (n,).

    Candidates that share the first place share its outcome too.
    """
    share = shares(scores, mask)
    sure = share.max(axis=1)
    first = share == sure[:, None]
    right = first[:, 0] / first.sum(axis=1)
    rank = np.argsort(np.argsort(sure, kind="stable"), kind="stable")
    return sure - right, rank * BINS // len(sure)
