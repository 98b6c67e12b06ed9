"""Which rates and targets each pattern of loss is judged on."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from diagnose.capture.thinned import Behaviour
from diagnose.capture.thinning_plans import plan
from diagnose.predictors.targets import find_targets
from diagnose.settings import Settings
from diagnose.simulate import histories


def test_a_draw_of_categories_without_targets_of_its_own_is_left_out():
    """Five draws of six in ten categories: the first three hold all, so two have nothing left to judge."""
    log = histories(users=300, events=30, categories=10, seed=9)
    behaviour = Behaviour(
        histories=log,
        targets=find_targets(log, history=0, minimum_history=0),
        category=log.category,
        n_categories=log.n_categories,
        history=30,
        minimum_history=0,
    )
    settings = Settings()
    settings = replace(
        settings,
        order=replace(settings.order, minimum_users=200),
        thinning=replace(settings.thinning, rates=(1.0, 0.6), category_draws=5, draw_users=50),
    )
    planned = plan(behaviour, "categories", settings=settings, rng=np.random.default_rng(0))
    assert len(planned.losses) == 3
    assert all(asked.any() for asked in planned.asked)
    assert np.sum(planned.asked, axis=0).max() == 1
