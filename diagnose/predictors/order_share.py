"""What order saves on one set of moments: the loss on shuffled pasts less that on pasts as they were.

The headline of condition 1 in its barest form, for whoever asks it many times over of changed logs: no parts,
no windows. Everything about order is learnt anew from the moments given, in each order of the pasts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import Histories
from diagnose.predictors.categories import Moments, Order
from diagnose.predictors.folds import Fold, rotate
from diagnose.predictors.next_category import OrderedLosses, blind_losses, ordered_losses
from diagnose.predictors.shuffles import event_order
from diagnose.predictors.targets import PADDING
from diagnose.predictors.teaching import taught
from diagnose.settings import OrderSettings

Bits = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Saved:
    """Bits of each moment, (n,), 0 where it is not among those that were asked for.

    `gain` is what order saves, `blind` the order-blind loss; `taught` is what a moment moves, as a teacher,
    in the summed gain of the others.
    """

    gain: Bits
    blind: Bits
    taught: Bits

    @property
    def share(self) -> float:
        """Of the order-blind loss."""
        return float(self.gain.sum() / self.blind.sum())

    def spread(self, rows: NDArray[np.int64], n: int) -> Saved:
        """The same as some rows of n."""
        columns = np.zeros((3, n))
        columns[:, rows] = self.gain, self.blind, self.taught
        return Saved(*columns)

    def __add__(self, other: Saved) -> Saved:
        return Saved(self.gain + other.gain, self.blind + other.blind, self.taught + other.taught)


@dataclass(frozen=True, eq=False)
class OrderShare:
    """Moments judged once in the order of the log and once in shuffled ones."""

    moments: Moments
    folds: Sequence[Fold]
    gain: Bits
    blind: Bits
    as_it_was: tuple[Order, OrderedLosses]
    shuffled: tuple[Order, OrderedLosses]  # the first of the permutations: what is taught hardly differs
    ruled_out: Mask  # moments whose loss owes more to its bound than to the model

    @classmethod
    def of(
        cls,
        moments: Moments,
        histories: Histories,
        *,
        category: NDArray[np.int32],
        settings: OrderSettings,
        rng: np.random.Generator,
    ) -> OrderShare:
        """`histories` hold the events that teach popularity, `category` (E,) their codes in the moments."""
        folds = rotate(histories, moments, category=category, settings=settings)
        past = np.where(moments.past < moments.n_categories, moments.past, PADDING)
        orders = [Order(None, moments.past[:, 0])]
        for _ in range(settings.permutations):
            columns = event_order(past, rng=rng)
            orders.append(Order(columns, moments.past[np.arange(len(past)), columns[:, 0]]))
        with np.errstate(divide="ignore"):  # an outcome that a model ruled out, see _bounded
            runs = [ordered_losses(moments, order, folds, settings=settings) for order in orders]
            losses = [blind_losses(moments, folds), *(run.full for run in runs)]
        doubt = 1 / (1 + len(moments) / settings.folds)
        blind, *full = (_bounded(bits, doubt, moments.n_categories) for bits in losses)
        return cls(
            moments=moments,
            folds=folds,
            gain=np.mean(full[1:], axis=0) - full[0],
            blind=blind,
            as_it_was=(orders[0], runs[0]),
            shuffled=(orders[1], runs[1]),
            ruled_out=np.any([run.full > np.log2(moments.n_categories / doubt) for run in runs[:2]], axis=0),
        )

    def saved(self, asked: Mask) -> Saved:
        """Bits of some of the moments, and what all of them teach these."""
        sure = asked & ~self.ruled_out
        folds = [replace(fold, judge=fold.judge.take(sure[fold.judge.row])) for fold in self.folds]
        moved = [
            taught(self.moments, order, folds, run)[:, 1] for order, run in (self.shuffled, self.as_it_was)
        ]
        return Saved(np.where(asked, self.gain, 0.0), np.where(asked, self.blind, 0.0), moved[0] - moved[1])


def _bounded(bits: Bits, doubt: float, n_categories: int) -> Bits:
    """Losses with a little probability for every category: as if one more who weighed had met any of them.

    Weights come from few where a log is thinned to little, and may leave what happens no probability at all.
    """
    return np.asarray(-np.log2((1 - doubt) * 2.0**-bits + doubt / n_categories))
