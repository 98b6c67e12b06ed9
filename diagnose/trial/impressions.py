"""Real impressions: a clicked item is ranked among what its user was shown beside it and did not click.

One impression is what one user was shown in one request or, where the log names none, at one time. Items that
were clicked in it are no rivals of each other. Nothing is asked of a rival but that it was shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from diagnose.histories import Exposures, Histories
from diagnose.predictors.candidates import NONE, Candidates
from diagnose.predictors.targets import Targets

CELLS = 4_000_000  # (target, shown item) cells at a time: bounds the memory
LOST = "nothing else was shown"  # why a target has no candidates
TOGETHER = " (among rows of label 0 of the same user and time, or of the same request: --column request=NAME)"

Codes = NDArray[np.int64]


def with_shown_items(histories: Histories) -> Histories:
    """The same events in a catalogue that holds what was shown and never clicked, too."""
    shown = histories.exposures
    if shown is None or not len(shown.item):
        return histories
    return replace(histories, catalogue=max(histories.n_items, int(shown.item.max()) + 1))


@dataclass(frozen=True, eq=False)
class Impressions:
    """What was shown beside each event. E events, P distinct (impression, item) that were not clicked."""

    of_event: Codes  # (E,) the impression of each event
    impression: Codes  # (P,) ascending
    item: Codes  # (P,)

    @classmethod
    def of(cls, histories: Histories) -> Impressions | None:
        """None where nothing was shown that was not clicked: labels are missing, or all are clicks."""
        shown = histories.exposures
        if shown is None or not len(shown.item):
            return None
        of_event, of_shown = _impressions(histories, shown)
        size = max(histories.n_items, int(shown.item.max()) + 1)
        rivals = np.setdiff1d(of_shown * size + shown.item, of_event * size + histories.item)
        return cls(of_event, rivals // size, rivals % size)

    def draw(
        self, histories: Histories, targets: Targets, *, negatives: int, repeat: NDArray[np.bool_],
        rng: np.random.Generator,
    ) -> tuple[Targets, Candidates]:  # fmt: skip
        """Up to `negatives` of a target's rivals, at random; targets without any are dropped and counted.

        repeat (n,): the target's item is among its user's earlier ones.
        """
        wanted = self.of_event[targets.event]
        low, high = (np.searchsorted(self.impression, wanted, side=side) for side in ("left", "right"))
        item = np.full((len(targets), 1 + negatives), NONE, dtype=np.int64)
        item[:, 0] = histories.item[targets.event]
        for rows in _parts(high - low):
            item[rows, 1:] = self._some(low[rows], high[rows], negatives, rng=rng)
        kept: NDArray[np.bool_] = high > low
        dropped = {
            f"{name}: {LOST}": int(np.count_nonzero(members & ~kept))
            for name, members in (("repeat", repeat), ("new", ~repeat))
        }
        rivals, nowhere = item[kept], np.zeros((int(kept.sum()), 1 + negatives), dtype=np.bool_)
        return targets.take(kept), Candidates(rivals, repeat[kept], nowhere, dropped)

    def _some(self, low: Codes, high: Codes, negatives: int, *, rng: np.random.Generator) -> Codes:
        """Items from places [low, high), each at most once, shape (n, negatives)."""
        step = np.arange(int((high - low).max()))
        held = step < (high - low)[:, None]
        order = np.argsort(rng.random(held.shape) + ~held, axis=1)[:, :negatives]
        chosen = np.full((len(low), negatives), NONE, dtype=np.int64)
        place = np.minimum(low[:, None] + order, len(self.item) - 1)
        inside = np.take_along_axis(held, order, axis=1)
        chosen[:, : order.shape[1]] = np.where(inside, self.item[place], NONE)
        return chosen


def _impressions(histories: Histories, shown: Exposures) -> tuple[Codes, Codes]:
    """The impression of each event (E,) and of each exposure (X,), numbered in one order."""
    user = np.concatenate([histories.user_of_event, shown.user])
    moment = np.concatenate([histories.time, shown.time])
    request = np.zeros_like(moment)
    if histories.request is not None and shown.request is not None:
        request = np.concatenate([histories.request, shown.request])
        moment = np.where(request != 0, 0, moment)  # a click comes after the request that it answers
    order = np.lexsort((moment, request, user))
    fresh = np.zeros(len(order), dtype=np.bool_)
    for column in (user, request, moment):
        fresh[1:] |= column[order][1:] != column[order][:-1]
    code = np.empty(len(order), dtype=np.int64)
    code[order] = np.cumsum(fresh)
    return code[: histories.n_events], code[histories.n_events :]


def _parts(sizes: Codes) -> Iterator[Codes]:
    """Rows with rivals, some at a time; rows of like size together."""
    rows = np.flatnonzero(sizes)
    rows = rows[np.argsort(sizes[rows], kind="stable")]
    while len(rows):
        fit = np.searchsorted(np.arange(1, len(rows) + 1) * sizes[rows], CELLS, side="right")
        yield rows[: max(1, int(fit))]
        rows = rows[max(1, int(fit)) :]
