"""Where the candidates of a target come from, by one rule for all windows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import Histories
from diagnose.predictors.candidates import Candidates, draw
from diagnose.predictors.eligibility import Moments, Stock
from diagnose.predictors.targets import Targets, look_back
from diagnose.settings import TrialSettings
from diagnose.trial.impressions import Impressions
from diagnose.trial.windows import TRAINING, Cuts


class Supply:
    """The candidates of a log's targets: what was shown beside them or, where the log does not tell, what was
    eligible at their time.
    """

    def __init__(self, histories: Histories, *, cuts: Cuts, settings: TrialSettings) -> None:
        self.histories, self.cuts, self.settings = histories, cuts, settings
        self.impressions = Impressions.of(histories)
        self._stocks: dict[int, Stock] = {}  # by whose events they come from

    def draw(
        self, targets: Targets, negatives: int, *, part: int, rng: np.random.Generator
    ) -> tuple[Targets, Candidates]:
        """The targets with their past and up to `negatives` rivals; without any they are dropped."""
        recalled = look_back(self.histories, targets, history=self.settings.history)
        if self.impressions is not None:
            repeat = self.repeats(targets, part=part)
            return self.impressions.draw(
                self.histories, recalled, negatives=negatives, repeat=repeat, rng=rng
            )
        return draw(self.histories, recalled, stock=self._stock(part), negatives=negatives, rng=rng)

    def repeats(self, targets: Targets, *, part: int) -> NDArray[np.bool_]:
        """Which targets are of an item that their user had before, (n,)."""
        moments = Moments.of(self.histories, targets)
        return self._stock(part).earlier.holds(moments.user, moments.positive, moments.boundary)

    def _stock(self, part: int) -> Stock:
        pool = min(part, TRAINING)
        if pool not in self._stocks:
            days, users = self.settings.eligible_days, self.cuts.users(pool)
            self._stocks[pool] = Stock.of(self.histories, eligible_days=days, pool=users)
        return self._stocks[pool]
