"""Which rates and targets each pattern of loss is judged on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from diagnose.capture.thinned import Behaviour
from diagnose.capture.thinning_plans import plan
from diagnose.predictors.targets import find_targets
from diagnose.settings import Settings
from diagnose.simulate import histories


def test_targets_are_dealt_to_the_draws_of_categories_evenly():
    """Five draws of six in ten categories: each target is judged once, and no draw gets what others leave.

    Given to the first draw that leaves enough of their past, targets of one draw would all have long pasts
    and those of the next short ones; some draws would have none.
    """
    log = histories(users=300, events=30, categories=10, seed=9)
    behaviour = Behaviour(
        histories=log,
        targets=find_targets(log, history=0, minimum_history=0),
        category=log.category,
        n_categories=log.n_categories,
        history=30,
        minimum_history=4,
    )
    settings = Settings()
    settings = replace(
        settings,
        order=replace(settings.order, minimum_users=200),
        thinning=replace(settings.thinning, rates=(1.0, 0.6), category_draws=5, draw_users=50),
    )
    planned = plan(behaviour, "categories", settings=settings, rng=np.random.default_rng(0))
    assert len(planned.losses) == 5
    assert np.sum(planned.asked, axis=0).max() == 1
    left = [loss.at(0.6) for loss in planned.losses]
    for some, asked in zip(left, planned.asked, strict=True):
        assert (asked & ~some.enough).sum() == 0
        assert 0.15 < asked.sum() / np.sum(planned.asked) < 0.25
        pasts = some.seen[some.enough].mean()
        assert abs(some.seen[asked].mean() / pasts - 1) < 0.1
