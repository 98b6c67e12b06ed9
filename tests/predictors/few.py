"""A handful of moments with a past, written out by hand."""

import numpy as np

from diagnose.histories import MICROSECONDS_PER_DAY as DAY
from diagnose.predictors.categories import Knowledge, Moments, learn_together
from diagnose.predictors.popularity import learn_popularity

K = 3  # categories


def moments_of(truth, past, n_categories=K):
    """Targets of these categories; padding in `past` is the code n_categories."""
    n = len(truth)
    return Moments(
        truth=np.array(truth, dtype=np.int32),
        past=np.array(past, dtype=np.int32),
        time=np.full(n, 9 * DAY),
        since=np.zeros(n, dtype=np.int64),
        until=np.full(n, 5 * DAY),
        user=np.arange(n),
        n_categories=n_categories,
    )


def knowledge_of(moments, *, smoothing, trends=()):
    """What these moments teach."""
    popularity = learn_popularity(
        moments.truth, moments.time, n_categories=moments.n_categories, smoothing=smoothing
    )
    return Knowledge(popularity, trends, learn_together(moments, popularity))
